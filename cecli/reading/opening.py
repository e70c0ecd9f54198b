"""Opening the sources of a call: what each text stands for, and what the columns of all of them mean together.

What parses as numbers is numbers; `-` is standard input; a text that is a class name is that label; anything else is a path.
`open_call` sees all sources at once, because which column is which is settled over all of them (`roles.py`, `meeting.py`).
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from cecli.errors import InputError, MissingError, Place
from cecli.reading import pasted, slips, vector
from cecli.reading.addresses import is_remote, shown
from cecli.reading.columns import split_columns
from cecli.reading.located import Located, Part, located
from cecli.reading.opened import Opened
from cecli.reading.roles import (
    CLASS_WEIGHTS,
    PREDICTION,
    SKIPPED,
    SLICES,
    TARGET,
    WEIGHTS,
    Origin,
    ReadingOptions,
    Request,
    Roles,
)
from cecli.reading.sources import SKIP_MISSING, Source, TypedSource
from cecli.reading.streams import Stream
from cecli.reading.tables import TEXT, Table
from cecli.reading.telling import FORCED, is_typed, looks_like_a_file, no_column, no_file


def open_call(
    requests: Sequence[Request], options: ReadingOptions, has_stdin: bool = True, part: Part | None = None
) -> Opened:
    """All sources of a call, which settle together what their columns mean.

    Parameters: `requests`, a source each, with its role, its text as it was typed, and what errors call it; the predictions in the order
    of the models. `options` say which rows and columns to use; `has_stdin` whether - is the call's own input (no worksheet is read from it);
    `part` which part of the rows is read, where it is not all of them.
    Returns: the sources, the target (of `--label` too), the class names, and notes of what was settled by a rule; `close()` it at the end.
    Raises: InputError, MissingError or UsageError, with everything closed again, where a text is neither values nor a file, columns or names
    do not fit one another, or a header or an index is in doubt.
    """
    opened = Opened(requests, options, has_stdin, part)
    try:
        _Opening(opened, requests).run(part)
    except BaseException:
        opened.close()
        raise
    return opened


class _Opening:
    """The steps of opening a call."""

    def __init__(self, opened: Opened, requests: Sequence[Request]) -> None:
        self.opened, self.options, self.notes = opened, opened.options, opened.notes
        self.requests = requests
        self.origins: list[Origin] = []
        self.labels: list[Origin] = []
        """The columns of `--label`, one for each prediction."""
        self.slices: list[Origin] = []
        """The columns of `--by` in other files than the first that has one."""
        self._stdin: str | None = None

    def run(self, part: Part | None) -> None:
        """Opens, settles what the columns are, and makes the sources."""
        for request in self.requests:
            self.origins.append(self._locate(request))
        self._add_labels()
        self._settle_columns(Roles(self._everything(), self.options.ids, self._where_columns(), self.notes))
        if self.options.binary:
            slips.require_numbers([*self.origins, *self.labels], self.opened.classes)
        self._meet()
        if not self.options.ids and len(self.opened.streams) > 1:
            from cecli.reading import same_ids  # loaded where it is needed

            same_ids.mention_other_order(self.origins, self.notes)
        slips.mention_columns([*self.origins, *self.labels], self.notes, self.options)
        self._make(part is not None)
        if part is None:
            self._judge()
        rows = {each.stream for each in self._everything() if each.request.role != CLASS_WEIGHTS}
        for stream in self.opened.streams.values():
            stream.has_samples, stream.table.ahead = stream in rows, self.opened.ahead
        for stream, start in zip(self.opened.streams.values(), part.starts if part is not None else (), strict=False):
            if stream.has_samples:
                stream.begin(start)

    # -- what each text stands for

    def _locate(self, request: Request) -> Origin:
        """Where a source comes from; a text that is neither numbers nor a file waits for the class names."""
        text = request.text
        if request.role == SLICES and (found := self._column_of_a_file(request)) is not None:
            return found
        if text.strip() == "-" or text.startswith("-:"):
            return self._standard_input(request, text.partition(":")[2] or None)
        known = self.opened.located.get(text)
        if known is None:
            if not text.startswith(FORCED) and is_typed(text, self.options.classes, self.options.decimal_comma):
                return self._typed(request, self.options.classes)
            path, spec = split_columns(text)
            known = located(path, spec)
            if not known.files:
                return Origin(request, None, spec, path)
            self.opened.located[text] = known
        return self._parts(request, known) if known.is_glob else self._file(request, known)

    def _column_of_a_file(self, request: Request) -> Origin | None:
        """The column of this name in the first file that has one. Those of others must agree, but for columns that are predictions."""
        having = [each for each in self.origins if each.stream is not None and request.text in each.table.first_row]
        having = [each for each in having if each.request.role != PREDICTION or each.spec != request.text] or having
        found = {id(each.stream): Origin(request, each.stream, request.text, each.path) for each in having}
        for origin in having:
            found[id(origin.stream)].piped = origin.piped
        columns = [*found.values()]
        self.slices = columns[1:]
        return columns[0] if columns else None

    def _typed(self, request: Request, known: Sequence[str] | None, piped: str | None = None) -> Origin:
        """The values of the text that was typed, or piped in; weights on the command line keep point and comma."""
        origin = Origin(request, None, None)
        comma = self.options.decimal_comma and (piped is not None or request.role not in (WEIGHTS, CLASS_WEIGHTS))
        typed = pasted.cut(request.text if piped is None else piped, request.name, known, comma)
        origin.typed = TypedSource(typed, request.name, self.options.gaps(request.role))
        origin.typed.skip_hint = SKIP_MISSING if request.role in SKIPPED else None
        origin.names = typed.names
        if origin.typed.comma_hint:
            self.notes.append(f"{request.name}: {origin.typed.comma_hint}")
        return origin

    def _standard_input(self, request: Request, spec: str | None) -> Origin:
        """What is piped in, once per call, or some columns of it: `-:COLUMNS`."""
        if self._stdin is not None:
            raise InputError(
                f"- is standard input and can be read once per call: {self._stdin} reads it already",
                hint=f"type {request.name} or give a file",
            )
        from cecli.reading.piped import standard_input

        self._stdin = request.name
        found, spec = standard_input(self.opened.files, request.name, spec, self.opened.has_stdin)
        if isinstance(found, str):
            return self._typed(request, self.options.classes, found)
        self.opened.streams["-", ""] = stream = Stream(found)
        origin = Origin(request, stream, _or(spec, self._columns(request)), "-")
        origin.piped = True
        return origin

    def _file(self, request: Request, located: Located) -> Origin:
        """A file, or a member of one, which is opened once however often it is named."""
        path, spec, real = located.path, located.spec, located.real
        member = spec.partition(":")[0] if spec and path.lower().endswith(".npz") else ""
        if (stream := self.opened.streams.get((real, member))) is not None:
            return Origin(
                request,
                stream,
                _or(spec.partition(":")[2] or None if member and spec else spec, self._columns(request)),
                path,
            )
        table, rest = self.opened.files.table(path, spec)
        if rest == spec:
            member = ""
        if (stream := self.opened.streams.get((real, member))) is None:
            is_there_again = is_remote(path) or os.path.isfile(os.path.expanduser(path))
            again = (lambda: self.opened.files.table(path, spec)[0]) if is_there_again else None
            stream = Stream(table, again, [path])
            self.opened.streams[real, member] = stream
        return Origin(request, stream, _or(rest, self._columns(request)), path)

    def _parts(self, request: Request, located: Located) -> Origin:
        key, paths, spec = located.path, located.files, located.spec
        if (stream := self.opened.streams.get((key, ""))) is None:
            stream = Stream(self._joined(key, paths), lambda: self._joined(key, paths), paths)
            self.opened.streams[key, ""] = stream
        return Origin(request, stream, _or(spec, self._columns(request)), key)

    def _joined(self, key: str, paths: Sequence[str]) -> Table:
        from cecli.reading.parts import PartsTable

        table = PartsTable(shown(key) if is_remote(key) else key, paths, self.opened.files.layout)
        self.opened.closing.append(table.close)
        return table

    def _columns(self, request: Request) -> str | None:
        """The columns of `--columns`, for a prediction that names none."""
        return self.options.columns if request.role == PREDICTION else None

    def _add_labels(self) -> None:
        """The label columns of `--label`: every prediction brings its own."""
        if self.options.label is None:
            return
        for origin in self._predictions():
            if origin.stream is None:
                name, text = origin.request.name, origin.request.text
                if looks_like_a_file(text):
                    raise no_file(text, origin.path, name, None)
                raise InputError(
                    f"--label: {name} is not a file with a column of labels: {text!r}",
                    hint="type the labels as the target, without --label",
                )
            request = Request(TARGET, origin.request.text, "the target")
            if self.options.label in origin.table.members and not origin.piped:
                self.labels.append(self._file(request, located(origin.path, self.options.label)))
                continue
            label = Origin(request, origin.stream, self.options.label, origin.path)
            label.piped = origin.piped
            self.labels.append(label)

    def _everything(self) -> list[Origin]:
        return [*self.origins, *self.labels, *self.slices]

    def _predictions(self) -> list[Origin]:
        return [origin for origin in self.origins if origin.request.role == PREDICTION]

    def _first_of_classes(self) -> Origin | None:
        """The first prediction of classes: of predicted labels there may be one before it."""
        return next((origin for origin in self._predictions() if origin.has_classes), None)

    def _where_columns(self) -> list[str]:
        return [text.partition("=")[0].strip() for text in self.options.where]

    # -- which columns are which

    def _settle_columns(self, roles: Roles) -> None:
        """Headers and columns: the predictions first, whose names are the classes of all others."""
        done: set[int] = set()
        for origin in sorted(self._everything(), key=lambda origin: origin.request.role != PREDICTION):
            if origin.stream is None:
                if origin.typed is None:
                    self._type_late(origin)
                if origin.request.role == PREDICTION:
                    self._remember_classes(origin)
                continue
            if self._is_class_name(origin):
                continue
            if id(origin.stream) not in done:
                done.add(id(origin.stream))
                roles.settle(origin.table, self.opened.classes or ())
                self.notes += origin.table.notes
                self._require_id(origin)
            roles.choose(origin)
            if origin.request.role == PREDICTION:
                self._remember_classes(origin)
        roles.mention_indexes()

    def _require_id(self, origin: Origin) -> None:
        """Every table that is joined has the column of `--id`."""
        if self.options.ids and origin.request.role != CLASS_WEIGHTS:
            from cecli.reading.ids import id_column

            id_column(origin.table, self.options.ids)

    def _remember_classes(self, origin: Origin) -> None:
        """The names of the first prediction's columns of classes are the class names, unless `--classes` says others."""
        if (
            self.opened.classes is None
            and origin.has_classes
            and origin is self._first_of_classes()
            and any(origin.names or ())
        ):
            self.opened.classes = origin.names

    def _is_class_name(self, origin: Origin) -> bool:
        """Whether a file's name is the name of a class too: then it is that label."""
        request = origin.request
        if request.role != TARGET or origin in self.labels or request.text not in (self.opened.classes or ()):
            return False
        typed = self._typed(request, self.opened.classes)
        origin.stream, origin.typed, origin.names = None, typed.typed, None
        return True

    def _type_late(self, origin: Origin) -> None:
        """A text that is not a file: labels by name, or a slip."""
        from cecli.reading import meeting

        known, request = self.opened.classes, origin.request
        if known is not None:
            known = meeting.as_labels_are(known, vector.words(request.text))
        if (
            request.role in (TARGET, PREDICTION)
            and not request.text.startswith(FORCED)
            and is_typed(request.text, known, self.options.decimal_comma)
        ):
            origin.typed = self._typed(request, known).typed
            return
        if self.options.binary and (
            hint := slips.binary_classes({*vector.words(request.text)} - {self.options.ignore})
        ):
            raise InputError(
                f"{request.name}: {request.text!r} are not numbers",
                place=Place(request.text, 0, len(request.text)),
                hint=hint,
            )
        if request.role == SLICES and not looks_like_a_file(request.text):
            tables = [each.table for each in self.origins if each.stream is not None]
            raise no_column(request.text, [name for table in tables for name in table.names or ()])
        error = no_file(request.text, origin.path, request.name, known)
        if known is not None and not looks_like_a_file(request.text) and (hint := self._hint_on_columns()):
            error = MissingError(error.message, place=error.place, hint=hint)
        raise error

    def _hint_on_columns(self) -> str | None:
        """Which columns of the first prediction hold its values, where one of those that it takes is text."""
        first = self._first_of_classes()
        texts = [i for i in first.positions if first.table.kinds[i] == TEXT] if first and first.stream else []
        return first.table.numeric_hint(texts[0]) if first and texts else None

    def _meet(self) -> None:
        """Brings the columns of all sources to one order of classes."""
        from cecli.reading import meeting

        targets = [origin for origin in [*self.labels, *self.origins] if origin.request.role == TARGET]
        meeting.meet([*self._predictions(), *targets], self.options.classes, self.notes)
        first = self._first_of_classes()
        if first is not None and self.options.classes is None and self.opened.classes is not None:
            self.opened.classes = first.names
        if self.opened.classes is None and not self.options.binary:
            self._name_labels()
        for target in targets:
            self._match_labels(target)
        for origin in self.origins:
            if origin.request.role == CLASS_WEIGHTS:
                meeting.match_weights(origin, self.opened.classes, self.notes)

    def _name_labels(self) -> None:
        """Predicted labels beside labels, by name: the classes are the names that there are."""
        everything = [*self.origins, *self.labels]
        if not all(origin.typed for origin in everything):
            from cecli.reading import label_names

            if label_names.are_all_names(everything):
                self.opened.classes = self.opened.label_names = label_names.find_names(
                    everything, self.options.header, self.notes
                )

    def _match_labels(self, target: Origin) -> None:
        """Labels by name beside columns with a common part, and labels by number beside columns in no order."""
        from cecli.reading import meeting

        predictions = [origin for origin in self._predictions() if origin.has_classes]
        if not target.may_be_labels or not predictions:
            return
        if self.options.classes is None and self.opened.classes is not None:
            typed = target.typed
            texts = typed.texts_typed() if typed is not None else target.table.first(target.positions[0])
            if (ignore := self.options.ignore) is not None:
                texts = [text for text in texts if ignore not in (text, vector.value_of(text))]
            self.opened.classes = meeting.strip_for_labels(predictions, texts, self.opened.classes, self.notes)
            meeting.mention_order(predictions, target, self.opened.classes, self.notes)
        meeting.require_order(predictions, target, self.options.classes)

    # -- the sources

    def _make(self, in_part: bool) -> None:
        if all(origin.typed for origin in self.origins) and not self.options.ids and not self.options.where:
            found: list[Source] = [origin.typed for origin in self.origins if origin.typed is not None]
        else:
            from cecli.reading.making import Making

            making = Making(self.options, self._everything(), in_part)
            found, self.opened.join = making.sources(), making.join
        for source, origin in zip(found, self.origins, strict=False):
            text = origin.request.text
            source.text = shown(text) if is_remote(text) else text
        targets = [source for source, origin in zip(found, self.origins, strict=False) if origin.request.role == TARGET]
        beside = found[len(self.origins) :]
        labels, slices = beside[: len(self.labels)], beside[len(self.labels) :]
        if labels or slices:
            from cecli.reading.agreeing import agreeing
        if labels:
            targets = [agreeing(labels, "the labels")]
        if slices:
            at = [origin.request.role for origin in self.origins].index(SLICES)
            found[at] = agreeing([found[at], *slices], f"the values of {found[at].text}")
        self.opened.sources = found[: len(self.origins)]
        self.opened.target = targets[0] if targets else None

    def _judge(self) -> None:
        """Looks for slips that the target and the predictions show together."""
        target = self.opened.target
        predictions = [
            o for o in zip(self.origins, self.opened.sources, strict=True) if o[0].request.role == PREDICTION
        ]
        if target is None:
            return
        if not self.options.binary:
            slips.judge(target, [source for _, source in predictions], self.notes)
        elif not any(origin.piped for origin in self.origins):
            slips.judge_binary(target, predictions[0][1], self.notes)


def _or(spec: str | None, columns: str | None) -> str | None:
    """The columns that are named, even if by nothing, else those of `--columns`."""
    return columns if spec is None else spec
