"""Telling values from paths: what parses as numbers is numbers, a class name is a label, anything else is a path."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from cecli.errors import MissingError, Place
from cecli.reading import pasted, short_forms, vector
from cecli.reading.addresses import is_remote, shown
from cecli.reading.columns import is_there, known_columns, matches, split_columns

FORCED = ("./", "../", "/", "~/")
"""What begins so is a path, whatever else it looks like."""
ENDINGS = (
    ".csv",
    ".tsv",
    ".txt",
    ".json",
    ".jsonl",
    ".npy",
    ".npz",
    ".parquet",
    ".arrow",
    ".feather",
    ".gz",
    ".bz2",
    ".xz",
)
"""What the names of files that are read end in."""


def is_typed(text: str, names: Sequence[str] | None, decimal_comma: bool = False) -> bool:
    """Whether a text was meant as values: numbers, class names, or a slip among them where there is no file of its name."""
    if is_remote(text):
        return False
    if short_forms.is_short(text) or (names and pasted.class_names(text, names)):
        return True
    bare = vector.words(pasted.unwrapped(text) if not decimal_comma else text.translate(vector.DECIMAL_COMMAS))
    if len(bare) == 1 and "=" in text and is_there(split_columns(text)[0]):
        return False
    numbers = [_is_value(item) for item in bare]
    if all(numbers) or (decimal_comma and all(map(_is_value, vector.words(text)))):
        return True
    known = [item in (names or ()) for item in bare]
    if all(map(max, numbers, known)):
        return True
    path = split_columns(text)[0]
    return not is_there(path) and not matches(path) and (any(known) or _is_a_slip(text, bare, any(numbers)))


def _is_a_slip(text: str, bare: Sequence[str], has_numbers: bool) -> bool:
    """Whether a text that names no file is values of which some are wrong."""
    if pasted.unwrapped(text) != text or text.lstrip().startswith(("[", "(")):
        return True
    if has_numbers and not looks_like_a_file(text) and not matches(split_columns(text)[0]):
        return True
    return any(item.lower().lstrip("+-") == "nan" for item in bare)


def _is_value(text: str) -> bool:
    return vector.is_number(text) or short_forms.is_short_item(text)


def looks_like_a_file(text: str) -> bool:
    """Whether a text that names no file was meant to."""
    name_and_ending = re.fullmatch(r"[^\s,;]*[A-Za-z][^\s,;]*\.[A-Za-z]\w*", text) is not None
    return name_and_ending or ("/" in text and "," not in text) or any(ending in text.lower() for ending in ENDINGS)


def no_file(text: str, path: str, name: str, names: Sequence[str] | None) -> MissingError:
    """The error for a text that is neither values nor a file."""
    if is_remote(text):
        return MissingError(f"{name}: no file matches {shown(path)}", hint="is the address right?")
    place = Place(text, 0, len(text))
    text = vector.shortened(text)
    if looks_like_a_file(text) or text.startswith(FORCED):
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
        typed = "values are typed as 0.5,0.2,0.3; labels as 2 or 2,1,0, or by name with --classes cat,dog,bird"
        hint = short_forms.hint_on(text) or typed
    return MissingError(f"{name}: {text!r} is not a number and there is no such file", place=place, hint=hint)


def no_column(text: str, names: Sequence[str]) -> MissingError:
    """The error for slices by a column that no file of the call has; `names` are those that they have."""
    close = get_close_matches(text, names, n=1)
    elsewhere = f"name its file, as in --by FILE:{text}, or type a value for each sample, as in 0,0,1,1"
    known = known_columns([*dict.fromkeys(names)]) if names else elsewhere
    return MissingError(
        f"--by: no file of the call has a column {text!r}", hint=f"did you mean {close[0]}? {known}" if close else known
    )
