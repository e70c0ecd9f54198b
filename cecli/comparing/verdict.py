"""The verdict on a comparison in a few sentences: which model is best, which are not distinguishable from it, and how large the difference is.

It never says more than the numbers carry: a difference counts where its (adjusted) p-value is at most 1 − confidence.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cecli.comparing.few_samples import verdict_of_few
from cecli.comparing.models import Comparison
from cecli.comparing.pair_report import pair_result
from cecli.comparing.phrases import Words, begun, listed, little, named, p_text, verb
from cecli.comparing.ranking import Ranking, Standing, p_of, ranking, statistics_of
from cecli.comparing.request import MetricRequest
from cecli.maths.units import Base

if TYPE_CHECKING:
    from cecli.comparing.results import ComparisonResult

COMPARED = ("cross_entropy", "mse", "error_rate")
"""What models are compared by, where nothing else is asked for: the first that all of them have."""


def primary_metric(result: ComparisonResult, request: MetricRequest) -> str:
    """The metric that decides which model is best."""
    asked = request.sort or request.only
    if asked and result["best"].get(asked):
        return asked
    names = (*COMPARED, *result["best"])
    return next((name for name in names if all(each.get(name) is not None for each in result["models"])), names[0])


def verdict(compared: Comparison, result: ComparisonResult, request: MetricRequest, base: Base) -> str:
    """Who is best, who is not distinguishable from it, and by how much."""
    test = compared.paired
    names = [model["name"] for model in result["models"]]
    if len(names) == 1:
        return f"There is one model, {names[0]}: name a second one to compare."
    if not test.is_enough:
        return verdict_of_few(compared, result, primary_metric(result, request), base)
    level, baseline = 1 - test.options.confidence, test.options.baseline
    known = [name for name in COMPARED if all(model.get(name) is not None for model in result["models"])]
    order = dict.fromkeys([primary_metric(result, request), *known])
    return " ".join(_sentences([ranking(result, name, level, baseline) for name in order], compared, base))


def _sentences(rankings: Sequence[Ranking], compared: Comparison, base: Base) -> list[str]:
    """What the first metric says that does not have the same value for all models, and what the others say beside it."""
    if all(_is_shared(ranks) for ranks in rankings) and not _is_infinite(rankings[0]):
        nouns = listed([ranks.metric.noun for ranks in rankings])
        names = listed([each.name for each in rankings[0].standings])
        return [f"{names} are not distinguishable: {_every(compared)} have the same {nouns}."]
    first, *others = rankings
    words = Words(first.metric, base)
    if _is_shared(first):
        return [_same(words, first, compared), *_sentences(others, compared, base)] if others else []
    if len(first.standings) == 2:
        return [
            _of_two(first, words, [model.name for model in compared.models]),
            *_others_of_two(first, others, compared, base),
        ]
    if compared.paired.options.baseline is not None:
        return _against_baseline(first, words, _as_good_as_best(first, compared))
    return [*_of_many(first, words), *_others_of_many(first, others, compared, base)]


def _is_shared(ranks: Ranking) -> bool:
    """Whether all models have the same value."""
    return len(ranks.best) == len(ranks.standings)


def _is_infinite(ranks: Ranking) -> bool:
    """Whether the best value is infinite."""
    value = ranks.standings[0].value
    return value is not None and math.isinf(value)


def _every(compared: Comparison) -> str:
    return "both" if len(compared.models) == 2 else "all"


def _same(words: Words, ranks: Ranking, compared: Comparison) -> str:
    """All models share a value."""
    every = _every(compared)
    if words.metric.name == "error_rate":
        wrong = compared.models[0].totals.errors
        return f"The error rate cannot tell: {every} get {wrong} of {compared.counted} wrong."
    if _is_infinite(ranks):
        return begun(f"{every} have an infinite {words.noun}.")
    return begun(f"{every} have the same {words.noun}, {words.value(ranks.standings[0].value)}.")


# --- two models ---------------------------------------------------------------------------------------------------


def _difference(ranks: Ranking) -> Standing:
    """The one of two models that is not the reference, with what is known of the difference."""
    return next(each for each in ranks.standings if each.name != ranks.reference)


def _of_two(ranks: Ranking, words: Words, names: Sequence[str]) -> str:
    """Which one is better, by how much, and whether chance could explain it."""
    better, other = ranks.standings
    found = _difference(ranks)
    amount = words.amount(found.difference, other.value)
    lead = f"{better.name} has the {words.better} {words.noun}"
    if found.state == "untested":
        values = f"{words.value(better.value)} against {words.value(other.value)}"
        return f"{lead}, {values}; {_why_untested(better, other)}."
    if found.state == "alike":
        return (
            f"{listed(names)} are not distinguishable: {lead}, by {amount}, but chance could explain "
            f"that ({p_text(found.p)})."
        )
    return (
        f"{better.name} is better than {other.name}{little(found, other.value)}: its {words.noun} is {words.better} by "
        f"{amount}, and the difference is significant ({p_text(found.p)}){', with a caution' if found.is_doubtful else ''}."
    )


def _why_untested(*standings: Standing) -> str:
    infinite = any(each.value is not None and math.isinf(each.value) for each in standings)
    return "an infinite mean can't be tested" if infinite else "this difference can't be tested"


def _others_of_two(first: Ranking, others: Sequence[Ranking], compared: Comparison, base: Base) -> list[str]:
    """What the other metrics say beside that."""
    is_decided, winner = _difference(first).state == "apart", first.standings[0].name
    sentences, agree, unsure = [], [], []
    for ranks in others:
        words, found = Words(ranks.metric, base), _difference(ranks)
        better, other = ranks.standings
        if found.state == "same":
            sentences.append(_same(words, ranks, compared))
        elif found.state == "alike":
            unsure.append(f"the {words.noun}")
        elif found.state == "apart" and is_decided and better.name == winner:
            agree.append(f"the {words.noun}")
        elif found.state == "apart":
            amount = words.amount(found.difference, other.value)
            sentences.append(
                f"By the {words.noun}, {better.name} is better: {words.better} by {amount}, {p_text(found.p)}."
            )
    if agree:
        sentences.insert(0, begun(f"{listed(agree)} {verb(agree, 'agrees', 'agree')}."))
    if unsure and is_decided:
        sentences.append(f"By {listed(unsure)} they are not distinguishable.")
    elif unsure:
        either = "" if any(_difference(ranks).state == "apart" for ranks in others) else " either"
        sentences.append(begun(f"{listed(unsure)} {verb(unsure, 'does', 'do')} not distinguish them{either}."))
    return sentences


# --- more models --------------------------------------------------------------------------------------------------


def _of_many(ranks: Ranking, words: Words) -> list[str]:
    """Who is best, who is not distinguishable from it, and how far away the others are."""
    best = ranks.of(ranks.reference)
    alike, apart, untested = (
        [each for each in ranks.others(state) if each.name not in ranks.best]
        for state in ("alike", "apart", "untested")
    )
    value = words.value(best.value)
    if len(ranks.best) > 1:
        sentences = [
            f"{listed(ranks.best)} share the {words.best} {words.noun}, {value}, and are not distinguishable by it."
        ]
    elif apart and not alike and not untested:
        return [_clear(ranks, words, apart), *_doubtful(apart)]
    else:
        sentences = [f"{best.name} has the {words.best} {words.noun}, {value}."]
    it = "it" if len(ranks.best) == 1 else "them"
    if alike:
        names = [each.name for each in alike]
        amount = words.amount(alike[-1].difference, best.value)
        up_to = f"a difference of {amount}" if len(alike) == 1 else f"differences of up to {amount}"
        sentences.append(
            f"{listed(names)} {verb(names, 'is', 'are')} not distinguishable from {it}: chance could explain {up_to}."
        )
    if apart:
        who = (
            apart[0].name if len(apart) == 1 else f"The other {len(apart)}" if not untested else f"{len(apart)} others"
        )
        at_least = "" if len(apart) == 1 else " or more"
        amount = words.amount(apart[0].difference, best.value)
        small = little(apart[0], best.value).removesuffix(", by a little")
        by = f"{small}: {amount}" if small else f", by {amount}"
        sentences += [
            f"{who} {'is' if len(apart) == 1 else 'are'} significantly worse{by}{at_least}.",
            *_doubtful(apart),
        ]
    if untested:
        names = [each.name for each in untested]
        sentences.append(f"{listed(names)} {verb(names, 'was', 'were')} not tested: {_why_untested(best, *untested)}.")
    return sentences


def _doubtful(apart: Sequence[Standing]) -> list[str]:
    """Which of the significant differences have a caution."""
    names = [each.name for each in apart if each.is_doubtful]
    if len(names) == len(apart) > 1:
        return ["Each of these differences has a caution."]
    differences = verb(names, "difference", "differences")
    return [f"The {differences} to {named(names)} {verb(names, 'has', 'have')} a caution."] if names else []


def _clear(ranks: Ranking, words: Words, apart: Sequence[Standing]) -> str:
    """The best model, where it differs from all others."""
    best, following = ranks.standings[0], apart[0]
    amount = words.amount(following.difference, following.value)
    all_others = "both" if len(apart) == 2 else f"all {len(apart)}"
    return (
        f"{best.name} is best{little(following, following.value)}: its {words.noun}, {words.value(best.value)}, is "
        f"{words.better} than that of {following.name}, the next, by {amount}. It differs significantly from {all_others} others."
    )


def _others_of_many(first: Ranking, others: Sequence[Ranking], compared: Comparison, base: Base) -> list[str]:
    """What the other metrics say of the best model."""
    best, agree, sentences = first.reference, [], []
    for ranks in others:
        words, own = Words(ranks.metric, base), ranks.of(first.reference)
        if _is_shared(ranks):
            sentences.append(_same(words, ranks, compared))
        elif set(first.best) <= set(ranks.best):
            agree.append(words)
        elif own.state == "apart":
            amount = words.amount(own.difference, own.value)
            sentences.append(
                f"By the {words.noun}, {ranks.reference} is better than {best}, by {amount}, {p_text(own.p)}."
            )
        else:
            tail = (
                f"; {best} is not distinguishable from {verb(ranks.best, 'it', 'them')}" if own.state == "alike" else ""
            )
            sentences.append(
                f"{listed(ranks.best)} {verb(ranks.best, 'has', 'have')} the {words.best} {words.noun}{tail}."
            )
    if agree:
        sentences.insert(0, f"{listed(first.best)} {verb(first.best, 'has', 'have')} the {best_of(agree)} too.")
    return sentences


def best_of(metrics: Sequence[Words]) -> str:
    """`lowest MSE and error rate`."""
    ways = dict.fromkeys(each.best for each in metrics)
    return listed([f"{way} {listed([each.noun for each in metrics if each.best == way])}" for way in ways])


def _as_good_as_best(ranks: Ranking, compared: Comparison) -> list[str]:
    """The models, without the baseline, that are not distinguishable from the best one, as p adjusted for all pairs has it."""
    best, baseline = ranks.best[0], ranks.reference
    if best == baseline:
        return []
    test = compared.paired.of_all_pairs()
    beside = [one for one in test.statistics if best in (one.pair.a, one.pair.b) and baseline != one.pair.b]
    found = [statistics_of(pair_result(compared, one), ranks.metric.name) for one in beside]
    level = 1 - test.options.confidence
    others = [one.pair.a if one.pair.b == best else one.pair.b for one in beside]
    alike = {name for name, each in zip(others, found, strict=True) if (p_of(each) or 0.0) > level}
    return [each.name for each in ranks.standings if each.name in alike and each.name not in ranks.best]


def _against_baseline(ranks: Ranking, words: Words, as_good: Sequence[str]) -> list[str]:
    """Who is best, and as good; who is better than the baseline, who is worse, and who is not distinguishable from it."""
    base, apart = ranks.of(ranks.reference), ranks.others("apart")
    lowest = words.value(ranks.standings[0].value)
    sentences = [f"{listed(ranks.best)} {verb(ranks.best, 'has', 'have')} the {words.best} {words.noun}, {lowest}."]
    if as_good:
        sentences.append(
            f"{listed(as_good)} {verb(as_good, 'is', 'are')} not distinguishable from {listed(ranks.best)}."
        )
    called = iter([f"{base.name}, the baseline", *["the baseline"] * 3])
    if better := [each for each in apart if ranks.is_better(each)]:
        sentences.append(_from_baseline("better", better, base, next(called), words))
    if worse := [each for each in apart if not ranks.is_better(each)]:
        sentences.append(_from_baseline("worse", worse, base, next(called), words))
    sentences += _doubtful(apart)
    if alike := [each.name for each in ranks.others("alike", "same")]:
        sentences.append(f"{listed(alike)} {verb(alike, 'is', 'are')} not distinguishable from {next(called)}.")
    if untested := ranks.others("untested"):
        names, why = [each.name for each in untested], _why_untested(base, *untested)
        sentences.append(f"{listed(names)} {verb(names, 'was', 'were')} not tested against {next(called)}: {why}.")
    return sentences


def _from_baseline(how: str, found: Sequence[Standing], base: Standing, called: str, words: Words) -> str:
    """The models that are significantly better, or worse, than the baseline."""
    names = [each.name for each in found]
    largest = max(found, key=lambda each: abs(each.difference or 0.0))
    by = "by" if len(found) == 1 else "by up to"
    amount = words.amount(largest.difference, base.value)
    return f"{named(names)} {verb(names, 'is', 'are')} significantly {how} than {called}, {by} {amount}."
