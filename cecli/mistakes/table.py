"""All mistakes, and how each kind of problem is worked out."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from cecli.mistakes.binary_table import BINARY_MISTAKES
from cecli.mistakes.class_table import CLASS_MISTAKES
from cecli.mistakes.gradient_table import GRADIENT_MISTAKES
from cecli.mistakes.gradient_view import gradient_pipeline
from cecli.mistakes.information_table import INFORMATION_MISTAKES
from cecli.mistakes.logarithm_table import LOGARITHM_MISTAKES
from cecli.mistakes.loss_view import loss_pipeline
from cecli.mistakes.mistake import Mistake
from cecli.mistakes.pipeline import Pipeline
from cecli.mistakes.softmax_table import SOFTMAX_MISTAKES
from cecli.mistakes.softmax_view import softmax_pipeline
from cecli.mistakes.squared_table import SQUARED_MISTAKES
from cecli.mistakes.value_table import VALUE_MISTAKES
from cecli.running.problem import Problem

TABLE: tuple[Mistake[Any], ...] = (
    *VALUE_MISTAKES,
    *CLASS_MISTAKES,
    *LOGARITHM_MISTAKES,
    *BINARY_MISTAKES,
    *INFORMATION_MISTAKES,
    *SQUARED_MISTAKES,
    *SOFTMAX_MISTAKES,
    *GRADIENT_MISTAKES,
)
"""Every mistake that is looked for; of one kind of problem the simplest first."""

PIPELINES: dict[str, Callable[[Problem], Pipeline[Any]]] = {
    "softmax": softmax_pipeline,
    "grad": gradient_pipeline,
    **dict.fromkeys(("xent", "bce", "entropy", "kl", "compare"), loss_pipeline),
}
"""How the answer of a command is worked out; in those of the other commands no mistake is looked for."""


def pipeline_of(problem: Problem) -> Pipeline[Any]:
    """How a problem is worked out."""
    return PIPELINES[problem.command](problem)


@cache
def mistakes_of(quantity: str) -> tuple[Mistake[Any], ...]:
    """The mistakes of a quantity: other parts of the call first, then another base, then the common ones, each in the table's order."""
    rows = [row for row in TABLE if quantity in row.of.split()]
    return tuple(sorted(rows, key=lambda row: (not row.is_part, row.code != "M1", not row.common)))
