"""Draws questions of every command and wrong claims about them, all from one seed, with nothing but the command line."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tests.mistakes.conftest import FOUND, numbers

SEED = 20250107
QUESTIONS = 36
KNOWN = 40
"""Claims that are a known mistake's number told to other digits, or with a sign or a factor more."""

Answer = Callable[[str], Any]
"""The value of a call; None where the call is an error."""


def answers_of(cecli: Any) -> Answer:
    """How calls are answered."""

    def answer(call: str) -> Any:
        result = cecli(*shlex.split(call), "-f", "json")
        return json.loads(result.stdout)["value"] if result.exit_code == 0 else None

    return answer


# --- questions ----------------------------------------------------------------------------------------------------


class Draw:
    """The parts of a call, drawn from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng([SEED, seed])

    def one_of(self, *what: str) -> str:
        """One of several."""
        return str(self.random.choice(what))

    def maybe(self, *what: str, often: float = 0.25) -> str:
        """One of several, or most often nothing."""
        return f" {self.one_of(*what)}" if self.random.random() < often else ""

    def count(self, low: int, high: int) -> int:
        """A whole number."""
        return int(self.random.integers(low, high + 1))

    def shares(self, rows: int, classes: int) -> str:
        """Rows of probabilities with two digits, none of them 0."""
        drawn = self.random.multinomial(100 - classes, self.random.dirichlet(np.ones(classes)), size=rows) + 1
        return _typed(drawn / 100)

    def scores(self, rows: int, classes: int) -> str:
        """Rows of logits with one digit."""
        return _typed(self.random.normal(0, 2, (rows, classes)).round(1) + 0.0)

    def labels(self, rows: int, classes: int) -> str:
        """A label for each row."""
        return ",".join(map(str, self.random.integers(0, classes, rows)))

    def weights(self, name: str, count: int) -> str:
        """Whole weights."""
        return f"--{name} {','.join(map(str, self.random.integers(1, 5, count)))}"


def _typed(rows: np.ndarray) -> str:
    """Rows as they are typed, in quotes."""
    return f"'{'; '.join(','.join(f'{value:g}' for value in row) for row in rows)}'"


def question(number: int) -> str:
    """The call of a question of homework size; the commands take turns."""
    draw = Draw(number)
    kinds = (cross_entropy, binary, information, softmax, gradient, models)
    return kinds[number % len(kinds)](draw, number)


def predicted(draw: Draw, rows: int, classes: int) -> tuple[str, str]:
    """Predictions, and the option that says what they are."""
    return (draw.scores(rows, classes), " -l") if draw.random.random() < 0.4 else (draw.shares(rows, classes), "")


def cross_entropy(draw: Draw, _: int) -> str:
    """`xent` of one to five samples."""
    n, k = draw.count(1, 5), draw.count(2, 4)
    values, logits = predicted(draw, n, k)
    target = draw.labels(n, k) if n > 1 and draw.random.random() < 0.7 else draw.shares(n, k)
    options = draw.maybe("-b 2", "-b 10") + draw.maybe("-r sum", "-r none")
    shaped = draw.maybe(
        draw.weights("class-weights", k), draw.weights("sample-weights", n), "--label-smoothing 0.1", "--focal 2", "--eps 0.05"
    )  # fmt: skip
    return f"xent {target} {values}{logits}{options}{shaped}"


def binary(draw: Draw, _: int) -> str:
    """`bce` of one to five labels."""
    n = draw.count(1, 5)
    values, logits = (draw.scores(1, n), " -l") if draw.random.random() < 0.4 else (draw.shares(1, n), "")
    if n == 1:
        values, logits = f"'{draw.count(1, 99) / 100:g}'", ""
    options = draw.maybe("-b 2", "-b 10") + draw.maybe("-r sum", "-r none")
    shaped = draw.maybe(draw.weights("sample-weights", n), "--label-smoothing 0.1", "--focal 2", "--pos-weight 3")
    return f"bce {draw.labels(n, 2)} {values}{logits}{options}{shaped}"


def information(draw: Draw, number: int) -> str:
    """`entropy`, `kl` and `kl --js` in turn."""
    n, k = draw.count(1, 4), draw.count(2, 4)
    values, logits = predicted(draw, n, k)
    options = draw.maybe("-b 2", "-b 10", often=0.5) + (f" -r {draw.one_of('mean', 'sum')}" if n > 1 else "")
    if number // 6 % 3 == 0:
        return f"entropy {values}{logits}{options}"
    js = " --js" if number // 6 % 3 == 1 else ""
    return f"kl {draw.shares(n, k)} {values}{js}{logits}{options}"


def softmax(draw: Draw, _: int) -> str:
    """`softmax` of one or two rows."""
    values = draw.scores(draw.count(1, 2), draw.count(2, 4))
    return f"softmax {values}{draw.maybe('-t 2', '-t 0.5')}{draw.maybe('--log', '--log -b 2')}"


def gradient(draw: Draw, number: int) -> str:
    """`grad` of each loss in turn."""
    loss = ("xent", "mse", "bce")[number // 6 % 3]
    n, k = draw.count(1, 3), draw.count(2, 3)
    reduced = draw.maybe("-r mean", often=0.5)
    if loss == "bce":
        values = draw.scores(1, n + 1)
        return f"grad {draw.labels(n + 1, 2)} {values} -l --loss bce{reduced}"
    values, logits = predicted(draw, n, k)
    shaped = draw.maybe(draw.weights("sample-weights", n), "--label-smoothing 0.1")
    return f"grad {draw.labels(n, k)} {values}{logits} --loss {loss}{reduced}{shaped}"


def models(draw: Draw, number: int) -> str:
    """`compare` of one or two models, by each metric in turn."""
    metric = ("error_rate", "mse", "cross_entropy", "cross_entropy_sum", "perplexity")[number // 6 % 5]
    n, k = draw.count(2, 5), draw.count(2, 4)
    logits = draw.maybe("-l")
    make = draw.scores if logits else draw.shares
    predictions = " ".join(make(n, k) for _ in range(draw.count(1, 2)))
    return f"compare {draw.labels(n, k)} {predictions}{logits}{draw.maybe('-b 2')} --metric {metric}"


# --- wrong claims -------------------------------------------------------------------------------------------------


def told(value: Any, digits: int) -> str:
    """A value to so many significant digits of its largest number."""
    found = numbers(value)
    size = max((abs(entry) for entry in found if entry is not None and np.isfinite(entry)), default=1.0) or 1.0
    places = max(0, digits - 1 - int(np.floor(np.log10(size))))
    rows = value if isinstance(value, list) and value and isinstance(value[0], list) else [value]
    return ";".join(",".join(_decimal(entry, places) for entry in numbers(row)) for row in rows)


def _decimal(entry: float | None, places: int) -> str:
    """A number with so many digits after the point."""
    return "nan" if entry is None else f"{entry:.{places}f}"


def variants(call: str) -> list[str]:
    """Calls that are a mistake away: another base, another reduction, an option forgotten, sources changed about."""
    words = shlex.split(call)
    command, sources = words[0], [word for word in words[1:] if word[0].isdigit() or word[1:2].isdigit()]
    found = [f"{call} {more}" for more in ("-b 2", "-b 10", "-r sum", "-r mean", "-l", "--focal 1", "--js", "--log")]
    found += [
        call.replace(f" {option}", "") for option in ("-l", "--js", "--log", "-b 2", "-b 10", "--focal 2", "-t 2")
    ]
    if command in {"xent", "kl", "bce"} and len(sources) >= 2:
        found.append(" ".join([command, *(f"'{source}'" for source in reversed(sources[:2]))]))
    if (moved := with_labels_moved(call)) is not None:
        found.append(moved)
    return [other for other in dict.fromkeys(found) if other != call]


def with_labels_moved(call: str) -> str | None:
    """The call with every label one class up, the last beside the first; None where there are no labels."""
    command, labels, values, *_ = [*shlex.split(call), "", ""]
    if command not in {"xent", "bce", "grad", "compare"} or not labels.replace(",", "").isdigit():
        return None
    binary = command == "bce" or "--loss bce" in call
    classes = 2 if binary else values.partition(";")[0].count(",") + 1
    moved = ",".join(str((int(label) + 1) % classes) for label in labels.split(","))
    return call.replace(f" {labels} ", f" {moved} ", 1)


def changed(value: Any, change: Callable[[float], float]) -> Any:
    """A value with every number changed."""
    if isinstance(value, list):
        return [changed(entry, change) for entry in value]
    return None if value is None else change(float(value))


def mixed(value: Any, other: Any, at: int) -> Any:
    """A list with one entry of another."""
    return [*value[:at], other[at], *value[at + 1 :]]


def claims(call: str, number: int, answer: Answer) -> Iterator[str]:
    """Wrong claims about a call; some may hold by chance."""
    random = np.random.default_rng([SEED, 1, number])
    value = answer(call)
    if value is None or not all(entry is not None and np.isfinite(entry) for entry in numbers(value)):
        return
    yield told(changed(value, lambda x: 2 * x * random.random()), int(random.integers(2, 6)))
    others = [other for other in (answer(other) for other in variants(call)) if other is not None and other != value]
    for other in [others[i] for i in random.permutation(len(others))[:2]]:
        yield told(other, int(random.integers(3, 7)))
        if call.startswith("compare") and len(value) > 1:
            yield told(mixed(value, other, int(random.integers(0, len(value)))), 5)
    factor = float(random.choice([-1, 10, 0.1, -0.5, 2, 1 / 3]))
    twice = others[int(random.integers(0, len(others)))] if others else value
    yield told(changed(twice, lambda x: factor * x), 5)
    yield told(changed(value, lambda x: factor * x), int(random.integers(1, 5)))
    yield from rounded_on_the_way(call, answer, random)
    yield from of_one_sample(call, answer, random)


def rounded_on_the_way(call: str, answer: Answer, random: np.random.Generator) -> Iterator[str]:
    """The answer of samples whose losses were rounded or cut first."""
    each = losses(call, answer)
    if each is None:
        return
    for places, rule in ((2, np.round), (3, np.floor)):
        terms = rule(np.asarray(each) * 10**places) / 10**places
        yield f"{total(call, terms):.{places + int(random.integers(0, 3))}f}"
        for factor in (-1, 1 / 3, len(each) if " -r sum" not in call else 1 / len(each)):
            yield f"{factor * total(call, terms):.4f}"


def of_one_sample(call: str, answer: Answer, random: np.random.Generator) -> Iterator[str]:
    """The answer where one sample's label is another, with all digits and with its losses cut to two."""
    moved = with_labels_moved(call)
    right, wrong = losses(call, answer), None if moved is None else losses(moved, answer)
    if right is None or wrong is None:
        return
    one = mixed(right, wrong, int(random.integers(0, len(right))))
    yield f"{total(call, one):.{int(random.integers(4, 7))}f}"
    yield f"{total(call, np.floor(np.asarray(one) * 100) / 100):.4f}"


