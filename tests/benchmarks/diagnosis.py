"""How often is a random wrong claim explained by accident? Prints a Markdown table.

    python -m tests.benchmarks.diagnosis [claims per cell]

Random problems of homework size; a claim is a random number between 0 and twice the answer (or ±1 for gradients), rounded to so many
significant digits, that does not hold. Whatever is found for it is an accident. The seed is fixed.
"""

from __future__ import annotations

import json
import shlex
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
from typer.testing import CliRunner

from cecli.cli.app import app

SEED = 20240611
CLAIMS = 200
DIGITS = (2, 3, 4)
KINDS = ("single", "pair", "likely")


def probabilities(random: np.random.Generator, samples: int, classes: int) -> np.ndarray:
    """Rows of two-digit probabilities, none of them 0."""
    counts = random.multinomial(100 - classes, random.dirichlet(np.ones(classes)), size=samples) + 1
    return counts / 100


def typed(rows: np.ndarray) -> str:
    """Rows as they are typed."""
    return "'" + "; ".join(",".join(map(repr, row)) for row in np.atleast_2d(rows).tolist()) + "'"


def cross_entropy(random: np.random.Generator, reduction: str = "mean", logits: bool = False) -> str:
    """Two to five samples of two to four classes."""
    n, k = int(random.integers(2, 6)), int(random.integers(2, 5))
    scores = np.round(random.normal(0, 2, (n, k)), 1) if logits else probabilities(random, n, k)
    base = f" -b {random.choice([2.0, 10.0]):g}" if random.random() < 0.3 else ""
    labels = ",".join(map(str, random.integers(0, k, n)))
    return f"xent {labels} {typed(scores)}{' -l' if logits else ''}{base} -r {reduction}"


def binary(random: np.random.Generator) -> str:
    """Two to five labels."""
    n = int(random.integers(2, 6))
    p = random.integers(1, 100, (n, 1)) / 100
    return f"bce {','.join(map(str, random.integers(0, 2, (n, 1)).ravel()))} {typed(p.ravel())}"


def entropy(random: np.random.Generator) -> str:
    """One row, in bits."""
    return f"entropy {typed(probabilities(random, 1, int(random.integers(2, 6))))} -b 2"


def divergence(random: np.random.Generator) -> str:
    """Two rows."""
    k = int(random.integers(2, 5))
    q = probabilities(random, 1, k)
    return f"kl {typed(probabilities(random, 1, k))} {typed(q)}"


def squared_error(random: np.random.Generator) -> str:
    """One model's MSE."""
    n, k = int(random.integers(2, 6)), int(random.integers(2, 5))
    q = probabilities(random, n, k)
    return f"compare {','.join(map(str, random.integers(0, k, n)))} {typed(q)} --metric mse"


def softmax(random: np.random.Generator) -> str:
    """Two or three scores."""
    return f"softmax {typed(np.round(random.normal(0, 2, (1, int(random.integers(2, 4)))), 1))}"


def gradient(random: np.random.Generator) -> str:
    """One row of two or three scores."""
    k = int(random.integers(2, 4))
    scores = np.round(random.normal(0, 2, (1, k)), 1)
    return f"grad {random.integers(0, k, 1)[0]} {typed(scores)} -l"


PROBLEMS: dict[str, Callable[[np.random.Generator], str]] = {
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


def answer(call: str, *more: str) -> dict[str, Any]:
    """The JSON of a call."""
    found: dict[str, Any] = json.loads(CliRunner().invoke(app, [*shlex.split(call), *more, "-f", "json"]).stdout)
    return found


def claimed(random: np.random.Generator, value: Any, digits: int) -> str:
    """A wrong answer: numbers of so many significant digits, between 0 and twice the right ones; of vectors one entry wrong."""
    answers = value if isinstance(value, list) else [value]
    wrong = random.integers(0, len(answers))
    texts = [
        f"{2 * abs(own) * random.random() * (1 if own > 0 else -1) if i == wrong else own:#.{digits}g}".rstrip(".")
        for i, own in enumerate(float(answer or 0) for answer in answers)
    ]
    return ",".join(texts)


def kind(finding: dict[str, Any]) -> str:
    """What a finding is."""
    return "likely" if finding["likely"] else "pair" if is_pair(finding["mistake"]) else "single"


def is_pair(mistake: str) -> bool:
    """Whether a name is that of two mistakes; some single ones have an "and" of their own."""
    return " and " in mistake.replace("target and prediction", "").replace("y and 1−y", "")


def measured(problem: Callable[[np.random.Generator], str], digits: int, claims: int) -> tuple[Counter[str], float]:
    """How many claims have a finding of each kind (and of any), and the seconds that a call with one takes."""
    random, found, spent, done = np.random.default_rng(SEED + digits), Counter[str](), 0.0, 0
    while done < claims:
        call = problem(random)
        claim = claimed(random, answer(call)["value"], digits)
        start = time.perf_counter()
        judged = answer(call, f"--expect={claim}")
        if judged["holds"]:
            continue
        spent += time.perf_counter() - start
        findings = judged["diagnosis"]
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
