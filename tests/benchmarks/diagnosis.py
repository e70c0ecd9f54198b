"""How often is a random wrong claim explained by accident? Prints a Markdown table.

    python -m tests.benchmarks.diagnosis [claims per cell]

Random problems of homework size; a claim is a random number between 0 and twice the answer (or ±1 for gradients), rounded to so many
significant digits, that does not hold. Whatever is found for it is an accident. The seed is fixed.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from cecli.maths.units import Base
from cecli.mistakes.claims import read_claim
from cecli.mistakes.diagnose import Finding, diagnose
from cecli.mistakes.table import method_of
from cecli.quantities.question import Question
from cecli.report import flat
from cecli.running.blocks import Block

SEED = 20240611
CLAIMS = 200
DIGITS = (2, 3, 4)
KINDS = ("single", "pair", "likely")


def probabilities(random: np.random.Generator, samples: int, classes: int) -> np.ndarray:
    """Rows of two-digit probabilities, none of them 0."""
    counts = random.multinomial(100 - classes, random.dirichlet(np.ones(classes)), size=samples) + 1
    return counts / 100


def cross_entropy(random: np.random.Generator, reduction: str = "mean", logits: bool = False) -> Question:
    """Two to five samples of two to four classes."""
    n, k = int(random.integers(2, 6)), int(random.integers(2, 5))
    scores = np.round(random.normal(0, 2, (n, k)), 1) if logits else probabilities(random, n, k)
    base = Base(float(random.choice([2.0, 10.0]))) if random.random() < 0.3 else Base()
    block = Block(scores, labels=random.integers(0, k, n))
    return Question("xent", (block,), logits=logits, base=base, reduction=reduction)


def binary(random: np.random.Generator) -> Question:
    """Two to five labels."""
    n = int(random.integers(2, 6))
    p = random.integers(1, 100, (n, 1)) / 100
    return Question("bce", (Block(p, target=random.integers(0, 2, (n, 1)).astype(float)),), vector=True)


def entropy(random: np.random.Generator) -> Question:
    """One row, in bits."""
    return Question("entropy", (Block(probabilities(random, 1, int(random.integers(2, 6)))),), base=Base(2.0))


def divergence(random: np.random.Generator) -> Question:
    """Two rows."""
    k = int(random.integers(2, 5))
    return Question("kl", (Block(probabilities(random, 1, k), target=probabilities(random, 1, k)),))


def squared_error(random: np.random.Generator) -> Question:
    """One model's MSE."""
    n, k = int(random.integers(2, 6)), int(random.integers(2, 5))
    return Question("compare", (Block(probabilities(random, n, k), labels=random.integers(0, k, n)),), metric="mse")


def softmax(random: np.random.Generator) -> Question:
    """Two or three scores."""
    return Question("softmax", (Block(np.round(random.normal(0, 2, (1, int(random.integers(2, 4)))), 1)),))


def gradient(random: np.random.Generator) -> Question:
    """One row of two or three scores."""
    k = int(random.integers(2, 4))
    scores = np.round(random.normal(0, 2, (1, k)), 1)
    return Question("grad", (Block(scores, labels=random.integers(0, k, 1)),), logits=True, reduction="sum")


PROBLEMS: dict[str, Callable[[np.random.Generator], Question]] = {
    "`xent`, mean": cross_entropy,
    "`xent`, sum": lambda random: cross_entropy(random, "sum"),
    "`xent`, logits": lambda random: cross_entropy(random, logits=True),
    "`bce`": binary,
    "`entropy`": entropy,
    "`kl`": divergence,
    "`compare --metric mse`": squared_error,
    "`softmax`, entries": softmax,
    "`grad`, entries": gradient,
}


def claimed(random: np.random.Generator, value: Any, digits: int) -> str:
    """A wrong answer: numbers of so many significant digits, between 0 and twice the right ones; of vectors one entry wrong."""
    answers = flat(value)
    wrong = random.integers(0, len(answers))
    texts = [
        f"{2 * abs(own) * random.random() * (1 if own > 0 else -1) if i == wrong else own:#.{digits}g}".rstrip(".")
        for i, own in enumerate(float(answer or 0) for answer in answers)
    ]
    return ",".join(texts)


def kind(finding: Finding) -> str:
    """What a finding is."""
    return "likely" if finding.likely else "pair" if len(finding.codes) > 1 else "single"


def measured(
    problem: Callable[[np.random.Generator], Question], digits: int, claims: int
) -> tuple[Counter[str], float]:
    """How many claims have a finding of each kind (and of any), and the seconds that one takes."""
    random, found, spent, done = np.random.default_rng(SEED + digits), Counter[str](), 0.0, 0
    while done < claims:
        question = problem(random)
        method = method_of(question)
        value = method.shown(method.right()[-1])
        claim = read_claim(claimed(random, value, digits))
        if claim.holds(value):
            continue
        start = time.perf_counter()
        findings = diagnose(question, value, claim).findings
        spent += time.perf_counter() - start
        found.update({kind(finding) for finding in findings} | ({"any"} if findings else set()))
        done += 1
    return found, spent / claims


def main(claims: int) -> None:
    """Prints the table."""
    print(
        "| of 1000 random wrong claims | " + " | ".join(f"{d} digits: {', '.join(KINDS)}; any" for d in DIGITS) + " |"
    )
    print("|---|" + "---|" * len(DIGITS))
    whole = {digits: Counter[str]() for digits in DIGITS}
    slowest = 0.0
    for name, problem in PROBLEMS.items():
        cells = []
        for digits in DIGITS:
            found, seconds = measured(problem, digits, claims)
            whole[digits] += found
            slowest = max(slowest, seconds)
            cells.append(cell(found, claims))
        print(f"| {name} | {' | '.join(cells)} |")
    print(f"| all | {' | '.join(cell(whole[digits], claims * len(PROBLEMS)) for digits in DIGITS)} |")
    print(f"\nat most {1000 * slowest:.0f} ms for a claim, on average of a cell", file=sys.stderr)


def cell(found: Counter[str], claims: int) -> str:
    """Counts for each 1000 claims."""
    each = [round(1000 * found[name] / claims) for name in (*KINDS, "any")]
    return f"{', '.join(map(str, each[:-1]))}; **{each[-1]}**"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CLAIMS)
