"""The types of the library, as a file outside it sees them: mypy --strict reads both."""

import subprocess
import sys

import pytest

pytest.importorskip("mypy", reason="mypy is in the extra test")

RIGHT = """
from typing import Any, assert_type

import numpy as np

import cecli
from cecli.library_result import ModelComparison

p = np.array([[0.7, 0.3], [0.2, 0.8]])
rows = cecli.softmax(p, temperature=2.0, threads=1)
shape: tuple[int, ...] = rows.shape
back: np.ndarray = np.asarray(rows)
logs = cecli.log_softmax([1.0, 2.0], base=2)
loss: float = cecli.cross_entropy(["cat", "dog"], p, classes=["cat", "dog"], reduction="mean")
each: np.ndarray = cecli.cross_entropy([0, 1], p, reduction="none", ignore_index=-1, label_smoothing=0.1)
assert_type(cecli.mse([0, 1], p), float)
assert_type(cecli.error_rate([0, 1], p, logits=True), float)
assert_type(cecli.calibrate([0, 1], p, sample_weights=[1, 2]), float)
assert_type(cecli.gradient([0, 1], p, "mse").shape, tuple[int, ...])
result = cecli.compare([0, 1], {"a": p, "b": p}, metrics=["ece"], cluster=["u", "v"], bootstrap=None)
assert_type(result, ModelComparison)
assert_type(result["verdict"], str)
assert_type(result["models"][0]["name"], str)
assert_type(result["models"][0]["cross_entropy"], float | None)
assert_type(result["best"], dict[str, list[str]])
assert_type(result["differences"][0]["p_value"], float | None)
plain: dict[str, Any] = result
version: str = cecli.__version__
"""

WRONG = """
import cecli
cecli.softmax([1.0], temprature=2.0)
cecli.calibrate([0], [[1.0]], logits="yes")
cecli.cross_entropy([0], [[1.0]], reduction="avg")
cecli.gradient([0], [[1.0]], "hinge")
cecli.compare([0], [[1.0]])
cecli.compare([0], {"a": [[1.0]]})["verdict"] + 1
cecli.nonsense
cecli.mse([0])
"""


def errors(path, text):
    """The lines that mypy has an error for."""
    path.write_text(text)
    command = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--cache-dir", str(path.parent), path.name]
    done = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, check=False)
    assert done.returncode < 2, done.stderr
    return [line for line in done.stdout.splitlines() if ": error:" in line]


def test_an_outside_file_is_typed(tmp_path):
    """What is right has no error, what is wrong has one in each line."""
    both = errors(tmp_path / "user.py", RIGHT + WRONG)
    first = RIGHT.count("\n") + 1
    lines = sorted(int(line.split(":")[1]) for line in both)
    assert lines == list(range(first + 2, first + WRONG.count("\n"))), "\n".join(both)
