"""All mistakes, and how each kind of problem is worked out."""

from __future__ import annotations

from functools import cache

from cecli.mistakes.binary_table import BINARY_MISTAKES
from cecli.mistakes.class_table import CLASS_MISTAKES
from cecli.mistakes.gradient import gradient_method
from cecli.mistakes.gradient_table import GRADIENT_MISTAKES
from cecli.mistakes.information_table import INFORMATION_MISTAKES
from cecli.mistakes.method import Method, Mistake
from cecli.mistakes.problem import Problem
from cecli.mistakes.softmax_table import SOFTMAX_MISTAKES, softmax_method
from cecli.mistakes.squared_table import SQUARED_MISTAKES
from cecli.mistakes.value_table import VALUE_MISTAKES
from cecli.mistakes.work import loss_method

TABLE: tuple[Mistake, ...] = (
    *VALUE_MISTAKES,
    *CLASS_MISTAKES,
    *BINARY_MISTAKES,
    *INFORMATION_MISTAKES,
    *SQUARED_MISTAKES,
    *SOFTMAX_MISTAKES,
    *GRADIENT_MISTAKES,
)
"""Every mistake that is looked for; of one kind of problem the simplest first."""

METHODS = {"softmax": softmax_method, "grad": gradient_method}


def method_of(problem: Problem) -> Method:
    """How a problem is worked out."""
    return METHODS.get(problem.command, loss_method)(problem)


@cache
def mistakes_of(quantity: str) -> tuple[Mistake, ...]:
    """The mistakes that can be made with a quantity: another base first, then the common ones, each in the table's order."""
    rows = [row for row in TABLE if quantity in row.of.split()]
    return tuple(sorted(rows, key=lambda row: (row.code != "M1", not row.common)))
