"""Usual mistakes with how terms become a number: bases, signs, means and sums, decimal points, options left out: a row each."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np

from cecli.maths import information
from cecli.maths.namespace import Array
from cecli.maths.units import Base
from cecli.mistakes.loss_view import LossView
from cecli.mistakes.mistake import (
    COMMON,
    EVERYDAY,
    MOST_EXCHANGED,
    Mistake,
    each,
    exchanged,
    other_bases,
    with_base,
)
from cecli.mistakes.subjects import ALL, CE, LOGS, MANY, METRICS, OTHER_SIZE, hard_mean, several_in_mean
from cecli.quantities.classification_error import ranked_scores

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


def _single_terms(v: LossView) -> list[tuple[str, tuple[int, Any]]]:
    """The terms that could be left out: a sample's where it has one (or all of them make its squared error), else a class's."""
    places = [(int(n), int(k)) for n, k in np.argwhere(v.terms != 0)]
    samples = list(dict.fromkeys(n for n, _ in places))
    if v.quantity == "mse" and 1 < len(samples) <= MOST_TERMS:
        return [(f"the term of {v.sample_name(n)} left out", (n, ...)) for n in samples]
    if not 1 < len(places) <= MOST_TERMS:
        return []
    by_sample = len(samples) == len(places)
    return [(_term_name(v, n, k, by_sample), (n, k)) for n, k in places]


def _samples_alone(v: LossView) -> list[tuple[str, int]]:
    """Each of a few samples, whose loss the call has too."""
    return [(f"{v.sample_name(n)} alone", n) for n in range(v.count if v.count <= MOST_TERMS else 0)]


def _samples_left_out(v: LossView) -> list[tuple[str, int]]:
    """Each of a few samples, without which there is a mean too."""
    return [(f"{v.sample_name(n)} left out of the mean", n) for n in range(v.count if v.count <= MOST_TERMS else 0)]


def _exchanges(v: LossView) -> list[tuple[str, tuple[int, int]]]:
    """Two of a few values that may have changed places."""
    is_listed = np.ndim(v.value) == 1 and v.count <= MOST_EXCHANGED
    pairs = combinations(range(v.count if is_listed else 0), 2)
    return [(f"{v.sample_name(i)} and {v.sample_name(j)} exchanged", (i, j)) for i, j in pairs]


def _term_name(v: LossView, n: int, k: int, by_sample: bool) -> str:
    """What to call the term that is left out."""
    if by_sample:
        return f"the term of {v.sample_name(n)} left out"
    sample = f"{v.sample_name(n)}, " if v.count > 1 else ""
    return f"the term of {sample}class {k} left out"


def _powers(v: LossView) -> list[tuple[str, tuple[float, float]]]:
    """What a loss may be the exponent of: its own base gives the perplexity."""
    base = v.options.base
    return [("perplexity in place of the loss", (base.value, base.ln))]


def _focal_factors(v: LossView) -> list[tuple[str, Callable[[Array], Array]]]:
    """What else may become of (1 − q)^γ, of the probability of what is true."""
    focal = v.options.focal
    return [
        ("focal factor q^γ in place of (1 − q)^γ", lambda q: q**focal),
        ("focal factor 1 − q^γ in place of (1 − q)^γ", lambda q: 1 - q**focal),
        ("focal factor γ·(1 − q) in place of (1 − q)^γ", lambda q: focal * (1 - q)),
        ("focal factor (1 − q)^(γ−1) in place of (1 − q)^γ", lambda q: (1 - q) ** (focal - 1)),
        ("focal factor (1 − q)^(γ+1) in place of (1 − q)^γ", lambda q: (1 - q) ** (focal + 1)),
    ]


def _other_metrics(v: LossView) -> list[tuple[str, str]]:
    """The other numbers of a model."""
    names = {"mse": "MSE", "error_rate": "error rate", "cross_entropy": "cross-entropy"}
    near = {"errors": "error_rate", "cross_entropy_sum": "cross_entropy", "perplexity": "cross_entropy"}
    own = near.get(v.quantity, v.quantity)
    return [(f"the {title} in place of the {_title(v)}", name) for name, title in names.items() if name != own]


def _title(v: LossView) -> str:
    """What the metric that is asked for is called."""
    return {"mse": "MSE"}.get(v.quantity, v.quantity.replace("_", " ").replace("cross entropy", "cross-entropy"))


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


def _without_sample(v: LossView, n: int) -> LossView:
    """The mean of all samples but one."""
    total, weights = np.delete(v.weighted, n), np.delete(v.mean_weights, n)
    return v.changed(value=math.fsum(total) / math.fsum(weights))


def _with_focal(v: LossView, factor: Callable[[Array], Array]) -> LossView:
    """Another factor on the terms without the focal one."""
    return v.changed(terms=v.changed(focal=0.0).terms_anew * factor(v.prediction.probability))


def _as_metric(v: LossView, metric: str) -> LossView:
    """Another metric of the same prediction."""
    return v.changed(value=v.as_metric(metric))


def _mean_perplexity(v: LossView) -> float:
    """The mean of the samples' own perplexities."""
    powers = np.exp(v.losses * v.options.base.ln)
    return float(np.sum(v.mean_weights * powers) / np.sum(v.mean_weights))


