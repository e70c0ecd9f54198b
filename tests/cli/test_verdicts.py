"""What `compare` says at its end: a case for each thing that there is to say, and the sentences, as read aloud.

The sentences are in tests/cases/verdicts.json; CECLI_UPDATE_GOLDEN=1 writes them anew: read each aloud before you commit it.
"""

import json
import os
import re
from pathlib import Path

import numpy as np
import pytest

TABLE = Path(__file__).parent.parent / "cases" / "verdicts.json"


def rows(*values):
    """A typed model of two classes, from the probability of class 0 for each sample."""
    return ";".join(f"{value:.6g},{1 - value:.6g}" for value in values)


def noisy(mean, spread, seed, n=200):
    """Probabilities of the right class that scatter on the logit scale."""
    logits = mean + spread * np.random.default_rng(seed).normal(size=n)
    return (1 / (1 + np.exp(-logits))).round(6).tolist()


def zeros(n):
    """Labels: all samples are of class 0."""
    return ",".join(["0"] * n)


def models(n, **values):
    """The words of a comparison of models, each with the probabilities that it gives to class 0."""
    return [zeros(n), *(f"{name}={rows(*np.resize(value, n))}" for name, value in values.items())]


BASE = noisy(1.0, 1.0, 1)
CLOSE = np.clip(BASE + 0.01 * np.random.default_rng(2).normal(size=200), 0.001, 0.999).tolist()
WORSE = noisy(0.2, 1.2, 3)
WORST = noisy(-0.5, 1.0, 4)
MANY = {f"m{i}": noisy(2.0 - 0.25 * i, 1.0, 10 + i) for i in range(9)}
TINY = [round(p * 0.9997, 7) for p in BASE]
SLIGHT = [round(p * 0.985, 7) for p in BASE]
SURE = [0.9, 0.9, 0.9, 0.4]
SHY = [0.6, 0.6, 0.6, 0.45]
EVEN = np.linspace(0.6, 0.9, 60).round(3).tolist()
SURER = [round(p + 0.05, 3) for p in EVEN]