def losses(call: str, answer: Answer) -> list[float] | None:
    """What each of several samples adds to an answer; None where that makes no sense."""
    if call.split(maxsplit=1)[0] not in {"xent", "bce", "entropy", "kl"} or " -r none" in call:
        return None
    each = answer(f"{call.replace(' -r sum', '').replace(' -r mean', '')} -r none")
    return each if isinstance(each, list) and len(each) > 1 and np.ndim(each) == 1 else None


def total(call: str, terms: Any) -> float:
    """The sum of some losses, or their mean, as the call has it."""
    return float(np.sum(terms) if " -r sum" in call else np.mean(terms))


def known(answer: Answer) -> Iterator[tuple[str, str]]:
    """Known mistakes told to fewer digits, and with a sign or a factor more: a second mistake."""
    random = np.random.default_rng([SEED, 2])
    plain = [case for case in FOUND["cases"] if "inf" not in case["claimed"] and "nan" not in case["claimed"]]
    for i in random.permutation(len(plain))[:KNOWN]:
        case = plain[int(i)]
        call = FOUND["problems"][case["problem"]]
        factor = float(random.choice([1, 1, -1, 10, 0.5]))
        rows = [[factor * entry for entry in numbers(row)] for row in case["claimed"].split(";")]
        value = rows if len(rows) > 1 else rows[0] if isinstance(answer(call), list) else rows[0][0]
        yield call, told(value, int(random.integers(2, 6)))


