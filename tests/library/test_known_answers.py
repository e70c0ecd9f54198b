"""Known answers, each with its source, through the public functions on every array library."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

import cecli
from tests.every import every

CASES = [
    case
    for file in sorted((Path(__file__).parent.parent / "cases").glob("*.json"))
    for case in json.loads(file.read_text(encoding="utf-8"))
    if "function" in case
]
TOLERANCES = {"ulps", "absolute"}


def decoded(value: Any) -> Any:
    """JSON's "inf", "-inf" and "nan" as numbers, in lists too."""
    if isinstance(value, list):
        return [decoded(entry) for entry in value]
    return float(value) if value in ("inf", "-inf", "nan") else value


def as_arrays(value: Any, xp: Any) -> Any:
    """Lists as arrays, in mappings too; all else as it is."""
    if isinstance(value, dict):
        return {name: as_arrays(entry, xp) for name, entry in value.items()}
    return xp.asarray(decoded(value)) if isinstance(value, list) else value


@every("case", CASES, ids=lambda case: case["name"])
def test_known_answer(case: dict[str, Any], xp: Any) -> None:
    """The answer is the known one, within the case's own tolerance."""
    arguments = {name: as_arrays(value, xp) for name, value in case["arguments"].items()}
    found = getattr(cecli, case["function"])(**arguments)
    for key in case.get("path", []):
        found = found[key]
    expected = decoded(case["expected"])

    if isinstance(expected, list) and isinstance(expected[0], str):
        assert found == expected
        return
    values, right = np.atleast_1d(xp.numpy(found)), np.atleast_1d(np.asarray(expected, dtype=float))
    assert values.shape == right.shape
    assert len(TOLERANCES & case.keys()) == 1, "a case says how near is near enough"
    for value, truth in zip(values.tolist(), right.tolist(), strict=True):
        if not math.isfinite(truth):
            assert repr(value) == repr(truth)
            continue
        allowed = case["absolute"] if "absolute" in case else case["ulps"] * np.spacing(abs(truth))
        assert abs(value - truth) <= allowed, f"{case['source']}: {value!r} is not {truth!r}"


def test_every_case_names_its_source() -> None:
    """A number without a source is no known answer."""
    assert len(CASES) > 50
    for case in CASES:
        assert case["source"], case["name"]


def test_case_names_are_unique() -> None:
    """A failing case can be found by its name."""
    names = [case["name"] for case in CASES]

    assert len(names) == len(set(names))
