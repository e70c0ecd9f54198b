"""`calibrate`."""

from __future__ import annotations

from cecli.cli import options as o
from cecli.cli.call import Call
from cecli.report import Report


def calibrate(
    target: o.Target,
    logits: o.LogitsSource,
    base: o.Base = "e",
    normalize: o.Normalize = False,
    sample_weights: o.SampleWeights = None,
    ignore_index: o.IgnoreIndex = None,
    classes: o.Classes = None,
    header: o.Header = None,
) -> Report:
    """The temperature T that makes the cross-entropy of softmax(z/T) least: how to calibrate a model after its training.

    One number for all classes and samples: it changes how sure the model is, never which class is its answer. softmax -t T applies it. Where no
    temperature is best (each target is the largest logit, or the logits tell nothing of it) that is an error, not a number.
    """
    from cecli.analyses import calibration

    call = Call(classes, header)
    pair = call.open_pair(
        target, logits, ("the target", "the logits"), sample_weights=sample_weights, ignore_index=ignore_index
    )
    settings = call.settings(
        logits=True, base=base, normalize=normalize, sample_weights=sample_weights, ignore_index=ignore_index
    )
    return calibration.calibrate(*pair, settings)
