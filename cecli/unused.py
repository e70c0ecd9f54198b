"""Modules that NumPy, Typer and Python load and no call here uses: loaded when something asks one of them for a name."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from threading import RLock
from types import ModuleType
from typing import Any

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
    "linecache",
    "locale",
    "lzma",
    "pickle",
    "shellingham",
    "subprocess",
    "textwrap",
    "tokenize",
)
"""A seventh of a short call (docs/explanation/speed.md)."""

LOADING = RLock()


class Unloaded(ModuleType):
    """A module whose code waits until a name is sought in it.

    That of the standard library's `LazyLoader` waits no longer once a second module imports it.
    """

    def __getattr__(self, name: str) -> Any:
        """A name that is not there yet."""
        spec: Any = self.__spec__
        with LOADING:
            if isinstance(spec.loader, Waiting):
                spec.loader = self.__loader__ = spec.loader.own
                spec.loader.exec_module(self)
                object.__setattr__(self, "__class__", ModuleType)
        return ModuleType.__getattribute__(self, name)


class Waiting:
    """A loader that leaves the code of its modules to another one, for later."""

    def __init__(self, own: Any) -> None:
        self.own, self.create_module = own, own.create_module

    def exec_module(self, module: ModuleType) -> None:
        """Not now."""
        module.__class__ = Unloaded


class Finder:
    """Finds them, and leaves their code for later."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: object = None) -> ModuleSpec | None:  # noqa: ARG004
        """Where a module is; None if that is for others to say."""
        if name not in UNUSED:
            return None
        spec = PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            spec.loader = Waiting(spec.loader)  # type: ignore[assignment]
        return spec


def leave_for_later() -> None:
    """For a process of ours alone, before it loads NumPy; a library has no business here."""
    sys.meta_path.insert(0, Finder)
