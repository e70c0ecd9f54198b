"""Names and file contents are data: what a terminal would obey is shown as what it is."""

from __future__ import annotations


def visible(text: str) -> str:
    r"""The text with control and invisible formatting characters written out, as in `\x1b`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(character if _harmless(character) else _written_out(character) for character in text)


def as_data(text: str) -> str:
    """A name that no spreadsheet takes for a formula: an apostrophe before =, +, -, @ (and before an apostrophe)."""
    shown = visible(text)
    return f"'{shown}" if shown.startswith(("=", "+", "-", "@", "'")) else shown


def _harmless(character: str) -> bool:
    """Whether a character does nothing but stand in its place: it neither controls the terminal nor turns the direction of text."""
    from unicodedata import category  # a library of its own, which plain text does without

    return category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _written_out(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
