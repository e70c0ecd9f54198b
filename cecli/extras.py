"""Packages that only some calls need: loading one, or saying how to install it in the way that cecli was installed."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

from cecli.errors import MissingError

DISTRIBUTION = "cecli-calculator"
"""What cecli is called where it is installed from: `cecli` is another package there."""


def load(module: str, purpose: str, called: str, more: str = "") -> Any:
    """A module of a package that cecli can do without.

    `purpose` begins the error, as in "reading this kind of file"; `called` is the package's name in it; `more` ends its hint.
    Raises: MissingError, which says whether the package is not installed, or can't be loaded.
    """
    package = module.partition(".")[0]
    try:
        return import_module(module)
    except Exception as error:  # built for another NumPy or machine, it fails in ways of its own
        if isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] == package:
            says = f"{purpose} needs {called}, which is not installed"
            raise MissingError(says, hint=how_to_install(package) + more) from error
        says = f"{type(error).__name__}: {' '.join(str(error).split())[:100]}"
        raise MissingError(
            f"{called} is installed and can't be loaded ({says})",
            hint=f"install it again: {how_to_install(package, again=True)}",
        ) from error


def how_to_install(*packages: str, again: bool = False) -> str:
    """The command that adds packages to this installation of cecli: by pipx, `uv tool` or pip."""
    names = " ".join(packages)
    if os.path.exists(os.path.join(sys.prefix, "pipx_metadata.json")):
        return f"pipx inject {'--force ' if again else ''}{os.path.basename(sys.prefix)} {names}"
    if os.path.exists(receipt := os.path.join(sys.prefix, "uv-receipt.toml")):
        own, others = _uv_tool(receipt)
        added = " ".join(f"--with {each}" for each in dict.fromkeys([*others, *packages]))
        return f"uv tool install {'--reinstall ' if again else ''}{added} {own}"
    return f"pip install {'--force-reinstall ' if again else ''}{names}"


def _uv_tool(receipt: str) -> tuple[str, list[str]]:
    """What `uv tool install` was given, by its receipt: the tool itself, and the packages beside it."""
    import tomllib

    with open(receipt, "rb") as stream:
        found = tomllib.load(stream)["tool"]["requirements"]
    places = [next((each[k] for k in ("directory", "path", "url", "git") if k in each), each["name"]) for each in found]
    return places[0], places[1:]
