"""What is said about wrong claims: of mistakes that were made, and of numbers that no mistake gave. Prints Markdown tables.

    python -m tests.benchmarks.wrong_claims [questions of each kind]

The mistakes are worked out here with `math` alone, apart from the code of the search and its tables. The seed is fixed.
"""

from __future__ import annotations

import json
import math
import shlex
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from random import Random
from typing import Any

from typer.testing import CliRunner

from cecli.cli.app import app

SEED = 20261128
QUESTIONS = 40
DIGITS = (2, 3, 4)
BASES = {"e": 1.0, "2": math.log(2), "10": math.log(10)}

Row = list[float]
Rows = list[Row]
Mistakes = dict[str, float]


class Question:
    """A call, its right answer as worked out here, and the number that every mistake gives, under what names it."""

    def __init__(self, call: str, right: float, mistakes: Mistakes) -> None:
        self.call, self.right, self.mistakes = call, right, mistakes


# --- numbers ------------------------------------------------------------------------------------------------------


def shares(random: Random, classes: int) -> Row:
    """Probabilities of two digits, none of them 0, that sum to 1."""
    parts = [1 + random.randrange(100) for _ in range(classes)]
    cents = [1 + (100 - classes) * part // sum(parts) for part in parts]
    cents[0] += 100 - sum(cents)
    random.shuffle(cents)
    return [cent / 100 for cent in cents]


def typed(rows: Rows) -> str:
    """Rows as they are typed."""
    return "'" + "; ".join(",".join(f"{value:g}" for value in row) for row in rows) + "'"


def softmax(row: Row, power: float = math.e) -> Row:
    """Powers of the scores, divided by their sum."""
    powers = [power**value for value in row]
    return [each / sum(powers) for each in powers]


def mean(values: Iterator[float] | Row) -> float:
    """The arithmetic mean."""
    listed = list(values)
    return sum(listed) / len(listed)


def entropy_of(row: Row) -> float:
    """−Σ p·ln p."""
    return -sum(p * math.log(p) for p in row if p > 0)


# --- questions ----------------------------------------------------------------------------------------------------


def hard_cross_entropy(random: Random) -> Question:
    """Two to five samples with a label each; a mean or a sum, in some base."""
    n, k = random.randint(2, 5), random.randint(2, 4)
    rows, labels = [shares(random, k) for _ in range(n)], [random.randrange(k) for _ in range(n)]
    base, how = random.choice(["e", "e", "2", "10"]), random.choice(["mean", "mean", "sum"])
    unit = BASES[base]

    def loss(chosen: list[int], unit: float = unit, how: str = how, over: Rows = rows) -> float:
        whole = sum(-math.log(row[i]) / unit for row, i in zip(over, chosen, strict=True))
        return whole / n if how == "mean" else whole

    right, q = loss(labels), [row[i] for row, i in zip(rows, labels, strict=True)]
    divided = n if how == "mean" else 1
    mistakes = {
        **{
            f"logarithm|to base {name}" if name != "e" else "natural logarithm": loss(labels, unit=other)
            for name, other in BASES.items()
            if other != unit
        },
        "instead of": loss(labels, how="sum" if how == "mean" else "mean"),
        "minus sign": -right,
        "over classes": right / k,
        "decimal point": right * random.choice([10, 0.1]),
        "predicted class": loss([row.index(max(row)) for row in rows]),
        "off by one": loss([(i + 1) % k for i in labels]),
        "1−q": sum(1 - each for each in q) / divided,
        "log(1−q)": sum(-math.log(1 - each) / unit for each in q) / divided,
        "softmax": loss(labels, over=[softmax(row) for row in rows]),
        "no logarithm|probability itself": sum(q) / divided,
        "reverse order": loss([k - 1 - i for i in labels]),
        "weighted by the prediction": sum(-each * math.log(each) / unit for each in q) / divided,
    }
    if how == "mean":
        mistakes["perplexity"] = math.exp(right * unit)
        mistakes["mean probability"] = -math.log(mean(q)) / unit
    call = f"xent {','.join(map(str, labels))} {typed(rows)} -b {base} -r {how}"
    return Question(call, right, mistakes)


def of_logits(random: Random) -> Question:
    """One sample of scores."""
    k = random.randint(3, 4)
    scores, label = [round(random.gauss(0, 2), 1) for _ in range(k)], random.randrange(k)
    q = softmax(scores)
    right = -math.log(q[label])
    mistakes = {
        "base 2": right / math.log(2),
        "base 10": right / math.log(10),
        "applied twice": -math.log(softmax(q)[label]),
        "log Σe^z": math.log(sum(map(math.exp, scores))),
        "predicted class": -math.log(max(q)),
        "off by one": -math.log(q[(label + 1) % k]),
        "2^z": -math.log(softmax(scores, 2.0)[label]),
        "sigmoid": math.log(1 + math.exp(-scores[label])),
        "e^{−z}|e^(−z)": -math.log(softmax([-each for each in scores])[label]),
        "probabilities rounded": -math.log(max(round(q[label], 2), 0.01)),
        "minus sign": -right,
    }
    return Question(f"xent {label} {typed([scores])} -l", right, mistakes)


def soft_cross_entropy(random: Random) -> Question:
    """One soft target."""
    k = random.randint(3, 4)
    p, q = shares(random, k), shares(random, k)
    right = -sum(a * math.log(b) for a, b in zip(p, q, strict=True))
    mistakes = {
        "base 2": right / math.log(2),
        "base 10": right / math.log(10),
        "swapped": -sum(b * math.log(a) for a, b in zip(p, q, strict=True)),
        "divergence|KL": right - entropy_of(p),
        "entropy of the target|H(p)": entropy_of(p),
        "entropy of the prediction": entropy_of(q),
        "factor p left out": -sum(map(math.log, q)),
        "over classes": right / k,
        "left out": right + p[0] * math.log(q[0]),
        "minus sign": -right,
    }
    return Question(f"xent {typed([p])} {typed([q])}", right, mistakes)


def binary(random: Random) -> Question:
    """Two to five labels."""
    n = random.randint(2, 5)
    p, y = [random.randint(2, 98) / 100 for _ in range(n)], [random.randrange(2) for _ in range(n)]
    y[0], y[1] = 0, 1

    def loss(yes: Callable[[float], float], no: Callable[[float], float]) -> float:
        return mean(yes(each) if label else no(each) for each, label in zip(p, y, strict=True))

    def yes(x: float) -> float:
        return -math.log(x)

    def no(x: float) -> float:
        return -math.log(1 - x)

    right = loss(yes, no)
    mistakes = {
        "base 2": right / math.log(2),
        "base 10": right / math.log(10),
        "sum instead": right * n,
        "term dropped": loss(yes, lambda _: 0.0),
        "positive term dropped": loss(lambda _: 0.0, no),
        "swapped": loss(no, yes),
        "sigmoid": loss(lambda x: yes(1 / (1 + math.exp(-x))), lambda x: no(1 / (1 + math.exp(-x)))),
        "every sample": loss(yes, yes),
        "sign of the": loss(yes, lambda x: -no(x)),
        "squared error": loss(lambda x: (1 - x) ** 2, lambda x: x**2),
        "positives alone": sum(yes(x) for x, label in zip(p, y, strict=True) if label) / sum(y),
    }
    return Question(f"bce {','.join(map(str, y))} {','.join(f'{x:g}' for x in p)}", right, mistakes)


def entropy(random: Random) -> Question:
    """One row, in bits."""
    p = shares(random, random.randint(3, 5))
    right = entropy_of(p) / math.log(2)
    mistakes = {
        "natural logarithm": entropy_of(p),
        "base 10": entropy_of(p) / math.log(10),
        "minus sign": -right,
        "factor p left out": -sum(math.log2(each) for each in p),
        "Gini": 1 - sum(each**2 for each in p),
        "log K": right / math.log2(len(p)),
        "both sides": right - sum((1 - each) * math.log2(1 - each) for each in p),
        "perplexity": 2**right,
        "left out": right + p[0] * math.log2(p[0]),
    }
    return Question(f"entropy {typed([p])} -b 2", right, mistakes)


def divergence(random: Random) -> Question:
    """Two rows."""
    k = random.randint(3, 4)
    p, q = shares(random, k), shares(random, k)

    def kl(a: Row, b: Row) -> float:
        return sum(x * math.log(x / y) for x, y in zip(a, b, strict=True))

    middle = [(x + y) / 2 for x, y in zip(p, q, strict=True)]
    right = kl(p, q)
    mistakes = {
        "base 2": right / math.log(2),
        "base 10": right / math.log(10),
        "swapped|KL(q‖p)": kl(q, p),
        "cross-entropy": right + entropy_of(p),
        "JS": (kl(p, middle) + kl(q, middle)) / 2,
        "ymmetrised": (kl(p, q) + kl(q, p)) / 2,
        "Jeffreys": kl(p, q) + kl(q, p),
        "factor p left out": sum(math.log(x / y) for x, y in zip(p, q, strict=True)),
        "minus sign": -right,
    }
    return Question(f"kl {typed([p])} {typed([q])}", right, mistakes)


def squared_error(random: Random) -> Question:
    """One model's MSE."""
    n, k = random.randint(2, 5), random.randint(3, 4)
    rows, labels = [shares(random, k) for _ in range(n)], [random.randrange(k) for _ in range(n)]
    pairs = list(zip(rows, labels, strict=True))
    squares = [sum((q - (i == label)) ** 2 for i, q in enumerate(row)) for row, label in pairs]
    right = mean(squares)
    mistakes = {
        "MSE averaged": right / k,
        "halved": right / 2,
        "root of the squared error": math.sqrt(right),
        "true class's error": mean((1 - row[label]) ** 2 for row, label in pairs),
        "absolute error": mean(sum(abs(q - (i == label)) for i, q in enumerate(row)) for row, label in pairs),
        "sum instead": right * n,
        "off by one": mean(sum((q - (i == (label + 1) % k)) ** 2 for i, q in enumerate(row)) for row, label in pairs),
        "left out of the mean": mean(squares[:-1]),
    }
    return Question(f"compare {','.join(map(str, labels))} {typed(rows)} --metric mse", right, mistakes)


KINDS = {
    "`xent`, labels": hard_cross_entropy,
    "`xent`, logits": of_logits,
    "`xent`, soft targets": soft_cross_entropy,
    "`bce`": binary,
    "`entropy`": entropy,
    "`kl`": divergence,
    "`compare --metric mse`": squared_error,
}


# --- claims -------------------------------------------------------------------------------------------------------


def written(value: float, digits: int) -> str:
    """A number to so many significant digits, without an exponent."""
    power = int(f"{value:.{digits - 1}e}".partition("e")[2])
    return f"{value:.{max(0, digits - 1 - power)}f}"


def slipped(random: Random, value: float, digits: int) -> str:
    """The right answer, its last digit off by one or two."""
    text = written(value, digits)
    places = len(text.partition(".")[2])
    return f"{float(text) + random.choice([-2, -1, 1, 2]) * 10.0**-places:.{places}f}"


def mistyped(random: Random, value: float, digits: int) -> str:
    """The right answer with two digits exchanged, or one digit another."""
    text = list(written(value, digits))
    places = [i for i, each in enumerate(text) if each.isdigit()][-digits:]
    i, j = random.sample(places, 2)
    if random.random() < 0.5 and text[i] != text[j]:
        text[i], text[j] = text[j], text[i]
    else:
        text[min(i, j)] = random.choice([digit for digit in "123456789" if digit != text[min(i, j)]])
    return "".join(text)


def drawn(random: Random, value: float, digits: int) -> str:
    """A number between 0 and twice the right answer."""
    return written(2 * abs(value) * random.uniform(0.005, 1), digits)


def of_another(random: Random, value: float, digits: int) -> str:
    """The right answer of another question of some kind, no more than ten times as large or as small."""
    while True:
        other = KINDS[random.choice(list(KINDS))](random).right
        if 0.1 < abs(other / value) < 10:
            return written(other, digits)


ACCIDENTS = {
    "random numbers": drawn,
    "answers of other questions": of_another,
    "last digit off by 1 or 2": slipped,
    "digits exchanged or mistyped": mistyped,
}


@cache
def judged(call: str, claim: str) -> dict[str, Any]:
    """The JSON of a call with a claim."""
    result = CliRunner().invoke(app, [*shlex.split(call), f"--expect={claim}", "-f", "json"])
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def questions(kind: str, count: int) -> list[Question]:
    """Questions of a kind."""
    random = Random(f"{SEED} {kind}")  # noqa: S311
    return [KINDS[kind](random) for _ in range(count)]


def is_named(wanted: str, name: str) -> bool:
    """Whether a finding is the mistake that was made, alone."""
    return any(part in name for part in wanted.split("|")) and not is_pair(name)


def number(finding: dict[str, Any]) -> float:
    """The one number that a finding gives."""
    value = finding["value"]
    return float(value[0] if isinstance(value, list) else value)


def place(wanted: str, findings: list[dict[str, Any]]) -> str:
    """Where the mistake is among the findings: first (or of the same value as the first), later, or not there."""
    at = [i for i, finding in enumerate(findings) if not finding["likely"] and is_named(wanted, finding["mistake"])]
    if not at:
        return "other" if findings else "silent"
    same = math.isclose(number(findings[at[0]]), number(findings[0]), rel_tol=1e-9)
    return "first" if at[0] == 0 else "tied" if same else "later"


def of_mistakes(kind: str, count: int, digits: int) -> tuple[Counter[str], Counter[str]]:
    """Where the made mistakes are named; and which were missed."""
    places, missed = Counter[str](), Counter[str]()
    for question in questions(kind, count):
        for wanted, value in question.mistakes.items():
            if abs(value) < 1e-9 or abs(value - question.right) < 1e-9:
                continue
            found = judged(question.call, written(value, digits))
            if found["holds"]:
                continue
            where = place(wanted, found["diagnosis"])
            places[where] += 1
            missed[wanted] += where in ("later", "other", "silent")
    return places, missed


def of_accidents(name: str, count: int, digits: int) -> tuple[Counter[str], Counter[str]]:
    """What is said of claims that no mistake gave; and which mistakes were named."""
    random, found, named = Random(f"{SEED} {name} {digits}"), Counter[str](), Counter[str]()  # noqa: S311
    for question in [question for kind in KINDS for question in questions(kind, count) for _ in range(3)]:
        answer = judged(question.call, ACCIDENTS[name](random, question.right, digits))
        if not answer["holds"]:
            found["all"] += 1
            found[sort_of(answer["diagnosis"])] += 1
            named.update({finding["mistake"] for finding in answer["diagnosis"][:1]})
    return found, named


def sort_of(findings: list[dict[str, Any]]) -> str:
    """What the first finding is."""
    if not findings:
        return "silent"
    return "likely" if findings[0]["likely"] else "pair" if is_pair(findings[0]["mistake"]) else "single"


def is_pair(mistake: str) -> bool:
    """Whether a name is that of two mistakes; some single ones have an "and" of their own."""
    return " and " in mistake.replace("target and prediction", "").replace("y and 1−y", "")


# --- tables -------------------------------------------------------------------------------------------------------


def percent(part: int, whole: int) -> str:
    """A share in per cent."""
    return f"{100 * part / whole:.1f}" if whole else "–"


def main(count: int) -> None:
    """Prints the tables, and on stderr what was missed and what was named by accident."""
    heads = " | ".join(f"{digits} digits" for digits in DIGITS)
    print(
        f"| mistakes named first, % (in brackets: with others of the same value) | {heads} |\n|---|"
        + "---|" * len(DIGITS)
    )
    whole = {digits: Counter[str]() for digits in DIGITS}
    missed = {digits: Counter[str]() for digits in DIGITS}
    for kind in KINDS:
        cells = []
        for digits in DIGITS:
            places, gone = of_mistakes(kind, count, digits)
            whole[digits] += places
            missed[digits].update({f"{kind} {name}": times for name, times in gone.items()})
            cells.append(cell(places))
        print(f"| {kind} | {' | '.join(cells)} |")
    print(f"| all | {' | '.join(cell(whole[digits]) for digits in DIGITS)} |\n")
    print(f"| explained though no mistake was made, % (single, pair, likely) | {heads} |\n|---|" + "---|" * len(DIGITS))
    for name in ACCIDENTS:
        cells = []
        for digits in DIGITS:
            found, named = of_accidents(name, count, digits)
            sorts = ", ".join(percent(found[sort], found["all"]) for sort in ("single", "pair", "likely"))
            cells.append(f"**{percent(found['all'] - found['silent'], found['all'])}** ({sorts})")
            print(name, digits, found["all"], named.most_common(12), file=sys.stderr)
        print(f"| {name} | {' | '.join(cells)} |")
    for digits in DIGITS:
        print(digits, missed[digits].most_common(25), file=sys.stderr)


def cell(places: Counter[str]) -> str:
    """The share named first, and with ties."""
    total = places.total()
    return f"{percent(places['first'], total)} ({percent(places['first'] + places['tied'], total)})"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else QUESTIONS)