def one_of_each(samples: int = 1) -> list[dict[str, Any]]:
    """For every known mistake and command (`kl --js` and `--log` are commands of their own) the first case of so many samples or more."""
    found: dict[Any, dict[str, Any]] = {}
    for case in FOUND["cases"]:
        words = FOUND["problems"][case["problem"]].split()
        if case["samples"] >= samples:
            found.setdefault((words[0], "--js" in words, "--log" in words, "mse" in words, case["row"]), case)
    return list(found.values())


def known_of_several_numbers() -> Iterator[tuple[str, str]]:
    """The known mistakes in a softmax or a gradient with a second one: the logarithm, the sign, another base, divided by the samples."""
    for case in [*one_of_each(), *one_of_each(2)]:
        call = FOUND["problems"][case["problem"]]
        if call.partition(" ")[0] not in {"softmax", "grad"}:
            continue
        rows = [numbers(row) for row in case["claimed"].split(";")]
        value = rows if len(rows) > 1 else rows[0]
        if call.startswith("grad"):
            factor = -1 if case["samples"] == 1 else 1 / case["samples"]
            yield call, told(changed(value, lambda x, by=factor: by * x), 4)
            yield call, told(changed(value, lambda x: x / float(np.log(2))), 4)
        elif "--log" not in call and all(entry > 0 for entry in numbers(value)):
            yield call, told(changed(value, lambda x: float(np.log(x))), 4)
        else:
            yield call, told(changed(value, lambda x: -x), 4)


