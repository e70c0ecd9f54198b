"""The new model is not worse than the old one, or not by more than chance."""

import csv
from pathlib import Path

import cecli

DATA = Path(__file__).parent


def rows(name):
    """The rows of a file as dictionaries."""
    with (DATA / name).open(newline="") as file:
        return list(csv.DictReader(file))


def test_new_model():
    """Against the old one, sample by sample."""
    labels = [row["label"] for row in rows("labels.csv")]
    names = sorted(set(labels))
    models = {
        name: [[float(row[each]) for each in names] for row in rows(file)]
        for name, file in (("new", "big.csv"), ("old", "small.csv"))
    }
    pair = cecli.compare(labels, models, classes=names)["differences"][0]

    assert (pair["a"], pair["b"]) == ("new", "old")  # the numbers are those of a minus b
    assert pair["ci_low"] <= 0, pair
