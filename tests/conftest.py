# ruff: noqa: E402
"""What all tests share: `xp`, the array libraries that the maths must run on unchanged; cecli as users run it, in this process or in one
of its own; and all that tests change of its inside.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

# The processes of this suite share the processor: the threads of NumPy's and scikit-learn's libraries would wait for each other.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

# Hundreds of tests run processes, which begin twice as fast with bytecode: it is written even where the machine forbids it.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Laws draw the same examples every time, and few enough to be quick.
settings.register_profile(
    "laws",
    derandomize=True,
    deadline=None,
    max_examples=40,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("laws")


# What is loaded and collected stays to the end: the garbage collector need not look through these millions of objects again and again.
gc.disable()


def pytest_collection_finish():
    """From here on it looks at what the tests make, seldom: most of it needs no collector."""
    gc.freeze()
    gc.enable()
    gc.set_threshold(50_000, 10, 10)


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
    "CECLI_BASE",
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


@pytest.fixture(autouse=True, scope="session")
def _plain_environment():
    """No setting of the machine that runs the tests shapes an output."""
    with pytest.MonkeyPatch.context() as patch:
        for name in SETTINGS:
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session")
def cecli():
    """Runs a command line in this process; the result has exit_code, stdout and stderr. Typer builds the commands once, as a process does.

    `stdin` is a text, bytes, or a stream.
    """
    from typer import testing

    from cecli.cli.app import app

    def run(*words, stdin=None, **env):
        return testing.CliRunner().invoke(app, list(words), input=stdin, env=env)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(testing, "_get_command", functools.cache(testing._get_command))
        of_text = testing.make_input_stream
        patch.setattr(
            testing, "make_input_stream", lambda *given: given[0] if hasattr(given[0], "read") else of_text(*given)
        )
        yield run


@pytest.fixture(scope="module")
def once(cecli):
    """The same for calls at which several tests of a file look: each is made once."""
    return functools.cache(cecli)


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


# --- the inside of cecli -------------------------------------------------------------------------------------------

INSIDE = {
    "numbers in a block": "cecli.running.walk.BATCH_VALUES",
    "bytes in a block of large arrays": "cecli.running.walk.LARGE_BATCH_BYTES",
    "numbers in a large array": "cecli.reading.arrays.LARGE",
    "bytes of a long line": "cecli.reading.lines.LONG",
    "bytes that calibrate keeps": "cecli.quantities.calibration.MOST_BYTES",
    "scores that a ranking keeps": "cecli.comparing.tallies.MOST_SCORES",
    "differences that are kept": "cecli.comparing.disagreement.MOST_KEPT",
    "the mistakes that explain a claim": "cecli.mistakes.judging.diagnose",
    "the gradient of labels": "cecli.maths.gradients.label_gradient",
    "the gradient of distributions": "cecli.maths.gradients.cross_entropy_gradient",
    "the gradient of the squared error": "cecli.maths.gradients.squared_error_gradient",
    "the gradient of binary labels": "cecli.maths.gradients.binary_gradient",
}
"""All that a test replaces inside cecli, and where it is: the only place to change when it moves."""


@pytest.fixture
def inside(monkeypatch):
    """Replaces one of `INSIDE`; the fixtures below say what for."""

    def replace(what, value):
        monkeypatch.setattr(INSIDE[what], value)

    return replace


@pytest.fixture(scope="session")
def inside_meanwhile():
    """The same for a `with` block, which a test of many examples needs."""

    @contextlib.contextmanager
    def replace(what, value):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(INSIDE[what], value)
            yield

    return replace


@pytest.fixture
def block_values(inside):
    """Sets how many numbers a block has, so that a short input is read in many."""

    def set_size(values):
        inside("numbers in a block", values)
        inside("bytes in a block of large arrays", 8 * values)

    return set_size


@pytest.fixture
def every_array_is_large(inside):
    """Has arrays of any size go the way of large ones."""
    return lambda: inside("numbers in a large array", 0)


@pytest.fixture
def at_most(inside):
    """Lowers a limit that no test could reach: a gigabyte of logits, ten million samples."""
    return inside


@pytest.fixture
def wrong_gradient(inside):
    """Has one of the formulas of a gradient, those that begin so in `INSIDE`, be 1 % too large from now on."""
    from importlib import import_module

    def spoil(of):
        what = f"the gradient of {of}"
        module, _, name = INSIDE[what].rpartition(".")
        right = getattr(import_module(module), name)

        def wrong(*arguments):
            found = right(*arguments)
            return found.replace(gradient=found.gradient * 1.01) if hasattr(found, "gradient") else found * 1.01

        inside(what, wrong)

    return spoil


# --- stand-ins for what is not ours --------------------------------------------------------------------------------


class OutOfMemoryError(MemoryError):
    """As CuPy's is."""


class CudaError(RuntimeError):
    """As `cupy_backends.cuda.api.runtime.CUDARuntimeError` is."""


class _Array:
    """No array is of this kind: those of the stand-in are NumPy's, or what `place` makes."""


def _raised(value):
    """The value; an error is raised."""
    if isinstance(value, BaseException):
        raise value
    return value


@pytest.fixture
def fake_cupy(monkeypatch):
    """Puts a CuPy in the place of the real one; an error in the place of a value is raised. Gives the indices that were chosen."""

    def make(count=1, driver=12090, free=3 * 10**9, adds=None, place=np.asarray):
        chosen = []

        class Chosen:
            def __init__(self, index):
                chosen.append(index)

            def use(self):
                """As CuPy's."""

            def __enter__(self):
                return self

            def __exit__(self, *_):
                """As CuPy's."""

        def asarray(values):
            if isinstance(values, list):  # the first sum, which shows that the device works
                _raised(adds)
                return np.asarray(values)
            return place(values)

        runtime = SimpleNamespace(
            getDeviceCount=lambda: _raised(count),
            driverGetVersion=lambda: driver,
            runtimeGetVersion=lambda: 12090,
            getDeviceProperties=lambda index: {"name": f"Imaginary {index}".encode()},
            memGetInfo=lambda: (free, 8 * 10**9),
            CUDARuntimeError=CudaError,
        )
        cuda = SimpleNamespace(
            runtime=runtime,
            Device=Chosen,
            memory=SimpleNamespace(OutOfMemoryError=OutOfMemoryError),
            driver=SimpleNamespace(CUDADriverError=CudaError),
            compiler=SimpleNamespace(CompileException=CudaError),
        )
        pool = SimpleNamespace(free_all_blocks=lambda: None)
        module = SimpleNamespace(
            cuda=cuda,
            asarray=asarray,
            ndarray=_Array,
            get_default_memory_pool=lambda: pool,
        )
        monkeypatch.setitem(sys.modules, "cupy", module)
        return chosen

    make.OutOfMemoryError, make.CudaError = OutOfMemoryError, CudaError
    return make


@pytest.fixture
def raised_while_computing(fake_cupy):
    """Has a computation with `--device cuda` raise an error in its midst."""

    def set_error(error):
        def place(_):
            raise error

        fake_cupy(place=place)

    return set_error


@pytest.fixture
def not_installed(monkeypatch):
    """Has a package not be there."""
    return lambda name: monkeypatch.setitem(sys.modules, name, None)


@pytest.fixture
def pools(monkeypatch):
    """The sizes of the thread pools that were started."""
    import concurrent.futures

    started = []

    class Pool(concurrent.futures.ThreadPoolExecutor):
        def __init__(self, size):
            started.append(size)
            super().__init__(size)

    monkeypatch.setattr(concurrent.futures, "ThreadPoolExecutor", Pool)
    return started
