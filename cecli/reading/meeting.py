"""Names meet names: the columns of all sources of a call are brought to one order of classes, by their names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from itertools import chain, product, takewhile
from typing import Protocol

from cecli.errors import InputError, distinct_names
from cecli.reading import to_type
from cecli.reading.labels import SAME_NAMES, all_numbers
from cecli.reading.missing import is_missing
from cecli.reading.numbering import numbered
from cecli.reading.roles import TARGET, Origin
from cecli.reading.tables import NUMBER, TEXT
from cecli.reading.vector import is_number, value_of

Names = tuple[str, ...]
MOST_LISTED, MOST_CHARACTERS = 6, 60
"""Classes that a note lists with their numbers, and characters of their names that it writes once more in another order."""
Ends = tuple[int, int]
"""How many characters are removed from a name, in front and behind."""


class Named(Protocol):
    """A source whose columns have names: of a file, or a data frame."""

    names: Names | None

    @property
    def has_classes(self) -> bool: ...
    @property
    def name(self) -> str: ...
    @property
    def text(self) -> str | None: ...
    def reorder(self, order: Sequence[int], names: Names) -> None: ...
    def rename(self, names: Names) -> None: ...


def meet(origins: Sequence[Named], classes: Names | None, notes: list[str]) -> None:
    """Puts the columns of all sources in the order of `--classes`, or of the first of them, by their names."""
    named = [origin for origin in origins if origin.has_classes and origin.names is not None and any(origin.names)]
    if classes is not None:
        for origin in named:
            _by_classes(origin, classes, notes)
        return
    if any(origin.has_classes and not any(origin.names or ()) for origin in origins):
        _by_number(named, notes)
    for origin in named[1:]:
        _match(origin, named[0], [each for each in named if each is not origin], notes)
    if named and numbered(named[0].names or ()) != named[0].names:
        without = [each for each in origins if each.has_classes and not any(each.names or ())]
        for origin in without:
            if isinstance(origin, Origin) and origin.stream is not None:
                order = f"in the order of those of {named[0].name}: {_listed(named[0].names or ())}"
                notes.append(f"the columns of {origin.name} have no names, and are taken {order}")


def _listed(names: Names) -> str:
    return ", ".join(names[:MOST_LISTED]) + (", …" if len(names) > MOST_LISTED else "")


def _are_counted(names: Names) -> bool:
    """Whether names are 0, 1, …, K−1, in any order."""
    return sorted(names) == sorted(str(k) for k in range(len(names))) != []


def _by_number(origins: Sequence[Named], notes: list[str]) -> None:
    """Puts columns that are called 0, 1, …, K−1 in this order, beside columns without names or with names of another kind."""
    for origin in origins:
        names = origin.names or ()
        counted = tuple(str(k) for k in range(len(names)))
        if _are_counted(names) and names != counted:
            origin.reorder([names.index(name) for name in counted], counted)
            notes.append(
                f"the columns of {origin.name} are in another order than their numbers, and were matched by these"
            )


def _by_classes(origin: Named, classes: Names, notes: list[str]) -> None:
    """Chooses and orders the columns that `--classes` names, or renames them in order where it shares none."""
    names = origin.names or ()
    found = [name for name in classes if name in names]
    if found:
        _require_distinct(origin, names)
    elif shorter := next((each for each in _shorter(names) if set(classes) <= set(each)), None):
        notes.append(f"the columns {', '.join(names[:12])} of {origin.name} are matched as {', '.join(shorter[:12])}")
        names, found = shorter, [*classes]
    if len(found) == len(classes):
        origin.reorder([names.index(name) for name in classes], classes)
    elif found:
        missing = [name for name in classes if name not in names]
        raise InputError(
            f"--classes names {', '.join(map(repr, missing[:8]))}, which {origin.name} lacks",
            hint=_guess(missing[0], names) + f"its columns are {', '.join(names[:12])}" + _in_comment([origin]),
        )
    elif len(names) == len(classes):
        notes.append(
            f"the columns {', '.join(names[:12])} of {origin.name} are called {', '.join(classes[:12])}, in this order"
        )
        origin.rename(classes)


def _match(origin: Named, first: Named, others: Sequence[Named], notes: list[str]) -> None:
    """Puts a source's columns in the order of the first one's."""
    ours, theirs = origin.names or (), first.names or ()
    if ours == theirs:
        return
    for each, names in ((origin, ours), (first, theirs)):
        _require_distinct(each, names)
    if set(ours) != set(theirs):
        both = alike(ours, theirs)
        if both is None:
            raise _other_names(origin, first)
        notes.append(
            f"the columns of {' and '.join(distinct_names(origin, first))} are matched as {', '.join(both[1][:12])}"
        )
        ours, theirs = both
        for other in others:
            if other.names == first.names and other is not first:
                other.rename(theirs)
        first.rename(theirs)
    if ours != theirs:
        notes.append(
            f"the columns of {' are in another order than those of '.join(distinct_names(origin, first))}, and were matched by name"
        )
    origin.reorder([ours.index(name) for name in theirs], theirs)


def _require_distinct(origin: Named, names: Names) -> None:
    """The error for columns that can't be matched by name, as two have the same one."""
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(
            f"{origin.name} has {names.count(twice)} columns {twice!r}, so they can't be matched by name",
            hint=SAME_NAMES,
        )


