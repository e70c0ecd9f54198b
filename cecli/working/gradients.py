"""The working of `grad`: the chain dL/dp · dp/dz (· dz/dw), and how it collapses to p − y."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cecli.expression import LEFT_OUT, Expression, Negative, Number, Product, Quotient, Sum, Symbol
from cecli.record import Record
from cecli.report import Step
from cecli.working import preparing
from cecli.working.samples import Sample, Softmaxed
from cecli.working.writing import (
    Logarithm,
    Numbers,
    added,
    computed,
    exponential,
    for_each,
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


MEAN_ERROR = total("i", times(minus(Symbol(P, "i"), Symbol(Y, "i")), Symbol(P, "i")))
COLLAPSES = "how it collapses"
WHY_STALLED = (
    "It vanishes where a probability is near 0 (the factor in front) and near 1 (the bracket): training can stall."
)
WHY_COLLAPSED = (
    "The p of the Jacobian cancels the 1/p of the loss, and the target sums to 1: the softmax output minus the target."
)
OF_A_SAMPLE = "Below, the index is the number of the sample, and g is ∂L/∂z."
ENDLESS = "A probability of 0 stands below the line here: the product has no numbers, but what it collapses to has."


def derivative(top: str, bottom: str, i: str = "", j: str = "") -> Expression:
    """∂top_i/∂bottom_j."""
    return Quotient(Symbol(f"∂{top}", i), Symbol(f"∂{bottom}", j))


PRODUCT = total("i", times(derivative(L, P, "", "i"), derivative(P, Z, "i", "j")))
JACOBIAN = Step(
    derivative(P, Z, "i", "j"),
    (times(Symbol(P, "i"), minus(Symbol("δ", "ij"), Symbol(P, "j"))),),
    "the probabilities by the logits",
    remark="δ is 1 where i = j, and 0 elsewhere.",
)


class Chain(Record):
    """One sample's gradient with every link of its chain."""

    sample: Sample
    loss: str
    """`xent`, `mse` or `bce`."""
    y: Numbers
    by_probability: Sequence[float]
    """dL/dp."""
    p: Numbers = ()
    jacobian: Sequence[Sequence[float]] = ()
    """dp_i/dz_j; for `bce` a row of p·(1 − p)."""
    gradient: Sequence[float] = ()
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
    logarithm: Logarithm = Logarithm("nats")
    """Of the loss: in bits its derivative is over ln 2."""

    def in_unit(self, nats: Expression) -> Expression:
        """What a derivative in nats is in the unit of the loss; that of a squared error has none."""
        return nats if self.loss == "mse" else self.logarithm.from_nats(nats)


# --- one sample, link by link ---------------------------------------------------------------------------------------


def one_sample(chain: Chain) -> list[Step]:
    """The steps of one sample: p, dL/dp, dp/dz, their product, and what is left of it."""
    steps = _target(chain)
    if chain.logits is not None:
        steps += titled("softmax", preparing.softmax(chain.logits, chain.sample.classes, P))
    elif chain.z is not None:
        steps += _sigmoid(chain)
    links = (_binary_links if chain.loss == "bce" else _softmax_links)(chain)
    return [*steps, *links]


def _target(chain: Chain) -> list[Step]:
    """The target, where it was changed before its use."""
    epsilon = chain.smoothing
    if epsilon is None:
        return []
    classes = Number(2.0 if chain.loss == "bce" else float(len(chain.y)))
    entries = [added([times(minus(ONE, epsilon), each), Quotient(epsilon, classes)]) for each in chain.plain]
    left = Symbol(f"{Y}′", "" if chain.sample.alone else chain.sample.index)
    return [Step(left, (row(entries), row(chain.y)), "label smoothing", remark=f"{Y} stands for {Y}′ below.")]


def _sigmoid(chain: Chain) -> list[Step]:
    """p = 1/(1 + e^(−z)), entry by entry."""
    steps = []
    for k, (value, z) in enumerate(zip(chain.p, chain.z or (), strict=True)):
        share = Quotient(ONE, added([ONE, exponential(Negative(z))]))
        steps.append(Step(Symbol(P, chain.sample.classes[k]), (share, value), "sigmoid" if k == 0 else ""))
    return steps


