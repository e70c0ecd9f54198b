"""The verdict on models with too few samples to tell more than what these samples say: why the error rate can or cannot tell, and what is missing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cecli.comparing.metrics import metric_of
from cecli.comparing.models import Comparison
from cecli.comparing.paired_test import PairedTest
from cecli.comparing.phrases import Words, listed, significant, verb
from cecli.maths.units import Base
from cecli.statistics.paired import FEWEST

if TYPE_CHECKING:
    from cecli.comparing.results import ComparisonResult

TEACHING = ("cross_entropy", "mse", "error_rate")
"""The metrics whose likeness and difference are explained."""


def verdict_of_few(compared: Comparison, result: ComparisonResult, primary: str, base: Base) -> str:
    """Who is better on these samples, and that they are too few to tell whether that is more than chance."""
    best = result["best"]
    if primary == "cross_entropy" and all(name in best for name in TEACHING):
        by_loss, by_mse, by_error = (best[name] for name in TEACHING)
        if {len(by_loss), len(by_mse), len(by_error)} == {len(compared.models)} and _is_finite(compared):
            every = "both" if len(compared.models) == 2 else "all"
            return f"There is no difference {_on(compared)}: {every} have the same cross-entropy, MSE and error rate."
        sentences = [_by_losses(compared, by_loss, by_mse), _by_errors(compared, by_error, by_loss)]
    else:
        sentences = [_by_one(compared, best.get(primary, []), Words(metric_of(primary), base))]
    return " ".join([*sentences, too_few(compared.paired)])


def _on(compared: Comparison) -> str:
    n = compared.counted
    return "on this 1 sample" if n == 1 else f"on these {n} samples"


def _is_finite(compared: Comparison) -> bool:
    return math.isfinite(compared.models[0].number("cross_entropy"))


def _by_losses(compared: Comparison, by_loss: list[str], by_mse: list[str]) -> str:
    """Who is better by cross-entropy and by MSE."""
    count, on = len(compared.models), _on(compared)
    every = "both" if count == 2 else "all"
    better, low = ("better", "lower") if count == 2 else ("best", "lowest")
    same_loss, same_mse = len(by_loss) == count, len(by_mse) == count
    has_mse = f"{listed(by_mse)} {verb(by_mse, 'has', 'have')} the {low} MSE"
    if same_loss:
        what = "the same cross-entropy" if _is_finite(compared) else "an infinite cross-entropy"
        return f"{every.capitalize()} have {what} {on}; {'the MSE is the same too' if same_mse else has_mse}."
    if by_loss == by_mse or same_mse:
        mse = f"{low} MSE" if not same_mse else "the same MSE"
        return f"{listed(by_loss)} {verb(by_loss, 'is', 'are')} {better} {on}: {low} cross-entropy and {mse}."
    has_loss = f"{listed(by_loss)} {verb(by_loss, 'has', 'have')} the {low} cross-entropy"
    return f"The losses disagree {on}: {has_loss}, {has_mse}."


def _by_errors(compared: Comparison, by_error: list[str], by_loss: list[str]) -> str:
    """What the error rate says beside that."""
    models = compared.models
    if len(by_error) == len(models):
        both = "both" if len(models) == 2 else "all"
        return (
            f"The error rate cannot tell: {both} get {models[0].totals.errors} of {compared.counted} wrong, and it only "
            "counts whether the largest probability is the right one, not how sure the model was."
        )
    if by_error == by_loss:
        return "The error rate agrees."
    if set(by_loss) < set(by_error):
        rest = [name for name in by_error if name not in by_loss]
        return f"The error rate is as low for {listed(rest)}."
    return (
        f"The error rate prefers {listed(by_error)}: it counts only whether the largest probability is the right one."
    )


def _by_one(compared: Comparison, best: list[str], words: Words) -> str:
    """Who is best by one metric."""
    if not best:
        return f"No model has a {words.noun}."
    value = words.value(
        compared.models[[model.name for model in compared.models].index(best[0])].metrics[words.metric.name]
    )
    if len(best) == len(compared.models):
        every = "Both" if len(best) == 2 else "All"
        return f"{every} have the same {words.noun} {_on(compared)}, {value}."
    low = words.better if len(compared.models) == 2 else words.best
    return f"{listed(best)} {verb(best, 'has', 'have')} the {low} {words.noun} {_on(compared)}: {value}."


def too_few(test: PairedTest) -> str:
    """Why so few samples cannot tell."""
    count = math.floor(test.units)
    if test.is_effective:
        units = significant(test.units, 2)
        return (
            f"The weights make these as few as {units} effective samples: too few to tell whether that is more than chance. "
            f"At least {FEWEST} are needed."
        )
    what = "cluster" if test.clusters is not None else "sample"
    if count == 1:
        return f"One {what} is too few to tell whether that is more than chance. At least {FEWEST} are needed."
    of_signs = 2.0 ** (1 - count)
    why = f"{count} show too little of how much the losses vary"
    if of_signs > 1 - test.options.confidence:
        why = f"with {count}, a sign test cannot give p below {of_signs:.3g}"
    return f"These are too few {what}s to tell whether that is more than chance: {why}. At least {FEWEST} are needed."