def _other_names(origin: Named, first: Named) -> InputError:
    ours, theirs = origin.names or (), first.names or ()
    missing, extra = [n for n in theirs if n not in ours], [n for n in ours if n not in theirs]
    says = [
        f"{word} {', '.join(map(repr, names[:8]))}" for word, names in (("lacks", missing), ("has", extra)) if names
    ]
    whole, part = (origin, first) if not missing else (first, origin)
    hint = _column_of_labels(origin, theirs) or "choose columns with FILE:COLUMNS; --classes gives them other names"
    if not missing or not extra:
        hint = f"name the columns, as in {_columns_to_type(whole, part.names or ())}"
    return InputError(
        f"the columns of {' are not those of '.join(distinct_names(origin, first))}: it {' and '.join(says)}",
        hint=hint + _in_comment([origin, first]),
    )


def _columns_to_type(origin: Named, names: Names) -> str:
    """Some columns of a source, as one types them."""
    if not isinstance(origin, Origin) or origin.stream is None or len(origin.positions) < len(origin.names or ()):
        return f"{origin.name}:{','.join(names)}"
    table, own = origin.table, origin.names or ()
    return table.choosing([origin.positions[own.index(name)] for name in names])


def _in_comment(origins: Sequence[Named]) -> str:
    """What a hint on names adds where some stand in a comment, and no header would be passed over with it."""
    tables = [each.table for each in origins if isinstance(each, Origin) and each.stream is not None]
    above = [table for table in tables if table.names_in_comment]
    if not above:
        return ""
    says = f"; the names of {' and '.join(table.name for table in above)} are in a comment above the rows"
    has_header = any(table.may_have_header and table.names and table not in above for table in tables)
    return says if has_header else f"{says}: --no-header passes it over"


def _column_of_labels(origin: Named, classes: Names) -> str | None:
    """What names the column of a target whose texts are class names, where there is one."""
    if not isinstance(origin, Origin) or origin.stream is None or origin.request.role != TARGET:
        return None
    table, indices = origin.table, {str(k) for k in range(len(classes))}
    known = {TEXT: set(classes), NUMBER: indices | {f"{k}.0" for k in indices}}
    has_text = any(table.kinds[column] == TEXT for column in origin.positions)
    for kind in (TEXT, NUMBER) if has_text else ():  # numbers alone may be one-hot
        for column in origin.positions:
            texts = {text for text in table.first(column) if not is_missing(text)}
            if table.kinds[column] == kind and texts <= known[kind]:
                return f"name the column of labels, as in {table.choosing([column])}"
    return None


def _guess(name: str, names: Names) -> str:
    close = get_close_matches(name, names, n=1)
    return f"did you mean {close[0]}? " if close else ""


