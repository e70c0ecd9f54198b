"""The working of the linear layer before the logits: dL/dW and dL/db."""

from __future__ import annotations

from collections.abc import Sequence

from cecli.expression import Number, Symbol
from cecli.report import Step
from cecli.working.gradients import L, Z, derivative
from cecli.working.writing import LONGEST, Numbers, first_few, gapped, times


def layer(
    gradients: Sequence[Sequence[float]],
    x: Sequence[Numbers],
    names: Sequence[str],
    weights: Sequence[Sequence[float]],
    bias: Sequence[float],
    hidden: int = 0,
) -> list[Step]:
    """dL/dW and dL/db of z = W·x + b: every entry a sum over the samples."""
    by_logit, remark = derivative(L, Z, "", "k"), "Each input scales the gradient of its class."
    links = (times(by_logit, derivative(Z, "w", "k", "kj")), times(by_logit, Symbol("x", "j")))
    steps = [Step(derivative(L, "w", "", "kj"), links, "the linear layer z = W·x + b", remark=remark)]
    for k in first_few(names):
        for j in range(min(len(weights[k]), LONGEST)):
            products = [times(Number(own[k]), line[j]) for own, line in zip(gradients, x, strict=True)]
            left = derivative(L, "w", "", f"{names[k]},{j + 1}".lstrip(","))
            steps.append(Step(left, (gapped(products, hidden, len(products) - 1), Number(weights[k][j]))))
    for k in first_few(names):
        sums = gapped([Number(own[k]) for own in gradients], hidden, len(gradients) - 1)
        steps.append(Step(derivative(L, "b", "", names[k]), (sums, Number(bias[k])) if len(gradients) > 1 else (sums,)))
    return steps
