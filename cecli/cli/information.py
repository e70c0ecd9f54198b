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
    from cecli.quantities.softmax import softmax as answers

    if base is not None and not log:
        raise UsageError("--base: probabilities have no logarithm in them", hint="with --log the log-probabilities do")
    call = Call(classes, header, line_buffered)
    source, options = call.open(logits, "the logits"), call.options(temperature=temperature, base=base, log=log)
    return call.reports(answers(source, options, call.execution(streams)), options)


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
    from cecli.quantities.entropy import entropy as answers

    call = Call(classes, header, line_buffered)
    options = call.options(
        logits=logits,
        base=base,
        reduction=reduction,
        normalize=normalize,
        sample_weights=sample_weights,
    )
    return call.reports(answers(call.open(p, "P"), options, call.execution(streams)), options)


def kl(
    p: o.P,
    q: o.Q,
    js: o.JensenShannon = False,
    logits: o.Logits = False,
    base: o.Base = "e",
    reduction: o.RowReduction = None,
    normalize: o.Normalize = False,
    sample_weights: o.SampleWeights = None,
    eps: o.Eps = None,
    classes: o.Classes = None,
    id_column: o.IdColumn = None,
    header: o.Header = None,
    line_buffered: o.LineBuffered = False,
    streams: bool = False,
) -> Iterator[Report]:
    """Divergence KL(p‖q) = Σ p·log(p/q): what it costs to take q for p; --js for Jensen–Shannon.

    The target P comes first. KL is not symmetric and can be infinite; the Jensen–Shannon divergence is neither.
    """
    from cecli.quantities.divergence import kl as answers

    call = Call(classes, header, line_buffered, id_column)
    options = call.options(
        js=js,
        logits=logits,
        base=base,
        reduction=reduction,
        normalize=normalize,
        sample_weights=sample_weights,
        eps=eps,
    )
    target, prediction = call.open_pair(p, q, ("P", "Q"))
    return call.reports(answers(target, prediction, options, call.execution(streams)), options, target)
