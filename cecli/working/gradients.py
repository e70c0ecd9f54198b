"""The working of `grad`: the chain dL/dp · dp/dz (· dz/dw), and how it collapses to p − y."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cecli.expression import Apply, Expression, Negative, Number, Product, Quotient, Sum, Symbol
from cecli.record import Record
from cecli.report import Step
from cecli.working import preparing
from cecli.working.samples import Sample, Softmaxed
from cecli.working.writing import (
    LEFT_OUT,
    LONGEST,
    Logarithm,
    Numbers,
    added,
    computed,
    exponential,
    first_few,
    gapped,
    minus,
    row,
    skipped,
    times,
    titled,
    total,
)

ONE, TWO = Number(1.0), Number(2.0)
CONFIDENT = 0.01
"""Where 1 − p is smaller, p − 1 is written as minus the other probabilities, so that the digits can be followed."""

L, P, Y, Z = "L", "p", "y", "z"


class Chain(Record):
    """One sample's gradient with every link of its chain."""

    sample: Sample
    loss: str
    """`xent`, `mse` or `bce`."""
    p: Numbers
    y: Numbers
    by_probability: Sequence[float]
    """dL/dp."""
    jacobian: Sequence[Sequence[float]]
    """dp_i/dz_j; for `bce` a row of p·(1 − p)."""
    gradient: Sequence[float]
    """dL/dz of the sample, before its factor."""
    logits: Softmaxed | None = None
    z: Numbers | None = None
    """For `bce`: the logits, where those were given."""
    weights: Numbers | None = None
    """Class weights: y stands for w·y then."""
    plain: Numbers = ()
    """The target before its smoothing."""
    masked: Sequence[bool] = ()
    """Which classes are masked by a logit of −∞, or which labels of a row are left out: their gradient is 0."""
    mean_error: float | None = None
    """For `mse`: Σ_i (p_i − y_i)·p_i."""
    smoothing: Number | None = None


def derivative(top: str, bottom: str, i: str = "", j: str = "") -> Expression:
    """∂top_i/∂bottom_j."""
    return Quotient(Symbol(f"∂{top}", i), Symbol(f"∂{bottom}", j))


# --- one sample, link by link ---------------------------------------------------------------------------------------


def chain(found: Chain) -> list[Step]:
    """The steps of one sample: p, dL/dp, dp/dz, their product, and what is left of it."""
    steps = _target(found)
    if found.logits is not None:
        steps += titled("softmax", preparing.softmax(found.logits, found.sample.classes, P))
    elif found.z is not None:
        steps += _sigmoid(found)
    links = (_binary_links if found.loss == "bce" else _softmax_links)(found)
    return [*steps, *links]


def _target(found: Chain) -> list[Step]:
    """The target, where it was changed before its use."""
    steps = []
    if found.smoothing is not None:
        share = Number(2.0 if found.loss == "bce" else float(len(found.y)))
        entries = [
            added([times(minus(ONE, found.smoothing), each), Quotient(found.smoothing, share)]) for each in found.plain
        ]
        steps.append(
            Step(
                Symbol(Y, "" if found.sample.alone else found.sample.index),
                (row(entries), row(found.y)),
                "label smoothing",
            )
        )
    return steps


def _sigmoid(found: Chain) -> list[Step]:
    """p = 1/(1 + e^(−z)), entry by entry."""
    steps = []
    for k, (value, z) in enumerate(zip(found.p, found.z or (), strict=True)):
        below = added([ONE, exponential(Negative(z))])
        steps.append(
            Step(Symbol(P, found.sample.classes[k]), (Quotient(ONE, below), value), "sigmoid" if k == 0 else "")
        )
    return steps


