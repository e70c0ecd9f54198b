"""All mistakes, and how each kind of question is worked out."""

from __future__ import annotations

from functools import cache

from cecli.mistakes.binary_table import BINARY_MISTAKES
from cecli.mistakes.class_table import CLASS_MISTAKES
from cecli.mistakes.gradient import gradient_method
from cecli.mistakes.gradient_table import GRADIENT_MISTAKES
from cecli.mistakes.information_table import INFORMATION_MISTAKES
from cecli.mistakes.loss import loss_method
from cecli.mistakes.method import Method, Mistake
from cecli.mistakes.question import Question
from cecli.mistakes.softmax_table import SOFTMAX_MISTAKES, softmax_method
from cecli.mistakes.squared_table import SQUARED_MISTAKES
from cecli.mistakes.value_table import VALUE_MISTAKES

TABLE: tuple[Mistake, ...] = (
    *VALUE_MISTAKES,
    *CLASS_MISTAKES,
    *BINARY_MISTAKES,
    *INFORMATION_MISTAKES,
    *SQUARED_MISTAKES,
    *SOFTMAX_MISTAKES,
    *GRADIENT_MISTAKES,
)
"""Every mistake that is looked for; of one kind of question the simplest first."""

METHODS = {"softmax": softmax_method, "grad": gradient_method}


def method_of(question: Question) -> Method:
    """How a question is worked out."""
    return METHODS.get(question.command, loss_method)(question)


@cache
def mistakes_of(quantity: str) -> tuple[Mistake, ...]:
    """The mistakes that can be made with a quantity: another base first, then the common ones, each in the table's order."""
    rows = [row for row in TABLE if quantity in row.of.split()]
    return tuple(sorted(rows, key=lambda row: (row.code != "M1", not row.common)))
