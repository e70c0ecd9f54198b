"""Commands that do more than to compute the quantity of their row."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from cecli.cli.call import Call
from cecli.errors import UsageError
from cecli.report import Report
from cecli.running.options import OPTIONS


def softmax(call: Call) -> Iterator[Report]:
    """`softmax`."""
    from cecli.quantities.softmax import softmax as quantity

    if call.typed["base"] is not None and not call["log"]:
        raise UsageError("--base needs --log", hint="a unit belongs to log-probabilities only")
    return call.of_sources(quantity)


def xent(call: Call) -> Iterator[Report]:
    """`xent`."""
    from cecli.quantities.cross_entropy import PARTS, cross_entropy

    parts = () if call.output.shows_value_alone else PARTS
    return call.of_sources(partial(cross_entropy, parts=parts))


def grad(call: Call) -> Report:
    """`grad`."""
    from cecli.quantities.gradient_report import gradient

    target, prediction = call.sources()
    options = call.options()
    OPTIONS["of"].check(call["of"])
    asked = call["x"], call["jacobian"], call["verify"], call["of"]
    return call.report(gradient(target, prediction, options, call.execution, *asked), options, target)


def calibrate(call: Call) -> Report:
    """`calibrate`."""
    from cecli.quantities.calibration import calibrate as quantity

    target, logits = call.sources()
    options = call.options(logits=True)
    return call.report(quantity(target, logits, options, call.execution), options, target)