def _softmax_links(found: Chain) -> list[Step]:
    """dL/dp, the Jacobian, their product and its collapse, through a softmax."""
    names = found.sample.classes
    shown = first_few(names)
    steps = [_first_link(found), _jacobian_formula()]
    steps += [_jacobian_row(found, i) for i in shown]
    product = total("i", times(derivative(L, P, "", "i"), derivative(P, Z, "i", "j")))
    endless = any(map(math.isinf, found.by_probability))
    steps.append(Step(derivative(L, Z, "", "j"), (product,), "the chain", remark=ENDLESS if endless else ""))
    for j in () if endless else shown:
        links = [_link(found, i, j) for i in range(len(names))]
        steps.append(Step(derivative(L, Z, "", names[j]), (added(links), Number(found.gradient[j]))))
    return [*steps, *_collapse(found, shown)]


ENDLESS = "A probability of 0 stands below the line here: the product has no numbers, but what it collapses to has."


def _link(found: Chain, i: int, j: int) -> Expression:
    """dL/dp_i · dp_i/dz_j with its numbers."""
    return times(Number(found.by_probability[i]), Number(found.jacobian[i][j]))


def _first_link(found: Chain) -> Step:
    """dL/dp of the loss."""
    if found.loss == "mse":
        formula: Expression = times(TWO, minus(Symbol(P, "i"), Symbol(Y, "i")))
        numbers: list[Expression] = [times(TWO, minus(a, b)) for a, b in zip(found.p, found.y, strict=True)]
    else:
        formula = Negative(Quotient(_weighted(found, "i"), Symbol(P, "i")))
        numbers = [_ratio(found, i) for i in range(len(found.y))]
    chain_ = (row(numbers), row(computed(found.by_probability)))
    return Step(derivative(L, P, "", "i"), (formula, *chain_), "the loss by the probabilities")


def _ratio(found: Chain, i: int) -> Expression:
    """−w·y/p of one class; 0 where nothing is expected of it."""
    if found.y[i].value == 0:
        return Number(0.0)
    weight = None if found.weights is None else found.weights[i]
    return Negative(Quotient(times(weight, found.y[i]), found.p[i]))


def _weighted(found: Chain, index: str) -> Expression:
    """y, or w·y."""
    return times(None if found.weights is None else Symbol("w", index), Symbol(Y, index))


def _jacobian_formula() -> Step:
    """dp_i/dz_j = p_i·(δ_ij − p_j)."""
    formula = times(Symbol(P, "i"), minus(Symbol("δ", "ij"), Symbol(P, "j")))
    return Step(
        derivative(P, Z, "i", "j"),
        (formula,),
        "the probabilities by the logits",
        remark="δ is 1 where i = j, and 0 elsewhere.",
    )


def _jacobian_row(found: Chain, i: int) -> Step:
    """The derivatives of one probability by all logits."""
    own, names = found.p[i], found.sample.classes
    products = [
        times(own, minus(ONE, own)) if i == j else Negative(times(own, other)) for j, other in enumerate(found.p)
    ]
    left = Quotient(Symbol(f"∂{P}", names[i]), Symbol(f"∂{Z}"))
    return Step(left, (row(products), row(computed(found.jacobian[i]))))


def _collapsed(found: Chain) -> tuple[Expression, ...]:
    """What the chain comes to, in symbols: p − y for the cross-entropy."""
    p, y = Symbol(P, "j"), Symbol(Y, "j")
    if found.loss == "mse":
        return (times(TWO, p, Sum((minus(p, y), Negative(MEAN_ERROR)))),)
    general = minus(times(p, total("i", _weighted(found, "i"))), _weighted(found, "j"))
    return (general, minus(p, y)) if _sums_to_one(found) else (general,)


def _sums_to_one(found: Chain) -> bool:
    """Whether what is expected sums to 1, so that the gradient is p − y."""
    return found.weights is None and abs(sum(each.value for each in found.y) - 1) < 1e-12


