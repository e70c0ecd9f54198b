"""The working of `softmax`, `entropy` and `kl`."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from cecli.expression import Apply, Expression, Negative, Number, Quotient, Row, Sum, Symbol
from cecli.record import Record
from cecli.report import Step
from cecli.working import preparing
from cecli.working.samples import Sample, Softmaxed, Terms
from cecli.working.writing import (
    Logarithm,
    added,
    computed,
    indexed,
    minus,
    row,
    skipped,
    times,
    titled,
    total,
)

p, q, mixture = indexed("p"), indexed("q"), indexed("m")
HALF = Number(0.5, "1/2")
ZERO = "0·log 0 is 0, its limit."


def softmax(rows: Sequence[tuple[Sample, Softmaxed, Sequence[float]]], logarithm: Logarithm | None) -> list[Step]:
    """σ of every row, or its logarithm: of one row class by class, of several a line or two each."""
    sample, softmaxed, values = rows[0]
    if sample.alone:
        steps = preparing.softmax(softmaxed, sample.classes, "σ")
        if logarithm is not None:
            steps += _log_of_one(sample, softmaxed, values, logarithm)
        return [*steps, _answer(sample, values, logarithm)]
    steps = [preparing.softmax_formula("σ", tempered=softmaxed.temperature is not None)]
    if logarithm is not None:
        steps.append(preparing.log_softmax_formula(logarithm, softmaxed.temperature is not None, "σ"))
    for sample, softmaxed, values in rows:
        steps += [*skipped(sample.hidden), *_one_of_many(sample, softmaxed, values, logarithm)]
    return titled("softmax of each row", steps)


def _log_of_one(sample: Sample, softmaxed: Softmaxed, values: Sequence[float], logarithm: Logarithm) -> list[Step]:
    """The logarithms of the one row, class by class."""
    if softmaxed.certain:
        return []
    formula = preparing.log_softmax_formula(logarithm, softmaxed.temperature is not None, "σ")
    return [
        formula,
        *preparing.log_softmax(softmaxed, sample.classes, range(len(values)), values, logarithm, "σ"),
    ]


def _one_of_many(
    sample: Sample, softmaxed: Softmaxed, values: Sequence[float], logarithm: Logarithm | None
) -> list[Step]:
    """One row among others: its sum, and what each class has of it."""
    if softmaxed.certain:
        return [_answer(sample, values, logarithm)]
    if logarithm is not None:
        logs = row([softmaxed.log(k, logarithm) for k in range(len(values))])
        return [_answer(sample, values, logarithm, logs)]
    shares = Quotient(row(computed(softmaxed.exponential)), softmaxed.whole)
    return titled(sample.title, [*preparing.exponentials(softmaxed), _answer(sample, values, logarithm, shares)])


def _answer(sample: Sample, values: Sequence[float], logarithm: Logarithm | None, *before: Expression) -> Step:
    """The row that comes out."""
    name = Symbol("σ(z)") if sample.alone else Symbol("σ", sample.index)
    left = name if logarithm is None else logarithm.of(name)
    return Step(left, (*before, Row(tuple(computed(values)))), unit=logarithm.unit if logarithm else "")


def entropy(samples: Sequence[tuple[Sample, Terms]], logarithm: Logarithm) -> list[Step]:
    """H(p) = −Σ p_k·log p_k of every row."""
    formula = Negative(total("k", times(p("k"), logarithm.of(p("k")))))
    quantity = Quantity("H(p)", "entropy", "entropy", formula, _entropy_sum, "p")
    return _each_row(samples, quantity, logarithm)


def kl(samples: Sequence[tuple[Sample, Terms]], logarithm: Logarithm) -> list[Step]:
    """KL(p‖q) = Σ p_k·log(p_k/q_k) of every row."""
    formula = total("k", times(p("k"), logarithm.of(Quotient(p("k"), q("k")))))
    return _each_row(samples, Quantity("KL(p‖q)", "KL(p‖q)", "divergence", formula, _kl_sum), logarithm)


def js(samples: Sequence[tuple[Sample, Terms]], logarithm: Logarithm) -> list[Step]:
    """JS(p, q) = ½·Σ [p_k·log(p_k/m_k) + q_k·log(q_k/m_k)], m the mean of both."""
    ratios = (times(each("k"), logarithm.of(Quotient(each("k"), mixture("k")))) for each in (p, q))
    formula = times(HALF, total("k", Sum(tuple(ratios))))
    middle = Step(mixture("k"), (Quotient(Sum((p("k"), q("k"))), Number(2.0)),), remark="m is the mean of p and q.")
    return [middle, *_each_row(samples, Quantity("JS(p, q)", "JS(p, q)", "divergence", formula, _js_sum), logarithm)]


class Quantity(Record):
    """What the working of an entropy or a divergence is written of."""

    name: str
    heading: str
    """What stands over several rows."""
    title: str
    """What stands over the last step of a row alone."""
    formula: Expression
    numbers: Callable[[Terms, Logarithm], Expression]
    """The formula with the numbers of a row."""
    symbol: str = "q"
    """What is predicted."""


def _each_row(samples: Sequence[tuple[Sample, Terms]], quantity: Quantity, logarithm: Logarithm) -> list[Step]:
    """The steps of an entropy or a divergence, row by row."""
    name, alone = quantity.name, samples[0][0].alone
    steps = [] if alone else [Step(Symbol(name), (quantity.formula,), f"{quantity.heading} of each row")]
    for sample, terms in samples:
        before = preparing.before(sample, terms, logarithm, quantity.symbol)
        terms_added = [added(computed(terms.term))] if len(terms.term) > 1 else []
        chain = [quantity.numbers(terms, logarithm), *terms_added, Number(terms.value)]
        left = Symbol(name) if alone else Symbol(name.partition("(")[0], sample.index)
        remark = ZERO if terms.p is None and 0 in [own.value for own in terms.q] else ""
        title = quantity.title if before and alone else ""
        last = Step(left, [quantity.formula, *chain] if alone else chain, title, logarithm.unit, remark)
        own = [*before, last]
        steps += [*skipped(sample.hidden), *(titled(sample.title, own) if sample.title and before else own)]
    return steps


def _entropy_sum(terms: Terms, logarithm: Logarithm) -> Expression:
    """−Σ p·log p."""
    logs = [logarithm.of(own) for own in terms.q] if terms.logits is None else computed([-x for x in terms.surprisal])
    return Negative(added([times(own, log) for own, log in zip(terms.q, logs, strict=True)]))


def _kl_sum(terms: Terms, logarithm: Logarithm) -> Expression:
    """Σ p·log(p/q); a class that is not expected counts 0."""
    products: list[Expression] = []
    for k, own in enumerate(terms.p or ()):
        if terms.logits is None:
            log = logarithm.of(Quotient(own, terms.q[k]))
        else:
            log = minus(logarithm.of(own), Number(-terms.surprisal[k]))
        products.append(own if own.value == 0 else times(own, log))
    return added(products)


def _js_sum(terms: Terms, logarithm: Logarithm) -> Expression:
    """½·Σ [p·log(p/m) + q·log(q/m)]: for each class what p and q add."""
    products: list[Expression] = []
    for own, other in zip(terms.p or (), terms.q, strict=True):
        middle = Quotient(Sum((own, other)), Number(2.0))
        logs = ((each, logarithm.of(Quotient(each, middle))) for each in (own, other))
        products += [each if each.value == 0 else times(each, log) for each, log in logs]
    return times(HALF, added(products))


def _root(x: Expression) -> Expression:
    """√x."""
    return Apply("√", (x,))


def distance(values: Sequence[tuple[Sample, float]]) -> list[Step]:
    """√JS of every row."""
    return [
        Step(_root(Symbol("JS", "" if sample.alone else sample.index)), (_root(Number(js)), Number(math.sqrt(js))))
        for sample, js in values
    ]
