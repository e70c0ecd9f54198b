"""Questions built by hand, and the calls that ask them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from cecli.cli.app import app
from cecli.maths.units import NATS, Base
from cecli.mistakes.table import method_of
from cecli.quantities.question import Question
from cecli.running.blocks import Block

DEFAULT_REDUCTION = {"grad": "sum"}
FIELDS = {"label_smoothing", "pos_weight", "focal", "eps", "temperature", "log", "js", "loss", "metric", "logits"}


@dataclass(frozen=True)
class Asked:
    """A call: command, sources as lists, and options under their names."""

    command: str
    prediction: Any
    target: Any = None
    options: dict[str, Any] = field(default_factory=dict)

    def words(self) -> list[str]:
        """The call as it is typed."""
        many = self.command == "compare"
        sources = [*([] if self.target is None else [self.target]), *(self.prediction if many else [self.prediction])]
        found = [self.command, *map(_typed, sources)]
        for name, value in self.options.items():
            found += (
                [f"--{name.replace('_', '-')}"] if value is True else [f"--{name.replace('_', '-')}={_typed(value)}"]
            )
        return [*found, "--format", "json"]

    def question(self) -> Question:
        """The same call as a question."""
        options = self.options
        predictions = self.prediction if self.command == "compare" else [self.prediction]
        rows = max(len(np.atleast_2d(p)) for p in predictions)
        rare = "mean" if rows == 1 else "none"
        usual = rare if self.command in {"entropy", "kl"} else DEFAULT_REDUCTION.get(self.command, "mean")
        base = options.get("base", "e")
        return Question(
            self.command,
            tuple(self._block(np.asarray(p, dtype=float)) for p in predictions),
            raw=(np.atleast_2d(np.asarray(self.prediction, dtype=float)),) if options.get("normalize") else (),
            vector=self._binary() and np.ndim(self.prediction) < 2,
            base=NATS if base == "e" else Base(float(base)),
            reduction=options.get("reduction", usual),
            class_weights=None if "class_weights" not in options else np.asarray(options["class_weights"], dtype=float),
            **{name: value for name, value in options.items() if name in FIELDS},
        )

    def _binary(self) -> bool:
        return self.command == "bce" or self.options.get("loss") == "bce"

    def _block(self, prediction: np.ndarray) -> Block:
        weights = self.options.get("sample_weights")
        weights = None if weights is None else np.asarray(weights, dtype=float)
        if self._binary():
            y = np.asarray(self.target, dtype=float)
            prediction, y = (prediction, y) if prediction.ndim > 1 else (prediction.reshape(-1, 1), y.reshape(-1, 1))
            ignore = self.options.get("ignore_index")
            kept = None if ignore is None else y != ignore
            return Block(prediction, target=y if kept is None else np.where(kept, y, 0.0), weights=weights, kept=kept)
        rows = np.atleast_2d(prediction)
        if self.options.get("normalize"):
            rows = rows / rows.sum(axis=-1, keepdims=True)
        if self.target is None:
            return Block(rows, weights=weights)
        if np.ndim(self.target) == np.ndim(prediction):
            target = np.atleast_2d(np.asarray(self.target, dtype=float))
            if self.options.get("normalize"):
                target = target / target.sum(axis=-1, keepdims=True)
            return Block(rows, target=target, weights=weights)
        labels = np.atleast_1d(np.asarray(self.target))
        ignore = self.options.get("ignore_index")
        kept = None if ignore is None else labels != ignore
        return Block(rows, labels=labels if kept is None else np.where(kept, labels, 0), weights=weights, kept=kept)

    def right(self) -> Any:
        """The right answer as the mistakes' own method finds it."""
        method = method_of(self.question())
        return method.shown(method.right()[-1])

    def answer(self) -> Any:
        """The answer of the command line."""
        result = CliRunner().invoke(app, self.words())
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)["value"]


def _typed(value: Any) -> str:
    """A value as it is typed."""
    if isinstance(value, list):
        return ";".join(map(_typed, value)) if value and isinstance(value[0], list) else ",".join(map(_typed, value))
    return str(value)


@pytest.fixture
def asked() -> type[Asked]:
    """Makes a call."""
    return Asked
