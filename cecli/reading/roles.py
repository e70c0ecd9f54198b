"""The table of roles: what the sources of a call are, and which columns of their tables each takes.

| role | takes, where it names no columns | its columns |
|---|---|---|
| prediction, target | all but those that another source names, the index, the columns of `--id` and `--where` | classes, matched by name |
| inputs | the same | in their order |
| weights, clusters | the same | one |
| slices | the column of that name in the files that have it, else the same | one |
"""

from __future__ import annotations

from collections.abc import Sequence

from cecli.errors import InputError
from cecli.reading import row_fields
from cecli.reading.columns import chosen
from cecli.reading.doubtful_columns import MOST_TRIED, are_sorted, doubtful, first_values, odd_column, sum_to_1
from cecli.reading.index_columns import are_like_ids, counts_from, index_columns
from cecli.reading.labels import Ignored
from cecli.reading.missing import Gaps, is_missing
from cecli.reading.sources import TypedSource
from cecli.reading.streams import Stream
from cecli.reading.tables import LIST, NUMBER, TEXT, Table, Use
from cecli.reading.vector import has_decimal_comma, is_number, value_of
from cecli.record import Record

PREDICTION, TARGET, INPUTS = "prediction", "target", "inputs"
WEIGHTS, CLASS_WEIGHTS, CLUSTERS, SLICES = "weights", "class weights", "clusters", "slices"
SKIPPED = (PREDICTION, TARGET, WEIGHTS, CLUSTERS)
"""Roles in which a sample with a missing value can be left out; in others a missing value is always an error."""
MOST_SORTED = 20
"""First rows that are looked at for whether they are sorted."""
MOST_NAMED = 4
"""Doubtful columns that a note names."""


class Request(Record):
    """A source that a call asks for."""

    role: str
    text: str
    """As it was typed."""
    name: str
    """What errors call it: `the prediction`, or a model's name."""


class ReadingOptions(Record):
    """The options of a call that say which rows and columns of its sources to use, and how to read text."""

    classes: tuple[str, ...] | None = None
    header: bool | None = None
    line_buffered: bool = False
    ids: tuple[str, ...] = ()
    """`--id`: the column that the sources are joined by, or its names in different files."""
    where: tuple[str, ...] = ()
    columns: str | None = None
    label: str | None = None
    skip_missing: bool = False
    decimal_comma: bool = False
    ignore: Ignored = None
    threads: int = 1
    """On how many threads text is read."""
    binary: bool = False
    """Whether each value of a prediction is the probability of a label of its own, as `bce` has it."""

    def gaps(self, role: str) -> Gaps:
        """What a source may lack: `--ignore-index` may leave out a label that is missing, and anything beside a label."""
        anything = role in (PREDICTION, WEIGHTS, INPUTS, CLUSTERS) and self.ignore is not None
        no_label = role == TARGET and isinstance(self.ignore, str) and is_missing(self.ignore)
        return Gaps(self.skip_missing and role in SKIPPED, anything or no_label, anything)


