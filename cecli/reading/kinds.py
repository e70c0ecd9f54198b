"""Which kind of file a path is: by its ending, else by its first bytes; and the table that it holds."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any, BinaryIO

from cecli.errors import InputError, MissingError
from cecli.reading.addresses import is_remote, shown
from cecli.reading.beginning import begun, peek
from cecli.reading.tables import Table
from cecli.record import Record

TEXT = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson")
COLUMNAR = (".parquet", ".arrow", ".feather")
PACKED = (".gz", ".bz2", ".xz")
READ = (*TEXT, ".npy", ".npz", *COLUMNAR)

STARTS = {
    b"\x93NUMPY": ".npy",
    b"PK\x03\x04": ".npz",
    b"PAR1": ".parquet",
    b"ARROW1": ".arrow",
    b"\xff\xff\xff\xff": ".arrow",
    b"\x1f\x8b": ".gz",
    b"BZh": ".bz2",
    b"\xfd7zXZ": ".xz",
    b"\x28\xb5\x2f\xfd": ".zst",
    b"\x04\x22\x4d\x18": ".lz4",
    b"\x89HDF": ".h5",
    b"MATLAB": ".mat",
    b"\x80\x02": ".pkl",
    b"\x80\x03": ".pkl",
    b"\x80\x04": ".pkl",
    b"\x80\x05": ".pkl",
    b"\xd0\xcf\x11\xe0": ".xls",
}
"""The ending that a file's first bytes stand for."""

EVERYTHING = 1 << 62

SAVE_AS = {
    (".pkl", ".pickle", ".joblib"): "numpy.save('p.npy', values), or frame.to_csv('p.csv', index=False)",
    (".pt", ".pth", ".ckpt", ".bin"): "numpy.save('p.npy', tensor.detach().cpu().numpy())",
    (".safetensors",): "numpy.save('p.npy', tensors['logits'])",
    (".h5", ".hdf5", ".hdf"): "numpy.save('p.npy', h5py.File('p.h5')['logits'][:])",
    (".xlsx", ".xls", ".ods"): "a CSV file: in the spreadsheet File → Save as → CSV",
    (".mat",): "writematrix(p, 'p.csv') in MATLAB, or scipy.io.loadmat and numpy.save",
    (".rds", ".rda", ".rdata"): "write.csv(p, 'p.csv') in R",
    (
        ".zip",
        ".zst",
        ".lz4",
        ".7z",
        ".rar",
        ".tar",
    ): "text packed with gzip, or not at all: frame.to_csv('p.csv.gz', index=False)",
    (".sav", ".dta", ".sas7bdat"): "pandas.read_…(…).to_csv('p.csv', index=False)",
}
"""How the values of a file that is not read are saved as one that is."""


class Layout(Record):
    """What is said of the text sources of a call."""

    header: bool | None = None
    decimal_comma: bool = False
    line_buffered: bool = False
    folder: str = ""
    """Where paths begin, if not in the folder that the process is in."""
    label: str | None = None
    """The column of labels of each file: a member of an archive that is called so is not the prediction."""


