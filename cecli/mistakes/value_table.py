"""Usual mistakes with how terms become a number: bases, signs, means and sums, decimal points, options left out: a row each."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from cecli.maths import information
from cecli.maths.units import Base
from cecli.mistakes.loss_view import LossView
from cecli.mistakes.mistake import Mistake, each, other_bases, with_base
from cecli.mistakes.subjects import ALL, CE, LOGS, MANY, OTHER_SIZE, hard_mean, several_in_mean
from cecli.quantities.classification_error import ranked_scores
from cecli.quantities.summary import as_list

MOST_TERMS = 12
"""Terms up to which one that was left out is looked for."""

MIXED_POWERS = (("2 to the loss in nats", (2.0, 1.0)), ("e to the loss in bits", (math.e, math.log(2))))
"""Bases that do not belong to the unit of the exponent, each with that unit in nats."""

# --- the ways -----------------------------------------------------------------------------------------------------


def _other_reductions(v: LossView) -> list[tuple[str, str]]:
    """The reductions that were not asked for, where sum and mean can differ."""
    asked = "a value for each sample" if v.reduction == "none" else v.reduction
    differ = v.count > 1 or v.divisor != 1
    return [(f"{name} instead of {asked}", name) for name in ("sum", "mean") if name != v.reduction and differ]


def _options(v: LossView) -> list[tuple[str, dict[str, Any]]]:
    """The options that shape this number, each with what leaves it out."""
    options, weights = v.options, "positive weight left out" if v.is_binary else "class weights left out"
    choices: list[tuple[str, bool, dict[str, Any]]] = [
        (weights, v.class_weights is not None, {"class_weights": None}),
        ("sample weights left out", bool(np.any(v.sample_weights != 1)), {"weights": None}),
        ("label smoothing left out", options.label_smoothing != 0, {"label_smoothing": 0.0}),
        ("focal factor left out", options.focal != 0, {"focal": 0.0}),
        ("clipping left out", options.eps is not None, {"eps": None}),
        ("counts not normalised", v.raw is not None, {"scores": None}),
    ]
    return [(name, changes) for name, is_used, changes in choices if is_used]


def _without_option(v: LossView, changes: dict[str, Any]) -> LossView:
    """Scores that are left open are each model's own counts."""
    return v.changed(**(changes | {"scores": v.raw} if "scores" in changes else changes))


def _other_counts(v: LossView) -> list[tuple[str, float]]:
    """What a mean may be divided by wrongly: all samples, those left out too, or their number under weights."""
    every, counted = float(math.prod(v.shape)), float(v.count)
    ways = [("left-out samples counted in the mean", every)] if every != counted else []
    return ways + ([("weighted mean divided by the number of samples", counted)] if v.divisor != counted else [])


def _single_terms(v: LossView) -> list[tuple[str, tuple[int, int]]]:
    """The terms that could be left out: a sample's where it has one, else a class's."""
    places = [(int(n), int(k)) for n, k in np.argwhere(v.terms != 0)]
    if not 1 < len(places) <= MOST_TERMS:
        return []
    by_sample = len({n for n, _ in places}) == len(places)
    return [(_term_name(v, n, k, by_sample), (n, k)) for n, k in places]


def _term_name(v: LossView, n: int, k: int, by_sample: bool) -> str:
    """What to call the term that is left out."""
    if by_sample:
        return f"the term of {v.sample_name(n)} left out"
    sample = f"{v.sample_name(n)}, " if v.count > 1 else ""
    return f"the term of {sample}class {k} left out"


def _powers(v: LossView) -> list[tuple[str, tuple[float, float]]]:
    """What a loss may be the exponent of: its own base gives the perplexity, another's is a mix-up."""
    base = v.options.base
    return [("perplexity in place of the loss", (base.value, base.ln)), *MIXED_POWERS]


# --- the changes --------------------------------------------------------------------------------------------------


def _without_term(v: LossView, place: tuple[int, int]) -> LossView:
    """One term is 0."""
    terms = np.array(v.terms)
    terms[place] = 0.0
    return v.changed(terms=terms)


def _power(v: LossView, base_and_unit: tuple[float, float]) -> LossView:
    """A base to the loss in a unit."""
    base, unit = base_and_unit
    return v.changed(value=Base(base).power(float(v.value) * v.options.base.ln / unit))


def _log_mean(v: LossView) -> float:
    """The logarithm of the mean probability."""
    q = np.sum(v.target * v.prediction.probability, axis=-1)
    return float(information.surprisal(np.mean(q), v.options.base))


def _product(v: LossView) -> float:
    """The product of the true classes' probabilities."""
    return float(np.prod(np.sum(v.target * v.prediction.probability, axis=-1)))


def _log_accuracy(v: LossView) -> float:
    """The logarithm of the accuracy."""
    hits = np.argmax(ranked_scores(v.state), axis=-1) == np.argmax(v.target, axis=-1)
    return float(information.surprisal(np.mean(hits), v.options.base))


