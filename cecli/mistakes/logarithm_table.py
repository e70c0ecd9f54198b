"""Usual mistakes with the logarithm of a loss, and what stands in front of it: a row each."""

from __future__ import annotations

import math

import numpy as np

from cecli.maths import information
from cecli.maths.clips import CLIPS
from cecli.maths.namespace import Array, safe_product
from cecli.maths.softmax import log_softmax, softmax_terms
from cecli.mistakes.loss_view import LossView
from cecli.mistakes.mistake import Mistake, each
from cecli.mistakes.subjects import CE, MORE_CLASSES, has_softmax, is_one_hot
from cecli.quantities import cross_entropy

DIGITS = (("4 digits", 4), ("3 digits", 3), ("2 digits", 2), ("1 digit", 1))


def _is_infinite(v: LossView) -> bool:
    """Whether a class that is expected has probability 0."""
    return bool(np.any(np.isinf(v.prediction.surprisal) & (v.target > 0)))


def _is_small(v: LossView) -> bool:
    """Whether the probability of an expected class is below where some library clips, and none is 0."""
    least = v.options.base.of_nats(np.asarray(min(clip.nats for clip in CLIPS)))
    return not _is_infinite(v) and bool(np.any((v.prediction.surprisal > least) & (v.target > 0)))


def _clipped(v: LossView, nats: float) -> LossView:
    """No −log q above a number."""
    most = np.minimum(v.prediction.surprisal, v.options.base.of_nats(np.asarray(nats)))
    return v.changed(prediction=v.prediction.replace(surprisal=most))


def _rounded(v: LossView, digits: int) -> LossView:
    """Probabilities with so many digits after the point."""
    p = v.prediction.probability
    return v.changed(scores=np.round(p[:, :1] if v.is_binary else p, digits), logits=False)


def _without_limits(v: LossView) -> Array:
    """The terms as a machine without limits takes them: 0·log 0 is not a number, and of a ratio the 0 above is enough."""
    q = v.prediction
    factor = q.probability if v.quantity == "entropy" else v.target
    is_infinite = np.isinf(q.surprisal) | (v.quantity in {"entropy", "kl"})
    return np.where((factor == 0) & is_infinite, math.nan, v.terms)


def _of_complement(v: LossView) -> LossView:
    """−log(1 − q) in place of −log q."""
    q = v.prediction
    return v.changed(prediction=q.replace(surprisal=information.surprisal(q.complement, v.options.base)))


def _no_logarithm(v: LossView) -> Array:
    """−y·q, or −y·z of logits."""
    return -v.target * (v.scores if has_softmax(v) else v.prediction.probability)


def _to_the_partition(v: LossView) -> Array:
    """log Σe^z: the true class's logit is never subtracted."""
    return v.target * v.options.base.of_nats(v.scores - log_softmax(softmax_terms(v.scores)))


def _has_parts(v: LossView) -> bool:
    """Whether the call has H(p) and KL, and they are not the loss itself."""
    return v.class_weights is None and v.options.focal == 0 and (not is_one_hot(v) or v.options.label_smoothing > 0)


def _target_entropy(v: LossView) -> Array:
    """The terms of H(p)."""
    return information.entropy_terms(v.target, information.surprisal(v.target, v.options.base)).term


def _prediction_entropy(v: LossView) -> Array:
    """The terms of H(q)."""
    return information.entropy_terms(v.prediction.probability, v.prediction.surprisal).term


def _both_sides(v: LossView) -> Array:
    """−[y·log q + (1−y)·log(1−q)] for every class."""
    q, y = v.prediction, v.target
    return safe_product(y, q.surprisal) + safe_product(1 - y, information.surprisal(q.complement, v.options.base))


