"""The stages of a call as lines of NumPy, which jax takes as well: prediction → terms → losses → value.

The variables are those of the formulas: z logits, q probabilities, y labels or binary targets, p target rows, w class weights,
s sample weights.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from cecli.frameworks.work import Work
from cecli.record import Record

ROWS = "axis=-1, keepdims=True"


class Dialect(Record):
    """How a library writes what the stages need."""

    module: str = "np"
    log_softmax: str | None = None
    """Its log-softmax of z, where it has one."""
    is_plain: bool = False
    """Whether the plain log-softmax keeps the digits of this call."""


# --- the prediction -----------------------------------------------------------------------------------------------


def log_prediction(work: Work, dialect: Dialect) -> Iterator[str]:
    """`log_q`, and `q` where it is clipped."""
    options = work.state.options
    if options.logits:
        yield from _log_softmax(work, dialect)
        if options.eps is not None:
            yield "q = np.exp(log_q)"
    if options.eps is not None:
        yield f"q = np.clip(q, {options.eps!r}, 1 - {options.eps!r})"
    if options.eps is not None or not options.logits:
        yield from quiet_logarithm(work, dialect)
        yield "log_q = np.log(q)"


def quiet_logarithm(work: Work, dialect: Dialect) -> Iterator[str]:
    """No warning of NumPy where the logarithm of 0 is intended."""
    if dialect.module != "np" or work.state.options.eps is not None:
        return
    if bool(np.any(work.state.scores == 0)) or (work.quantity == "bce" and bool(np.any(work.state.scores == 1))):
        yield 'np.seterr(divide="ignore")  # log 0 is −∞, as intended'


def _log_softmax(work: Work, dialect: Dialect) -> Iterator[str]:
    if bool(np.any(work.state.scores == math.inf)):
        yield "z = np.where(np.isposinf(z).any(axis=-1, keepdims=True), np.where(np.isposinf(z), 0, -np.inf), z)  # +∞ is certain"
    elif dialect.is_plain and dialect.log_softmax:
        yield f"log_q = {dialect.log_softmax}"
        return
    yield f"z = z - z.max({ROWS})"
    if dialect.is_plain:
        yield f"log_q = z - np.log(np.exp(z).sum({ROWS}))"
        return
    yield f"top = np.arange(z.shape[-1]) == z.argmax({ROWS})"
    yield f"others = np.where(top, 0, np.exp(z)).sum({ROWS})  # without the largest, which is 1"
    yield "log_q = z - np.log1p(others)"


# --- the target ---------------------------------------------------------------------------------------------------


def target_rows(work: Work) -> Iterator[str]:
    """`p`, smoothed."""
    if work.has_labels:
        yield f"p = np.eye({work.classes})[y]"
    smoothing = work.state.options.label_smoothing
    if smoothing:
        if not work.has_labels:
            yield "targets = p"
        yield f"p = (1 - {smoothing!r}) * p + {smoothing!r} / {work.classes}"


def is_by_label(work: Work) -> bool:
    """Whether each sample has one term, that of its label."""
    return work.has_labels and work.state.options.label_smoothing == 0


# --- the losses ---------------------------------------------------------------------------------------------------


def _cross_entropy(work: Work, dialect: Dialect) -> Iterator[str]:
    options, has_weights = work.state.options, work.state.class_weights is not None
    yield from log_prediction(work, dialect)
    if is_by_label(work):
        yield "losses = -log_q[np.arange(len(y)), y]"
        if options.focal:
            yield f"losses = (-np.expm1(-losses)) ** {options.focal!r} * losses  # (1 − q)^γ"
        if has_weights:
            yield "losses = w[y] * losses"
        return
    yield from target_rows(work)
    yield "a = p * w" if has_weights else "a = p"
    if options.focal:
        yield f"a = a * (-np.expm1(log_q)) ** {options.focal!r}  # (1 − q)^γ"
    yield "losses = -(a * np.where(a > 0, log_q, 0)).sum(axis=-1)"


def _binary(work: Work, dialect: Dialect) -> Iterator[str]:
    options = work.state.options
    if options.logits and options.eps is None:
        yield "log_q, log_r = -np.logaddexp(0, -z), -np.logaddexp(0, z)  # of q and of 1 − q"
    else:
        if options.logits:
            yield "q = 1 / (1 + np.exp(-z))"
        if options.eps is not None:
            yield f"q = np.clip(q, {options.eps!r}, 1 - {options.eps!r})"
        yield from quiet_logarithm(work, dialect)
        yield "log_q, log_r = np.log(q), np.log1p(-q)"
    if options.label_smoothing:
        yield f"y = (1 - {options.label_smoothing!r}) * y + {options.label_smoothing!r} / 2"
    yield "positive, negative = y * np.where(y > 0, log_q, 0), (1 - y) * np.where(y < 1, log_r, 0)"
    if options.pos_weight != 1:
        yield f"positive = {options.pos_weight!r} * positive"
    if options.focal:
        yield f"positive, negative = np.exp({options.focal!r} * log_r) * positive, np.exp({options.focal!r} * log_q) * negative"
    yield "losses = -(positive + negative)"


def _entropy(work: Work, dialect: Dialect) -> Iterator[str]:
    if work.state.options.logits:
        yield from _log_softmax(work, dialect)
        yield "p = np.exp(log_q)"
        yield "losses = -(p * np.where(p > 0, log_q, 0)).sum(axis=-1)"
    else:
        yield "losses = -(p * np.log(np.where(p > 0, p, 1))).sum(axis=-1)"


def _divergence(work: Work, dialect: Dialect) -> Iterator[str]:
    if work.has_labels:
        yield from _cross_entropy(work, dialect)
        return
    yield from log_prediction(work, dialect)
    yield "losses = (p * np.where(p > 0, np.log(np.where(p > 0, p, 1)) - log_q, 0)).sum(axis=-1)"


def _jensen_shannon(work: Work, dialect: Dialect) -> Iterator[str]:
    yield from predicted_rows(work, dialect)
    yield "m = (p + q) / 2"
    yield "terms = [x * np.log(np.where(x > 0, x, 1) / np.where(x > 0, m, 1)) for x in (p, q)]"
    yield "losses = (terms[0] + terms[1]).sum(axis=-1) / 2"


def predicted_rows(work: Work, dialect: Dialect) -> Iterator[str]:
    """`q`, whatever is given."""
    options = work.state.options
    if options.logits:
        yield from _log_softmax(work, dialect)
        yield "q = np.exp(log_q)"
    if options.eps is not None:
        yield f"q = np.clip(q, {options.eps!r}, 1 - {options.eps!r})"


def _squared_error(work: Work, dialect: Dialect) -> Iterator[str]:
    yield from predicted_rows(work, dialect)
    yield from target_rows(work)
    yield "losses = ((q - p) ** 2).sum(axis=-1)"


def _softmax(work: Work, dialect: Dialect) -> Iterator[str]:
    options = work.state.options
    if options.temperature != 1:
        yield f"z = z / {options.temperature!r}"
    yield from _log_softmax(work, dialect)
    if not options.log:
        yield "losses = np.exp(log_q)"
    else:
        yield (
            f"losses = log_q / np.log({options.base.value!r})  # in {options.base.unit}"
            if options.base.ln != 1
            else "losses = log_q"
        )


def _cross_entropy_gradient(work: Work, dialect: Dialect) -> Iterator[str]:
    yield from predicted_rows(work, dialect)
    yield from target_rows(work)
    yield "a = p * w" if work.state.class_weights is not None else "a = p"
    yield f"g = q * a.sum({ROWS}) - a"
    yield from _unmasked(work)


def _squared_error_gradient(work: Work, dialect: Dialect) -> Iterator[str]:
    yield from predicted_rows(work, dialect)
    yield from target_rows(work)
    yield "error = q - p"
    yield f"g = 2 * q * (error - (error * q).sum({ROWS}))"
    yield from _unmasked(work)


def _unmasked(work: Work) -> Iterator[str]:
    """The gradient of a masked class is 0."""
    if bool(np.any(work.state.scores == -math.inf)):
        yield "g = np.where(np.isneginf(z), 0, g)  # a masked class"


def _binary_gradient(work: Work, _: Dialect) -> Iterator[str]:
    options = work.state.options
    if options.logits:
        yield "q = np.exp(-np.logaddexp(0, -z))"
    if options.label_smoothing:
        yield f"y = (1 - {options.label_smoothing!r}) * y + {options.label_smoothing!r} / 2"
    yield "g = q - y"


LOSSES: dict[str, Callable[[Work, Dialect], Iterator[str]]] = {
    **dict.fromkeys(
        ("xent", "cross_entropy", "cross_entropy_sum", "log_loss", "perplexity", "skill_uniform", "skill_prior"),
        _cross_entropy,
    ),
    "bce": _binary,
    "entropy": _entropy,
    "kl": _divergence,
    "js": _jensen_shannon,
    "mse": _squared_error,
    "softmax": _softmax,
    "gradient of xent": _cross_entropy_gradient,
    "gradient of mse": _squared_error_gradient,
    "gradient of bce": _binary_gradient,
}
"""The lines of each quantity, which end in `losses` or in the gradient `g`."""
