"""A file that is given alone where a target and a prediction are needed: how to call it if it holds both."""

from __future__ import annotations

from collections.abc import Sequence

from cecli.errors import CecliError
from cecli.reading.columns import split_columns
from cecli.reading.doubtful_columns import LABEL_NAMES
from cecli.reading.index_columns import index_columns
from cecli.reading.kinds import Files, Layout
from cecli.reading.located import located
from cecli.reading.roles import ReadingOptions
from cecli.reading.tables import TEXT, Table
from cecli.reading.telling import is_typed
from cecli.reading.to_type import in_shell


def hint_on_alone(call: str, text: str | None, options: ReadingOptions) -> str | None:
    """The call that takes the target out of the file too, after its beginning `cecli xent`; None where nothing in it looks like labels."""
    if text is None or text.startswith("-") or is_typed(text, options.classes, options.decimal_comma):
        return None
    path, spec = split_columns(text)
    if not (found := located(path, spec).files):
        return None
    files = Files(Layout(options.header, options.decimal_comma, label=options.label))
    try:
        return _hint(call, text, files, found[0], spec)
    except CecliError:  # what is wrong in the file is not what is wrong in the call
        return None
    finally:
        files.close()


def _hint(call: str, text: str, files: Files, path: str, spec: str | None) -> str | None:
    if path.lower().endswith(".npz"):
        names: Sequence[str] = files.members(path)
        label = _named_like_labels(names)
    else:
        table = files.table(path, None)[0]
        table.settle([])
        names, label = table.names or (), _label_column(table)
    if label is None or len(names) < 2:
        return None
    quoted = in_shell(text)
    if label == spec:
        return f"is the prediction in it too? {call} {quoted} {in_shell(path)}"
    return f"is its {label} the target? {call} --label {in_shell(label)} {quoted}"


def _label_column(table: Table) -> str | None:
    """The column that is called as labels are, else the only one of text that is not an index; None where there is none."""
    names = table.names or ()
    index = index_columns(names, lambda: table.first(0))
    texts = [names[i] for i, kind in enumerate(table.kinds) if names and kind == TEXT and i not in index]
    return _named_like_labels(names) or (texts[0] if len(texts) == 1 else None)


def _named_like_labels(names: Sequence[str]) -> str | None:
    return next((name for name in names if name.rpartition(".")[2].lower() in LABEL_NAMES), None)