def _softmax_links(chain: Chain) -> list[Step]:
    """dL/dp, the Jacobian, their product and its collapse, through a softmax."""
    names = chain.sample.classes
    steps = [_first_link(chain), JACOBIAN, *for_each(names, lambda i: _jacobian_row(chain, i))]
    endless = any(map(math.isinf, chain.by_probability))
    steps.append(Step(derivative(L, Z, "", "j"), (PRODUCT,), "the chain", remark=ENDLESS if endless else ""))

    def product(j: int) -> Step:
        factors = [(slope, line[j]) for slope, line in zip(chain.by_probability, chain.jacobian, strict=True)]
        products = [times(*computed(pair)) for pair in factors]
        return Step(derivative(L, Z, "", names[j]), (added(products), Number(chain.gradient[j])))

    return [*steps, *([] if endless else for_each(names, product)), *_collapse(chain)]


def _first_link(chain: Chain, with_numbers: bool = True) -> Step:
    """dL/dp of the loss, in symbols alone or with its numbers."""
    if chain.loss == "mse":
        formula: Expression = times(TWO, minus(Symbol(P, "i"), Symbol(Y, "i")))
        numbers: list[Expression] = [times(TWO, minus(a, b)) for a, b in zip(chain.p, chain.y, strict=True)]
    else:
        formula = chain.in_unit(Negative(Quotient(_weighted(chain, "i"), Symbol(P, "i"))))
        numbers = [_ratio(chain, i) for i in range(len(chain.y))]
    put_in = (chain.in_unit(row(numbers)), row(computed(chain.by_probability)))
    chained = (formula, *put_in) if with_numbers else (formula,)
    return Step(derivative(L, P, "", "i"), chained, "the loss by the probabilities")


def _ratio(chain: Chain, i: int) -> Expression:
    """−w·y/p of one class; 0 where nothing is expected of it."""
    if chain.y[i].value == 0:
        return Number(0.0)
    weight = None if chain.weights is None else chain.weights[i]
    return Negative(Quotient(times(weight, chain.y[i]), chain.p[i]))


def _weighted(chain: Chain, index: str) -> Expression:
    """y, or w·y."""
    return times(None if chain.weights is None else Symbol("w", index), Symbol(Y, index))


def _jacobian_row(chain: Chain, i: int) -> Step:
    """The derivatives of one probability by all logits."""
    own, names = chain.p[i], chain.sample.classes
    products = [
        times(own, minus(ONE, own)) if i == j else Negative(times(own, other)) for j, other in enumerate(chain.p)
    ]
    left = Quotient(Symbol(f"∂{P}", names[i]), Symbol(f"∂{Z}"))
    return Step(left, (row(products), row(computed(chain.jacobian[i]))))


def _collapsed(chain: Chain) -> tuple[Expression, ...]:
    """What the chain comes to, in symbols: p − y for the cross-entropy."""
    p, y = Symbol(P, "j"), Symbol(Y, "j")
    if chain.loss == "mse":
        return (times(TWO, p, Sum((minus(p, y), Negative(MEAN_ERROR)))),)
    general = chain.in_unit(minus(times(p, total("i", _weighted(chain, "i"))), _weighted(chain, "j")))
    return (general, chain.in_unit(minus(p, y))) if _sums_to_one(chain) else (general,)


def _sums_to_one(chain: Chain) -> bool:
    """Whether what is expected sums to 1, so that the gradient is p − y."""
    return chain.weights is None and abs(sum(each.value for each in chain.y) - 1) < 1e-12