class Files:
    """The files of a call, each opened once."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.streams: list[BinaryIO] = []

    def table(self, path: str, spec: str | None) -> tuple[Table, str | None]:
        """The table of a file, and the columns of it to use: `FILE.npz:MEMBER:COLUMNS` names a member first."""
        if is_remote(path):
            from cecli.reading import remote

            return self._table(shown(path), *_ending(shown(path)), spec, self._kept(remote.opened(path)))
        path = _path(path)
        if Path(self._real(path)).is_dir():
            raise InputError(f"{path} is a folder", hint=_in_folder(Path(path)))
        try:
            return self._table(path, *_ending(path), spec)
        except PermissionError as error:
            raise MissingError(f"{path} may not be read: {error.strerror}") from error
        except OSError as error:
            raise InputError(f"{path} can't be read: {error.strerror or error}") from error

    def _table(
        self, path: str, ending: str, packed: str, spec: str | None, remote: BinaryIO | None = None
    ) -> tuple[Table, str | None]:
        """The table of a file on this machine, or of a `remote` one that is open."""
        stream: Any = remote
        refuse(path, ending)
        if ending not in READ and not packed:
            stream = stream or self.opened(path)
            ending, packed = by_start(stream, ending)
            refuse(path, ending)
        elif ending in TEXT and not packed:
            stream = stream or self.opened(path)
            _require_text(stream, path, ending)
        if ending == ".npy" and not packed:
            return self._array(path, stream, remote), spec
        if ending == ".npz" and not packed:
            return self._member(stream or self.opened(path), path, spec)
        if ending in COLUMNAR and not packed:
            from cecli.reading.columnar import columnar_table

            return columnar_table(self._real(path), path, ending == ".parquet", remote), spec
        return self._text(stream or self.opened(path), path, ending, packed), spec

    def _array(self, path: str, stream: Any, remote: BinaryIO | None) -> Table:
        from cecli.reading.binary import npy_table, remote_table, stream_table

        if remote is not None:
            return remote_table(remote, path)
        real = self._real(path)
        return npy_table(real, path) if Path(real).is_file() else stream_table(stream or self.opened(path), path)

    def _real(self, path: str) -> str:
        """Where a file is."""
        return os.path.join(self.layout.folder, path)

    def _member(self, stream: BinaryIO, path: str, spec: str | None) -> tuple[Table, str | None]:
        archive = arrays_of(stream, path)
        member, rest = archive.member(spec, self.layout.label)
        return archive.table(member), rest

    def members(self, path: str) -> list[str]:
        """The names of the arrays in an archive."""
        from cecli.reading.binary import Archive

        return Archive(self.opened(path), path).members

    def _text(self, raw: BinaryIO, path: str, ending: str, packed: str) -> Table:
        from cecli.reading import encoded, lines

        stream = unpacked(raw, packed, path) if packed else raw
        if packed and (kind := by_start(stream, "")[0]):
            refuse(path, kind)
            if kind == ".npy":
                from cecli.reading.binary import stream_table

                return stream_table(stream, path)
            raise InputError(f"{path}: {kind} files are not read where they are packed", hint="unpack it")
        stream = encoded.as_utf8(stream, peek(stream), path)
        if ending == ".json":
            from cecli.reading.json_table import JsonFile, read_json

            return JsonFile(read_json(stream, path), path)
        if ending in (".jsonl", ".ndjson"):
            from cecli.reading.json_table import JsonLines

            return JsonLines(lines.LineReader(stream, path, quotes_span=False), self._wait(path))
        return self.lines_table(stream, path, ending, wait=self._wait(path))

    def lines_table(self, stream: BinaryIO, name: str, ending: str = "", piped: bool = False, wait: int = 3) -> Table:
        """A text of lines: JSON where it begins as JSON does and its ending says nothing else."""
        from cecli.reading import delimited, printed
        from cecli.reading.lines import LineReader

        at_once = piped and self.layout.line_buffered
        if (
            ending not in TEXT
            and peek(stream).lstrip()[:1] in (b"{", b"[")
            and (found := _json_table(stream, name, self.layout, at_once))
        ):
            return found
        reader = LineReader(stream, name, at_once)
        header = self.layout.header
        if not piped:
            reader, header = printed.unfolded(reader, header)
        layout = delimited.Layout(
            "\t" if ending == ".tsv" else None,
            header,
            self.layout.decimal_comma,
            piped,
            1 if at_once else wait,
        )
        return delimited.TextTable(reader, layout)

    def _wait(self, path: str) -> int:
        """How many rows may be waited for: a file has them, a named pipe may not yet."""
        return 200 if is_remote(path) or Path(self._real(path)).is_file() else 3

    def opened(self, path: str) -> BinaryIO:
        """The file, open until the call ends."""
        return begun(self._kept(Path(self._real(path)).open("rb")), STARTS)

    def _kept(self, stream: BinaryIO) -> BinaryIO:
        self.streams.append(stream)
        return stream

    def close(self) -> None:
        """Closes the files that were opened."""
        for stream in self.streams:
            stream.close()


def _in_folder(path: Path) -> str:
    """What to type for a folder: its only kind of files, as the parts of one table, or one of them."""
    endings = {_ending(each.name)[0] for each in path.iterdir() if each.is_file()} & {*READ}
    parts = f", or all of them as one table: '{path}/*{endings.pop()}'" if len(endings) == 1 else ""
    return f"name a file in it{parts}"


def _path(path: str) -> str:
    """A path in which ~ is the home folder."""
    try:
        return str(Path(path).expanduser()) if path.startswith("~") else path
    except RuntimeError:
        return path


def _ending(path: str) -> tuple[str, str]:
    """The ending of a file, and the one behind it that says how it is packed."""
    suffixes = [suffix.lower() for suffix in Path(path).suffixes]
    packed = suffixes[-1] if suffixes and suffixes[-1] in PACKED else ""
    return next((suffix for suffix in reversed(suffixes) if suffix != packed), ""), packed


def by_start(stream: Any, ending: str) -> tuple[str, str]:
    """The ending that the first bytes stand for, and how they are packed."""
    start = peek(stream)
    found = next((kind for begin, kind in STARTS.items() if start.startswith(begin)), "")
    return ("", found) if found in PACKED else (found or ending, "")


def _require_text(stream: Any, path: str, ending: str) -> None:
    """The error for a file that is called text and begins as one of another kind does."""
    found = max(by_start(stream, ending))  # one of the two is empty where the bytes say what it is
    refuse(path, found)
    if found != ending:
        name = f"{Path(path).name}{found}" if found in PACKED else Path(path).with_suffix(found).name
        raise InputError(f"{path} is not text: it begins as a {found} file does", hint=f"rename it, as to {name}")


def unpacked(stream: BinaryIO, packed: str, name: str) -> BinaryIO:
    """A packed stream, unpacked as it is read; the error for one that ends before anything can be unpacked, or is packed twice."""
    from cecli.reading.raw_text import BROKEN, COMPRESSED, broken_off

    try:
        found: BinaryIO = begun(COMPRESSED[packed](stream), STARTS)
        is_packed_again = by_start(found, "")[1]
    except BROKEN as error:
        raise broken_off(name, error) from error
    if is_packed_again:
        raise InputError(f"{name} is packed twice", hint="unpack it once")
    return found


def arrays_of(stream: BinaryIO, path: str) -> Any:
    """An archive of arrays, or the error for one of another kind."""
    from cecli.reading.binary import Archive

    archive = Archive(stream, path)
    refuse(path, archive.is_other())
    return archive


def refuse(path: str, ending: str) -> None:
    """The error for a kind of file that is not read: one line that says how to save it as one that is."""
    for endings, how in SAVE_AS.items():
        if ending in endings:
            raise InputError(f"{path}: {ending} files are not read", hint=f"save the values as {how}")


def _json_table(stream: BinaryIO, name: str, layout: Layout, at_once: bool) -> Table | None:
    """The table of text that begins as JSON does: lines of JSON, or one value; None where it is neither."""
    from cecli.reading.json_table import MOST_JSON, JsonFile, JsonLines
    from cecli.reading.lines import LineReader, Lines

    reader = LineReader(stream, name, at_once, quotes_span=False)
    first = reader.take(1)
    start = first.texts[0].lstrip() if first else b""
    if start.lstrip(b"[ \t")[:1] == b"{" and _is_json(start):
        second = reader.take(1)
        reader.give_back(Lines.joined([first, second]))
        if second or at_once:
            return JsonLines(reader, 1 if at_once else 3)
        return JsonFile(first.texts[0], name)
    rest = reader.take(EVERYTHING)
    text = b"\n".join([*first.texts, *rest.texts])
    if len(text) > MOST_JSON:
        raise InputError(
            f"{name} is JSON of more than {MOST_JSON >> 20} MiB",
            hint="write long data as JSON Lines, a row on each line",
        )
    if start[:1] == b"{" or _is_json(text):
        return JsonFile(text, name)
    from cecli.reading import delimited, printed

    reader, header = printed.unfolded(LineReader(io.BytesIO(text), name), layout.header)
    return delimited.TextTable(reader, delimited.Layout(header=header, decimal_comma=layout.decimal_comma))


def _is_json(text: bytes) -> bool:
    import json  # loaded where a text may be one

    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
