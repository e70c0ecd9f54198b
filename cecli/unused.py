"""Modules that NumPy and Typer load and no call here uses: loaded when something asks one of them for a name."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader

UNUSED = (
    "numpy._core._add_newdocs",  # the docstrings of compiled functions
    "numpy._core._add_newdocs_scalars",
    "numpy._core._internal",  # ctypes
    "numpy._core._dtype_ctypes",
    "numpy.lib.introspect",
    "numpy.lib.mixins",
    "numpy.lib.npyio",
    "numpy.lib.scimath",
    "bz2",
    "ipaddress",
    "locale",
    "lzma",
    "shellingham",
)
"""A tenth of a short call (docs/explanation/speed.md)."""


class Finder:
    """Finds them, and leaves their code for later."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: object = None) -> ModuleSpec | None:  # noqa: ARG004
        """Where a module is; None if that is for others to say."""
        if name not in UNUSED:
            return None
        spec = PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec


def leave_for_later() -> None:
    """For a process of ours alone, before it loads NumPy; a library has no business here."""
    sys.meta_path.insert(0, Finder)