def _collapse(chain: Chain) -> list[Step]:
    """What the chain comes to, class by class."""
    names, is_mse = chain.sample.classes, chain.loss == "mse"
    why = WHY_STALLED if is_mse else WHY_COLLAPSED if _sums_to_one(chain) else ""
    steps = [Step(derivative(L, Z, "", "j"), _collapsed(chain), COLLAPSES, remark=why)]
    if is_mse:
        errors = [times(minus(p, y), p) for p, y in zip(chain.p, chain.y, strict=True)]
        steps.append(Step(MEAN_ERROR, (added(errors), Number(chain.mean_error or 0.0))))

    def left_over(j: int) -> Step:
        numbers = [] if chain.masked[j] else [chain.in_unit(_left_over(chain, j))]
        return Step(derivative(L, Z, "", names[j]), (*numbers, Number(chain.gradient[j])))

    return [*steps, *for_each(names, left_over)]


def _left_over(chain: Chain, j: int) -> Expression:
    """p_j − y_j with its numbers; for a confident class minus the sum of the other probabilities."""
    y, weights = chain.y, chain.weights
    if chain.loss == "mse":
        return times(TWO, chain.p[j], minus(minus(chain.p[j], y[j]), Number(chain.mean_error or 0.0)))
    if not _sums_to_one(chain):
        factors = weights or [None] * len(y)  # type: ignore[list-item]
        whole = added([times(w, each) for w, each in zip(factors, y, strict=True)])
        return minus(times(chain.p[j], whole), times(factors[j], y[j]))
    others = [chain.p[k] for k in range(len(y)) if k != j]
    if y[j].value == 1 and sum(each.value for each in others) < CONFIDENT:
        return Negative(added(others))
    return minus(chain.p[j], y[j])


def _binary_links(chain: Chain) -> list[Step]:
    """The chain of a sigmoid, entry by entry."""
    p, y = Symbol(P), Symbol(Y)
    loss_links = (chain.in_unit(_binary_slope(y, p)), *_binary_slopes(chain))
    slopes = row([times(share, minus(ONE, share)) for share in chain.p])
    logit_links = (times(p, minus(ONE, p)), slopes, row(computed(chain.jacobian[0])))
    steps = [
        Step(derivative(L, P), loss_links, "the loss by the probability"),
        Step(derivative(P, Z), logit_links, "the probability by the logit"),
        Step(derivative(L, Z), _binary_collapse(chain), "the chain, and how it collapses"),
    ]

    def difference(k: int) -> Step:
        links = (chain.in_unit(_binary_difference(chain, k)), Number(chain.gradient[k]))
        left = derivative(L, Z, "", chain.sample.classes[k])
        return Step(left, (LEFT_OUT,) if chain.masked[k] else links)

    return [*steps, *for_each(chain.y, difference)]


def _binary_slope(y: Expression, p: Expression) -> Expression:
    """−y/p + (1 − y)/(1 − p)."""
    return Sum((Negative(Quotient(y, p)), Quotient(minus(ONE, y), minus(ONE, p))))


def _binary_slopes(chain: Chain) -> tuple[Expression, Expression]:
    """∂L/∂p of every entry that counts: the numbers put in, and what they come to."""
    entries = zip(chain.masked, chain.y, chain.p, computed(chain.by_probability), strict=True)
    each = [(LEFT_OUT, LEFT_OUT) if left_out else (_binary_slope(y, p), value) for left_out, y, p, value in entries]
    return chain.in_unit(row([numbers for numbers, _ in each])), row([value for _, value in each])


def _binary_collapse(chain: Chain) -> tuple[Expression, ...]:
    """∂L/∂p·∂p/∂z = p − y."""
    return (times(derivative(L, P), derivative(P, Z)), chain.in_unit(minus(Symbol(P), Symbol(Y))))


def _binary_difference(chain: Chain, k: int) -> Expression:
    """p − y of one entry; where p is nearly 1, −(1 − p) with 1 − p = 1/(1 + e^z)."""
    if chain.z is not None and chain.y[k].value == 1 and 1 - chain.p[k].value < CONFIDENT:
        return Negative(Quotient(ONE, added([ONE, exponential(chain.z[k])])))
    return minus(chain.p[k], chain.y[k])


# --- several samples, the factor ------------------------------------------------------------------


