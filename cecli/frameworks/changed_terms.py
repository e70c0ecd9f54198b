"""The changes of the terms of a loss, and of a gradient: as frameworks multiply and add them."""

from __future__ import annotations

from typing import cast

import numpy as np

from cecli.frameworks.work import Work
from cecli.maths.binary_losses import BinaryTerms
from cecli.maths.gradients import GradientTerms
from cecli.maths.namespace import Array
from cecli.quantities import binary, cross_entropy
from cecli.record import Record


class PlainTerms(Record):
    """Terms as they were multiplied, and their plain sums."""

    term: Array

    @property
    def loss(self) -> Array:
        """Σ_k of the terms."""
        return cast("Array", np.sum(self.term, axis=-1))


@np.errstate(all="ignore")
def unmasked_terms(work: Work) -> Work:
    """Target times surprisal, 0·∞ included."""
    state = work.state
    p, weights = state.prediction, cross_entropy.own_class_weights(state)
    term = p.surprisal * cross_entropy.target_used(state)
    if state.options.focal:
        term = term * p.complement**state.options.focal
    return work.with_state(terms=PlainTerms(term if weights is None else term * weights))


def plain_terms(work: Work) -> Work:
    """The same, 0 where the target is 0."""
    target, changed = cross_entropy.target_used(work.state), unmasked_terms(work)
    term = changed.state.terms.term
    return changed.with_state(terms=PlainTerms(np.where(target == 0, np.zeros_like(term), term)))


@np.errstate(all="ignore")
def plain_entropy_terms(work: Work) -> Work:
    """p·(−log p), 0 where p is 0."""
    p = work.state.prediction
    term = np.where(p.probability == 0, np.zeros_like(p.probability), p.surprisal * p.probability)
    return work.with_state(terms=PlainTerms(term))


@np.errstate(all="ignore")
def unmasked_divergence_terms(work: Work) -> Work:
    """p·log p − p·log q: 0·∞ where p and q are 0."""
    p, q, base = work.state.target_rows, work.state.prediction, work.state.options.base
    own = np.where(p > 0, p * np.log(np.where(p > 0, p, 1)), np.zeros_like(p))
    return work.with_state(terms=PlainTerms(base.of_nats(own) + p * q.surprisal))


def plain_divergence_terms(work: Work) -> Work:
    """The same, 0 where p is 0."""
    p, changed = work.state.target_rows, unmasked_divergence_terms(work)
    term = changed.state.terms.term
    return changed.with_state(terms=PlainTerms(np.where(p == 0, np.zeros_like(term), term)))


@np.errstate(all="ignore")
def ratio_terms(work: Work) -> Work:
    """p·log(p/q), 0 where p is 0."""
    p, q, base = work.state.target_rows, work.state.prediction.probability, work.state.options.base
    return work.with_state(terms=PlainTerms(base.of_nats(np.where(p == 0, np.zeros_like(p), p * np.log(p / q)))))


def _relative_entropy(x: Array, y: Array) -> Array:
    """x·ln(x/y) as scipy.special.rel_entr has it: by log1p where the two are near."""
    ratio = x / y
    near = (ratio > 0.5) & (ratio < 2)
    logarithm = np.where(near, np.log1p((x - y) / y), np.log(ratio))
    return cast("Array", np.where(x == 0, np.zeros_like(x), x * logarithm))


@np.errstate(all="ignore")
def scipy_terms(work: Work) -> Work:
    """p·log(p/q) as SciPy adds it."""
    p, q, base = work.state.target_rows, work.state.prediction.probability, work.state.options.base
    return work.with_state(terms=PlainTerms(base.of_nats(_relative_entropy(p, q))))


def with_differences(work: Work) -> Work:
    """The terms with q − p added to each."""
    p, q, term = work.state.target_rows, work.state.prediction.probability, work.state.terms.term
    return work.with_state(terms=PlainTerms(term - p + q))


