"""The working of `softmax`, `entropy` and `kl`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cecli.expression import Apply, Expression, Negative, Number, Quotient, Row, Sum, Symbol
from cecli.report import Step
from cecli.working import preparing
from cecli.working.samples import Sample, Softmaxed, Terms
from cecli.working.writing import (
    Logarithm,
    added,
    computed,
    first_few,
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
    sample, found, values = rows[0]
    if sample.alone:
        steps = preparing.softmax(found, sample.classes, "σ")
        if logarithm is not None:
            steps += _log_of_one(sample, found, values, logarithm)
        return [*steps, _answer(sample, values, logarithm)]
    steps = [preparing.softmax_formula("σ", tempered=found.temperature is not None)]
    if logarithm is not None:
        steps.append(preparing.log_softmax_formula(logarithm, found.temperature is not None, "σ"))
    for sample, found, values in rows:
        steps += [*skipped(sample.hidden), *_one_of_many(sample, found, values, logarithm)]
    return titled("softmax of each row", steps)


def _log_of_one(sample: Sample, found: Softmaxed, values: Sequence[float], logarithm: Logarithm) -> list[Step]:
    """The logarithms of the one row, class by class."""
    if found.certain:
        return []
    formula = preparing.log_softmax_formula(logarithm, found.temperature is not None, "σ")
    chosen = first_few(values)
    return [formula, *preparing.log_softmax(found, sample.classes, chosen, [values[k] for k in chosen], logarithm, "σ")]


def _one_of_many(sample: Sample, found: Softmaxed, values: Sequence[float], logarithm: Logarithm | None) -> list[Step]:
    """One row among others: its sum, and what each class has of it."""
    if found.certain:
        return [_answer(sample, values, logarithm)]
    if logarithm is not None:
        logs = row([found.log(k, logarithm) for k in range(len(values))])
        return [_answer(sample, values, logarithm, logs)]
    shares = Quotient(row(computed(found.exponential)), found.whole)
    return [
        Step(Symbol("S", sample.index), (found.exponents(), found.summed(), found.whole)),
        _answer(sample, values, logarithm, shares),
    ]


def _answer(sample: Sample, values: Sequence[float], logarithm: Logarithm | None, *before: Expression) -> Step:
    """The row that comes out."""
    name = Symbol("σ(z)") if sample.alone else Symbol("σ", sample.index)
    left = name if logarithm is None else logarithm.of(name)
    return Step(left, (*before, Row(tuple(computed(values)))), unit=logarithm.unit if logarithm else "")


def entropy(samples: Sequence[tuple[Sample, Terms]], logarithm: Logarithm) -> list[Step]:
    """H(p) = −Σ p_k·log p_k of every row."""
    formula = Negative(total("k", times(p("k"), logarithm.of(p("k")))))
    steps: list[Step] = [] if samples[0][0].alone else [Step(Symbol("H(p)"), (formula,), "entropy of each row")]
    for sample, terms in samples:
        steps += skipped(sample.hidden)
        before = _before(sample, terms, logarithm, "p")
        logs = [
            Number(-value) if terms.logits else logarithm.of(own)
            for value, own in zip(terms.surprisal, terms.q, strict=True)
        ]
        inside = [times(own, log) for own, log in zip(terms.q, logs, strict=True)]
        numbers = (Negative(added(inside)), *_terms(terms), Number(terms.value))
        chain = (formula, *numbers) if sample.alone else numbers
        left = Symbol("H(p)") if sample.alone else Symbol("H", sample.index)
        last = Step(left, chain, "entropy" if before and sample.alone else "", logarithm.unit, _about_zeros(terms))
        steps += titled(sample.title, [*before, last]) if sample.title and before else [*before, last]
    return steps


def _about_zeros(terms: Terms) -> str:
    """Why a class that has no probability adds nothing."""
    return ZERO if 0 in [own.value for own in terms.p or terms.q] else ""


def _terms(terms: Terms) -> list[Expression]:
    """The terms added up, where there are several."""
    return [added(computed(terms.term))] if len(terms.term) > 1 else []


def _before(sample: Sample, terms: Terms, logarithm: Logarithm, symbol: str) -> list[Step]:
    """Softmax, rescaling and clipping before a divergence or an entropy."""
    steps = [
        step for each in terms.preparation if each.kind == "normalize" for step in preparing.prepared(each, symbol)
    ]
    if terms.logits is not None:
        steps += preparing.softmax(terms.logits, sample.classes, symbol)
        if terms.surprisal and not terms.logits.certain:
            values = [-value for value in terms.surprisal]
            steps += preparing.log_softmax(terms.logits, sample.classes, terms.classes, values, logarithm, symbol)
    return [
        *steps,
        *(step for each in terms.preparation if each.kind == "eps" for step in preparing.prepared(each, symbol)),
    ]


def kl(samples: Sequence[tuple[Sample, Terms]], logarithm: Logarithm) -> list[Step]:
    """KL(p‖q) = Σ p_k·log(p_k/q_k) of every row."""
    formula = total("k", times(p("k"), logarithm.of(Quotient(p("k"), q("k")))))
    return _divergence(samples, "KL(p‖q)", formula, logarithm, _kl_numbers)


def _kl_numbers(terms: Terms, logarithm: Logarithm) -> list[Expression]:
    """Σ p·log(p/q) with its numbers; a class that is not expected counts 0."""
    inside: list[Expression] = []
    for k, own in enumerate(terms.p or ()):
        if own.value == 0:
            inside.append(own)
            continue
        if terms.logits is None:
            log = logarithm.of(Quotient(own, terms.q[k]))
        else:
            log = minus(logarithm.of(own), Number(-terms.surprisal[k]))
        inside.append(times(own, log))
    return [added(inside), *_terms(terms)]


def js(samples: Sequence[tuple[Sample, Terms]], logarithm: Logarithm) -> list[Step]:
    """JS(p, q) = ½·Σ [p_k·log(p_k/m_k) + q_k·log(q_k/m_k)], m the mean of both."""
    ratios = (times(each("k"), logarithm.of(Quotient(each("k"), mixture("k")))) for each in (p, q))
    formula = times(HALF, total("k", Sum(tuple(ratios))))
    return _divergence(samples, "JS(p, q)", formula, logarithm, _js_numbers)


def _js_numbers(terms: Terms, logarithm: Logarithm) -> list[Expression]:
    """The sum with its numbers: for each class what p and q add."""
    inside: list[Expression] = []
    for own, other in zip(terms.p or (), terms.q, strict=True):
        middle = Quotient(Sum((own, other)), Number(2.0))
        inside += [
            each if each.value == 0 else times(each, logarithm.of(Quotient(each, middle))) for each in (own, other)
        ]
    return [times(HALF, added(inside)), *_terms(terms)]


def _divergence(
    samples: Sequence[tuple[Sample, Terms]],
    name: str,
    formula: Expression,
    logarithm: Logarithm,
    numbers: Callable[[Terms, Logarithm], list[Expression]],
) -> list[Step]:
    """The steps of a divergence, row by row."""
    alone = samples[0][0].alone
    steps: list[Step] = [] if alone else [Step(Symbol(name), (formula,), f"{name} of each row")]
    for sample, terms in samples:
        steps += skipped(sample.hidden)
        before = _before(sample, terms, logarithm, "q")
        chain = [*numbers(terms, logarithm), Number(terms.value)]
        left = Symbol(name) if alone else Symbol(name.partition("(")[0], sample.index)
        last = Step(
            left, [formula, *chain] if alone else chain, "divergence" if before and alone else "", logarithm.unit
        )
        steps += titled(sample.title, [*before, last]) if sample.title and before else [*before, last]
    return steps


def distance(values: Sequence[tuple[Sample, float, float]]) -> list[Step]:
    """√JS of every row."""
    return [
        Step(Symbol("√JS", "" if sample.alone else sample.index), (Apply("√", (Number(divergence),)), Number(root)))
        for sample, divergence, root in values
    ]
