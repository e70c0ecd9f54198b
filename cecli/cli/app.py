"""The Typer app: its commands, a row each."""

from __future__ import annotations

from typing import Annotated

import typer

from cecli.cli import comparison, information, losses
from cecli.cli.checking import check
from cecli.cli.command import Answer, Command, Group, computing, listing
from cecli.cli.devices import devices
from cecli.version import VERSION

COMMANDS: tuple[Answer, ...] = (
    information.softmax,
    information.entropy,
    losses.xent,
    information.kl,
    losses.bce,
    comparison.compare,
    losses.grad,
)
"""The commands that compute."""

LISTS: tuple[Answer, ...] = (check, devices)
"""The commands that list what there is: claims with their verdicts, devices."""

app = typer.Typer(
    name="cecli",
    cls=Group,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    """Prints the version and ends."""
    if asked:
        print(f"cecli {VERSION}")
        raise typer.Exit


@app.callback()
def cecli(
    version: Annotated[
        bool, typer.Option("-V", "--version", help="show the version", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """A terminal calculator for the numbers behind classification: softmax, entropy, cross-entropy, comparing models, gradients."""


for _command in (*map(computing, COMMANDS), *map(listing, LISTS)):
    app.command(cls=Command, context_settings={"help_option_names": ["-h", "--help"]})(_command)