class Origin:
    """Where a source comes from: what was typed, or some columns of a table."""

    def __init__(self, request: Request, stream: Stream | None, spec: str | None, path: str = "") -> None:
        self.request, self.stream, self.spec, self.path = request, stream, spec, path
        self.typed: TypedSource | None = None
        self.positions: Sequence[int] = []
        self.names: tuple[str, ...] | None = None
        """What its columns are called as classes."""
        self.inner: Sequence[int] | None = None
        """Which of the values within its one column are taken, in which order; all as they stand where none is named."""
        self.order: Sequence[int] | None = None
        """The order in which its rows are taken, where it is not their own."""
        self.piped = False
        self.advice: str | None = None
        """What to do where its rows do not sum to 1."""

    @property
    def table(self) -> Table:
        """The table that it is part of."""
        assert self.stream is not None
        return self.stream.table

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.request.name if self.stream is None else self.table.name

    @property
    def text(self) -> str:
        """As it was typed."""
        return self.request.text

    @property
    def has_classes(self) -> bool:
        """Whether it has two or more columns of classes."""
        if self.request.role not in (PREDICTION, TARGET):
            return False
        return self.has_keys or (self.typed.width if self.typed is not None else len(self.positions)) > 1

    @property
    def has_keys(self) -> bool:
        """Whether it is one column of objects, whose keys are the names of its classes."""
        return self.stream is not None and len(self.positions) == 1 and self.positions[0] in self.table.keys

    def holds_names(self, classes: Sequence[str] | None) -> bool:
        """Whether it is one column of texts, or typed class names."""
        if self.typed is not None:
            return self.typed.are_class_names(classes)
        if self.stream is None or len(self.positions) != 1:
            return False
        column = self.positions[0]
        if self.table.kinds[column] != TEXT or column in self.table.mixed:
            return False
        return not all(map(has_decimal_comma, self.table.first(column)))

    @property
    def may_be_labels(self) -> bool:
        """Whether it is a value for each sample: a column, or one typed row, which beside a single sample is its distribution."""
        return not self.has_classes or (self.typed is not None and self.typed.dimensions < 2 and self.names is None)

    def reorder(self, order: Sequence[int], names: tuple[str, ...]) -> None:
        """Puts the columns in another order."""
        if self.typed is not None:
            self.typed.reorder(order)
        elif self.has_keys:
            inner = self.inner or range(self.table.sizes[self.positions[0]])
            self.inner = [inner[i] for i in order]
        else:
            self.positions = [self.positions[i] for i in order]
        self.rename(names)

    def rename(self, names: tuple[str, ...]) -> None:
        """Gives the classes other names."""
        self.names = names
        if self.typed is not None:
            self.typed.names = names


