"""`softmax`, `entropy`, `kl`."""

from __future__ import annotations

from collections.abc import Iterator

from cecli.cli import options as o
from cecli.cli.call import Call
from cecli.errors import UsageError
from cecli.report import Report


def softmax(
    logits: o.LogitsSource,
    temperature: o.Temperature = "1",
    log: o.Log = False,
    base: o.LogBase = None,
    classes: o.Classes = None,
    header: o.Header = None,
    line_buffered: o.LineBuffered = False,
    streams: bool = False,
) -> Iterator[Report]:
    """Softmax of raw scores: probabilities, one row per row.

    σ_i(z) = e^{z_i/T} / Σ_j e^{z_j/T}. A logit of -inf is a masked class.
    """
    from cecli.analyses import information

    if base is not None and not log:
        raise UsageError("--base: probabilities have no logarithm in them", hint="with --log the log-probabilities do")
    call = Call(classes, header, line_buffered)
    source = call.open(None, {"the logits": logits})[1]["the logits"]
    return information.softmax(source, call.settings(temperature=temperature, base=base, streams=streams), log)


def entropy(
    p: o.P,
    logits: o.Logits = False,
    base: o.Base = "e",
    reduction: o.RowReduction = None,
    normalize: o.Normalize = False,
    sample_weights: o.SampleWeights = None,
    classes: o.Classes = None,
    header: o.Header = None,
    line_buffered: o.LineBuffered = False,
    streams: bool = False,
) -> Iterator[Report]:
    """Entropy H(p) = −Σ p·log p of each row: how uncertain a distribution is.

    0 for a certain outcome, log K for K equally likely ones.
    """
    from cecli.analyses import information

    call = Call(classes, header, line_buffered)
    source = call.open(None, {"P": p}, sample_weights=sample_weights)[1]["P"]
    settings = call.settings(
        logits=logits,
        base=base,
        reduction=reduction,
        normalize=normalize,
        sample_weights=sample_weights,
        streams=streams,
    )
    return information.entropy(source, settings)


def kl(
    p: o.P,
    q: o.Q = None,
    js: o.JensenShannon = False,
    logits: o.Logits = False,
    base: o.Base = "e",
    reduction: o.RowReduction = None,
    normalize: o.Normalize = False,
    sample_weights: o.SampleWeights = None,
    eps: o.Eps = None,
    classes: o.Classes = None,
    header: o.Header = None,
    line_buffered: o.LineBuffered = False,
    streams: bool = False,
) -> Iterator[Report]:
    """Divergence KL(p‖q) = Σ p·log(p/q): what it costs to take q for p; --js for Jensen–Shannon.

    The target P comes first. KL is not symmetric and can be infinite; the Jensen–Shannon divergence is neither.
    """
    from cecli.analyses import information

    call = Call(classes, header, line_buffered)
    pair = call.open_pair(p, q, ("P", "Q"), sample_weights=sample_weights)
    settings = call.settings(
        logits=logits,
        base=base,
        reduction=reduction,
        normalize=normalize,
        sample_weights=sample_weights,
        eps=eps,
        streams=streams,
    )
    return information.kl(*pair, settings, js)
