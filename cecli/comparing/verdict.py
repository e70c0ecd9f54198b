"""Who wins a comparison, in a few sentences that never say more than the numbers carry: the adjusted p-value decides."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from cecli.comparing.metrics import metric_of
from cecli.comparing.models import Comparison
from cecli.comparing.pair_report import SHOWN_PAIRS
from cecli.comparing.paired_test import PairedTest, PairStatistics
from cecli.statistics.paired import FEWEST

ERRORS = "errors"
"""Right or wrong, which McNemar's test judges."""

LOSS_NAMES = {
    "cross_entropy": "cross-entropy",
    "mse": "squared error",
    "score": "score",
    ERRORS: "the number of errors",
}


def listed(texts: Sequence[str], word: str = "and") -> str:
    """Texts in a sentence."""
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} {word} {texts[-1]}"


def verdict(compared: Comparison) -> str:
    """Who wins by these numbers, why the error rate can or cannot tell, and what chance explains."""
    models, winners = compared.models, compared.winners
    if len(models) == 1:
        return f"{models[0].name} alone: name a second model to compare it with."
    if "score" in winners:
        return f"{_highest(compared)} {conclusion(compared.paired)}".strip()
    if len(compared.probabilistic) < 2:
        return f"{_fewest(compared)} {conclusion(compared.paired)}".strip()
    by_loss, by_mse, by_error = winners["cross_entropy"], winners["mse"], winners["error_rate"]
    if len(by_loss) == len(by_mse) == len(models):
        return "No difference: the models share the same cross-entropy and the same MSE."
    sentences = [_winner(compared, by_loss, by_mse), _about_errors(compared, by_error, by_loss, by_mse)]
    return " ".join([*sentences, conclusion(compared.paired)])


def _highest(compared: Comparison) -> str:
    """Who has the highest score."""
    best, models = compared.winners["score"], compared.models
    if len(best) == len(models):
        return f"{'Both' if len(models) == 2 else 'All'} have the same mean score."
    have, high = "has" if len(best) == 1 else "have", "higher" if len(models) == 2 else "highest"
    return f"On these {compared.counted} samples {listed(best)} {have} the {high} mean score."


def _fewest(compared: Comparison) -> str:
    """Who makes the fewest errors, where labels were predicted."""
    best, models = compared.winners["error_rate"], compared.models
    errors, n = min(model.totals.errors for model in models), compared.counted
    if len(best) == len(models):
        return f"{'Both' if len(models) == 2 else 'All'} get {errors} of {n} wrong."
    verb, fewest = "makes" if len(best) == 1 else "make", "fewer" if len(models) == 2 else "the fewest"
    return f"{listed(best)} {verb} {fewest} errors: {errors} of {n}."


def _winner(compared: Comparison, by_loss: list[str], by_mse: list[str]) -> str:
    """Who is better by cross-entropy and by MSE, on these samples and no others."""
    n, two = compared.counted, len(compared.models) == 2
    if compared.paired.is_enough:
        return _lower(n, by_loss, by_mse, "lower" if two else "lowest")
    on = "on this 1 sample" if n == 1 else f"on these {n} samples"
    if by_loss == by_mse:
        verb = "is" if len(by_loss) == 1 else "are"
        better, low = ("better", "lower") if two else ("best", "lowest")
        return f"{listed(by_loss)} {verb} {better} {on}: {low} cross-entropy and {low} MSE."
    return f"{listed(by_loss)} by cross-entropy, {listed(by_mse)} by MSE: the two losses disagree {on}."


def _lower(n: int, by_loss: list[str], by_mse: list[str], low: str) -> str:
    """Who has the lower losses, where the statistics say what that means."""
    if by_loss == by_mse:
        have = "has" if len(by_loss) == 1 else "have"
        return f"On these {n} samples {listed(by_loss)} {have} the {low} cross-entropy and MSE."
    return f"On these {n} samples the losses disagree: {listed(by_loss)} by cross-entropy, {listed(by_mse)} by MSE."


