"""The page on frameworks has every row of the tables; with CECLI_UPDATE_DOCS=1 its tables are written anew."""

import os
import re
from pathlib import Path

import pytest

from cecli.frameworks.functions import FRAMEWORKS, FUNCTIONS
from cecli.maths.clips import CLIPS

PAGE = Path(__file__).parent.parent.parent / "docs" / "explanation" / "frameworks.md"
NUMBERS = re.compile(r",? ?= \{\w+\}")


def cell(text):
    """A text that may stand in a table."""
    return text.replace("|", "\\|")


def table(heads, rows):
    """The lines of a table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join("| " + " | ".join(map(cell, line)) + " |\n" for line in lines)


def title(function):
    """Who has a function."""
    return ", ".join(FRAMEWORKS[name].title for name in function.frameworks)


def who_follows(functions):
    """Frameworks with the names of their functions."""
    who = {}
    for function in functions:
        for name in function.frameworks:
            framework = FRAMEWORKS[name].title.removesuffix(" 1.4")
            names = who.setdefault(framework, {})
            called = f"`{function.call.partition('(')[0].rpartition('.')[2]}`"
            if called not in names:
                names[f"{called} on {' or '.join(function.backends)}" if function.backends else called] = None
    return "; ".join(f"{framework}: {', '.join(names)}" for framework, names in who.items())


def conventions():
    """Each convention once, with the functions that follow it."""
    who = {}
    for function in FUNCTIONS:
        for row in function.conventions:
            key = (row.name, NUMBERS.sub("", row.theirs).replace("{largest}", "−ln ε"), row.ours, row.source)
            who.setdefault(key, []).append(function)
    rows = [(name, theirs, ours, who_follows(them), source) for (name, theirs, ours, source), them in who.items()]
    return table(("convention", "what it does", "cecli", "who", "source"), sorted(rows))


def functions():
    """Each function with what it is for."""
    rows = [
        (
            title(row),
            ", ".join(row.quantities),
            f"`{row.call}`{', beside the first' if row.is_second and not row.backends else ''}",
            ", ".join(f"`{name}`" for name in row.takes) or "none",
        )
        for row in FUNCTIONS
    ]
    return table(("framework", "for", "function", "options"), rows)


def clips():
    """Each clip constant with its logarithm."""
    return table(("clipped at", "−ln"), [(clip.name, f"{clip.nats:.3f}") for clip in CLIPS])


@pytest.mark.parametrize("made", [conventions, functions, clips], ids=lambda made: made.__name__)
def test_the_page_has_every_row(made):
    text = PAGE.read_text("utf-8")
    pattern = re.compile(rf"(<!-- {made.__name__} -->\n).*?(?=<!-- end -->)", re.DOTALL)
    assert pattern.search(text)
    fresh = pattern.sub(lambda found: found[1] + made(), text)
    if os.environ.get("CECLI_UPDATE_DOCS"):
        PAGE.write_text(fresh, "utf-8")
    assert fresh == text or os.environ.get("CECLI_UPDATE_DOCS")


def test_every_row_says_what_it_is():
    for function in FUNCTIONS:
        assert function.frameworks
        assert function.quantities
        for row in function.conventions:
            assert row.name
            assert row.theirs
            assert row.ours
            assert row.source
