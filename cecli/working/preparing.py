"""Steps before the formula itself: softmax of logits, the sigmoid, rescaling, clipping, smoothing."""

from __future__ import annotations

from collections.abc import Sequence

from cecli.expression import Apply, Expression, Negative, Number, Quotient, Symbol
from cecli.report import Step
from cecli.working.samples import Preparation, Softmaxed
from cecli.working.writing import (
    Logarithm,
    added,
    computed,
    exponential,
    first_few,
    indexed,
    minus,
    row,
    shortened,
    times,
    total,
)

z, q, p = indexed("z"), indexed("q"), indexed("p")
m, T = Symbol("m"), Symbol("T")
WHY_LARGEST = "The largest logit m is taken out of all: it cancels, and no exponential can overflow."


def softmax(found: Softmaxed, classes: Sequence[str], symbol: str = "q") -> list[Step]:
    """σ_k = e^(z_k − m) / Σ_j e^(z_j − m), class by class."""
    left = indexed(symbol)
    if found.certain:
        return [Step(left(""), (row(computed(found.probability)),), remark="A logit of inf is certainty.")]
    steps = [softmax_formula(symbol, tempered=found.temperature is not None)]
    steps.append(Step(m, (Apply("max", shortened(found.z)), found.largest)))
    whole = found.whole
    sums = (found.exponents(), found.summed(), whole) if len(found.z) > 1 else (found.exponents(), whole)
    steps.append(Step(total("j", exponential(lead("j", found.temperature is not None))), sums))
    for k in first_few(found.z):
        share = Quotient(Number(found.exponential[k]), whole)
        steps.append(Step(left(classes[k]), (share, found.share(k))))
    return steps


def lead(index: str, tempered: bool) -> Expression:
    """(z_k − m)/T in symbols."""
    difference = minus(z(index), m)
    return Quotient(difference, T) if tempered else difference


def softmax_formula(symbol: str, tempered: bool) -> Step:
    """The formula of the softmax."""
    top, bottom = (exponential(lead(index, tempered)) for index in "kj")
    return Step(Symbol(symbol, "k"), (Quotient(top, total("j", bottom)),), remark=WHY_LARGEST)


def log_softmax(
    found: Softmaxed,
    classes: Sequence[str],
    chosen: Sequence[int],
    values: Sequence[float],
    logarithm: Logarithm,
    symbol: str = "q",
) -> list[Step]:
    """log σ_k = (z_k − m) − ln Σ_j e^(z_j − m) of the classes that are needed."""
    steps = []
    for k, value in zip(chosen, values, strict=True):
        left = logarithm.of(Symbol(symbol, classes[k]))
        steps.append(Step(left, (found.log(k, logarithm), Number(value))))
    return steps


def log_softmax_formula(logarithm: Logarithm, tempered: bool, symbol: str = "q", index: str = "k") -> Step:
    """Why the logarithm is not taken of the rounded quotient."""
    inside = minus(lead(index, tempered), Apply("ln", (total("j", exponential(lead("j", tempered))),)))
    return Step(
        logarithm.of(Symbol(symbol, index)),
        (logarithm.from_nats(inside),),
        remark="m is the largest logit of the sample. Written so, no digit is lost where a probability is nearly 1 or 0.",
    )


def prepared(found: Preparation, symbol: str) -> list[Step]:
    """A row that was changed, with how."""
    return {"normalize": _normalized, "eps": _clipped, "smoothing": _smoothed}[found.kind](found, Symbol(symbol))


def _normalized(found: Preparation, left: Symbol) -> list[Step]:
    """Divided by its sum."""
    whole = added(found.before)
    return [Step(left, (Quotient(row(found.before), whole), row(computed(found.after))), "rescaled to sum to 1")]


def _clipped(found: Preparation, left: Symbol) -> list[Step]:
    """Held within [ε, 1 − ε]."""
    epsilon = found.parameter or Number(0.0)
    bounds = (epsilon, minus(Number(1.0), epsilon))
    clipped = Apply("clip", (row(found.before), *bounds))
    return [Step(left, (clipped, row(computed(found.after))), "clipped to [ε, 1 − ε]")]


def _smoothed(found: Preparation, left: Symbol) -> list[Step]:
    """(1 − ε)·p + ε/K."""
    epsilon, classes = found.parameter or Number(0.0), Number(float(len(found.before)))
    formula = added([times(minus(Number(1.0), Symbol("ε")), p("k")), Quotient(Symbol("ε"), Symbol("K"))])
    share = Quotient(epsilon, classes)
    entries = [added([times(minus(Number(1.0), epsilon), value), share]) for value in found.before]
    chain = (row(entries), row(computed(found.after)))
    return [Step(Symbol(f"{left.name}′", "k"), (formula,), "label smoothing"), Step(Symbol(f"{left.name}′"), chain)]


def sigmoid_logs(value: Expression) -> tuple[Expression, Expression]:
    """−log σ(z) = ln(1 + e^(−z)) and −log(1 − σ(z)) = ln(1 + e^z), in nats."""
    return tuple(  # type: ignore[return-value]
        Apply("ln", (added([Number(1.0), exponential(exponent)]),)) for exponent in (Negative(value), value)
    )
