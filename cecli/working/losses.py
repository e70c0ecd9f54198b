"""The working of losses: cross-entropy, binary cross-entropy and squared error, sample by sample, then reduced."""

from __future__ import annotations

from collections.abc import Sequence

from cecli.expression import LEFT_OUT, Apply, Expression, Negative, Number, Power, Quotient, Sum, Symbol
from cecli.record import Record
from cecli.report import Step
from cecli.working import preparing
from cecli.working.samples import Sample, Terms
from cecli.working.writing import (
    Logarithm,
    added,
    computed,
    exponential,
    indexed,
    minus,
    skipped,
    times,
    titled,
    total,
)

p, q, w, loss = indexed("p"), indexed("q"), indexed("w"), indexed("ℓ")
ONE = Number(1.0)
FOCAL = "γ is the focal exponent."
KEEPS_DIGITS = "Written so, both logarithms keep all digits."


class Shape(Record):
    """What the formula of a loss has in it."""

    logarithm: Logarithm
    by_label: bool = False
    """Whether one class alone is expected, and not a distribution."""
    by_logits: bool = False
    weighted: bool = False
    focal: Number | None = None
    smoothed: bool = False
    """Whether the target was smoothed: p′ stands in its place."""


# --- cross-entropy --------------------------------------------------------------------------------------------------


def cross_entropy_formula(shape: Shape) -> Expression:
    """−Σ_k w_k·p_k·(1 − q_k)^γ·log q_k; for a label the one term of its class."""
    index = "t" if shape.by_label else "k"
    focal = None if shape.focal is None else Power(minus(ONE, q(index)), Symbol("γ"))
    target = indexed("p′" if shape.smoothed else "p")
    inside = times(
        w(index) if shape.weighted else None,
        None if shape.by_label else target(index),
        focal,
        shape.logarithm.of(q(index)),
    )
    return Negative(inside if shape.by_label else total("k", inside))


def cross_entropy(samples: Sequence[tuple[Sample, Terms]], shape: Shape) -> list[Step]:
    """The loss of every sample: of one alone in full, of several a line each under the formula."""
    formula, logarithm = cross_entropy_formula(shape), shape.logarithm
    true = _true_classes([sample for sample, _ in samples]) if shape.by_label else ""
    remark = " ".join(filter(None, (true, _weights(shape, "w is the weight of a class."))))
    sample, terms = samples[0]
    if sample.alone:
        before = preparing.before(sample, terms, logarithm, logs=shape.by_logits, title="softmax")
        chain = (formula, *_cross_entropy_chain(terms, shape))
        title = "cross-entropy" if before else ""
        return [*before, Step(Symbol("H(p, q)"), chain, title, logarithm.unit, remark)]
    steps = [Step(loss("n"), (formula,), "cross-entropy of each sample", remark=remark)]
    if shape.by_logits and any(terms.logits for _, terms in samples):
        index = "t" if shape.by_label else "k"
        steps.append(preparing.log_softmax_formula(logarithm, tempered=False, index=index))
    for sample, terms in samples:
        steps += [*skipped(sample.hidden), *_one_of_many(sample, terms, shape)]
    return steps


def _weights(shape: Shape, weighted: str) -> str:
    """What the letters of the formula are that weigh its terms."""
    return " ".join(filter(None, (weighted if shape.weighted else "", "" if shape.focal is None else FOCAL)))


def _true_classes(samples: Sequence[Sample]) -> str:
    """Which class t is, of every sample that is shown."""
    names: list[str] = []
    for sample in samples:
        names += ["…"] if sample.hidden else []
        names.append("left out" if not sample.counts or sample.label is None else sample.classes[sample.label])
    return f"t is the true class: {', '.join(names)}."


def _one_of_many(sample: Sample, terms: Terms, shape: Shape) -> list[Step]:
    """One sample among others: what was prepared, then one line."""
    if not sample.counts:
        return [Step(loss(sample.index), (LEFT_OUT,))]
    prepared = preparing.changed_rows(terms)
    chain = _cross_entropy_chain(terms, shape, full=True)
    if shape.by_logits and terms.logits is not None:
        prepared += preparing.exponentials(terms.logits)
    own = [*prepared, Step(loss(sample.index), chain, unit=shape.logarithm.unit)]
    return titled(sample.title, own) if prepared else own


def _cross_entropy_chain(terms: Terms, shape: Shape, full: bool = False) -> tuple[Expression, ...]:
    """The numbers put in; the terms; the value. With `full` a label's logarithm is written out from the logits."""
    inside = [_term(terms, i, shape, full) for i in range(len(terms.classes))]
    chain: list[Expression] = [Negative(added(inside))]
    if len(terms.term) > 1:
        chain.append(added(computed(terms.term)))
    return (*chain, Number(terms.value))


def _term(terms: Terms, i: int, shape: Shape, full: bool) -> Expression:
    """w·p·(1 − q)^γ·log q of one class, with its numbers."""
    focal = None
    if shape.focal is not None:
        focal = Power(Number(terms.complement[i]) if shape.by_logits else minus(ONE, terms.q[i]), shape.focal)
    weight, p_ = (None if numbers is None else numbers[i] for numbers in (terms.class_weights, terms.p))
    return times(weight, p_, focal, _log(terms, i, shape, full))


def _log(terms: Terms, i: int, shape: Shape, full: bool) -> Expression:
    """log q of one class: of q itself, or from the logits."""
    softmaxed = terms.logits
    if not shape.by_logits or softmaxed is None:
        return shape.logarithm.of(terms.q[i])
    if full and not softmaxed.certain:
        return softmaxed.log(terms.classes[i], shape.logarithm)
    return Number(-terms.surprisal[i])