def _collapse(found: Chain, shown: Sequence[int]) -> list[Step]:
    """What the chain comes to, class by class."""
    names, is_mse = found.sample.classes, found.loss == "mse"
    why = WHY_STALLED if is_mse else WHY_COLLAPSED if _sums_to_one(found) else ""
    steps = [Step(derivative(L, Z, "", "j"), _collapsed(found), COLLAPSES, remark=why)]
    if is_mse:
        errors = [times(minus(p, y), p) for p, y in zip(found.p, found.y, strict=True)]
        steps.append(Step(MEAN_ERROR, (added(errors), Number(found.mean_error or 0.0))))
    for j in shown:
        numbers = [] if found.masked[j] else [_left_over(found, j)]
        steps.append(Step(derivative(L, Z, "", names[j]), (*numbers, Number(found.gradient[j]))))
    return steps


MEAN_ERROR = total("i", times(minus(Symbol(P, "i"), Symbol(Y, "i")), Symbol(P, "i")))
COLLAPSES = "how it collapses"
WHY_STALLED = (
    "It vanishes where a probability is near 0 (the factor in front) and near 1 (the bracket): training can stall."
)
WHY_COLLAPSED = (
    "The p of the Jacobian cancels the 1/p of the loss, and the target sums to 1: the softmax output minus the target."
)


def _left_over(found: Chain, j: int) -> Expression:
    """p_j − y_j with its numbers; for a confident class minus the sum of the other probabilities."""
    y, weights = found.y, found.weights
    if found.loss == "mse":
        return times(TWO, found.p[j], minus(minus(found.p[j], y[j]), Number(found.mean_error or 0.0)))
    if not _sums_to_one(found):
        factors = weights or [None] * len(y)  # type: ignore[list-item]
        whole = added([times(w, each) for w, each in zip(factors, y, strict=True)])
        return minus(times(found.p[j], whole), times(factors[j], y[j]))
    others = [found.p[k] for k in range(len(y)) if k != j]
    if y[j].value == 1 and sum(each.value for each in others) < CONFIDENT:
        return Negative(added(others))
    return minus(found.p[j], y[j])


def _binary_links(found: Chain) -> list[Step]:
    """The chain of a sigmoid, entry by entry."""
    p, y = Symbol(P), Symbol(Y)
    first = Sum((Negative(Quotient(y, p)), Quotient(minus(ONE, y), minus(ONE, p))))
    steps = [
        Step(derivative(L, P), (first, row(computed(found.by_probability))), "the loss by the probability"),
        Step(
            derivative(P, Z),
            (times(p, minus(ONE, p)), row(computed(found.jacobian[0]))),
            "the probability by the logit",
        ),
        Step(
            derivative(L, Z),
            (times(derivative(L, P), derivative(P, Z)), minus(p, y)),
            "the chain, and how it collapses",
        ),
    ]
    for k in first_few(found.y):
        left = derivative(L, Z, "", found.sample.classes[k])
        if found.masked[k]:
            steps.append(Step(left, (LEFT_OUT,)))
            continue
        steps.append(Step(left, (_binary_difference(found, k), Number(found.gradient[k]))))
    return steps


def _binary_difference(found: Chain, k: int) -> Expression:
    """p − y of one entry; where p is nearly 1, −(1 − p) with 1 − p = 1/(1 + e^z)."""
    if found.z is not None and found.y[k].value == 1 and 1 - found.p[k].value < CONFIDENT:
        return Negative(Quotient(ONE, added([ONE, exponential(found.z[k])])))
    return minus(found.p[k], found.y[k])


# --- several samples, the factor, the linear layer ------------------------------------------------------------------


def several(chains: Sequence[Chain]) -> list[Step]:
    """The collapsed gradient of every sample, a line each."""
    steps = _symbols(chains[0])
    for found in chains:
        steps += skipped(found.sample.hidden)
        left = Symbol("g", found.sample.index)
        if not found.sample.counts:
            steps.append(Step(left, (LEFT_OUT,)))
            continue
        before = _target(found)
        if found.logits is not None:
            before.append(Step(Symbol(P, found.sample.index), (Symbol("softmax(z)"), row(found.p))))
        elif found.z is not None:
            before += _sigmoid(found)
        own = [*before, Step(left, (_numbers(found), row(computed(found.gradient))))]
        steps += titled(found.sample.title, own) if before else own
    return steps


