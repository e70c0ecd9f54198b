"""The Typer app."""

from __future__ import annotations

from typing import Annotated

import typer

from cecli.cli.command import CONTEXT, Group
from cecli.version import VERSION

app = typer.Typer(
    name="cecli",
    cls=Group,
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=CONTEXT,
)


def _version(asked: bool) -> None:
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
