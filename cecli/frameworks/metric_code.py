"""The metrics of `compare` as lines of NumPy, which jax takes as well: those of classes, of bins, of the Brier score's parts, and of rankings.

Beside the variables of `numpy_code.py`: `bins` is the bin of each sample, `own` says which samples are in one, `place` is where a score stands
among all distinct ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from cecli.frameworks.numpy_code import Dialect, log_prediction, predicted_rows, target_rows
from cecli.frameworks.work import Work
from cecli.quantities.predictions import are_logits_as_given

Lines = Iterator[str]

# --- classes ------------------------------------------------------------------------------------------------------


def expected_classes(work: Work) -> str:
    """The true class of each sample."""
    return "y" if work.has_labels else "p.argmax(axis=-1)"


def predicted_classes(work: Work) -> str:
    """The class of each sample that a model says."""
    return "y_pred" if work.predicts_labels else f"{_scores(work)}.argmax(axis=-1)"


def _scores(work: Work) -> str:
    """What the classes are ranked by."""
    return "z" if are_logits_as_given(work.state.options) else "q"


def _clipped(work: Work, dialect: Dialect) -> Lines:
    """The probabilities that classes are ranked by, where `--eps` clips them."""
    if work.state.options.eps is not None and not work.predicts_labels:
        yield from predicted_rows(work, dialect)


def _errors(work: Work, dialect: Dialect) -> Lines:
    yield from _clipped(work, dialect)
    right = "==" if work.quantity == "accuracy" else "!="
    yield f"losses = 1.0 * ({predicted_classes(work)} {right} {expected_classes(work)})"


def _top(work: Work, dialect: Dialect) -> Lines:
    yield from _clipped(work, dialect)
    yield f"scores, true = {_scores(work)}, {expected_classes(work)}[:, None]"
    yield "own = np.take_along_axis(scores, true, axis=-1)"
    yield f"first = (scores > own) | ((scores == own) & (np.arange({work.classes}) < true))  # of equal scores the lowest index is first"
    yield f"losses = 1.0 * (first.sum(axis=-1) < {work.size})"


def _recalls(work: Work, dialect: Dialect) -> Lines:
    yield from _clipped(work, dialect)
    yield from _marks(work, "np.unique(true{})")
    yield "value = ((is_true & is_predicted) @ s / (is_true @ s)).mean()"


def _f1(work: Work, dialect: Dialect) -> Lines:
    yield from _clipped(work, dialect)
    yield from _marks(work, "np.union1d(true{0}, predicted{0})")
    yield "value = (2 * ((is_true & is_predicted) @ s) / (is_true @ s + is_predicted @ s)).mean()"


def _marks(work: Work, classes: str) -> Lines:
    """A row for each class: which samples have it, and which are predicted to; and what each sample counts."""
    yield f"true, predicted = {expected_classes(work)}, {predicted_classes(work)}"
    yield f"classes = {classes.format('' if work.state.weights is None else '[s > 0]')}[:, None]"
    yield "is_true, is_predicted = true == classes, predicted == classes"
    if work.state.weights is None:
        yield "s = np.ones(len(true))"


# --- calibration --------------------------------------------------------------------------------------------------


def _confidence(work: Work, dialect: Dialect) -> Lines:
    """`confidence`, and the bin of each."""
    yield from predicted_rows(work, dialect)
    yield "confidence = q.max(axis=-1)"
    if work.quantity.endswith("_left_closed"):
        yield f"bins = np.minimum(np.searchsorted({_edges(work)}, confidence, side='right') - 1, {work.size - 1})  # [a, b)"
    else:
        yield f"bins = np.searchsorted({_edges(work)}, confidence) - 1  # (a, b]"


def _edges(work: Work) -> str:
    return f"np.linspace(0, 1, {work.size + 1})"


def _gaps(work: Work, dialect: Dialect) -> Lines:
    """The sum of right − confidence in each bin."""
    yield from _confidence(work, dialect)
    yield f"right = {predicted_classes(work)} == {expected_classes(work)}"
    yield f"gaps = np.abs(np.bincount(bins, {_weighted(work, 'right - confidence')}))"


def _mean_gap(work: Work, dialect: Dialect) -> Lines:
    yield from _gaps(work, dialect)
    yield f"value = gaps.sum() / {_whole(work)}"


def _largest_gap(work: Work, dialect: Dialect) -> Lines:
    yield from _gaps(work, dialect)
    yield f"sizes = np.bincount(bins{'' if work.state.weights is None else ', s'})"
    yield "value = (gaps[sizes > 0] / sizes[sizes > 0]).max()"


def _gap_by_chance(work: Work, dialect: Dialect) -> Lines:
    weighted = work.state.weights is not None
    yield from _confidence(work, dialect)
    yield "value = 0.0"
    yield "for b in np.unique(bins):"
    yield f"    c{', w' if weighted else ''} = confidence[bins == b]{', s[bins == b]' if weighted else ''}"
    yield f"    variance = ({'w**2 * ' if weighted else ''}c * (1 - c)).sum()"
    yield "    if variance > 0:"
    yield f"        size = {'max(1, round(float(w.sum() ** 2 / (w**2).sum())))' if weighted else 'len(c)'}"
    yield f"        mean = {'np.average(c, weights=w)' if weighted else 'c.mean()'}"
    yield "        value += np.sqrt(variance / (size * mean * (1 - mean))) * deviation(size, mean)"
    yield f"value = value / {_whole(work)}"


DEVIATION = (
    "def deviation(n, p):",
    '    """E|X − np| of a binomial X (De Moivre)."""',
    "    m = min(int(n * p), n - 1)",
    "    log_choose = math.lgamma(n + 1) - math.lgamma(m + 2) - math.lgamma(n - m)",
    "    return 2 * (m + 1) * math.exp(log_choose + (m + 1) * math.log(p) + (n - m) * math.log1p(-p))",
)


def _weighted(work: Work, of: str) -> str:
    """A number of each sample times what the sample counts."""
    if work.state.weights is None:
        return of
    return f"s * ({of})" if " " in of else f"s * {of}"


def _whole(work: Work) -> str:
    """What all samples count."""
    if work.state.weights is not None:
        return "s.sum()"
    return f"len({'y' if work.has_labels else 'p'})"


# --- the parts of the Brier score ---------------------------------------------------------------------------------


def _brier_part(of_bin: Callable[[Work], Lines]) -> Callable[[Work, Dialect], Lines]:
    """The sum of a part over classes and bins, divided by N; `q` and `p` of a class and a bin are those of its samples."""

    def lines(work: Work, dialect: Dialect) -> Lines:
        yield from predicted_rows(work, dialect)
        yield from target_rows(work)
        yield "value = 0.0"
        yield f"for k in range({work.classes}):"
        yield f"    bins = np.maximum(np.searchsorted({_edges(work)}, q[:, k]) - 1, 0)  # (a, b]"
        yield f"    for b in np.unique(bins{'' if work.state.weights is None else '[s > 0]'}):"
        yield "        own = bins == b"
        yield from (f"        {line}" for line in of_bin(work))
        yield f"value = value / {_whole(work)}"

    return lines


def _reliability(work: Work) -> Lines:
    yield f"difference = {_mean(work, 'q[own, k]')} - {_mean(work, 'p[own, k]')}"
    yield f"value += {_size(work)} * difference**2"


def _resolution(work: Work) -> Lines:
    yield f"difference = {_mean(work, 'p[own, k]')} - {_mean(work, 'p[:, k]')}"
    yield f"value += {_size(work)} * difference**2"


def _within_bins(work: Work) -> Lines:
    yield f"dq, dp = q[own, k] - {_mean(work, 'q[own, k]')}, p[own, k] - {_mean(work, 'p[own, k]')}"
    yield f"value += ({'' if work.state.weights is None else 's[own] * '}(dq**2 - 2 * dq * dp)).sum()"


def _size(work: Work) -> str:
    """What the samples of a bin count."""
    return "own.sum()" if work.state.weights is None else "s[own].sum()"


def _mean(work: Work, of: str) -> str:
    """A mean over samples: of all, or of those in a bin."""
    if work.state.weights is None:
        return f"{of}.mean()"
    return f"np.average({of}, weights={'s[own]' if '[own' in of else 's'})"


def _uncertainty(work: Work, _: Dialect) -> Lines:
    weights = "" if work.state.weights is None else ", weights=s"
    yield from target_rows(work)
    yield f"value = (np.average(p**2, axis=0{weights}) - np.average(p, axis=0{weights}) ** 2).sum()"


# --- rankings -----------------------------------------------------------------------------------------------------


def _roc_auc(work: Work, dialect: Dialect) -> Lines:
    yield from _ranked(work, dialect)
    yield from _area("scores", "yes", work)
    yield "value = area"


def _average_precision(work: Work, dialect: Dialect) -> Lines:
    yield from _ranked(work, dialect)
    yield "_, place = np.unique(-scores, return_inverse=True)  # the highest score first"
    yield f"positive, both = np.bincount(place, {_weighted(work, 'yes')}), np.bincount(place{'' if work.state.weights is None else ', s'})"
    yield "some = positive > 0"
    yield "precision = np.cumsum(positive)[some] / np.cumsum(both)[some]"
    yield "value = (positive[some] * precision).sum() / positive.sum()"


def _ranked(work: Work, dialect: Dialect) -> Lines:
    """`scores` of class 1, and the share of class 1 in each sample."""
    yield from _undefined(work, dialect)
    if are_logits_as_given(work.state.options):
        yield "scores = z[:, 1] - z[:, 0]"
    else:
        yield from predicted_rows(work, dialect)
        yield "scores = q[:, 1]"
    yield "yes = 1.0 * (y == 1)" if work.has_labels else "yes = p[:, 1] / p.sum(axis=-1)"


def _area(scores: str, yes: str, work: Work, indent: str = "") -> Lines:
    """`area` under the ROC curve: P(a positive scores above a negative), an equal score counted half."""
    yield f"{indent}_, place = np.unique({scores}, return_inverse=True)  # the lowest score first"
    yield f"{indent}positive, negative = np.bincount(place, {_weighted(work, yes)}), np.bincount(place, {_weighted(work, f'1 - {yes}')})"
    yield f"{indent}below = np.cumsum(negative) - negative / 2  # an equal score counts half"
    yield f"{indent}area = (positive * below).sum() / (positive.sum() * negative.sum())"


def _one_against_rest(work: Work, dialect: Dialect) -> Lines:
    yield from _undefined(work, dialect)
    by_logits = are_logits_as_given(work.state.options)
    yield from log_prediction(work, dialect) if by_logits else predicted_rows(work, dialect)
    yield from target_rows(work)
    yield "areas = []"
    yield f"for k in range({work.classes}):"
    yield from _area(f"{'log_q' if by_logits else 'q'}[:, k]", "p[:, k]", work, "    ")
    yield "    areas.append(area)"
    counts = "p.sum(axis=0)" if work.state.weights is None else "s @ p"
    weighted = f", weights={counts}" if work.quantity.endswith("_weighted") else ""
    yield f"value = np.average(np.array(areas){weighted})"


def _undefined(work: Work, dialect: Dialect) -> Lines:
    """No warning of NumPy where an area is undefined."""
    target, weights = work.state.given_target, work.state.weights
    counts = np.sum(target, axis=0) if weights is None else np.asarray(weights) @ target
    if dialect.module == "np" and not np.all(counts[1:] if work.quantity == "average_precision" else counts):
        yield 'np.seterr(invalid="ignore")  # without a sample of each class the value is nan, as intended'


LOSS_METRICS: dict[str, Callable[[Work, Dialect], Lines]] = {
    "error_rate": _errors,
    "errors": _errors,
    "accuracy": _errors,
    "top_k": _top,
}
"""Metrics whose lines end in `losses`, one for each sample."""

VALUE_METRICS: dict[str, Callable[[Work, Dialect], Lines]] = {
    "balanced_accuracy": _recalls,
    "macro_f1": _f1,
    **dict.fromkeys(("ece", "ece_left_closed"), _mean_gap),
    **dict.fromkeys(("mce", "mce_left_closed"), _largest_gap),
    "ece_by_chance": _gap_by_chance,
    "reliability": _brier_part(_reliability),
    "resolution": _brier_part(_resolution),
    "uncertainty": _uncertainty,
    "within_bins": _brier_part(_within_bins),
    "roc_auc": _roc_auc,
    "average_precision": _average_precision,
    **dict.fromkeys(("roc_auc_ovr", "roc_auc_ovr_weighted"), _one_against_rest),
}
"""Metrics whose lines end in `value`."""