# fmt: off
VALUE_MISTAKES: tuple[Mistake[LossView], ...] = (
    Mistake("M1", "another logarithm base", "log₁₀, log₂ or ln for the base asked for", LOGS,
            "inputs", each(other_bases, with_base),
            "Name the base: nats are ln, bits are log₂, dits are log₁₀.", common=EVERYDAY, one_sample="{}"),
    Mistake("M2", "sum instead of mean, or mean instead of sum", "Σℓ for Σℓ/N", f"{MANY} entropy kl js error_rate errors",
            "value", each(_other_reductions, lambda v, reduction: v.changed(value=v.reduced(reduction))),
            "Check which one is asked for: a mean divides the sum by the number of samples.", common=EVERYDAY,
            separates=OTHER_SIZE),
    Mistake("M4", "missing minus sign", "Σ y·log q", LOGS,
            "losses", lambda v: v.changed(losses=-v.losses),
            "Check the sign: losses, entropies and divergences are not negative.", common=EVERYDAY),
    Mistake("M3", "averaged over classes too", "L/K", f"{CE} entropy kl js",
            "value", lambda v: v.changed(value=v.value / v.classes),
            "Sum over the classes; the mean is over the samples alone.", common=COMMON, separates=OTHER_SIZE),
    Mistake("slip%", "claimed in per cent", "100·L", "error_rate",
            "value", lambda v: v.changed(value=v.value * 100),
            "The share itself is asked for: 66.7 % is 0.667.", common=COMMON, is_sum=False),
    Mistake("slip", "decimal point slipped", "10·L, L/10, 100·L, L/100", ALL,
            "value", each([("decimal point slipped", 10.0**k) for k in (1, -1, 2, -2)],
                          lambda v, factor: v.changed(value=v.value * factor)),
            "The digits are right: look at the decimal point.", common=COMMON, is_sum=False, is_alone=True),
    Mistake("M41", "an option left out", "as without weights, smoothing, focal factor, clipping, normalising", ALL,
            "inputs", each(_options, _without_option),
            "The question has an option for it, which this number leaves out."),
    Mistake("M41", "mean divided by another number of samples", "Σw·ℓ/N", ALL,
            "value", each(_other_counts, lambda v, count: v.changed(value=v.total / count)),
            "A weighted mean divides by the sum of the weights, and samples left out do not count.",
            when=lambda v: v.reduction == "mean"),
    Mistake("M18", "a term left out", "Σ without one term", f"{CE} bce entropy kl js mse",
            "terms", each(_single_terms, _without_term),
            "Count the terms: one for each sample and class that is expected.", common=COMMON,
            when=lambda v: v.reduction != "none"),
    Mistake("M4", "1 − log q", "1 − log q", f"{CE} bce",
            "losses", lambda v: v.changed(losses=v.losses + 1),
            "The loss is −log q: 0 for a sure and right prediction."),
    Mistake("M28", "perplexity in place of the loss", "b^L", f"{CE.removesuffix(' perplexity')} entropy",
            "value", each(_powers, _power),
            "The perplexity is a power of the loss; the loss itself is asked for.",
            when=lambda v: v.reduction != "none", is_sum=False),
    Mistake("M28", "a power of another base than the unit's", "2^nats, e^bits", f"{CE.removesuffix(' perplexity')} entropy",
            "value", each(MIXED_POWERS, _power),
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
    Mistake("M28", "mean of the samples' perplexities", "Σb^ℓ/N", "perplexity",
            "shown", lambda v: v.changed(value=_mean_perplexity(v)),
            "Take the mean of the losses first, then the power.", instead=True, is_sum=False,
            when=lambda v: v.count > 1),
    Mistake("M18", "one sample left out of the mean", "Σ without ℓₙ, over N − 1", f"{CE} bce mse",
            "value", each(_samples_left_out, _without_sample),
            "All samples count.", when=several_in_mean, is_alone=True),
    Mistake("part", "one sample alone", "ℓₙ", f"{MANY} entropy kl js",
            "value", each(_samples_alone, lambda v, n: v.changed(value=float(v.losses[n]))),
            "All samples count.", when=lambda v: v.reduction != "none" and v.count > 1, is_part=True),
    Mistake("part", "another metric of the model", "the MSE for the cross-entropy", METRICS,
            "shown", each(_other_metrics, _as_metric),
            "It is the value of another metric.", is_part=True, is_sum=False),
    Mistake("order", "two samples exchanged", "ℓ₂, ℓ₁", "xent bce entropy kl js",
            "value", each(_exchanges, lambda v, places: v.changed(value=exchanged(np.asarray(v.value), places))),
            "The numbers are right: put them in the order of the samples.",
            is_sum=False),
    Mistake("M41", "another focal factor", "q^γ, γ·(1−q), (1−q)^(γ−1) for (1−q)^γ", "xent bce",
            "terms", each(_focal_factors, _with_focal),
            "The focal factor is (1−q)^γ, q the probability of what is true.",
            when=lambda v: v.options.focal != 0),
    Mistake("M2", "mean taken twice", "L/N", f"{MANY} entropy kl js",
            "value", lambda v: v.changed(value=v.value / v.count),
            "Divide by the number of samples once.",
            when=several_in_mean, called="divided by the number of samples twice", separates=OTHER_SIZE),
)
# fmt: on
