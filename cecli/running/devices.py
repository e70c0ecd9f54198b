"""CUDA devices through CuPy: which there are, arrays on them, and what to do when their memory runs out.

The only file that knows CuPy, which is loaded when a device is asked for. The same maths runs there, by the array API;
whatever CuPy and CUDA raise is said in cecli's own words.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, Self, TypeVar

from cecli.errors import CecliError, MissingError, UsageError
from cecli.extras import how_to_install
from cecli.maths.namespace import Array
from cecli.record import Record

DEVICE_VALUES = 2**22
"""Numbers in a block on a device: 32 MB of float64, so that starting a kernel costs little beside running it."""

BYTES_EACH = 8 * 32
"""Free memory that each number of a block should find there, for itself and all that is computed from it."""

CHOICES = "cpu, cuda, cuda:N or auto"
WITHOUT = "or compute without it: --device cpu"


class Piece(Protocol):
    """Some samples of the input, which can be cut in two."""

    @property
    def samples(self) -> int: ...
    def halves(self) -> tuple[Self, Self]: ...


S = TypeVar("S", bound=Piece)
T = TypeVar("T")


class Device(Record):
    """A device that blocks are computed on."""

    name: str
    place: Callable[[Array], Array]
    """An array, brought to the device."""
    free: Callable[[], int]
    """Bytes of its memory that are free."""
    release: Callable[[], object]
    """Gives back what is kept for later use."""
    exhausted: type[Exception]
    """What is raised when its memory is too small."""
    failed: type[Exception] | tuple[type[Exception], ...] = ()
    """What is raised when something else goes wrong there."""

    def values_at_once(self) -> int:
        """How many numbers a block may have: no more than the free memory has room for."""
        return max(1, min(DEVICE_VALUES, self.free() // BYTES_EACH))

    def run(self, work: Callable[[S], T], pieces: Iterable[S]) -> Iterator[T]:
        """work(piece) for every piece, in order; one that is too large for the memory is tried again in halves.

        What did not fit once is not tried again: later pieces of that size are cut first.
        """
        most: int | None = None
        for whole in pieces:
            todo = [whole]
            while todo:
                piece = todo.pop()
                if most is None or piece.samples <= most:
                    done = self._tried(work, piece)
                    if done is not None:
                        yield done[0]
                        continue
                    most = piece.samples // 2
                if most == 0:
                    raise MissingError(
                        f"the memory of {self.name} is too small for a single sample", hint="use --device cpu"
                    )
                todo += reversed(piece.halves())

    def _tried(self, work: Callable[[S], T], piece: S) -> tuple[T] | None:
        """The result in a tuple, or None where the memory did not suffice."""
        try:
            return (work(piece),)
        except self.exhausted:
            pass  # only outside of this clause are the arrays of the failed try let go of
        except self.failed as error:
            raise MissingError(f"{self.name} failed: {_in_one_line(error)}", hint="use --device cpu") from error
        self.release()
        return None


class Description(Record):
    """A CUDA device as `cecli devices` lists it."""

    name: str
    model: str
    memory: int
    """Bytes."""
    free: int


def find(text: str, option: str = "--device") -> tuple[Device | None, str | None]:
    """The device that `cuda`, `cuda:N` or `auto` stands for, None for the CPU; and a note where `auto` found no other."""
    match = re.fullmatch(r"cpu|auto|cuda(?::(\d{1,9}))?", text)
    if match is None:
        raise UsageError(f"{option}: {text!r} is not a device", hint=f"{CHOICES}; cecli devices lists what is there")
    if text == "cpu":
        return None, None
    try:
        return _opened(int(match[1] or 0), option), None
    except MissingError as error:
        if text != "auto":
            raise MissingError(f"{option}: {error.message}", hint=f"{error.hint}; {WITHOUT}") from error
        return None, f"computed on the CPU: {error.message}"


def descriptions() -> list[Description]:
    """All CUDA devices; an error that says why where there is none."""
    cupy = _cupy()
    runtime, found = cupy.cuda.runtime, []
    for index in range(_count(cupy)):
        with _translated(), cupy.cuda.Device(index):
            properties = runtime.getDeviceProperties(index)
            free, memory = runtime.memGetInfo()
        model = properties["name"]
        text = model.decode("utf-8", "replace") if isinstance(model, bytes) else str(model)
        found.append(Description(f"cuda:{index}", text, memory, free))
    return found


# --- CuPy ---------------------------------------------------------------------------------------------------------


def _opened(index: int, option: str) -> Device:
    """The CUDA device of this index, which has shown that it can add."""
    cupy = _cupy()
    count = _count(cupy)
    if index >= count:
        there = "cuda:0 alone" if count == 1 else f"cuda:0 to cuda:{count - 1}"
        raise UsageError(f"{option}: there is no cuda:{index}; this machine has {there}", hint="see cecli devices")
    with _translated():
        cupy.cuda.Device(index).use()
        float(cupy.asarray([1.0]).sum() + 1)
    return Device(
        f"cuda:{index}",
        cupy.asarray,
        lambda: int(cupy.cuda.runtime.memGetInfo()[0]),
        cupy.get_default_memory_pool().free_all_blocks,
        cupy.cuda.memory.OutOfMemoryError,
        (cupy.cuda.runtime.CUDARuntimeError, cupy.cuda.driver.CUDADriverError, cupy.cuda.compiler.CompileException),
    )


def _cupy() -> Any:
    """CuPy, or the error that says how to get it."""
    try:
        import cupy
    except ModuleNotFoundError as error:
        if error.name != "cupy":
            raise MissingError(f"CuPy can't be loaded: {_in_one_line(error)}", hint=_how_to_install()) from error
        raise MissingError("computing on a GPU needs CuPy, which is not installed", hint=_how_to_install()) from error
    except (ImportError, RuntimeError) as error:
        raise MissingError(f"CuPy can't be loaded: {_in_one_line(error)}", hint=_how_to_install()) from error
    return cupy


def _how_to_install() -> str:
    """The commands for either version of CUDA."""
    return f"{how_to_install('cupy-cuda12x')} for CUDA 12, {how_to_install('cupy-cuda13x')} for CUDA 13"


def _count(cupy: Any) -> int:
    """How many CUDA devices there are: one at least."""
    try:
        count = int(cupy.cuda.runtime.getDeviceCount())
    except cupy.cuda.runtime.CUDARuntimeError as error:
        if "cudaErrorNoDevice" in str(error):
            count = 0
        elif "cudaErrorInsufficientDriver" in str(error):
            raise _driver_error(cupy) from error
        else:
            raise MissingError(f"CUDA does not start: {_in_one_line(error)}", hint="does nvidia-smi work?") from error
    if count == 0:
        raise MissingError("there is no CUDA device here", hint="is CUDA_VISIBLE_DEVICES set? nvidia-smi lists them")
    return count


def _driver_error(cupy: Any) -> MissingError:
    """The error for a driver that is not there, or too old for this CuPy."""
    runtime = cupy.cuda.runtime
    has, needs = runtime.driverGetVersion(), runtime.runtimeGetVersion()
    if has == 0:
        return MissingError(
            "there is no NVIDIA driver here", hint="install NVIDIA's driver; nvidia-smi says if it works"
        )
    return MissingError(
        f"the NVIDIA driver is made for CUDA {_version(has)}, and CuPy needs {_version(needs)}",
        hint=f"update the driver, or {_how_to_install()}",
    )


def _version(number: int) -> str:
    """12090 is CUDA 12.9."""
    return f"{number // 1000}.{number % 1000 // 10}"


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Turns what CuPy raises when it is first used into an error that says what to do."""
    try:
        yield
    except CecliError:
        raise
    except Exception as error:
        hint = "does nvidia-smi work?"
        if re.search(r"lib\w+\.so|\.dll|nvrtc|CUDA_PATH", str(error), re.IGNORECASE):
            either = " or ".join(how_to_install(f"'cupy-cuda{version}x[ctk]'") for version in (12, 13))
            hint = f"CUDA's libraries are not all there: {either} brings them"
        raise MissingError(f"CUDA does not start: {_in_one_line(error)}", hint=hint) from error


def _in_one_line(error: BaseException) -> str:
    said = " ".join(str(error).split()) or type(error).__name__
    return said if len(said) <= 200 else f"{said[:199]}…"
