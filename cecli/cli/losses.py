"""`xent`, `bce`, `grad`."""

from __future__ import annotations

from collections.abc import Iterator

from cecli.cli import options as o
from cecli.cli.call import Call
from cecli.report import Report

NAMES = ("the target", "the prediction")


def xent(
    target: o.Target,
    prediction: o.Prediction = None,
    logits: o.Logits = False,
    base: o.Base = "e",
    reduction: o.Reduction = None,
    normalize: o.Normalize = False,
    class_weights: o.ClassWeights = None,
    sample_weights: o.SampleWeights = None,
    label_smoothing: o.LabelSmoothing = "0",
    ignore_index: o.IgnoreIndex = None,
    focal: o.Focal = "0",
    eps: o.Eps = None,
    classes: o.Classes = None,
    header: o.Header = None,
    line_buffered: o.LineBuffered = False,
    streams: bool = False,
) -> Iterator[Report]:
    """Cross-entropy H(p, q) = −Σ p·log q of a prediction: the loss of a classifier.

    For a label it is −log of the probability that the prediction gives to that class. The table and JSON also give H(p),
    KL(p‖q) and the perplexity.
    """
    from cecli.analyses import losses

    call = Call(classes, header, line_buffered)
    pair = call.open_pair(target, prediction, NAMES, class_weights=class_weights, sample_weights=sample_weights, ignore_index=ignore_index)
    settings = call.settings(
        logits=logits,
        base=base,
        reduction=reduction,
        normalize=normalize,
        class_weights=class_weights,
        sample_weights=sample_weights,
        label_smoothing=label_smoothing,
        ignore_index=ignore_index,
        focal=focal,
        eps=eps,
        streams=streams,
    )
    return losses.cross_entropy(*pair, settings)


def bce(
    target: o.BinaryTarget,
    probability: o.Probability = None,
    logits: o.Logits = False,
    base: o.Base = "e",
    reduction: o.Reduction = None,
    sample_weights: o.SampleWeights = None,
    label_smoothing: o.LabelSmoothing = "0",
    ignore_index: o.IgnoreIndex = None,
    pos_weight: o.PosWeight = "1",
    focal: o.Focal = "0",
    eps: o.Eps = None,
    classes: o.Classes = None,
    header: o.Header = None,
    line_buffered: o.LineBuffered = False,
    streams: bool = False,
) -> Iterator[Report]:
    """Binary cross-entropy −[y·log p + (1−y)·log(1−p)], per entry, then reduced.

    A vector is one binary prediction per sample; a matrix is a row of labels per sample, and mean averages all its entries.
    """
    from cecli.analyses import losses

    call = Call(classes, header, line_buffered)
    pair = call.open_pair(target, probability, NAMES, loss="bce", sample_weights=sample_weights, ignore_index=ignore_index)
    settings = call.settings(
        logits=logits,
        base=base,
        reduction=reduction,
        sample_weights=sample_weights,
        label_smoothing=label_smoothing,
        ignore_index=ignore_index,
        pos_weight=pos_weight,
        focal=focal,
        eps=eps,
        streams=streams,
    )
    return losses.binary_cross_entropy(*pair, settings)


def grad(
    target: o.Target,
    prediction: o.Prediction = None,
    loss: o.Loss = "xent",
    x: o.Inputs = None,
    jacobian: o.Jacobian = False,
    verify: o.Verify = False,
    logits: o.Logits = False,
    base: o.Base = "e",
    reduction: o.GradientReduction = None,
    normalize: o.Normalize = False,
    class_weights: o.ClassWeights = None,
    sample_weights: o.SampleWeights = None,
    label_smoothing: o.LabelSmoothing = "0",
    ignore_index: o.IgnoreIndex = None,
    classes: o.Classes = None,
    header: o.Header = None,
) -> Report:
    """Gradient dL/dz of a loss with respect to the logits; for cross-entropy it is p − y.

    Each row is that sample's own gradient; -r mean divides by the number of samples, as back-propagating a mean loss does.
    The table and JSON also give what --x, --jacobian and --verify ask for.
    """
    from cecli.analyses import gradients

    call = Call(classes, header)
    pair = call.open_pair(target, prediction, NAMES, class_weights=class_weights, sample_weights=sample_weights, ignore_index=ignore_index, x=x, loss=loss)
    settings = call.settings(
        logits=logits,
        base=base,
        reduction=reduction,
        normalize=normalize,
        class_weights=class_weights,
        sample_weights=sample_weights,
        label_smoothing=label_smoothing,
        ignore_index=ignore_index,
    )
    return gradients.gradient(
        *pair,
        settings,
        loss,
        call.other("x"),
        jacobian,
        verify,
    )