class Roles:
    """Chooses the columns of every source of a call."""

    def __init__(self, origins: Sequence[Origin], ids: Sequence[str], where: Sequence[str], notes: list[str]) -> None:
        self.origins, self.ids, self.where, self.notes = origins, ids, where, notes
        self.indexes: dict[str, dict[str, str]] = {}
        """The files whose index was left out, and what was typed for each, by what their column is called."""

    def settle(self, table: Table, labels: Sequence[str]) -> None:
        """Decides on the header of a text, by all sources that use it; `labels` are the class names that are known.

        Where none are, the names that stand below the first rows of label columns are names of classes too.
        """
        is_open = not labels and not all(map(is_number, table.first_row))
        known = {text for origin in self.origins for text in self._labels_below(origin)} if is_open else labels
        uses = []
        for origin in self._of(table):
            positions = self._tentative(origin, table)
            reads_labels = _reads_labels(origin, positions) and origin.spec not in table.first_row
            names = () if reads_labels else tuple(labels)
            uses.append(Use(positions, origin.request.role == PREDICTION, known if reads_labels else (), names))
        first = list(table.first_row)
        uses += [Use([first.index(name)]) for name in (*self.ids, *self.where) if name in first]
        table.settle(uses)

    def _labels_below(self, origin: Origin) -> list[str]:
        """The labels of a source that stand below the first row, as far as they are seen."""
        if origin.stream is None:
            return []
        positions = self._tentative(origin, origin.table)
        if not _reads_labels(origin, positions):
            return []
        return origin.table.first(positions[0])[0 if origin.table.names else 1 :]

    def _of(self, table: Table) -> list[Origin]:
        return [origin for origin in self.origins if origin.stream is not None and origin.stream.table is table]

    def _tentative(self, origin: Origin, table: Table) -> list[int]:
        """The columns that a source would take if the first row were a header; without one if it can't be."""
        if origin.spec is None:
            taken = self._taken(origin, table, table.names or table.first_row)
            return [i for i in range(table.width) if i not in taken]
        for header in (table.names or table.first_row, None):
            try:
                return chosen(origin.spec, header, table.width, table.name)
            except InputError:
                continue
        return []

    def _taken(self, origin: Origin, table: Table, header: Sequence[str] | None) -> set[int]:
        """The columns that other sources name out of the same table, and those that hold no values."""
        specs = [each.spec for each in self._of(table) if each is not origin and each.spec is not None]
        found = set(table.trailing)
        for spec in [*specs, *self.ids, *self.where]:
            try:
                found.update(chosen(spec, header, table.width, table.name))
            except InputError:
                continue
        return found

    def mention_indexes(self) -> None:
        """A note on the columns that were left out as an index, one for all files that call it alike."""
        for title, files in self.indexes.items():
            (name, typed), *others = files.items()
            more = f" and of {len(others)} more file{'s' if len(others) > 1 else ''}" if others else ""
            self._note(f"{title} of {name}{more} was left out as an index; {typed}:1- takes it in")

    def choose(self, origin: Origin) -> None:
        """Settles which columns a source takes."""
        table = origin.table
        if origin.spec is not None:
            origin.positions = chosen(origin.spec, table.names, table.width, table.name)
            table.whole.add(origin.spec)
            if any(mark in origin.spec for mark in "*?["):
                table.rest = origin.positions
        else:
            origin.positions = table.rest = self._rest(origin, table)
            if origin.request.role in (PREDICTION, TARGET):
                _require_one_object(table, origin.positions)
        if (
            len(origin.positions) == table.width
            and max(table.sizes) == 1
            and origin.positions == list(range(table.width))
        ):
            origin.positions = range(table.width)
        lists = [i for i in origin.positions if table.kinds[i] == LIST]
        if lists and len(origin.positions) > 1:
            says = f"{table.name} has lists of values in {table.title(lists[0])}, beside other columns"
            hint = f"name the column to use, as in {table.choosing(lists[:1])}"
            if table.one_row and lists == list(origin.positions):
                hint += '; a list for each class is read where all have one length: {"cat": […], "dog": […]}'
            raise InputError(says, hint=hint)
        if not origin.positions:
            raise InputError(
                f"{table.name} has no column left for {origin.request.name}",
                hint=f"name its columns, as in {table.typed}:2-",
            )
        origin.names = self._names(origin, table)
        if origin.request.role == PREDICTION and origin.spec is None:
            origin.advice = _index_of_class(table, origin.positions) or _other_column(table, origin.positions)
            self._mention_doubtful(table, origin.positions)
        if origin.request.role == PREDICTION:
            self._mention_sorted(origin, table)

    def _mention_doubtful(self, table: Table, positions: Sequence[int]) -> None:
        """A note where columns that seem to be labels, ids, or anything but scores are read as classes."""
        if not 2 < len(positions) <= MOST_TRIED or any(table.kinds[i] != NUMBER for i in positions):
            return
        names = {i: table.names[i] if table.names else "" for i in positions}
        if found := doubtful(names, {i: table.first(i) for i in positions}):
            read = "is read as a class" if len(found) == 1 else "are read as classes"
            self._note(f"{_titles(table, found)} of {table.name} {read}; {_without(table, positions, found)}")

    def _mention_sorted(self, origin: Origin, table: Table) -> None:
        """A note where the values of each row seem to be sorted, and their columns have no names that say which class each is."""
        numbers = [text[len(text.rstrip("0123456789")) :] for text in origin.names or ()]
        if origin.has_keys or not all(numbers) or len(origin.positions) > MOST_TRIED:
            return
        columns = [table.first(i)[:MOST_SORTED] for i in origin.positions if table.kinds[i] in (NUMBER, LIST)]
        found = (
            [value_of(word) for text in row for word in row_fields.words(text)] for row in zip(*columns, strict=False)
        )
        if are_sorted([value for value in row if value is not None] for row in found):
            says = "the values fall from the first to the last: if they are sorted, their places do not say which class is which"
            self._note(f"in each row of {table.name} {says}")

    def _rest(self, origin: Origin, table: Table) -> list[int]:
        taken = self._taken(origin, table, table.names)
        table.whole.add("")
        rest = [i for i in range(table.width) if i not in taken]
        if table.trailing:
            table.left_out = table.trailing
            many = len(table.trailing)
            last = "the last column" if many == 1 else f"the last {many} columns"
            self._note(
                f"{last} of {table.name} {'is' if many == 1 else 'are'} empty and {'was' if many == 1 else 'were'} left out"
            )
        index = [i for i in index_columns(table.names or (), lambda: table.first(0)) if i in rest]
        if index and len(rest) > len(index):
            rest = [i for i in rest if i not in index]
            self.indexes.setdefault(table.title(index[0]), {})[table.name] = table.typed
        elif not origin.piped and rest[:1] == [0] and len(rest) > 2:
            _require_no_count(table)
        return rest

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def _names(self, origin: Origin, table: Table) -> tuple[str, ...] | None:
        """What the columns of a source are called as classes: nothing where a list holds them, or where names are in part empty."""
        if origin.has_keys:
            return table.keys[origin.positions[0]]
        if table.names is None or any(table.sizes[i] > 1 for i in origin.positions):
            return None
        names = [table.names[i] for i in origin.positions]
        group = f"{origin.spec}."
        return (
            tuple(name.removeprefix(group) for name in names)
            if all(n.startswith(group) for n in names)
            else tuple(names)
        )


