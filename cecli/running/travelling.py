"""Work and its walk as bytes, in which sources stand by their places: each task puts its own in."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from typing import Any

from cecli.reading.sources import Source
from cecli.running.execution import Execution

EXECUTION = "execution"


def pickled(value: Any, place_of: Callable[[Source], Any]) -> bytes:
    """A value as bytes; a source that has a place stands by it."""
    import cloudpickle

    class Pickler(cloudpickle.CloudPickler):  # type: ignore[misc]
        def persistent_id(self, value: Any) -> Any:
            """The place of a source; of an execution that it is one."""
            if isinstance(value, Execution):
                return EXECUTION
            return place_of(value) if isinstance(value, Source) else None

    stream = io.BytesIO()
    Pickler(stream).dump(value)
    return stream.getvalue()


def unpickled(data: bytes, source_at: Callable[[Any], Any]) -> Any:
    """The value again, with the sources that are at their places now."""

    class Unpickler(pickle.Unpickler):
        def persistent_load(self, place: Any) -> Any:
            """What stands at a place."""
            return Execution() if place == EXECUTION else source_at(place)

    return Unpickler(io.BytesIO(data)).load()
