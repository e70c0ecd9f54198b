"""A sample as the working shows it: its values as they were typed, and what the maths returned for it, as plain numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cecli.expression import Apply, Expression, Number, Quotient, Underflowed
from cecli.record import Record
from cecli.working.writing import Logarithm, Numbers, added, computed, exponential, minus


class Sample(Record):
    """One sample: its number, the names of its classes, and which of them is expected where that is a label."""

    number: int
    classes: Sequence[str]
    alone: bool = False
    """Whether there is no other sample."""
    label: int | None = None
    counts: bool = True
    weight: Number | None = None
    hidden: int = 0
    """How many samples before it are not shown."""

    @property
    def title(self) -> str:
        """What a step calls the sample."""
        return "" if self.alone else f"sample {self.number}"

    @property
    def index(self) -> str:
        """The index of the sample's loss."""
        return str(self.number)


class Softmaxed(Record):
    """A row of logits with the parts of its softmax."""

    z: Numbers
    temperature: Number | None
    top: int
    """The class with the largest logit."""
    exponential: Sequence[float]
    probability: Sequence[float]
    others: float
    """The sum of the exponentials without the top one."""

    @property
    def largest(self) -> Number:
        """m, the largest logit."""
        return self.z[self.top]

    @property
    def certain(self) -> bool:
        """Whether a logit of inf settles it."""
        return self.largest.value == math.inf

    def lead(self, k: int) -> Expression:
        """(z_k − m)/T with its numbers."""
        difference = minus(self.z[k], self.largest)
        return difference if self.temperature is None else Quotient(difference, self.temperature)

    def exponents(self) -> Expression:
        """e^(z_1 − m) + e^(z_2 − m) + …"""
        return added([exponential(self.lead(k)) for k in range(len(self.z))])

    @property
    def whole(self) -> Number:
        """The sum of the exponentials, which is rarely a round number."""
        return Number(1.0 + self.others, approximate=self.is_rounded)

    def share(self, k: int) -> Number:
        """σ_k."""
        return Number(self.probability[k], approximate=self.is_rounded and self.exponential[k] > 0)

    @property
    def is_rounded(self) -> bool:
        """Whether other classes than the top one are possible, so that nothing is a round number."""
        return self.others > 0 or any(isinstance(each, Underflowed) for each in self.exponential)

    def summed(self) -> Expression:
        """The same with the exponentials worked out."""
        return added(computed(self.exponential))

    def log(self, k: int, logarithm: Logarithm) -> Expression:
        """log σ_k = (z_k − m) − ln Σ e^(z_j − m), in the unit of the logarithm."""
        return logarithm.from_nats(minus(self.lead(k), Apply("ln", (self.summed(),))))


class Terms(Record):
    """The parts Σ_k weight_k · surprisal_k of one sample's quantity, over all classes or over the expected one alone."""

    classes: Sequence[int]
    p: Numbers | None
    """What is expected of each class; None for a label, which expects one class alone."""
    q: Numbers
    """What is predicted for each class."""
    term: Sequence[float]
    value: float
    logits: Softmaxed | None = None
    """Where the prediction came from logits that were not changed on the way."""
    surprisal: Sequence[float] = ()
    complement: Sequence[float] = ()
    """1 − q_k, where logits know it better than q does."""
    class_weights: Numbers | None = None
    denominator: float = 1.0
    """What the sample counts in a mean, before its own weight."""
    preparation: Sequence[Preparation] = ()


class Preparation(Record):
    """A row that was changed before it was used: rescaled, clipped, smoothed."""

    kind: str
    """`normalize`, `eps`, `smoothing`."""
    before: Numbers
    after: Sequence[float]
    parameter: Number | None = None
