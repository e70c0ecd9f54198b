"""A line of text cut into its fields: what stands between them, quotes, brackets."""

from __future__ import annotations

import re

from cecli.errors import InputError
from cecli.reading import vector

DELIMITERS = ("\t", ",", ";")
RARE_DELIMITER = "|"
"""What separates fields where none of the others is in the line: texts may hold it."""
BESIDE_DECIMAL_COMMAS = (";", "\t", RARE_DELIMITER, " ")
FORMULA = ("=", "+", "-", "@", "'")
"""What a spreadsheet takes for a formula; an apostrophe is written before it, and removed again."""


class Grammar:
    """How the lines of one text are cut: its delimiter, and whether its rows stand in brackets."""

    def __init__(self, head: bytes, name: str, delimiter: str | None = None, second: bytes = b"") -> None:
        self.name = name
        self.wide = any(mark.encode() in head for mark in "，；")
        """Whether full-width marks are read as the plain ones they stand for."""
        self.bracketed = is_bracketed(head)
        plain = head.decode("utf-8", "replace").translate(vector.LOOKALIKES).encode() if self.wide else head
        if re.match(rb'"[^"]*"[\t ]', second) and len(fields_of(plain.decode("utf-8", "replace"), " ")) == 1:
            plain = second  # R's header of a single column, above row names
        self.delimiter = delimiter or find_delimiter(plain, self.bracketed)

    def fields(self, text: bytes, line: int) -> list[str]:
        """The fields of a line."""
        where = f"{self.name}, line {line}"
        if self.bracketed and not is_bracketed(text):
            raise InputError(f"{where}: a bracket is missing at one end of this row")
        plain = decoded(bare(text) if self.bracketed else text, where)
        return fields_of(plain.translate(vector.LOOKALIKES) if self.wide else plain, self.delimiter)

    def loose_fields(self, text: bytes) -> list[str]:
        """The fields of a line that may be anything, in any encoding."""
        return fields_of(text.decode("utf-8", "replace"), self.delimiter)

    def plain(self, text: bytes, texts: list[bytes] | None) -> bytes | None:
        """A block of lines as UTF-8 text that needs no closer look but at its fields; None where it does."""
        if texts is not None:
            if not all(map(is_bracketed, texts)):
                return None
            text = b"".join(bare(line) + b"\n" for line in texts)
        if text.isascii():
            return text
        try:
            decoded = text.decode()
        except UnicodeDecodeError:
            return None
        return decoded.translate(vector.LOOKALIKES).encode() if self.wide else text


def fields_of(text: str, delimiter: str) -> list[str]:
    """The fields of one line, without their quotes."""
    if '"' not in text:
        return text.split() if delimiter == " " else [field.strip() for field in text.split(delimiter)]
    import csv  # loaded where there are quotes

    if delimiter == " ":
        text = text.replace("\t", " ").strip()
    try:
        fields = next(csv.reader([text], delimiter=delimiter, skipinitialspace=True))
    except (csv.Error, StopIteration):  # stray quotes, or a field that is no field: taken as they stand
        fields = text.split(None if delimiter == " " else delimiter)
    return [field.strip() for field in fields]


def header_name(field: str) -> str:
    """A column's name without what was written before it against spreadsheets."""
    return field.removeprefix("'") if field[1:2] in FORMULA else field


def is_bracketed(text: bytes) -> bool:
    """Whether a row stands in brackets."""
    plain = text.strip().rstrip(b",;")
    return (plain[:1], plain[-1:]) in ((b"[", b"]"), (b"(", b")"))


def bare(text: bytes) -> bytes:
    """A bracketed row without its brackets."""
    found = text.strip().rstrip(b",;").strip()
    for _ in range(2):
        found = found[1:] if found[:1] in (b"[", b"(") else found
        found = found[:-1] if found[-1:] in (b"]", b")") else found
    return found.strip()


def decoded(text: bytes, where: str) -> str:
    """UTF-8 text, or the error that says where it is not."""
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{where}: byte {error.start + 1} is not UTF-8 text", hint="save the file as UTF-8") from error


def find_delimiter(line: bytes, bracketed: bool) -> str:
    """What stands between the fields of a line: a tab, a comma, a semicolon, a vertical bar, or blanks."""
    line = b"quoted".join(line.split(b'"')[::2])
    if bracketed:
        return "," if b"," in line else " "
    if b"," in line and (between := _between_decimal_commas(line)) is not None:
        return between
    most = max(DELIMITERS, key=lambda delimiter: line.count(delimiter.encode()))
    if most.encode() in line:
        return most
    if RARE_DELIMITER.encode() in line:
        return RARE_DELIMITER
    return " " if b" " in line.strip() else ","


def _between_decimal_commas(line: bytes) -> str | None:
    """What stands between numbers whose commas are decimal ones, as in `0,5;0,3`; None where that is not so."""
    text = line.decode("utf-8", "replace").strip()
    for delimiter in BESIDE_DECIMAL_COMMAS:
        values = [value.strip() for value in text.split(None if delimiter == " " else delimiter)]
        if len(values) > 1 and all(value[-1:] != "," and vector.is_number(value.replace(",", ".")) for value in values):
            return delimiter
    return None


def excel_delimiter(line: bytes) -> str | None:
    """The delimiter that Excel's first line `sep=;` names."""
    plain = line.strip().strip(b'"').lower()
    if not plain.startswith(b"sep=") or len(line.strip().strip(b'"')) > 5:
        return None
    return plain[4:].decode("ascii", "replace") or "\t"


def with_point(field: str) -> str:
    """A field whose decimal comma became a point; others stay."""
    pointed = field.replace(",", ".", 1)
    return pointed if "," in field and vector.is_number(pointed) else field
