"""What a row of the tables is: a convention, and a function that follows some."""

from __future__ import annotations

from collections.abc import Callable

from cecli.frameworks.work import StageChange, Work
from cecli.record import Record


class Convention(Record):
    """Something that a framework does otherwise than we do, as changes of our stages."""

    name: str
    theirs: str
    """What it does; `{epsilon}`, `{samples}` and `{classes}` stand for the numbers of the call."""
    ours: str
    changes: tuple[StageChange, ...]
    source: str
    """Where one can read it."""


class Framework(Record):
    """A framework, and the versions whose functions are modelled."""

    name: str
    title: str
    versions: str


def always(_: Work) -> bool:
    """Whatever the call."""
    return True


def never(_: Work) -> str | None:
    """Nothing that it refuses."""
    return None


LARGEST = "p.argmax(1)"
"""How a call writes the classes that its predictions say; predicted labels are these already."""


class Function(Record):
    """A function of a framework, as called for a quantity."""

    frameworks: tuple[str, ...]
    quantities: tuple[str, ...]
    call: str
    """The call with our names: y and p, z, or P and Q."""
    conventions: tuple[Convention, ...]
    takes: tuple[str, ...] = ()
    """Options that shape the loss and are passed on; of the others it has nothing."""
    when: Callable[[Work], bool] = always
    """Which calls it is the function for."""
    refuses: Callable[[Work], str | None] = never
    """What it raises for a call, if it does."""
    says: Callable[[Work], str | None] = never
    """What it warns of, if it does, or what else is to be known of its arguments."""
    is_second: bool = False
    """Whether it is shown beside another function, and never alone."""
    backends: tuple[str, ...] = ()
    """Where it is another function than the first: what it runs on."""

    def on(self, *backends: str) -> Function:
        """The same as it is on these backends, beside the first."""
        return self.replace(call=f"{self.call} on {' or '.join(backends)}", backends=backends, is_second=True)

    @property
    def of_labels(self) -> Function | None:
        """The same function of predicted labels, `y_pred`; None where it takes probabilities."""
        return self.replace(call=self.call.replace(LARGEST, "y_pred")) if LARGEST in self.call else None