# --- squared error and errors ---------------------------------------------------------------------------------------


def squared_error(samples: Sequence[tuple[Sample, Terms]]) -> list[Step]:
    """‖q − p‖² of every sample."""
    formula = total("k", Power(minus(q("k"), p("k")), Number(2.0)))
    steps = [Step(loss("n"), (formula,), "squared error of each sample")]
    for sample, terms in samples:
        squares = [Power(minus(a, b), Number(2.0)) for a, b in zip(terms.q, terms.p or (), strict=True)]
        chain = (added(squares), added(computed(terms.term)), Number(terms.value))
        steps += [*skipped(sample.hidden), Step(loss(sample.index), chain if sample.counts else (LEFT_OUT,))]
    return steps


def errors(name: str, wrong: float, count: float, value: float) -> list[Step]:
    """How many samples are wrong, and what share that is."""
    remark = "A sample is wrong if its largest prediction is not the target class."
    if name == "errors":
        return [Step(Symbol("errors"), (Number(value),), "errors", remark=remark)]
    chain = (Quotient(Symbol("wrong"), Symbol("all")), Quotient(Number(wrong), Number(count)), Number(value))
    return [Step(Symbol("error rate"), chain, "error rate", remark=remark)]


def perplexity(base: str | float, mean: float, value: float) -> list[Step]:
    """b to the mean cross-entropy."""
    below = Symbol("e") if base == "e" else Number(float(base), str(base))
    return [Step(Symbol("perplexity"), (Power(below, Number(mean)), Number(value)), "perplexity")]


# --- binary cross-entropy -------------------------------------------------------------------------------------------


class Entry(Record):
    """One binary prediction: its target, p (or the logit z), and the two terms that make its loss."""

    sample: Sample
    name: str
    """The index of its loss: the sample, and the label where there are several."""
    y: Number
    p: Number
    positive: float
    negative: float
    value: float


def binary_formula(shape: Shape) -> Expression:
    """−[w·y·(1−p)^γ·log p + (1−y)·p^γ·log(1−p)]."""
    y, p_ = Symbol("y"), Symbol("p")
    gamma = Symbol("γ")
    focal = (None, None) if shape.focal is None else (Power(minus(ONE, p_), gamma), Power(p_, gamma))
    first = times(Symbol("w") if shape.weighted else None, y, focal[0], shape.logarithm.of(p_))
    second = times(minus(ONE, y), focal[1], shape.logarithm.of(minus(ONE, p_)))
    return Negative(Sum((first, second)))


def binary(entries: Sequence[Entry], shape: Shape, pos_weight: Number | None, smoothing: Number | None) -> list[Step]:
    """The loss of every entry, a line each under the formula."""
    remark = _weights(shape, "w is the weight of the positives.")
    steps = [Step(Symbol("ℓ"), (binary_formula(shape),), "binary cross-entropy of each entry", remark=remark)]
    if smoothing is not None:
        smoothed = added([times(minus(ONE, smoothing), Symbol("y")), Quotient(smoothing, Number(2.0))])
        steps.append(Step(Symbol("y′"), (smoothed,), remark="y stands for y′ below."))
    if shape.by_logits:
        steps += _sigmoid()
    for entry in entries:
        steps += [*skipped(entry.sample.hidden), _binary_loss(entry, shape, pos_weight)]
    return steps


def _sigmoid() -> list[Step]:
    """p of a logit, and its logarithms."""
    z, p_ = Symbol("z"), Symbol("p")
    log, log_of_rest = preparing.sigmoid_logs(z)
    return [
        Step(p_, (Quotient(ONE, added([ONE, exponential(Negative(z))])),)),
        Step(Negative(Apply("ln", (p_,))), (log,)),
        Step(Negative(Apply("ln", (minus(ONE, p_),))), (log_of_rest,), remark=KEEPS_DIGITS),
    ]


def _binary_loss(entry: Entry, shape: Shape, pos_weight: Number | None) -> Step:
    """The line of one entry."""
    if not entry.sample.counts:
        return Step(loss(entry.name), (LEFT_OUT,))
    alone = entry.sample.alone and "," not in entry.name
    terms = added(computed([entry.positive, entry.negative]))
    chain = (_binary_numbers(entry, shape, pos_weight), terms, Number(entry.value))
    return Step(loss("" if alone else entry.name), chain, unit=shape.logarithm.unit)


def _binary_numbers(entry: Entry, shape: Shape, pos_weight: Number | None) -> Expression:
    """The formula of one entry with its numbers."""
    if shape.by_logits:
        logs = [shape.logarithm.from_nats(each) for each in preparing.sigmoid_logs(entry.p)]
    else:
        logs = [shape.logarithm.of(each) for each in (entry.p, minus(ONE, entry.p))]
    focal = _focal(entry, shape)
    positive = times(pos_weight, entry.y, focal[0], logs[0])
    negative = times(minus(ONE, entry.y), focal[1], logs[1])
    return Sum((positive, negative)) if shape.by_logits else Negative(Sum((positive, negative)))


def _focal(entry: Entry, shape: Shape) -> tuple[Expression | None, Expression | None]:
    """(1 − p)^γ and p^γ with their numbers."""
    if shape.focal is None:
        return None, None
    if not shape.by_logits:
        return Power(minus(ONE, entry.p), shape.focal), Power(entry.p, shape.focal)
    sigmoid = [Quotient(ONE, added([ONE, exponential(x)])) for x in (entry.p, Negative(entry.p))]
    return Power(sigmoid[0], shape.focal), Power(sigmoid[1], shape.focal)