@np.errstate(all="ignore")
def scipy_mixture_terms(work: Work) -> Work:
    """½·[p·log(p/m) + q·log(q/m)] with the mixture m, as SciPy adds it: each side on its own."""
    p, q, base = work.state.target_rows, work.state.prediction.probability, work.state.options.base
    sides = [np.sum(_relative_entropy(x, (p + q) / 2), axis=-1, keepdims=True) for x in (p, q)]
    return work.with_state(terms=PlainTerms(base.of_nats(sides[0] + sides[1]) / 2))


def squared_error_of_class_1(work: Work) -> Work:
    """(p₁ − y₁)², without that of class 0, which is the same where rows sum to 1."""
    p, y = work.state.prediction.probability, cross_entropy.target_used(work.state)
    return work.with_state(terms=PlainTerms((p - y)[:, 1:] ** 2))


def _binary(work: Work, positive: Array, negative: Array) -> Work:
    return work.with_state(terms=BinaryTerms(positive, negative, positive + negative))


@np.errstate(all="ignore")
def plain_binary_terms(work: Work) -> Work:
    """Both terms as they are multiplied."""
    state = work.state
    y, p, options = binary.target_used(state), state.prediction, state.options
    positive, negative = options.pos_weight * y * p.surprisal, (1 - y) * p.complement_surprisal
    if options.focal:
        positive, negative = p.complement**options.focal * positive, p.probability**options.focal * negative
    return _binary(work, positive, negative)


@np.errstate(all="ignore")
def one_focal_factor(work: Work) -> Work:
    """Both terms times (1 − p_t)^γ with p_t = y·p + (1 − y)·(1 − p), which is another factor for soft targets."""
    state = work.state
    y, p, focal = binary.target_used(state), state.prediction, state.options.focal
    factor = (1 - (y * p.probability + (1 - y) * (1 - p.probability))) ** focal
    return _binary(work, factor * (y * p.surprisal), factor * ((1 - y) * p.complement_surprisal))


@np.errstate(all="ignore")
def torch_logit_terms(work: Work) -> Work:
    """(1 − y)·z − w·ln σ(z), as torch adds them: a confident negative sample loses its digits."""
    state = work.state
    y, z, options = binary.target_used(state), state.scores, state.options
    log_sigmoid = np.minimum(z, 0) - np.log1p(np.exp(-np.abs(z)))
    weight = (options.pos_weight - 1) * y + 1
    loss = options.base.of_nats((1 - y) * z - weight * log_sigmoid)
    return work.with_state(terms=BinaryTerms(loss, np.zeros_like(loss), loss))


def positive_terms_alone(work: Work) -> Work:
    """The terms (1 − y)·log(1 − p) left out."""
    terms = work.state.terms
    return _binary(work, terms.positive, np.zeros_like(terms.negative))


# --- gradients ----------------------------------------------------------------------------------------------------


def plain_gradient(work: Work) -> Work:
    """p·Σa − a with a = w·y, at the target too, where p − 1 loses the digits of a confident sample."""
    state = work.state
    weights = cross_entropy.own_class_weights(state)
    target = cross_entropy.target_used(state)
    a = target if weights is None else target * weights
    gradient = state.prediction.probability * np.sum(a, axis=-1, keepdims=True) - a
    return work.with_state(terms=GradientTerms(None, gradient))


def plain_squared_gradient(work: Work) -> Work:
    """2·p·[(p − y) − Σ (p − y)·p]."""
    p, y = work.state.prediction.probability, cross_entropy.target_used(work.state)
    error = p - y
    return work.with_state(terms=GradientTerms(None, 2 * p * (error - np.sum(error * p, axis=-1, keepdims=True))))


@np.errstate(all="ignore")
def plain_binary_gradient(work: Work) -> Work:
    """σ(z) − y."""
    p, y = 1 / (1 + np.exp(-work.state.scores)), binary.target_used(work.state)
    return work.with_state(terms=GradientTerms(None, p - y))
