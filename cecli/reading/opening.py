"""Opening: which kind of source a text stands for.

What parses as numbers is numbers; `-` is standard input; anything else is a path, perhaps with columns.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from copy import copy
from difflib import get_close_matches
from pathlib import Path
from typing import BinaryIO

from cecli.errors import InputError, MissingError, Place
from cecli.reading import vector
from cecli.reading.columns import is_there, split_columns
from cecli.reading.sources import Source, TypedSource

TEXT = (".csv", ".tsv", ".txt", ".json", ".jsonl")
ARRAYS = (".npy", ".npz")
COLUMNAR = (".parquet", ".arrow", ".feather")
COMPRESSED = (".gz", ".bz2", ".xz")
ENDINGS = (*TEXT, *ARRAYS, *COLUMNAR)
FORCED = ("./", "../", "/", "~")
"""What begins so is a path, whatever else it looks like."""


class Opener:
    """Opens the sources of one call; standard input can be had once. `names` are the class names of `--classes`."""

    def __init__(
        self,
        names: Sequence[str] | None = None,
        header: bool | None = None,
        line_buffered: bool = False,
        id_column: str | None = None,
        has_stdin: bool = True,
    ) -> None:
        self.has_stdin = has_stdin
        self.names, self.header, self.line_buffered, self.id_column = names, header, line_buffered, id_column
        self.streams: list[BinaryIO] = []
        self.most_rows: int | None = None
        """The rows of the array files, which are known beforehand."""
        self._stdin: str | None = None

    def open(self, text: str, name: str, names: Sequence[str] | None = None) -> Source:
        """The source that a text stands for; `name` is what errors call typed values."""
        known = self.names or names
        if text.strip() == "-":
            source = self._standard_input(name, known)
        elif not text.startswith(FORCED) and _is_typed(text, known):
            source = TypedSource(vector.cut_vector(text, name), name)
        else:
            source = self._file(text, name, known)
        source.text = text
        return source

    # -- standard input

    def _standard_input(self, name: str, known: Sequence[str] | None) -> Source:
        """What is piped in, by the rules of text files."""
        from cecli.reading.delimited import Layout, TextSource
        from cecli.reading.lines import LineReader

        if self._stdin is not None:
            raise InputError(
                f"- is standard input and can be read once per call: {self._stdin} has it already",
                hint=f"type {name} or give a file",
            )
        self._stdin = name
        if not self.has_stdin or sys.stdin is None or sys.stdin.isatty():
            raise MissingError(
                "nothing is piped into standard input", hint="pipe something in, or type values for the -"
            )
        reader = LineReader(sys.stdin.buffer, f"{name} (standard input)", self.line_buffered)
        first = reader.take(1)
        reader.give_back(first)
        if first and _is_one_text(first.texts[0]):
            rest = reader.take(sys.maxsize)
            return TypedSource(vector.cut_vector(b"\n".join(rest.texts).decode("utf-8", "replace"), name), name)
        layout = Layout(header=self.header, names=known, left_out=self.id_column)
        return TextSource(reader, layout, peek=not self.line_buffered)

    # -- files

    def _file(self, text: str, name: str, known: Sequence[str] | None) -> Source:
        """A file, perhaps with columns."""
        path, spec = split_columns(text)
        if not is_there(path):
            raise _no_file(text, path, name, known)
        path = str(Path(path).expanduser())
        if Path(path).is_dir():
            raise InputError(f"{path} is a folder", hint="a file is meant")
        suffixes = [suffix.lower() for suffix in Path(path).suffixes]
        packed = suffixes[-1] if suffixes and suffixes[-1] in COMPRESSED else None
        ending = next((suffix for suffix in reversed(suffixes) if suffix != packed), "")
        try:
            return self._by_ending(path, ending, packed, spec, known)
        except PermissionError as error:
            raise MissingError(f"{path} may not be read: {error.strerror}") from error
        except OSError as error:
            raise InputError(f"{path} can't be read: {error.strerror or error}") from error

    def _by_ending(
        self, path: str, ending: str, packed: str | None, spec: str | None, known: Sequence[str] | None
    ) -> Source:
        """The source for a file of this ending; one without a known ending is text."""
        if ending in (".npy", ".npz") and packed is None:
            from cecli.reading.binary import npy_source, npz_source

            source = npy_source(path, spec) if ending == ".npy" else npz_source(self._opened(path), path, spec)
            self.most_rows = self.most_rows or source.length
            return source
        if ending in COLUMNAR and packed is None:
            from cecli.reading.columnar import columnar_source

            return columnar_source(path, spec, self.id_column)
        return self._text_file(path, ending, packed, spec, known)

    def _text_file(
        self, path: str, ending: str, packed: str | None, spec: str | None, known: Sequence[str] | None
    ) -> Source:
        """A text file, perhaps compressed."""
        from cecli.reading.delimited import Layout, TextSource
        from cecli.reading.lines import COMPRESSED as OPENERS
        from cecli.reading.lines import LineReader, json_lines

        raw = self._opened(path)
        stream: BinaryIO = OPENERS[packed](raw) if packed else raw
        if ending == ".json":
            stream = json_lines(stream, path)
        layout = Layout(spec, self.header, known, "\t" if ending == ".tsv" else None, self.id_column)
        reader = LineReader(stream, path, json_rows=ending in (".json", ".jsonl"))
        return TextSource(reader, layout)

    def _opened(self, path: str) -> BinaryIO:
        """The file, open until the call ends."""
        stream = Path(path).open("rb")  # noqa: SIM115 - it is read while the source lives
        self.streams.append(stream)
        return stream

    def close(self) -> None:
        """Closes the files that were opened."""
        for stream in self.streams:
            stream.close()

    def share_read(self, rows: int) -> float | None:
        """How much of the input was read: by the bytes of the first text file, or the rows of the first array."""
        if self.streams:
            size = os.fstat(self.streams[0].fileno()).st_size
            return self.streams[0].tell() / size if size else None
        return rows / self.most_rows if self.most_rows else None

    def id_of(self, text: str, name: str) -> Source:
        """The `--id` column of the file that a text stands for."""
        path, _ = split_columns(text)
        if not is_there(path) or self.id_column is None:
            raise InputError(f"{name}: --id joins files by a column, and {text!r} is none")
        alone = copy(self)
        alone.id_column = None
        return alone.open(f"{path}:{self.id_column}", name)


def _is_typed(text: str, names: Sequence[str] | None) -> bool:
    """Whether a text was meant as values: it has a number in it and no file of its name, or class names, or a slip in brackets."""
    bare = vector.words(text)
    if not bare or all(map(vector.is_number, bare)):
        return True
    if names and all(item in names or vector.is_number(item) for item in bare):
        return True
    if is_there(split_columns(text)[0]):
        return False
    if any(map(vector.is_number, bare)) and not _looks_like_a_file(text):
        return True
    if names and any(item in names for item in bare):
        return True
    return text.lstrip().startswith(("[", "(")) or any(item.lower().lstrip("+-") == "nan" for item in bare)


def _looks_like_a_file(text: str) -> bool:
    """Whether a text that names no file was meant to."""
    name_and_ending = re.fullmatch(r"[^\s,;]*[A-Za-z][^\s,;]*\.[A-Za-z]\w*", text) is not None
    return (
        name_and_ending
        or ("/" in text and "," not in text)
        or any(ending in text.lower() for ending in (*ENDINGS, *COMPRESSED))
    )


def _is_one_text(line: bytes) -> bool:
    """Whether standard input is a matrix as one types it: rows in brackets within brackets, between semicolons, full-width marks."""
    line = re.sub(rb'"[^"]*"', b"", line)
    opening = line.lstrip()[:2].replace(b" ", b"")
    if opening in (b"[[", b"((", b"[(") or opening == b"[" or (b";" in line and b"," in line):
        return True
    return any(mark.encode() in line for mark in "，；−")


def _no_file(text: str, path: str, name: str, names: Sequence[str] | None) -> MissingError:
    """The error for a text that is neither values nor a file."""
    place = Place(text, 0, len(text))
    text = vector.shortened(text)
    if _looks_like_a_file(text) or text.startswith(FORCED):
        folder = Path(path).parent
        there = [entry.name for entry in folder.iterdir()] if is_there(str(folder)) and folder.is_dir() else []
        close = get_close_matches(Path(path).name, there, n=1, cutoff=0.75)
        hint = f"did you mean {folder / close[0]}?" if close else "is the path right?"
        return MissingError(f"{name}: there is no such file: {vector.shortened(path)!r}", place=place, hint=hint)
    if names:
        close = get_close_matches(text, list(names), n=1)
        guess = f"did you mean {close[0]}? " if close else ""
        hint = f"{guess}the classes are {', '.join(names[:10])}"
    else:
        hint = "values are typed as 0.5,0.2,0.3; labels as 2 or 2,1,0, or by name with --classes cat,dog,bird"
    return MissingError(f"{name}: {text!r} is not a number and there is no such file", place=place, hint=hint)