CASES = {
    # few samples
    "the example": ["--example"],
    "one model": ["0,1", rows(0.6, 0.4)],
    "one sample": models(1, a=[0.6], b=[0.9]),
    "one sample, the same": models(1, a=[0.6], b=[0.6]),
    "few, all agree": models(3, a=[0.6, 0.6, 0.4], b=[0.9, 0.9, 0.8]),
    "few, the same": models(3, a=[0.6, 0.6, 0.4], b=[0.6, 0.6, 0.4]),
    "few, the losses disagree": models(3, a=[0.95, 0.95, 0.0001], b=[0.2, 0.2, 0.2]),
    "few, both infinite": models(3, a=[0.95, 0.95, 0.0], b=[0.2, 0.2, 0.0]),
    "few, one infinite": models(3, a=[0.95, 0.95, 0.0], b=[0.2, 0.2, 0.1]),
    "few, the error rate prefers another": models(3, a=[0.9, 0.9, 0.49], b=[0.51, 0.51, 0.51]),
    "few, three models": models(2, a=[0.6, 0.6], b=[0.9, 0.9], c=[0.3, 0.3]),
    "few, two share the best place": models(2, a=[0.9, 0.9], b=[0.9, 0.9], c=[0.6, 0.4]),
    "few, the error rate is shared": models(3, a=[0.9, 0.9, 0.4], b=[0.6, 0.6, 0.4], c=[0.3, 0.3, 0.2]),
    "few, sorted by the error rate": [*models(3, a=[0.9, 0.9, 0.4], b=[0.6, 0.6, 0.6]), "--sort", "error_rate"],
    "nine samples": models(9, a=[0.6], b=[0.9]),
    "few clusters": [*models(12, a=[0.6], b=[0.9, 0.8]), "--cluster", "1,1,1,2,2,2,3,3,3,4,4,4"],
    "few effective samples": [*models(300, a=[0.6, 0.7], b=[0.9]), "--sample-weights", "900" + ",1" * 299],
    # two models
    "two, clearly": models(200, base=BASE, worst=WORST),
    "two, not distinguishable": models(200, base=BASE, close=CLOSE),
    "two, the same": models(200, a=BASE, b=BASE),
    "two, by very little": models(200, base=BASE, tiny=TINY),
    "two, by a little": models(200, base=BASE, slight=SLIGHT),
    "two, the same errors": models(200, shy=SHY, sure=SURE),
    "two, by this but not by that": models(12, a=[*[0.95] * 11, 0.00001], b=[0.7]),
    "two, each by one": models(120, hedgy=[0.49], sharp=[*[0.999] * 9, 1e-30]),
    "two, one infinite": models(200, base=BASE, broken=[*BASE[:199], 0.0]),
    "two, one infinite but better": models(200, shy=[0.6], sharp=[*[0.9] * 199, 0.0]),
    "two, both infinite": models(200, a=[*BASE[:199], 0.0], b=[*WORST[:199], 0.0]),
    "two, in bits": [*models(200, base=BASE, worst=WORST), "-b", "2"],
    "two, with a baseline": [*models(200, base=BASE, worst=WORST), "--baseline", "base"],
    "two, by accuracy": [*models(200, base=BASE, worst=WORST), "--metrics", "accuracy", "--sort", "accuracy"],
    "two, by the error rate": [*models(200, base=BASE, worst=WORST), "--sort", "error_rate"],
    "two, by the number of errors": [*models(200, base=BASE, worst=WORST), "--sort", "errors"],
    "three, by the number of errors": [*models(200, a=BASE, b=WORSE, c=WORST), "--sort", "errors"],
    "two, by the MSE": [*models(200, base=BASE, close=CLOSE), "--sort", "mse"],
    "two, clusters": [
        *models(200, base=BASE, worst=WORST),
        "--cluster",
        ",".join(str(i // 5) for i in range(200)),
    ],
    "two, with a caution": models(120, even=EVEN, surer=SURER),
    # more models
    "three, with a caution each": models(120, even=EVEN, surer=SURER, shy=[0.6]),
    "three, one with a caution": models(200, even=EVEN, surer=SURER, worst=WORST),
    "three, a baseline and a caution": [*models(200, even=EVEN, surer=SURER, worst=WORST), "--baseline", "even"],
    "three, clearly": models(200, a=BASE, b=WORSE, c=WORST),
    "three, two not distinguishable": models(200, a=BASE, b=CLOSE, c=WORST),
    "three, none distinguishable": models(200, a=BASE, b=CLOSE, c=TINY),
    "three, two share the best place": models(200, a=BASE, b=BASE, c=WORST),
    "three, the same": models(200, a=BASE, b=BASE, c=BASE),
    "three, one infinite": models(200, a=BASE, b=WORST, c=[*BASE[:199], 0.0]),
    "three, all infinite": models(200, a=[*BASE[:199], 0.0], b=[*WORST[:199], 0.0], c=[*WORSE[:199], 0.0]),
    "three, another by the error rate": models(120, hedgy=[0.49], sharp=[*[0.999] * 9, 1e-30], poor=[0.3]),
    "three, the same errors": models(200, shy=SHY, sure=SURE, surer=[0.95, 0.95, 0.95, 0.3]),
    "nine": models(200, **MANY),
    "nine, a baseline": [*models(200, **MANY), "--baseline", "m4"],
    "three, the baseline is best": [*models(200, a=BASE, b=WORSE, c=WORST), "--baseline", "a"],
    "three, the baseline is not distinguishable": [*models(200, a=BASE, b=CLOSE, c=WORST), "--baseline", "b"],
    "three, the baseline is infinite": [
        *models(200, a=[*BASE[:199], 0.0], b=WORSE, c=WORST),
        "--baseline",
        "a",
    ],
    # labels and scores
    "labels, clearly": [zeros(60), "a=" + ",".join(["0"] * 60), "b=" + ",".join(["0", "1"] * 30)],
    "labels, not distinguishable": [zeros(60), "a=" + ",".join(["0"] * 59 + ["1"]), "b=" + ",".join(["0"] * 60)],
    "labels, few": ["1,1,0", "a=0,1,1", "b=1,1,0"],
    "scores, clearly": ["--scores", "a=" + ",".join(["1", "2", "4"] * 10), "b=" + ",".join(["2", "3", "6"] * 10)],
    "scores, many times": ["--scores", "a=" + ",".join(["0.01", "0.02"] * 10), "b=" + ",".join(["2", "3"] * 10)],
    "scores, few": ["--scores", "a=1,2,4", "b=2,3,3"],
    "names that are words": models(200, **{"New York": BASE, "is, or": WORST}),
}
CALLED = json.loads(TABLE.read_text(encoding="utf-8")) if TABLE.exists() else {}


@pytest.mark.parametrize("name", CASES)
def test_the_verdict_is_what_it_was(cecli, once, name):
    """In JSON and below the table alike."""
    found = json.loads(once("compare", *CASES[name], "-f", "json").stdout)
    if os.environ.get("CECLI_UPDATE_GOLDEN"):
        CALLED[name] = found["verdict"]
        kept = {each: CALLED[each] for each in CASES if each in CALLED}
        TABLE.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    table = cecli("compare", *CASES[name], "-f", "table").stdout

    assert found["verdict"] == CALLED[name]
    assert " ".join(table.split()).endswith(" ".join(found["verdict"].split()))


@pytest.mark.parametrize(("asked", "told"), [((), True), (("--metric", "perplexity"), True), (("--metric", "accuracy"), False), (("--sort", "accuracy", "--metrics", "accuracy"), False)])  # fmt: skip
def test_a_caution_is_about_what_is_compared(cecli, asked, told):
    """That of the cross-entropy where it decides, or a function of it; nowhere else."""
    assert (
        "note: even and surer, cross-entropy:" in cecli("compare", *CASES["two, with a caution"], *asked).stderr
    ) == told


def test_there_are_forty_cases():
    """And each has its sentence."""
    assert len(CASES) >= 40
    assert [*CALLED] == [*CASES]


@pytest.mark.parametrize("name", CASES)
def test_a_verdict_keeps_to_the_numbers(once, name):
    """Every model that is not distinguishable from the best is named, and nothing is called significant above the level."""
    found = json.loads(once("compare", *CASES[name], "-f", "json").stdout)
    verdict, best = found["verdict"], found["best"].get("cross_entropy", [])
    p_values = [float(p) for p in re.findall(r"p = ([\d.]*\d(?:e-\d+)?)", verdict)]
    assert all(0 <= p <= 1 for p in p_values)
    if found["settings"]["baseline"] or "--sort" in CASES[name] or len(found["models"]) < 2 or not best:
        return
    for pair in found["differences"]:
        names = {pair["a"], pair["b"]}
        other = names - {best[0]}
        if best[0] in names and pair["p_adjusted"] is not None and pair["p_adjusted"] > 0.05:
            assert other & {*best} or ("not distinguishable" in verdict and other.pop() in verdict)
        elif best[0] in names and pair["p_adjusted"] is not None:
            assert "significant" in verdict


@pytest.mark.parametrize("seed", [10, 61])
def test_beside_a_baseline_the_best_model_is_compared_too(cecli, seed):
    """All that are not distinguishable from the best are named, by the p-values that the comparison without a baseline has."""
    many = {f"m{i}": noisy(2.0 - 0.15 * i, 1.0, seed + i) for i in range(7)}
    words = models(200, **many)
    whole = json.loads(cecli("compare", *words, "-f", "json").stdout)
    said = json.loads(cecli("compare", *words, "--baseline", "m6", "-f", "json").stdout)["verdict"]
    best = whole["best"]["cross_entropy"][0]
    alike = {
        name
        for pair in whole["differences"]
        for name in {pair["a"], pair["b"]} - {best, "m6"}
        if best in (pair["a"], pair["b"]) and pair["p_adjusted"] > 0.05
    }

    assert alike
    first = said[: said.index(f" not distinguishable from {best}.")]
    assert first.startswith(f"{best} has the lowest cross-entropy")
    assert set(re.findall(r"m\d", first)) == alike | {best}