def match_weights(origin: Origin, classes: Names | None, notes: list[str]) -> None:
    """Puts class weights in the order of the classes: by the names of their columns, or by a column of class names beside them."""
    if _are_counted(origin.names or ()) and not all_numbers(classes or ("-",)):
        _by_number([origin], notes)
        return
    if classes is None:
        _beside_no_names(origin, notes)
        return
    numbers = [] if origin.stream is None else [c for c in origin.positions if origin.table.kinds[c] != TEXT]
    if len(numbers) == 1:
        table = origin.table
        columns = [table.first(c) for c, kind in enumerate(table.kinds) if kind == TEXT]
        texts = next((each for each in columns if sorted(each) == sorted(classes)), None)
        if texts is not None:
            origin.positions, origin.order = numbers, [texts.index(name) for name in classes]
    names = origin.names or ()
    is_named = origin.typed is not None or bool(set(names) & set(classes))
    if origin.order is None and names and names != classes and is_named:
        if (both := alike(names, classes)) is None:
            raise InputError(f"{_weights_for(names)}, and the classes are {', '.join(classes[:8])}")
        origin.reorder([both[0].index(name) for name in both[1]], classes)
    elif origin.order is None or origin.order == sorted(origin.order):
        return
    if origin.stream is not None:
        notes.append(f"the weights of {origin.name} are in another order than the classes, and were matched by name")


def _beside_no_names(origin: Origin, notes: list[str]) -> None:
    """Class weights with names, where the classes have none: an error of typed ones, and a note where those of a file have an order of their own."""
    names = origin.names or ()
    if origin.typed is not None and names:
        hint = "--classes names the classes, in their order"
        raise InputError(f"{_weights_for(names)}, and the classes have no names", hint=hint)
    if names != numbered(names):
        taken = f"the weights of {origin.name} are taken as they stand: {_listed(names)}"
        notes.append(f"the classes have no names, and {taken}")


def _weights_for(names: Names) -> str:
    return f"the class weights are for {', '.join(names[:8])}"


# --- prefixes and suffixes ----------------------------------------------------------------------------------------


def _cuts(names: Names) -> list[Ends]:
    """How much may be removed from all names: what they share in front or behind, the longest first, and then both, as of `P (y=cat)`.

    Those that leave a bracket or the like at an end come last.
    """
    in_front = [(length, 0) for length in range(_shared(names), 0, -1)]
    behind = [(0, length) for length in range(_shared([name[::-1] for name in names]), 0, -1)]
    both = ((front, back) for (front, _), (_, back) in product(in_front, behind))
    shortest_name = min(map(len, names))
    cuts = [cut for cut in chain(in_front, behind, both) if sum(cut) < shortest_name]
    return sorted(cuts, key=lambda cut: not (_cut(names[0], cut)[0] + _cut(names[0], cut)[-1]).isalnum())


def _cut(name: str, cut: Ends) -> str:
    return name[cut[0] : len(name) - cut[1]]


def _shorter(names: Names) -> Iterator[Names]:
    """The names without a part that all begin or end with, and without both."""
    return (tuple(_cut(name, cut) for name in names) for cut in _cuts(names))


def _shared(names: Sequence[str]) -> int:
    """How many characters all names begin with."""
    alike = (len(set(characters)) == 1 for characters in zip(*names, strict=False))
    return sum(takewhile(bool, alike))


def alike(ours: Names, theirs: Names) -> tuple[Names, Names] | None:
    """Both, in full or without their common parts, where they are the same names then; None where they are not.

    >>> alike(("prob_cat", "prob_dog"), ("dog", "cat"))
    (('cat', 'dog'), ('dog', 'cat'))
    >>> alike(("P (y=cat)", "P (y=dog)"), ("dog_score", "cat_score"))
    (('cat', 'dog'), ('dog', 'cat'))
    """
    if len(ours) != len(theirs):
        return None
    if set(ours) == set(theirs):
        return ours, theirs
    known: dict[frozenset[str], Names] = {}
    for names in (theirs, *_shorter(theirs)):
        known.setdefault(frozenset(names), names)
    found = next((names for names in (ours, *_shorter(ours)) if frozenset(names) in known), None)
    return None if found is None else (found, known[frozenset(found)])


def strip_for_labels(origins: Sequence[Named], texts: Sequence[str], names: Names, notes: list[str]) -> Names:
    """The class names, without a common part where the labels are the names without it."""
    shorter = as_labels_are(names, [text for text in texts if not is_missing(text)])
    if shorter != names:
        notes.append(f"the classes {', '.join(names[:12])} are called {', '.join(shorter[:12])}, as the labels are")
        for origin in origins:
            if origin.names == names:
                origin.rename(shorter)
    return shorter


