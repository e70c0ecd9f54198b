"""What all tests share: `xp`, the array libraries that the maths must run on unchanged; and cecli as users run it, in this process or in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest


@dataclass(frozen=True)
class Arrays:
    """One array library: how to make its arrays, its namespace, and how to get plain NumPy back."""

    name: str
    namespace: Any
    asarray: Callable[..., Any]
    numpy: Callable[[Any], np.ndarray]

    def owns(self, array: Any) -> bool:
        """Whether an array belongs to this library."""
        return isinstance(array, type(self.asarray([0.0])))


def _numpy() -> Arrays:
    return Arrays("numpy", np, np.asarray, np.asarray)


def _read_only() -> Arrays:
    def asarray(values: Any, **options: Any) -> np.ndarray:
        array = np.array(values, **options)
        array.flags.writeable = False
        return array

    return Arrays("read-only", np, asarray, np.asarray)


def _strict() -> Arrays:
    import array_api_strict

    return Arrays("array-api-strict", array_api_strict, array_api_strict.asarray, np.asarray)


def _cupy() -> Arrays:
    import cupy

    return Arrays("cupy", cupy, cupy.asarray, cupy.asnumpy)


def _has_cupy() -> bool:
    """Whether CuPy is there with a device to run on."""
    try:
        import cupy

        return bool(cupy.cuda.runtime.getDeviceCount())
    except Exception:
        return False


LIBRARIES = {"numpy": _numpy, "read-only": _read_only, "array-api-strict": _strict} | (
    {"cupy": _cupy} if _has_cupy() else {}
)


@pytest.fixture(params=LIBRARIES)
def xp(request: pytest.FixtureRequest) -> Arrays:
    """Each array library in turn: NumPy, NumPy that must not be written to, array-api-strict, CuPy where there is a GPU."""
    return LIBRARIES[request.param]()


# --- cecli as users run it -----------------------------------------------------------------------------------------

SETTINGS = (
    "CECLI_FORMAT",
    "CECLI_PRECISION",
    "CECLI_DEVICE",
    "CECLI_THREADS",
    "CECLI_DEBUG",
    "NO_COLOR",
    "FORCE_COLOR",
    "COLUMNS",
    "TERM",
    "LC_ALL",
    "LC_CTYPE",
    "LANG",
)


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch):
    """No setting of the machine that runs the tests shapes an output."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def cecli():
    """Runs a command line in this process; the result has exit_code, stdout and stderr."""
    from typer.testing import CliRunner

    from cecli.cli.app import app

    def run(*words, stdin=None, **env):
        return CliRunner().invoke(app, list(words), input=stdin, env=env)

    return run


@pytest.fixture(scope="session")
def environment():
    """The environment of a process: no settings, and cecli on the path."""
    env = {name: text for name, text in os.environ.items() if name not in SETTINGS}
    return env | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "PYTHONWARNINGS": "error"}


@pytest.fixture(scope="session")
def process(environment):
    """Runs cecli as a process of its own."""

    def run(*words, stdin="", **env):
        return subprocess.run(
            [sys.executable, "-m", "cecli", *words],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            env=environment | env,
        )

    return run


@pytest.fixture(scope="session")
def shell(environment):
    """Runs a line as a shell does."""

    def run(line, **env):
        return subprocess.run(
            ["bash", "-o", "pipefail", "-c", line], capture_output=True, text=True, timeout=60, env=environment | env
        )

    return run