def _of_part(v: LossView, part: slice) -> LossView:
    """The mean of some samples alone."""
    total, weights = as_list(v.weighted[part]), as_list(v.sample_weights[part])
    return v.changed(value=math.fsum(total) / math.fsum(weights))


# fmt: off
VALUE_MISTAKES: tuple[Mistake[LossView], ...] = (
    Mistake("M1", "another logarithm base", "log₁₀, log₂ or ln for the base asked for", LOGS,
            "inputs", each(other_bases, with_base),
            "Name the base: nats are ln, bits are log₂, dits are log₁₀.", common=True),
    Mistake("M2", "sum instead of mean, or mean instead of sum", "Σℓ for Σℓ/N", f"{MANY} entropy kl js error_rate errors",
            "value", each(_other_reductions, lambda v, reduction: v.changed(value=v.reduced(reduction))),
            "Check which one is asked for: a mean divides the sum by the number of samples.", common=True,
            separates=OTHER_SIZE),
    Mistake("M4", "missing minus sign", "Σ y·log q", LOGS,
            "losses", lambda v: v.changed(losses=-v.losses),
            "Check the sign: losses, entropies and divergences are not negative.", common=True),
    Mistake("M3", "averaged over classes too", "L/K", f"{CE} entropy kl js",
            "value", lambda v: v.changed(value=v.value / v.classes),
            "Sum over the classes; the mean is over the samples alone.", common=True, separates=OTHER_SIZE),
    Mistake("slip", "decimal point slipped", "10·L, L/10, 100·L, L/100", ALL,
            "value", each([("decimal point slipped", 10.0**k) for k in (1, -1, 2, -2)],
                          lambda v, factor: v.changed(value=v.value * factor)),
            "The digits are right: look at the decimal point.", common=True, is_sum=False),
    Mistake("M41", "an option left out", "as without weights, smoothing, focal factor, clipping, normalising", ALL,
            "inputs", each(_options, _without_option),
            "The question has an option for it, which this number leaves out."),
    Mistake("M41", "mean divided by another number of samples", "Σw·ℓ/N", ALL,
            "value", each(_other_counts, lambda v, count: v.changed(value=math.fsum(as_list(v.weighted)) / count)),
            "A weighted mean divides by the sum of the weights, and samples left out do not count.",
            when=lambda v: v.reduction == "mean"),
    Mistake("M18", "a term left out", "Σ without one term", f"{CE} bce entropy kl js mse",
            "terms", each(_single_terms, _without_term),
            "Count the terms: one for each sample and class that is expected.", common=True,
            when=lambda v: v.reduction != "none"),
    Mistake("M4", "1 − log q", "1 − log q", f"{CE} bce",
            "losses", lambda v: v.changed(losses=v.losses + 1),
            "The loss is −log q: 0 for a sure and right prediction."),
    Mistake("M28", "perplexity, or another power, in place of the loss", "b^L", f"{CE.removesuffix(' perplexity')} entropy",
            "value", each(_powers, _power),
            "The perplexity is a power of the loss; the loss itself is asked for.",
            when=lambda v: v.reduction != "none", is_sum=False),
    Mistake("M28", "loss in place of the perplexity", "L", "perplexity",
            "shown", lambda v: v,
            "The perplexity is the base to the mean loss.", instead=True, is_sum=False),
    Mistake("M28", "perplexity of another base", "2^nats, e^bits", "perplexity",
            "shown", each(MIXED_POWERS, _power),
            "The base of the power is that of the logarithm.", instead=True, is_sum=False),
    Mistake("M5", "logarithm of the mean probability", "−log(Σq/N)", CE,
            "value", lambda v: v.changed(value=_log_mean(v)),
            "Take the logarithms first, then their mean.", when=hard_mean, is_sum=False),
    Mistake("M16", "product of the probabilities", "Πq", CE,
            "value", lambda v: v.changed(value=_product(v)),
            "The loss is a mean of logarithms.", when=hard_mean, is_sum=False),
    Mistake("M16", "logarithm of the accuracy", "−log accuracy", CE,
            "value", lambda v: v.changed(value=_log_accuracy(v)),
            "Each sample's own probability counts, not whether it is right.", when=hard_mean, is_sum=False),
    Mistake("M18", "some samples alone", "ℓ₁, or Σ without the last", f"{CE} bce mse",
            "value", each([("first sample alone", slice(0, 1)), ("last sample left out", slice(0, -1))], _of_part),
            "All samples count.", when=several_in_mean),
    Mistake("M2", "mean taken twice", "L/N", f"{MANY} entropy kl js",
            "value", lambda v: v.changed(value=v.value / v.count),
            "Divide by the number of samples once.",
            when=several_in_mean, called="divided by the number of samples twice", separates=OTHER_SIZE),
)
# fmt: on