# fmt: off
LOGARITHM_MISTAKES: tuple[Mistake[LossView], ...] = (
    Mistake("M14", "stopped at log Σe^z", "log Σe^z", CE,
            "terms", lambda v: v.changed(terms=_to_the_partition(v)),
            "Subtract the true class's score: log Σe^z − z_y.", when=has_softmax),
    Mistake("M42", "probabilities rounded before the logarithm", "−log round(q, d)", f"{CE} bce entropy kl js",
            "inputs", each([(f"probabilities rounded to {name} before the logarithm", d) for name, d in DIGITS], _rounded),
            "Round at the end: keep all digits until then.", is_rounding=True),
    Mistake("M25", "log 0 clipped", "−log max(q, ε)", f"{CE} bce kl",
            "prediction", each([(f"log 0 clipped at {clip.name}", clip.nats) for clip in CLIPS], _clipped),
            "The loss is infinite; the finite number is the library's clip.", when=_is_infinite, is_sum=False),
    Mistake("M25", "log q clipped", "−log max(q, ε)", f"{CE} bce",
            "prediction", each([(f"log q clipped at {clip.name}", clip.nats) for clip in CLIPS], _clipped),
            "The probability is smaller than where the library clips, and the loss larger.", when=_is_small, is_sum=False),
    Mistake("M24", "0·log 0 taken as nan", "0·(−∞) = nan", f"{CE} bce entropy kl",
            "terms", lambda v: v.changed(terms=_without_limits(v)),
            "0·log 0 is 0: a class of probability 0 adds nothing.", is_sum=False),
    Mistake("M17", "log(1−q) in place of log q", "−log(1−q)", CE,
            "prediction", _of_complement,
            "The loss is the logarithm of the true class's own probability."),
    Mistake("M16", "1−q in place of −log q", "mean (1−q)", CE,
            "terms", lambda v: v.changed(terms=v.target * v.prediction.complement),
            "A cross-entropy takes the logarithm of the probability."),
    Mistake("M16", "no logarithm", "−q, −z of logits", CE,
            "terms", lambda v: v.changed(terms=_no_logarithm(v)),
            "nll_loss expects log-probabilities: take the logarithm first."),
    Mistake("M16", "no logarithm: the probability itself", "q", CE,
            "terms", lambda v: v.changed(terms=v.target * v.prediction.probability),
            "The loss is −log q: take the logarithm, and turn the sign."),
    Mistake("M8", "weighted by the prediction", "−Σ y·q·log q", f"{CE} bce",
            "terms",
            lambda v: v.changed(terms=safe_product(v.target * v.prediction.probability, v.prediction.surprisal)),
            "The weight in front of the logarithm is the target, not the prediction."),
    Mistake("M9", "entropy of the prediction", "−Σ q·log q", f"{CE} kl bce",
            "terms", lambda v: v.changed(terms=_prediction_entropy(v)),
            "Both distributions have their part: p in front of the logarithm, q inside."),
    Mistake("M9", "entropy of the target", "−Σ p·log p", f"{CE.removeprefix('xent ')} kl bce",
            "terms", lambda v: v.changed(terms=_target_entropy(v)),
            "Both distributions have their part: p in front of the logarithm, q inside.",
            when=lambda v: not is_one_hot(v)),
    Mistake("part", "H(p), the entropy of the target", "−Σ p·log p", "xent",
            "losses", lambda v: v.changed(losses=cross_entropy.target_entropy(v.state)),
            "Both distributions have their part: p in front of the logarithm, q inside.",
            when=_has_parts, is_part=True),
    Mistake("part", "KL(p‖q), the divergence, in place of the cross-entropy", "Σ p·log(p/q)", "xent",
            "losses", lambda v: v.changed(losses=cross_entropy.target_divergence(v.state)),
            "The cross-entropy is the divergence and the entropy of p together.",
            when=_has_parts, is_part=True),
    Mistake("M32", "KL(p‖q) in place of the cross-entropy", "Σ p·log(p/q)", CE.removeprefix("xent "),
            "losses", lambda v: v.changed(losses=cross_entropy.target_divergence(v.state)),
            "The cross-entropy is the divergence and the entropy of p together.", when=_has_parts),
    Mistake("M15", "binary cross-entropy of every class", "−Σ [y·log q + (1−y)·log(1−q)]", CE,
            "terms", lambda v: v.changed(terms=_both_sides(v)),
            "Of several classes that exclude one another only the true one's logarithm counts."),
    Mistake("M15", "binary cross-entropy averaged over classes", "−1/K·Σ [y·log q + (1−y)·log(1−q)]", CE,
            "terms", lambda v: v.changed(terms=_both_sides(v) / v.classes),
            "Of several classes that exclude one another only the true one's logarithm counts.",
            separates=MORE_CLASSES),
)
# fmt: on