def _about_errors(compared: Comparison, by_error: list[str], by_loss: list[str], by_mse: list[str]) -> str:
    """What the error rate says beside that."""
    models = compared.models
    if len(by_error) == len(models):
        both = "both" if len(models) == 2 else "all"
        return (
            f"The error rate cannot tell: {both} get {models[0].totals.errors} of {compared.counted} wrong, and it only "
            "counts whether the largest probability is the right one, not how sure the model was."
        )
    if by_error == by_loss == by_mse:
        return "The error rate agrees."
    return (
        f"The error rate prefers {listed(by_error)}: it counts only whether the largest probability is the right one."
    )


# --- chance -------------------------------------------------------------------------------------------------------


def conclusion(test: PairedTest) -> str:
    """The sentence on chance: better, not distinguishable, or better by this but not by that; a pair after the other."""
    if not test.pairs:
        return ""
    if not test.is_enough:
        return _too_few(test)
    confidence = test.options.confidence
    sentences = [_of_pair(one, decided(one, confidence)) for one in test.statistics]
    if len(sentences) <= SHOWN_PAIRS:
        return " ".join(sentences)
    sure = sum(bool(decided(one, confidence)) for one in test.statistics)
    return (
        f"Of {len(sentences)} pairs {sure} {'differs' if sure == 1 else 'differ'} by more than chance explains; "
        "JSON (-f json) has them all, and --baseline compares with one."
    )


def _too_few(test: PairedTest) -> str:
    """Why so few samples cannot tell."""
    what = "clusters" if test.clusters is not None else "effective samples" if test.is_effective else "samples"
    count = math.floor(test.units)
    return (
        f"These are too few {what} to tell whether that is more than chance: with {count}, even a model that wins every time "
        f"gets p = {2.0 ** (1 - count):.2g}, for 2 of the {2**count} ways to flip signs do as well. At least {FEWEST} are asked for."
    )


def decided(one: PairStatistics, confidence: float) -> dict[str, str]:
    """Who is better by each loss and by the errors, where that is more than chance explains."""
    pair, level = one.pair, 1 - confidence + 1e-15
    winners = {}
    for name, each in one.by.items():
        if each.adjusted is not None and each.adjusted <= level and each.terms.difference:
            a_is_larger, more = each.terms.difference > 0, metric_of(name).better == "more"
            winners[name] = pair.a if a_is_larger == more else pair.b
    if one.mcnemar_adjusted is not None and one.mcnemar_adjusted <= level:
        winners[ERRORS] = pair.b if pair.only_b > pair.only_a else pair.a
    return winners


def _of_pair(one: PairStatistics, winners: Mapping[str, str]) -> str:
    """What can be said of one pair."""
    a, b = one.pair.a, one.pair.b
    untested = [LOSS_NAMES[name] for name, each in one.by.items() if not each.difference.is_finite]
    known = [LOSS_NAMES[name] for name in one.by] + [LOSS_NAMES[ERRORS]] * one.pair.has_errors
    tested = [text for text in known if text not in untested]
    without = f"; {listed(untested)} is infinite and was not tested" if untested else ""
    if not winners:
        by = f" by {listed(tested, 'or')}" if untested else ""
        return f"{a} and {b} are not distinguishable{by}: chance alone could explain their differences{without}."
    names = list(dict.fromkeys(winners.values()))
    than = f" than {a if names[0] == b else b}" if len(names) == 1 else ""
    won = {name: [LOSS_NAMES[loss] for loss in winners if winners[loss] == name] for name in names}
    parts = [f"{name} is better{than} by {listed(losses)}" for name, losses in won.items()]
    rest = [text for text in tested if text not in [LOSS_NAMES[loss] for loss in winners]]
    but = (
        f", but not by {listed(rest, 'or')}, where chance alone could explain it"
        if rest
        else ": more than chance explains"
    )
    return f"{', '.join(parts)}{but}{without}."