def known_with_rounded_terms() -> Iterator[tuple[str, str]]:
    """The known mistakes that are one number, a little less, as if their terms had been cut."""
    for case in one_of_each(2):
        value = numbers(case["claimed"])
        if len(value) == 1 and value[0] is not None and 1e-2 < abs(value[0]) < 100:
            yield FOUND["problems"][case["problem"]], f"{value[0] - 2e-4:.4f}"


def known_that_coincide(judged: Callable[[str, str], Any]) -> Iterator[tuple[str, str]]:
    """The known mistakes that give the same number as another, or nearly."""
    for case in [*one_of_each(), *one_of_each(2)]:
        call = FOUND["problems"][case["problem"]]
        if len(judged(call, case["claimed"])["diagnosis"]) > 1:
            yield call, case["claimed"]


OTHERS = [
    ("xent 1,0 '0.5,0.5; 0.25,0.75' -b 2", "1.5,1"), ("xent 1,0 '0.5,0.5; 0.25,0.75' -b 2", "1/3"), ("xent 1,0 '0.5,0.5; 0.25,0.75' -b 2", "inf"),
    ("xent 1,0 '0.5,0.5; 0.25,0.75' -b 2", "nan"), ("xent 1,0 '0.5,0.5; 0.25,0.75' -b 2", "1.04±0.01"), ("xent 1,0 '0.5,0.5; 0.25,0.75' -b 2", "104%"),
    ("xent 1,0 '0.5,0.5; 0.25,0.75' -b 2", "3"), ("xent 1,0 '1,0; 0.25,0.75'", "8.7522"), ("xent 1,0 '1,0; 0.25,0.75'", "1.39"),
    ("xent 1,9,0 '0.5,0.5; 0.2,0.8; 0.25,0.75' --ignore-index 9", "0.6931"), ("xent 1,9,0 '0.5,0.5; 0.2,0.8; 0.25,0.75' --ignore-index 9 -r none", "0.69,nan,0.29"),
    ("bce '1,0; 0,1' '0.9,0.2; 0.3,0.6'", "0.5978"), ("bce '1,0; 0,1' '0.9,0.2; 0.3,0.6'", "0.4236"), ("bce 1,0 '0,0.2'", "8.1706"),
    ("calibrate 0,1,1 '4,0,1; 1,3,0; 2,0,1'", "2.5"), ("calibrate 0,1,1 '4,0,1; 1,3,0; 2,0,1'", "0.615"),
    ("compare 0,1,1 '0.6,0.4; 0.3,0.7; 0.8,0.2' --metric errors", "2.0"), ("compare 0,1 '0.6,0.4; 0.3,0.7' --metric roc_auc", "0.12"),
    ("compare 2,1,0 '0.3,0.3,0.4; 0.3,0.4,0.3; 0.1,0.2,0.7' '0.1,0.2,0.7; 0.1,0.7,0.2; 0.3,0.4,0.3'", "1.9886,0.6391"),
    ("entropy '3,5,2' -n", "-13.97"), ("kl 0.5,0.5 0.75,0.25 --js", "0.18428"), ("softmax '2,1,0.1; 0,0,1'", "0.66,0.24,0.10;0.27,0.27,0.50"),
    ("compare 0,1,1 '0.6,0.4; 0.3,0.7; 0.8,0.2' --metric error_rate", "0.67"), ("softmax 2,1,0.1 --log -t 2", "0.6590,0.2424,0.0986"),
    ("softmax 2,1,0.1 -t 2", "-0.417,-1.417,-2.317"), ("softmax 2,1,0.1 --log -t 2", "-0.602,-2.044,-3.343"), ("grad 0,1 '2,1,0.1; 0,3,1' -l", "-0.341,0,0;0,-0.15,0"), ("grad 0 2,1,0.1 -l", "-0.34,0.24"),
]  # fmt: skip
"""Claims of other kinds and shapes, samples left out, infinite answers, and commands that no mistake is known for."""


def drawn(answer: Answer, judged: Callable[[str, str], Any]) -> list[tuple[str, str]]:
    """All (call, claim), each once."""
    found = [(call, claim) for i in range(QUESTIONS) for call in [question(i)] for claim in claims(call, i, answer)]
    more = [*known(answer), *known_of_several_numbers(), *known_with_rounded_terms(), *known_that_coincide(judged)]
    return list(dict.fromkeys([*found, *more, *OTHERS]))