def _numbers(found: Chain) -> Expression:
    """What the chain comes to with its numbers, class by class; p − y in rows where that is all."""
    if found.loss == "bce":
        pairs = enumerate(zip(found.p, found.y, strict=True))
        return row([LEFT_OUT if found.masked[k] else minus(p, y) for k, (p, y) in pairs])
    if found.loss == "xent" and _sums_to_one(found) and not any(found.masked):
        return minus(row(found.p), row(found.y))
    return row([Number(0.0) if found.masked[j] else _left_over(found, j) for j in range(len(found.y))])


def _symbols(found: Chain) -> list[Step]:
    """The chain in symbols alone."""
    if found.loss == "bce":
        collapsed: Expression = minus(Symbol(P), Symbol(Y))
        product: Expression = times(derivative(L, P), derivative(P, Z))
        return [Step(derivative(L, Z), (product, collapsed), "the chain of each sample")]
    steps = [_jacobian_formula()]
    product = total("i", times(derivative(L, P, "", "i"), derivative(P, Z, "i", "j")))
    links = (product, *_collapsed(found))
    return titled("the chain of each sample", [*steps, Step(derivative(L, Z, "", "j"), links)])


def scaled(
    chains: Sequence[Chain], values: Sequence[Sequence[float]], divisor: Number | None, logarithm: Logarithm
) -> list[Step]:
    """Each sample's gradient times what it counts: its weight, over what the mean divides by, over ln b."""
    counted = [(found, value) for found, value in zip(chains, values, strict=True) if found.sample.counts]
    plain = all(found.sample.weight is None for found, _ in counted)
    below = [divisor] if divisor is not None and divisor.value != 1 else []
    below += [] if logarithm.unit == "nats" else [Apply("ln", (logarithm.base,))]  # type: ignore[list-item]
    if plain and not below:
        return []
    steps = []
    for found, value in counted:
        above = found.sample.weight or ONE
        factor = Quotient(above, times(*below)) if below else above
        chain_ = (Product((factor, row(computed(found.gradient)))), row(computed(value)))
        steps += [
            *skipped(found.sample.hidden),
            Step(Symbol("dL/dz", "" if found.sample.alone else found.sample.index), chain_),
        ]
    return titled("its weight in the reduction", steps)


def layer(
    gradients: Sequence[Sequence[float]],
    x: Sequence[Numbers],
    names: Sequence[str],
    weights: Sequence[Sequence[float]],
    bias: Sequence[float],
    hidden: int = 0,
) -> list[Step]:
    """dL/dW and dL/db of z = W·x + b: every entry a sum over the samples."""
    formula = times(derivative(L, Z, "", "k"), derivative(Z, "w", "k", "kj"))
    collapsed = times(derivative(L, Z, "", "k"), Symbol("x", "j"))
    steps = [
        Step(
            derivative(L, "w", "", "kj"),
            (formula, collapsed),
            "the linear layer z = W·x + b",
            remark="Each input scales the gradient of its class.",
        )
    ]
    for k in first_few(names):
        for j in range(min(len(weights[k]), LONGEST)):
            products = [times(Number(own[k]), line[j]) for own, line in zip(gradients, x, strict=True)]
            left = derivative(L, "w", "", f"{names[k]},{j + 1}".lstrip(","))
            steps.append(Step(left, (gapped(products, hidden, len(products) - 1), Number(weights[k][j]))))
    for k in first_few(names):
        terms = [Number(own[k]) for own in gradients]
        sums = gapped(terms, hidden, len(terms) - 1)
        steps.append(Step(derivative(L, "b", "", names[k]), (sums, Number(bias[k])) if len(gradients) > 1 else (sums,)))
    return steps
