"""What the models of `compare` are called: their names as typed, else what tells their files apart."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from cecli.errors import UsageError
from cecli.reading.addresses import is_remote, shown
from cecli.reading.columns import is_there, matches, split_columns
from cecli.reading.telling import FORCED


def named_models(predictions: Sequence[str]) -> dict[str, str]:
    """The models by name: `small=…` names one; a glob without a name is a model for each file; a path may have = in it."""
    pairs = [pair for text in predictions for pair in _pairs(text)]
    unnamed = [text for name, text in pairs if name is None]
    derived = _file_names(unnamed, {name for name, _ in pairs if name is not None})
    models: dict[str, str] = {}
    for i, (name, text) in enumerate(pairs):
        title = name if name is not None else derived.get(text, f"model {i + 1}")
        if name is None and title in models and models[title] == text:
            title = f"model {i + 1}"
        if title in models:
            raise UsageError(f"two models are called {title!r}", hint="give each its own name: a=… b=…")
        models[title] = text
    return models


def _pairs(text: str) -> list[tuple[str | None, str]]:
    """The name, if one was typed, and the source; several for a glob without a name."""
    path, spec = split_columns(text)
    if is_there(path):
        return [(None, text)]
    match = None if text.startswith(FORCED) else re.match(r"([^=]*)=(.*)$", text, re.DOTALL)
    if match is not None:
        name, values = match[1].strip(), match[2]
        if not name or not values.strip():
            raise UsageError(f"{text!r} is not NAME=values", hint='as in small="0.1,0.2,0.7"')
        return [(name, values)]
    if files := matches(path):
        return [(None, file if spec is None else f"{file}:{spec}") for file in files]
    return [(None, text)]


def _file_names(texts: Sequence[str], taken: set[str]) -> Mapping[str, str]:
    """A name for each text that is a file: its own without endings, its columns, or its folders, whichever tells them apart."""
    found = {text: split_columns(text) for text in texts if is_there(split_columns(text)[0])}
    names = {text: _stem(path) for text, (path, _) in found.items()}
    for name in set(names.values()):
        alike = [text for text in found if names[text] == name]
        if len(alike) == 1:
            continue
        same_file = len({found[text][0] for text in alike}) == 1
        if same_file and all(found[text][1] for text in alike):
            names |= {text: found[text][1] or "" for text in alike}
        else:
            names |= dict(zip(alike, _by_folders([found[text][0] for text in alike]), strict=True))
    unique = [name for name in names.values() if list(names.values()).count(name) == 1 and name not in taken]
    return {text: name for text, name in names.items() if name in unique}


def _stem(path: str) -> str:
    name = PurePath(shown(path) if is_remote(path) else path).name
    while (shorter := PurePath(name).stem) != name and re.fullmatch(r"\.[A-Za-z]\w*", PurePath(name).suffix):
        name = shorter
    return name


def _by_folders(paths: Sequence[str]) -> list[str]:
    """The folders that tell files of one name apart."""
    parts = [PurePath(shown(path) if is_remote(path) else path).parts[:-1] for path in paths]
    while all(parts) and len({part[0] for part in parts}) == 1:
        parts = [part[1:] for part in parts]
    while all(parts) and len({part[-1] for part in parts}) == 1:
        parts = [part[:-1] for part in parts]
    return ["/".join(part) or _stem(path) for part, path in zip(parts, paths, strict=True)]
