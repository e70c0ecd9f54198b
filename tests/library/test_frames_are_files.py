"""A data frame means what the same table means as a file: drawn at random, the library and the terminal give the same numbers, or both refuse."""

import random

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import cecli as package

CLASSES = [["cat", "dog", "bird"], ["0", "1", "2"], ["1", "2", "3"], ["c0", "c1", "c2"], ["c1", "c2", "c3"], ["10", "20", "30"]]  # fmt: skip
FORMS = ["{}", "{}", "p_{}", "{}_score", "prob.{}"]
INDEXES = [
    lambda n: ("id", range(100, 100 + n)),
    lambda n: ("", range(n)),
    lambda n: ("Unnamed: 0", range(n)),
    lambda n: ("sample", [f"s{i}" for i in range(n)]),
    lambda n: ("index", [5] * n),
]
LIBRARIES = [lambda frame: frame, pl.from_pandas, lambda frame: pa.Table.from_pandas(frame, preserve_index=False)]


class Drawn:
    """A call: models and a target as pandas tables, class names and weights."""

    def __init__(self, seed):
        self.draw, self.numbers = random.Random(seed), np.random.default_rng(seed)  # noqa: S311 - drawn for a test
        self.k, self.n = self.draw.choice([2, 3]), self.draw.choice([2, 3, 6])
        self.names = self.draw.choice(CLASSES)[: self.k]
        self.models = [self.table(self.distributions()) for _ in range(2)]
        self.labels = self.numbers.integers(0, self.k, self.n)
        self.target = self.draw.choice([self.number, self.number_from_1, self.name, self.name_with_id, self.one_hot])()
        self.classes = self.shuffled(self.draw.choice([self.names, self.names, [f"x{i}" for i in range(self.k)]]))
        self.classes = self.classes if self.draw.random() < 0.3 else None
        self.weights = dict(zip(self.shuffled(self.names), [1, 2, 3], strict=False))
        self.weights = self.weights if self.draw.random() < 0.3 else None

    def shuffled(self, values):
        return self.draw.sample(list(values), len(values)) if self.draw.random() < 0.5 else list(values)

    def distributions(self):
        p = np.round(self.numbers.dirichlet(np.ones(self.k), self.n), 3)
        p[:, -1] = np.round(1 - p[:, :-1].sum(axis=1), 3)
        return p

    def table(self, values):
        """Columns in any order, with a part that all names share, and an index somewhere."""
        form, order = self.draw.choice(FORMS), self.shuffled(range(self.k))
        frame = pd.DataFrame(values[:, order], columns=[form.format(self.names[i]) for i in order])
        if self.draw.random() < 0.4:
            frame.insert(0, *self.draw.choice(INDEXES)(self.n))
        elif self.draw.random() < 0.1:
            frame["__index_level_0__"] = range(self.n)
        return frame

    def number(self):
        return pd.DataFrame({"y": self.labels})

    def number_from_1(self):
        return pd.DataFrame({"y": self.labels + 1})

    def name(self):
        return pd.DataFrame({"y": [self.names[i] for i in self.labels]})

    def name_with_id(self):
        return pd.DataFrame({"id": range(self.n), "y": [self.names[i] for i in self.labels]})

    def one_hot(self):
        return self.table(np.eye(self.k)[self.labels])

    def taken(self, frame):
        """A table in one of the libraries; a single column also as a column."""
        made = self.draw.choice(LIBRARIES)(frame)
        return made if frame.shape[1] > 1 or self.draw.random() < 0.5 else frame["y"]

    def options(self):
        return [*(["--classes", ",".join(self.classes)] if self.classes else [])]


def library(call):
    """What a call of the library gives, one number per sample or model; None where it refuses."""
    try:
        return np.ravel(call())
    except ValueError:
        return None


@pytest.mark.parametrize("seed", range(100))
def test_the_same_numbers(seed, cecli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    drawn = Drawn(seed)
    for name, frame in {"y": drawn.target, "p": drawn.models[0], "q": drawn.models[1]}.items():
        frame.to_csv(f"{name}.csv", index=False)
    y, (p, q) = drawn.taken(drawn.target), map(drawn.taken, drawn.models)

    def terminal(*words):
        result = cecli(*words, "--header", "-f", "plain", *drawn.options())
        assert result.exit_code in (0, 2), result.stderr
        return None if result.exit_code else np.array(result.stdout.replace(",", " ").split(), dtype=float)

    weights = drawn.weights and ["--class-weights", ",".join(f"{name}={w}" for name, w in drawn.weights.items())]
    pairs = [
        (
            terminal("xent", "y.csv", "p.csv", "-r", "none", *(weights or [])),
            library(lambda: package.cross_entropy(y, p, reduction="none", classes=drawn.classes, class_weights=drawn.weights)),
        ),
        (
            terminal("compare", "y.csv", "p.csv", "q.csv", "--metric", "cross_entropy"),
            library(lambda: [model["cross_entropy"] for model in package.compare(y, {"p": p, "q": q}, classes=drawn.classes)["models"]]),
        ),
    ]  # fmt: skip
    for ours, theirs in pairs:
        assert (ours is None) == (theirs is None)
        assert ours is None or ours == pytest.approx(theirs, rel=1e-12)