def _require_one_object(table: Table, positions: Sequence[int]) -> None:
    """The error for objects with the same keys, side by side: predictions of several models, or several samples."""
    keys: dict[str, set[str]] = {}
    for i in positions if table.objects else ():
        keys.setdefault(table.objects[i], set()).add((table.names or ())[i].removeprefix(f"{table.objects[i]}."))
    alike = [each for each in keys if each and len(keys[each]) > 1 and [*keys.values()].count(keys[each]) > 1]
    if alike:
        more = ", …" if len(alike) > 4 else ""
        raise InputError(
            f"{table.name} has objects with the same keys side by side: {', '.join(alike[:4])}{more}",
            hint=f"name one, as in {table.typed}:{alike[0]}; a sample each is written as a list: frame.to_json(orient='records')",
        )


def _reads_labels(origin: Origin, positions: Sequence[int]) -> bool:
    """Whether a source is one column that may hold labels."""
    return len(positions) == 1 and origin.request.role in (TARGET, PREDICTION)


def _titles(table: Table, columns: Sequence[int]) -> str:
    return ", ".join([table.title(i) for i in columns[:MOST_NAMED]] + ["…"] * (len(columns) > MOST_NAMED))


def _without(table: Table, positions: Sequence[int], left_out: Sequence[int]) -> str:
    """What leaves some columns out."""
    rest = table.choosing([i for i in positions if i not in left_out])
    return f"{rest} leaves {'it' if len(left_out) == 1 else 'them'} out"


def _other_column(table: Table, positions: Sequence[int]) -> str | None:
    """How to leave out the one column without which the first rows sum to 1, or else all doubtful ones, or one that is like ids."""
    if len(positions) > MOST_TRIED or any(table.kinds[i] != NUMBER or table.sizes[i] > 1 for i in positions):
        return None
    texts = {i: table.first(i) for i in positions}
    columns = first_values(texts)
    if (odd := odd_column(columns)) is not None:
        return f"{table.title(odd)} seems to be no class: without it rows sum to 1; {_without(table, positions, [odd])}"
    names = {i: table.names[i] if table.names else "" for i in positions}
    found = doubtful(names, texts)
    if found and sum_to_1(zip(*(columns[i] for i in positions if i not in found), strict=False)):
        seem = "seem to be no classes: without them rows sum to 1"
        return f"{_titles(table, found)} {seem}; {_without(table, positions, found)}"
    ids = next((i for i in positions if len(positions) > 1 and names[i] and are_like_ids(names[i], texts[i])), None)
    return None if ids is None else f"{table.title(ids)} seems to hold ids; {_without(table, positions, [ids])}"


def _index_of_class(table: Table, positions: Sequence[int]) -> str | None:
    """How to take in a first column that was left out, as it has no name, where the first rows sum to 1 with it and not without it."""
    if not table.names or table.names[0] or list(positions) != list(range(1, len(positions) + 1)):
        return None
    if any(table.kinds[i] != NUMBER for i in (0, *positions)):
        return None
    columns = first_values({i: table.first(i) for i in (0, *positions)})
    if not sum_to_1(zip(*columns.values(), strict=True)):
        return None
    return f"{table.title(0)} has no name: with it rows sum to 1; {table.typed}:1- takes it in"


def _require_no_count(table: Table) -> None:
    """The error for a first column without a name that counts the rows: most likely an index."""
    if table.names is not None or table.kinds[0] == TEXT:
        return
    if (start := counts_from(table.first(0))) is not None:
        raise InputError(
            f"the first column of {table.name} counts {start}, {start + 1}, {start + 2}, …: is it an index?",
            hint=f"{table.name}:2- leaves it out, {table.name}:1- takes it as a class",
        )
