"""Values with named fields, and properties that are computed once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self, dataclass_transform


@dataclass_transform(frozen_default=True)
class Record:
    """A value with named fields: what a frozen dataclass is, ready as soon as its class is.

    The annotations of a subclass are its fields, after those of its bases; what they are set to is their default, and is
    never changed. `dataclass` and `NamedTuple` write code for each class and compile it whenever a process begins, half a
    millisecond and a seventh of one; a short call has fifty such classes, and this base does for all (docs/explanation/speed.md).
    """

    _fields: ClassVar[dict[str, None]] = {}
    _defaults: ClassVar[dict[str, Any]] = {}
    __match_args__: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        own = cls.__annotations__
        cls._fields = cls._fields | dict.fromkeys(own)
        cls._defaults = cls._defaults | {name: vars(cls)[name] for name in own if name in vars(cls)}
        cls.__match_args__ = tuple(cls._fields)  # type: ignore[misc]

    def __init__(self, *values: Any, **named: Any) -> None:
        fields, state = self._fields, self.__dict__
        is_plain = not named and len(values) == len(fields)  # as of those that are made for every block
        if not is_plain:
            state.update(self._defaults)
            state.update(named)
        state.update(zip(fields, values))  # noqa: B905 - counted above, or below
        if not is_plain and not self._are_given_once(values, named):
            raise TypeError(f"{type(self).__name__} has the fields {', '.join(fields)}; given: {values}, {named}")
        self.__post_init__()

    def _are_given_once(self, values: tuple[Any, ...], named: dict[str, Any]) -> bool:
        """Whether each field has a value, by its place, by its name or by default."""
        fields = self._fields
        if len(values) > len(fields) or len(self.__dict__) != len(fields):
            return False
        return not named or (named.keys() <= fields.keys() and named.keys().isdisjoint([*fields][: len(values)]))

    def __post_init__(self) -> None:
        """Checks the fields, where a subclass has a check."""

    def replace(self, **changes: Any) -> Self:
        """The same value with some fields changed."""
        if unknown := changes.keys() - self._fields.keys():
            raise TypeError(f"{type(self).__name__} has no field {', '.join(unknown)}")
        changed = object.__new__(type(self))
        changed.__dict__.update(self._asdict(), **changes)
        changed.__post_init__()
        return changed

    def _asdict(self) -> dict[str, Any]:
        """The fields by name."""
        state = self.__dict__
        return {name: state[name] for name in self._fields}

    def __iter__(self) -> Iterator[Any]:
        return iter(self._asdict().values())

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError(f"{type(self).__name__}.{name} can't be set: replace() makes a changed record")

    def __eq__(self, other: object) -> bool:
        return self._asdict() == other._asdict() if isinstance(other, type(self)) else NotImplemented

    def __hash__(self) -> int:
        return hash((type(self), *self._asdict().values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._asdict().items())})"


if TYPE_CHECKING:
    from functools import cached_property

    computed_once = cached_property
else:

    class computed_once:  # noqa: N801
        """A property that keeps what it found in the object's own dictionary, where it is found from then on.

        `functools.cached_property` does so too. Up to Python 3.11 it holds a lock while it computes, one for all objects of the class, so
        that threads that compute the losses of different blocks wait for each other.
        """

        def __init__(self, find: Callable[[Any], Any]) -> None:
            self._find, self._name, self.__doc__ = find, find.__name__, find.__doc__

        def __get__(self, owner: Any, kind: type) -> Any:
            if owner is None:
                return self
            found = owner.__dict__[self._name] = self._find(owner)
            return found
