"""The working: steps as lines of text, as aligned mathematics, as JSON."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

from cecli.expression import LEFT_OUT, Expression, Number, Row, Underflowed
from cecli.render.formula import ALL, BREAK, Latex, Text, is_exact
from cecli.render.numbers import TABLE_PRECISION
from cecli.render.safe import visible
from cecli.report import Step

JOINT = " \\\\\n"
INDENT = "  "
WIDTH = 88
"""A line of working is no longer than this, however wide the terminal is."""

ON_ONE_LINE = 3
"""A chain of more expressions gets a line for each."""

MATHS_SIGNS = {"=": "=", "≈": r"\approx", "<": "<", ">": ">", "is": r"\text{ is }"}

ABOVE_0, BELOW_0 = Number(1e-300, "1e-300"), Number(-1e-300, "-1e-300")
"""What a number that underflowed is nearer to 0 than."""

MATHS_WIDTH = 64
"""Characters of the text form of a line of mathematics."""


def relation(expression: Expression, precision: int | None) -> str:
    """`=` before exact numbers and formulas, `≈` before rounded ones, a word before what is not a number."""
    if expression == LEFT_OUT:
        return "is"
    if (bound := _bound(expression)) is not None:
        return "<" if bound is ABOVE_0 else ">"
    return "=" if is_exact(expression, precision) else "≈"


def _bound(expression: Expression) -> Number | None:
    """What is shown of a number that underflowed, where it stands alone."""
    if not isinstance(expression, Number) or not isinstance(expression.value, Underflowed):
        return None
    return ABOVE_0 if math.copysign(1, expression.value) > 0 else BELOW_0


def _written(expression: Expression, notation: Text) -> str:
    """An expression behind its sign."""
    return notation.write(_bound(expression) or expression)


# --- text -----------------------------------------------------------------------------------------------------------


def text_lines(steps: Sequence[Step], precision: int | None, width: int | None = None) -> Iterator[tuple[str, str]]:
    """(kind, line) of every line: a `title`, the `working`, or a `remark`; an empty line stands before every title but the first."""
    for i, step in enumerate(steps):
        if step.title:
            if i:
                yield "working", ""
            yield "title", visible(step.title)
        for line in _chain(step, precision, min(width or WIDTH, WIDTH) - 1):
            yield "working", f"{INDENT}{line}".rstrip()
        if step.remark:
            for line in _broken(step.remark.replace(" ", f"{BREAK} "), (width or WIDTH) - len(INDENT) - 1, 0):
                yield "remark", f"{INDENT}{line}"


def _chain(step: Step, precision: int | None, width: int) -> list[str]:
    """The lines of one step: on one line where it is short, else every expression on a line of its own."""
    left = Text(precision).write(step.left).replace(BREAK, "")
    links = [
        f"{relation(each, digits)} {_written(each, Text(digits))}" for each, digits in _with_digits(step, precision)
    ]
    if links and step.unit:
        links[-1] += f" {step.unit}"
    whole = " ".join([left, *links])
    room = width - len(INDENT)
    if len(links) <= ON_ONE_LINE and len(whole.replace(BREAK, "")) <= room:
        return [whole.replace(BREAK, "")]
    lines = []
    for k, link in enumerate(links):
        lead = left if k == 0 else " " * len(left)
        lines += _broken(f"{lead} {link}", room, len(left) + 3)
    return lines


def _with_digits(step: Step, precision: int | None) -> list[tuple[Expression, int | None]]:
    """The expressions of a chain, each with its precision: what leads to the value has a digit more, so that it adds up to it."""
    guarded = precision if precision == ALL else 1 + (TABLE_PRECISION if precision is None else precision)
    return [(each, guarded) for each in step.chain[:-1]] + [(each, precision) for each in step.chain[-1:]]


def _broken(text: str, width: int, indent: int) -> list[str]:
    """A text cut at its breaks into lines that fit; what follows the first is indented."""
    lines = [""]
    for piece in text.split(BREAK):
        if lines[-1].strip() and len(lines[-1]) + len(piece) > width:
            lines.append(" " * indent + piece.lstrip())
        else:
            lines[-1] += piece
    return lines


# --- mathematics ----------------------------------------------------------------------------------------------------


def blocks(steps: Sequence[Step], precision: int | None) -> Iterator[tuple[str, str, str]]:
    r"""(title, lines of mathematics joined by `\\\\`, remark): steps up to the next title or remark stand in one block."""
    title, lines = "", list[str]()
    for step in steps:
        if step.title:
            if lines:
                yield title, JOINT.join(lines), ""
            title, lines = step.title, []
        lines += _aligned(step, precision)
        if step.remark:
            yield title, JOINT.join(lines), step.remark
            title, lines = "", []
    if lines:
        yield title, JOINT.join(lines), ""


def _aligned(step: Step, precision: int | None) -> list[str]:
    r"""The lines of one step for an `aligned` environment, without their `\\`."""
    latex, text = Latex(precision), Text(precision)
    if not step.chain:
        return [f"&{latex.write(step.left)}"]
    chain = _with_digits(step, precision)
    if _is_short(step, text):
        links = [f"{_sign(each, digits)} {_written(each, Latex(digits))}" for each, digits in chain]
        unit = rf"\ \text{{{step.unit}}}" if step.unit else ""
        return [f"{latex.write(step.left)} &{' '.join(links)}{unit}".replace(BREAK, "")]
    lines = []
    for k, (each, digits) in enumerate(chain):
        unit = rf"\ \text{{{step.unit}}}" if step.unit and k == len(step.chain) - 1 else ""
        pieces = _folded(*(_written(each, notation(digits)) for notation in (Latex, Text)))
        lead = latex.write(step.left).replace(BREAK, "") if k == 0 else ""
        lines.append(f"{lead} &{_sign(each, digits)} {pieces[0]}".lstrip())
        lines += [rf"&\quad {piece.strip()}" for piece in pieces[1:]]
        lines[-1] += unit
    return lines


def _is_short(step: Step, text: Text) -> bool:
    parts = [step.left, *step.chain]
    return len(step.chain) <= ON_ONE_LINE and sum(len(text.write(each)) + 3 for each in parts) <= MATHS_WIDTH


def _sign(expression: Expression, precision: int | None) -> str:
    return MATHS_SIGNS[relation(expression, precision)]


def _folded(latex: str, text: str) -> list[str]:
    """Mathematics cut at its breaks into lines of a readable width, measured on its text."""
    pieces, sizes = latex.split(BREAK), [len(piece) for piece in text.split(BREAK)]
    if len(pieces) != len(sizes):  # a fraction holds its breaks together in one notation alone
        sizes = [len(re.sub(r"\\[a-z]+|[{}]", "", piece)) for piece in pieces]
    lines, used = [""], 0
    for piece, size in zip(pieces, sizes, strict=True):
        if lines[-1] and used + size > MATHS_WIDTH:
            lines.append("")
            used = 0
        lines[-1] += piece
        used += size
    return lines


# --- data -----------------------------------------------------------------------------------------------------------


def as_data(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """The steps as JSON holds them: every expression as text with all its digits, and the value."""
    text = Text(ALL)
    return [
        {
            "title": step.title,
            "left": text.write(step.left).replace(BREAK, ""),
            "chain": [text.write(each).replace(BREAK, "") for each in step.chain],
            "value": value_of(step),
            "unit": step.unit or None,
            "remark": step.remark or None,
        }
        for step in steps
    ]


def as_text(steps: Sequence[Step], precision: int | None) -> list[tuple[str, str, str]]:
    """(title, left, expression) of every expression of every step."""
    text = Text(precision)
    title, rows = "", []
    for step in steps:
        title = step.title or title
        rows += [
            (title, text.write(step.left).replace(BREAK, ""), text.write(each).replace(BREAK, ""))
            for each in step.chain
        ]
    return rows


def value_of(step: Step) -> Any:
    """The value that a step ends in; nothing where it is a formula alone."""
    return _plain(step.chain[-1]) if step.chain else None


def _plain(expression: Expression) -> Any:
    """A number, or a row of them; None for all else."""
    match expression:
        case Number(value):
            return value
        case Row(entries):
            values = [_plain(entry) for entry in entries]
            return None if None in values else values
    return None
