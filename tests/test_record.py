"""Records: a frozen dataclass in all that counts here, but for the code that one compiles."""

import copy
import dataclasses
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from cecli.record import Record, computed_once


class Point(Record):
    """A point."""

    x: float
    y: float = 0.0
    marks: Any = None


class Named(Point):
    """A point with a name, which y is 1 for unless it is told otherwise."""

    y: float = 1.0
    name: str = ""
    change: Any = abs
    """A function, which is no method."""


def test_fields_come_by_place_by_name_and_by_default():
    assert Point(1.0) == Point(x=1.0, y=0.0) == Point(1.0, 0.0, None)
    assert [*Named(3.0)] == [3.0, 1.0, None, "", abs]
    assert Named(3.0).change(-2) == 2
    assert repr(Point(1, marks=[2])) == "Point(x=1, y=0.0, marks=[2])"


@pytest.mark.parametrize(
    ("values", "named"),
    [((), {}), ((), {"y": 1}), ((1, 2, 3, 4), {}), ((1,), {"x": 1}), ((1,), {"z": 1}), ((), {"z": 1, "y": 2})],
)
def test_what_is_missing_too_much_twice_or_unknown_is_refused(values, named):
    with pytest.raises(TypeError, match="Point has the fields x, y, marks; given: "):
        Point(*values, **named)


def test_records_do_not_change():
    point = Point(1.0, 2.0)
    with pytest.raises(AttributeError, match=r"Point\.y can't be set"):
        point.y = 3.0
    changed = point.replace(y=3.0)
    assert (point.y, changed.y, type(Named(1.0).replace(x=2.0))) == (2.0, 3.0, Named)
    with pytest.raises(TypeError, match="Point has no field z"):
        point.replace(z=1)


def test_equal_records_are_of_one_kind_and_have_equal_fields():
    assert hash(Point(1, 2)) == hash(Point(1, 2))
    assert Point(1, 2) != Point(2, 1)
    assert Point(1, 1) != Named(1, 1)
    assert Named(1, 1) != Point(1, 1)
    assert Point(1) != (1, 0.0, None)


def test_records_are_checked_when_they_are_made_and_when_they_are_changed():
    class Positive(Record):
        value: int

        def __post_init__(self):
            if self.value <= 0:
                raise ValueError(f"{self.value} is not above 0")

    with pytest.raises(ValueError, match="-1 is not above 0"):
        Positive(3).replace(value=-1)


def test_records_can_be_matched_and_copied():
    match Point(1, 2):
        case Point(x, y):
            assert (x, y) == (1, 2)
    marked = Point(1, marks=[1])
    assert copy.deepcopy(marked) == pickle.loads(pickle.dumps(marked)) == marked  # noqa: S301


def test_a_record_does_what_a_frozen_dataclass_does():
    twin = dataclasses.make_dataclass("Point", [("x", float), ("y", float, 0.0), ("marks", Any, None)], frozen=True)
    for values, named in (((1,), {}), ((1, 2), {}), ((1,), {"marks": (1, 2)}), ((), {"x": 4})):
        assert repr(Point(*values, **named)) == repr(twin(*values, **named))
        assert vars(Point(*values, **named)) == vars(twin(*values, **named))


def test_two_objects_compute_what_is_kept_at_the_same_time():
    """No lock keeps the threads of a call from computing the losses of their blocks side by side."""
    both = threading.Barrier(2, timeout=10)

    class Block:
        @computed_once
        def loss(self):
            both.wait()
            return object()

    blocks = Block(), Block()
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda block: block.loss, blocks))
    assert [block.loss for block in blocks] == found
    assert isinstance(Block.loss, computed_once)
