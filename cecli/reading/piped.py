"""Standard input: the kind of what is piped in, by its first bytes, and its table."""

from __future__ import annotations

import os
import sys
from typing import Any, BinaryIO

from cecli.errors import MissingError
from cecli.reading import encoded, pasted, short_forms, vector
from cecli.reading.beginning import begun, peek
from cecli.reading.kinds import COLUMNAR, STARTS, Files, arrays_of, by_start, refuse, unpacked
from cecli.reading.tables import Table
from cecli.reading.to_type import STANDARD_INPUT


def standard_input(files: Files, name: str, spec: str | None, is_there: bool = True) -> tuple[Table | str, str | None]:
    """The table that is piped in, or the text of values as one types them, rows in brackets within brackets; and the columns to use."""
    if not is_there or sys.stdin is None or sys.stdin.isatty():
        raise MissingError("nothing is piped into standard input", hint="pipe something in, or type values for the -")
    stream: Any = begun(sys.stdin.buffer, STARTS)
    title = f"{name}{STANDARD_INPUT}"
    kind, packed = by_start(stream, "")
    if packed:
        stream = unpacked(stream, packed, title)
        kind, _ = by_start(stream, "")
    refuse(title, kind)
    if kind == ".npy":
        from cecli.reading.binary import stream_table

        return stream_table(stream, title), spec
    if kind in (".npz", *COLUMNAR):
        return _kept(files, stream, title, kind, spec)
    stream = encoded.as_utf8(stream, peek(stream), title)
    start = peek(stream).lstrip()
    alone = b"\n" not in start.rstrip()
    if (
        start[:1] in (b"[", b"(")
        or (b"(" in start and pasted.begins(start.decode("utf-8", "replace")))
        or any(mark.encode() in start for mark in "；，−")
        or (b";" in start and b"," in start)
        or _is_short(start.partition(b"\n")[0].decode("utf-8", "replace"), alone)
    ):
        return _piped_text(files, stream, title, alone, spec is not None), spec
    return files.lines_table(stream, title, piped=True), spec


def _kept(files: Files, stream: BinaryIO, name: str, kind: str, spec: str | None) -> tuple[Table, str | None]:
    """A piped file that is read from its end: it is written to a temporary one first."""
    import tempfile

    with tempfile.NamedTemporaryFile(suffix=kind, delete=False) as file:
        while chunk := stream.read(1 << 20):
            file.write(chunk)
    try:
        return _table_of(files, file.name, name, kind, spec)
    finally:
        os.unlink(file.name)


def _table_of(files: Files, path: str, name: str, kind: str, spec: str | None) -> tuple[Table, str | None]:
    """The table of the temporary file, and the columns of it to use."""
    if kind == ".npz":
        archive = arrays_of(files.opened(path), name)
        member, rest = archive.member(spec)
        return archive.table(member), rest
    from cecli.reading.columnar import columnar_table

    return columnar_table(path, name, kind == ".parquet"), spec


def _piped_text(files: Files, stream: BinaryIO, name: str, alone: bool, has_columns: bool) -> Table | str:
    """Piped text that may be values as one types them: its first line says so. What columns are chosen of is a table: lists of JSON, or lines."""
    from cecli.reading.lines import LineReader

    reader = LineReader(stream, name, files.layout.line_buffered)
    first = reader.take(1)
    is_list = bool(first) and first.texts[0].lstrip().startswith(b"[")
    if not first or not _is_one_text(first.texts[0], alone) or (has_columns and not is_list):
        reader.give_back(first)
        from cecli.reading import delimited

        return delimited.TextTable(
            reader,
            delimited.Layout(
                None, files.layout.header, files.layout.decimal_comma, True, 1 if files.layout.line_buffered else 3
            ),
        )
    text = b"\n".join([first.texts[0], *reader.take(sys.maxsize).texts])
    if has_columns or any(mark in text for mark in (b"{", b'"', b"null", b"NaN")):
        from cecli.reading.json_table import JsonFile

        return JsonFile(text, name)
    return text.decode("utf-8", "replace")


def _is_one_text(line: bytes, alone: bool) -> bool:
    """Whether a line begins a matrix as one types it: rows in brackets within brackets, between semicolons, full-width marks."""
    text = b"".join(line.split(b'"')[::2]).decode("utf-8", "replace")
    opening = text.lstrip()[:2].replace(" ", "")
    return (
        opening in ("[[", "((", "[(", "[{", "[")
        or (opening[:1] in ("[", "(") and not any(mark in text for mark in "])"))
        or ("(" in text and pasted.begins(text))
        or (";" in text and "," in text and "\t" not in text and any(map(vector.is_number, vector.words(text)[:1])))
        or any(mark in text for mark in "，；−")
        or _is_short(text, alone)
    )


def _is_short(line: str, alone: bool) -> bool:
    return short_forms.are_short(pasted.names_moved(line), alone)
