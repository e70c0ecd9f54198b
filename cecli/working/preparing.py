"""Steps before the formula itself: softmax of logits, the sigmoid, rescaling, clipping, smoothing."""

from __future__ import annotations

from collections.abc import Sequence

from cecli.expression import Apply, Expression, Negative, Number, Quotient, Symbol
from cecli.report import Step
from cecli.working.samples import Preparation, Sample, Softmaxed, Terms
from cecli.working.writing import (
    Logarithm,
    added,
    computed,
    exponential,
    for_each,
    indexed,
    minus,
    row,
    shortened,
    times,
    titled,
    total,
)

z, q, p = indexed("z"), indexed("q"), indexed("p")
m, T = Symbol("m"), Symbol("T")
WHY_LARGEST = "The largest logit m is taken out of all: it cancels, and no exponential can overflow."
TEMPERED = "T is the temperature."


def softmax(softmaxed: Softmaxed, classes: Sequence[str], symbol: str = "q") -> list[Step]:
    """σ_k = e^(z_k − m) / Σ_j e^(z_j − m), class by class."""
    left = indexed(symbol)
    if softmaxed.certain:
        return [Step(left(""), (row(computed(softmaxed.probability)),), remark="A logit of inf is certainty.")]
    steps = [softmax_formula(symbol, tempered=softmaxed.temperature is not None)]
    steps.append(Step(m, (Apply("max", shortened(softmaxed.z)), softmaxed.largest)))
    whole = softmaxed.whole
    sums = (
        (softmaxed.exponents(), softmaxed.summed(), whole) if len(softmaxed.z) > 1 else (softmaxed.exponents(), whole)
    )
    steps.append(Step(total("j", exponential(lead("j", softmaxed.temperature is not None))), sums))

    def share(k: int) -> Step:
        return Step(left(classes[k]), (Quotient(Number(softmaxed.exponential[k]), whole), softmaxed.share(k)))

    return [*steps, *for_each(softmaxed.z, share)]


def exponentials(softmaxed: Softmaxed) -> list[Step]:
    """Σ_j e^(z_j − m) of a sample among others, with what m is."""
    if softmaxed.certain:
        return []
    left = total("j", exponential(lead("j", softmaxed.temperature is not None)))
    return [Step(left, (softmaxed.exponents(), softmaxed.summed(), softmaxed.whole))]


def lead(index: str, tempered: bool) -> Expression:
    """(z_k − m)/T in symbols."""
    difference = minus(z(index), m)
    return Quotient(difference, T) if tempered else difference


def softmax_formula(symbol: str, tempered: bool) -> Step:
    """The formula of the softmax."""
    top, bottom = (exponential(lead(index, tempered)) for index in "kj")
    remark = f"{WHY_LARGEST} {TEMPERED}" if tempered else WHY_LARGEST
    return Step(Symbol(symbol, "k"), (Quotient(top, total("j", bottom)),), remark=remark)


def log_softmax(
    softmaxed: Softmaxed,
    classes: Sequence[str],
    chosen: Sequence[int],
    values: Sequence[float],
    logarithm: Logarithm,
    symbol: str = "q",
) -> list[Step]:
    """log σ_k = (z_k − m) − ln Σ_j e^(z_j − m) of the classes that are needed."""

    def log(i: int) -> Step:
        left = logarithm.of(Symbol(symbol, classes[chosen[i]]))
        return Step(left, (softmaxed.log(chosen[i], logarithm), Number(values[i])))

    return for_each(chosen, log)


def log_softmax_formula(logarithm: Logarithm, tempered: bool, symbol: str = "q", index: str = "k") -> Step:
    """Why the logarithm is not taken of the rounded quotient."""
    inside = minus(lead(index, tempered), Apply("ln", (total("j", exponential(lead("j", tempered))),)))
    return Step(
        logarithm.of(Symbol(symbol, index)),
        (logarithm.from_nats(inside),),
        remark="m is the largest logit of the sample. Written so, no digit is lost where a probability is nearly 1 or 0.",
    )


def before(
    sample: Sample, terms: Terms, logarithm: Logarithm, symbol: str = "q", logs: bool = True, title: str = ""
) -> list[Step]:
    """All that was done before the formula: rescaling, softmax (with its logarithms), clipping, smoothing."""
    steps = changed_rows(terms, symbol, "normalize")
    if terms.logits is not None:
        steps += titled(title, softmax(terms.logits, sample.classes, symbol))
        if logs and not terms.logits.certain:
            values = [-value for value in terms.surprisal]
            steps += log_softmax(terms.logits, sample.classes, terms.classes, values, logarithm, symbol)
    return [*steps, *changed_rows(terms, symbol, "eps", "smoothing")]


def changed_rows(terms: Terms, symbol: str = "q", *kinds: str) -> list[Step]:
    """The rows that were changed before their use (in one of these ways), with how."""
    steps = []
    for preparation in terms.preparation:
        if not kinds or preparation.kind in kinds:
            left = Symbol("p" if preparation.kind == "smoothing" else symbol)
            steps += CHANGES[preparation.kind](preparation, left)
    return steps


def _normalized(preparation: Preparation, left: Symbol) -> list[Step]:
    """Divided by its sum."""
    whole = added(preparation.before)
    return [
        Step(left, (Quotient(row(preparation.before), whole), row(computed(preparation.after))), "rescaled to sum to 1")
    ]


def _clipped(preparation: Preparation, left: Symbol) -> list[Step]:
    """Held within [ε, 1 − ε]."""
    epsilon = preparation.parameter or Number(0.0)
    bounds = (epsilon, minus(Number(1.0), epsilon))
    clipped = Apply("clip", (row(preparation.before), *bounds))
    return [Step(left, (clipped, row(computed(preparation.after))), "clipped to [ε, 1 − ε]")]


def _smoothed(preparation: Preparation, left: Symbol) -> list[Step]:
    """(1 − ε)·p + ε/K."""
    epsilon, classes = preparation.parameter or Number(0.0), Number(float(len(preparation.before)))
    formula = added([times(minus(Number(1.0), Symbol("ε")), p("k")), Quotient(Symbol("ε"), Symbol("K"))])
    share = Quotient(epsilon, classes)
    entries = [added([times(minus(Number(1.0), epsilon), value), share]) for value in preparation.before]
    chain = (row(entries), row(computed(preparation.after)))
    return [Step(Symbol(f"{left.name}′", "k"), (formula,), "label smoothing"), Step(Symbol(f"{left.name}′"), chain)]


CHANGES = {"normalize": _normalized, "eps": _clipped, "smoothing": _smoothed}


def sigmoid_logs(value: Expression) -> tuple[Expression, Expression]:
    """−log σ(z) = ln(1 + e^(−z)) and −log(1 − σ(z)) = ln(1 + e^z), in nats."""
    return tuple(  # type: ignore[return-value]
        Apply("ln", (added([Number(1.0), exponential(exponent)]),)) for exponent in (Negative(value), value)
    )