def several(chains: Sequence[Chain]) -> list[Step]:
    """The collapsed gradient of every sample, a line each."""
    steps = _symbols(chains[0])
    for chain in chains:
        steps += skipped(chain.sample.hidden)
        left = Symbol("g", chain.sample.index)
        if not chain.sample.counts:
            steps.append(Step(left, (LEFT_OUT,)))
            continue
        before = _target(chain)
        if chain.logits is not None:
            before += _softmax_of_many(chain, chain.logits)
        elif chain.z is not None:
            before += _sigmoid(chain)
        own = [*before, *_slopes(chain), Step(left, (chain.in_unit(_numbers(chain)), row(computed(chain.gradient))))]
        steps += titled(chain.sample.title, own)
    return steps


def _softmax_of_many(chain: Chain, logits: Softmaxed) -> list[Step]:
    """The probabilities of a sample among others."""
    left = Symbol(P, chain.sample.index)
    if logits.certain:
        return [Step(left, (row(chain.p),))]
    shares = Quotient(row(computed(logits.exponential)), logits.whole)
    return [*preparing.exponentials(logits), Step(left, (shares, row(chain.p)))]


def _slopes(chain: Chain) -> list[Step]:
    """∂L/∂p of a sample among others, with its numbers."""
    if chain.loss == "bce":
        links = _binary_slopes(chain)
    elif chain.loss == "mse":
        numbers = [times(TWO, minus(p, y)) for p, y in zip(chain.p, chain.y, strict=True)]
        links = (row(numbers), row(computed(chain.by_probability)))
    else:
        numbers = [_ratio(chain, i) for i in range(len(chain.y))]
        links = (chain.in_unit(row(numbers)), row(computed(chain.by_probability)))
    return [Step(Quotient(Symbol("∂L"), Symbol(f"∂{P}", chain.sample.index)), links)]


def _numbers(chain: Chain) -> Expression:
    """What the chain comes to with its numbers, class by class; p − y in rows where that is all."""
    if chain.loss == "bce":
        pairs = enumerate(zip(chain.p, chain.y, strict=True))
        return row([LEFT_OUT if chain.masked[k] else minus(p, y) for k, (p, y) in pairs])
    if chain.loss == "xent" and _sums_to_one(chain) and not any(chain.masked):
        return minus(row(chain.p), row(chain.y))
    return row([Number(0.0) if chain.masked[j] else _left_over(chain, j) for j in range(len(chain.y))])


def _symbols(chain: Chain) -> list[Step]:
    """The chain in symbols alone."""
    title = "the chain of each sample"
    if chain.loss == "bce":
        slope = Step(derivative(L, P), (chain.in_unit(_binary_slope(Symbol(Y), Symbol(P))),))
        return titled(title, [slope, Step(derivative(L, Z), _binary_collapse(chain), remark=OF_A_SAMPLE)])
    return titled(
        title,
        [
            _first_link(chain, with_numbers=False),
            JACOBIAN,
            Step(derivative(L, Z, "", "j"), (PRODUCT, *_collapsed(chain)), remark=OF_A_SAMPLE),
        ],
    )


def scaled(chains: Sequence[Chain], values: Sequence[Sequence[float]], divisor: Number | None) -> list[Step]:
    """Each sample's gradient times what it counts: its weight, over what the mean divides by."""
    counted = [(chain, value) for chain, value in zip(chains, values, strict=True) if chain.sample.counts]
    plain = all(chain.sample.weight is None for chain, _ in counted)
    below = [divisor] if divisor is not None and divisor.value != 1 else []
    if plain and not below:
        return []
    steps = []
    for chain, value in counted:
        sample, above = chain.sample, chain.sample.weight or ONE
        factor = Quotient(above, times(*below)) if below else above
        links = (Product((factor, row(computed(chain.gradient)))), row(computed(value)))
        left = Symbol("dL/dz", "" if sample.alone else sample.index)
        steps += [*skipped(sample.hidden), Step(left, links)]
    return titled("its weight in the reduction", steps)
