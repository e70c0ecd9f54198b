"""The commands that compute one quantity of their arguments: each hands its call over."""

from __future__ import annotations

from collections.abc import Iterator

from cecli.cli.call import Call
from cecli.errors import UsageError
from cecli.report import Report


def softmax(call: Call) -> Iterator[Report]:
    """`softmax`."""
    from cecli.quantities import information

    if call.typed["base"] is not None and not call["log"]:
        raise UsageError("--base: probabilities have no logarithm in them", hint="with --log the log-probabilities do")
    return information.softmax(call.source("scores"), call.settings(), call["log"])


def entropy(call: Call) -> Iterator[Report]:
    """`entropy`."""
    from cecli.quantities import information

    settings = call.settings()
    return information.entropy(call.source("p"), settings)


def kl(call: Call) -> Iterator[Report]:
    """`kl`."""
    from cecli.quantities import information

    settings = call.settings()
    return information.kl(*call.pair(), settings, call["js"])


def xent(call: Call) -> Iterator[Report]:
    """`xent`."""
    from cecli.quantities import losses

    settings = call.settings()
    return losses.cross_entropy(*call.pair(), settings)


def bce(call: Call) -> Iterator[Report]:
    """`bce`."""
    from cecli.quantities import losses

    settings = call.settings()
    return losses.binary_cross_entropy(*call.pair(), settings)


def grad(call: Call) -> Report:
    """`grad`."""
    from cecli.quantities import gradients

    settings = call.settings()
    return gradients.gradient(*call.pair(), settings, call["loss"], call["x"], call["jacobian"], call["verify"])


def calibrate(call: Call) -> Report:
    """`calibrate`."""
    from cecli.quantities import calibration

    settings = call.settings(logits=True)
    return calibration.calibrate(*call.pair(), settings)