def as_labels_are(names: Names, labels: Sequence[str]) -> Names:
    """Names without a common part where the labels are among them then; names that end in 0, 1, …, K−1 say what positions do."""
    words = {label for label in labels if not is_number(label)}
    if words:
        fits = (shorter for shorter in _shorter(names) if words <= set(shorter))
        return names if words <= set(names) else next(fits, names)
    wanted = set(map(value_of, labels))
    if not wanted or all_numbers(names):
        return names
    for cut in _cuts(names):
        if not is_number(_cut(names[0], cut)) or _cuts_numbers(names[0], cut):
            continue
        shorter = tuple(_cut(name, cut) for name in names)
        values = list(map(value_of, shorter))
        if wanted <= set(values) and len(set(values)) == len(values) and None not in values:
            return names if values == list(range(len(values))) else shorter
    return names


def _cuts_numbers(name: str, cut: Ends) -> bool:
    """Whether a part that is removed belongs to the number: 10 and 11 are not 0 and 1."""
    before, after = name[: cut[0]], name[len(name) - cut[1] :]
    return bool(re.search(r"\d\.?$", before) or re.match(r"\.?\d", after))


def require_order(origins: Sequence[Origin], target: Origin, classes: Names | None) -> None:
    """Whole-number labels beside scores by label, whose order says nothing, need `--classes`."""
    if classes is not None or (target.stream is not None and target.table.kinds[target.positions[0]] == TEXT):
        return
    if target.typed is not None and not all(map(_is_whole, target.typed.texts_typed())):
        return
    for origin in origins:
        if origin.stream is None or not origin.table.unordered or not origin.names:
            continue
        if origin.table.keys and not origin.has_keys:
            continue
        if not any(origin.table.kinds[i] == TEXT for i in origin.positions):
            require_numbered(origin.names, *distinct_names(target, origin), _classes_option)


def mention_order(origins: Sequence[Origin], target: Origin, classes: Names | None, notes: list[str]) -> None:
    """A note on which class each label by number is, where it may as well be another; what is typed was seen with the columns."""
    if target.stream is None or target.table.kinds[target.positions[0]] != NUMBER:
        return
    moving = any(origin.stream is not None and origin.table.keys_move for origin in origins)
    said = said_of_order(target.name, classes or (), moving, _classes_option)
    if said is not None and not any(note.endswith(said.removeprefix(f"the labels of {target.name}")) for note in notes):
        notes.append(said)


def said_of_order(target: str, classes: Names, moving: bool, option: Callable[[Names], str]) -> str | None:
    """Which class each number is, where the classes may as well be numbered in another order, that of the alphabet, or some are called numbers.

    Parameters: `target` is what the labels are called, `classes` the names of the columns, `moving` whether these are not in one order in
    all rows; `option` writes what gives the classes an order.
    """
    alphabet = numbered(classes)
    if not any(classes) or all_numbers(classes):
        return None
    if classes == alphabet and not moving and not any(map(is_number, classes)):
        return None
    each = ", ".join(f"{k} is {name}" for k, name in enumerate(classes[:MOST_LISTED]))
    more = ", …" if len(classes) > MOST_LISTED else ""
    other = option(("NAMES",) if alphabet == classes else _if_short(alphabet))
    return f"the labels of {target} are numbers: {each}{more}, in the order of the columns; {other} gives another order"


def _classes_option(names: Names) -> str:
    return f"--classes {to_type.classes(names)}"


def _if_short(names: Names) -> Names:
    """Names that one would type, or a word that stands for many."""
    return names if len(names) <= MOST_LISTED and sum(map(len, names)) <= MOST_CHARACTERS else ("NAMES",)


def require_numbered(names: Names, target: str, prediction: str, option: Callable[[Names], str]) -> None:
    """The error for labels that are numbers beside scores by name, unless the names are numbers too or end in 0, 1, …, K−1."""
    ends = [name[len(name.rstrip("0123456789")) :] for name in names]
    if not all_numbers(names) and ends != [str(k) for k in range(len(ends))]:
        raise InputError(
            f"{target} has labels that are numbers, and {prediction} has scores by name, in no order",
            hint=f"{option(_if_short(numbered(names)))} says which is 0, 1, 2, …",
        )


def _is_whole(text: str) -> bool:
    """Whether a text is a whole number: a label, and no share of a distribution."""
    value = value_of(text)
    return value is not None and value.is_integer()
