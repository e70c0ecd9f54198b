"""JSON values as rows of a table: which columns an object or a list has, and what stands in each.

Objects within objects are columns with a dot in their name; a list of numbers is a column of lists; `[{"label": …, "score": …}, …]`
is an object of scores by label. No number becomes text on the way.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterator, Sequence
from operator import itemgetter
from typing import Any

import numpy as np

from cecli.errors import InputError
from cecli.reading import json_keys
from cecli.reading.missing import is_missing
from cecli.reading.tables import EMPTY, LIST, NESTED, NUMBER, TEXT, as_text
from cecli.reading.vector import NotANumberError, TooLargeError, guess, number, shortened, value_of
from cecli.record import Record

ALL_SCORES = "top_k=None makes a pipeline give the scores of all classes"
LABELS_AND_SCORES = (
    ("labels", "scores"),  # a zero-shot pipeline
    ("classes", "scores"),  # tables in Vertex AI
    ("displayNames", "confidences"),  # images and texts in Vertex AI
    ("labels", "probabilities"),  # SageMaker
)
"""Keys under which an object has a list of labels, and one of their scores; the largest may come first."""
LABEL_AND_SCORE = (
    ("label", "score"),  # a pipeline
    ("label", "prob"),  # BigQuery ML
    ("token", "logprob"),  # OpenAI, vLLM
    ("Name", "Score"),  # Amazon Comprehend
    ("name", "score"),
    ("name", "confidence"),
    ("class", "confidence"),
)
"""Keys under which an object has a label and its score, where a list holds such an object for each class."""
Path = tuple[Any, ...]
"""The keys, or the position, that lead to a value of a row."""


class Field(Record):
    """A column of JSON rows."""

    path: Path
    kind: str
    size: int

    @property
    def name(self) -> str:
        """Its keys with dots between."""
        return ".".join(map(str, self.path))


def fields_of(rows: Sequence[Any], where: str, named: bool) -> list[Field]:
    """The columns of rows, as the first has them; `named` says whether they have names, and may hold lists then."""
    paths = [path for path, _ in leaves(rows[0])]
    if not named and isinstance(rows[0], list) and any(isinstance(value, list) for value in rows[0]):
        raise InputError(
            f"{where} has lists nested three deep", hint="give a row of numbers for each sample, as in [[0.1, 0.9], …]"
        )
    for path in paths:
        if path[-1:] == ("indices",) and any(_is_sparse(value_at(row, path[:-1])) for row in rows):
            raise InputError(
                f"{where}{': ' * (len(path) > 1)}{'.'.join(map(str, path[:-1]))} holds sparse vectors: indices, and values for these alone",
                hint="save lists of all values: vector_to_array(column) in Spark, .toarray() in SciPy",
            )
    return [_field(path, [value_at(row, path) for row in rows]) for path in paths]


def _is_sparse(value: Any) -> bool:
    """Whether an object is a vector of which only some values are given, as Spark writes them."""
    return isinstance(value, dict) and isinstance(value.get("indices"), list) and isinstance(value.get("values"), list)


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """The values of a row that are not objects, each with its path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif not path:
        for i, inner in enumerate(value if isinstance(value, list) else [value]):
            yield from leaves(inner, (i,))
    else:
        yield path, value


def value_at(row: Any, path: Path) -> Any:
    """The value at a path; None where there is none."""
    try:
        for key in path:
            row = row[key]
    except (KeyError, IndexError, TypeError):
        return None
    return row


def _field(path: Path, values: Sequence[Any]) -> Field:
    given = [value for value in values if value is not None and value != ""]
    if not given:
        return Field(path, EMPTY, 1)
    if isinstance(given[0], list):
        is_deep = any(isinstance(inner, (list, dict)) for inner in given[0])
        return Field(path, NESTED, 1) if is_deep else Field(path, LIST, len(given[0]))
    numeric = all(
        isinstance(value, (int, float))
        or (isinstance(value, str) and (is_missing(value) or value_of(value) is not None))
        for value in given
    )
    return Field(path, NUMBER if numeric else TEXT, 1)


def in_one_order(rows: Sequence[Any], fields: Sequence[Field]) -> bool:
    """Whether all rows have their numbers under keys in the same order, so that it may say which class is which."""
    places = {field.path: i for i, field in enumerate(fields) if field.kind == NUMBER}
    orders = ([places[path] for path, _ in leaves(row) if path in places] for row in rows)
    return all(order == sorted(order) for order in orders)


def columns_of(rows: Sequence[Any], fields: Sequence[Field]) -> np.ndarray | None:
    """Columns of numbers side by side; None where a row needs a closer look."""
    if any(field.kind == NESTED for field in fields):
        return None
    parts = []
    try:
        for prefix, group in _groups(fields):
            inner: Any = rows
            for key in prefix:
                inner = list(map(itemgetter(key), inner))
            keys = [field.path[-1] for field in group]
            part = np.array(list(map(itemgetter(*keys), inner)), dtype=np.float64)
            parts.append(part.reshape(len(rows), sum(field.size for field in group)))
    except (ValueError, TypeError, KeyError, IndexError, OverflowError):
        return None
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1) if parts else np.empty((len(rows), 0))


def _groups(fields: Sequence[Field]) -> Iterator[tuple[Path, list[Field]]]:
    """Columns that are taken out of an object at once: single values of one prefix; each column of lists is a group of its own."""
    group: list[Field] = []
    for field in fields:
        if group and (field.path[:-1] != group[0].path[:-1] or LIST in (field.kind, group[0].kind)):
            yield group[0].path[:-1], group
            group = []
        group.append(field)
    if group:
        yield group[0].path[:-1], group


def values_of(row: Any, field: Field, where: str, title: str, are_scores: bool = False) -> list[float]:
    """The numbers of a field, or the error for what is none; `are_scores` says whether they are those of labels."""
    value = row
    for key in field.path:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            hint = ALL_SCORES if are_scores else None
            raise InputError(f"{where} has no {str(key)!r}", hint=hint) from None
    if field.kind == NESTED:
        inner = value[0] if isinstance(value, list) and value else None
        says = "is a list of objects" if isinstance(inner, dict) else "has lists nested three deep"
        raise InputError(f"{where}: {field.name!r} {says}", hint="give a row of numbers for each sample")
    if field.kind != LIST:
        return [_number(value, where, title)]
    if value is None:
        return [math.nan] * field.size
    if not isinstance(value, list) or len(value) != field.size:
        has = f"has {len(value)} values" if isinstance(value, list) else "is not a list"
        raise InputError(f"{where}: {field.name!r} {has}, and in the first row it has {field.size}")
    return [_number(inner, where, title) for inner in value]


def _number(value: Any, where: str, title: str) -> float:
    if value is None or (isinstance(value, str) and is_missing(value)):
        return math.nan
    says, hint = "is not a number", None
    try:
        if isinstance(value, (int, float)):
            return float(value)
        if isinstance(value, str):
            return number(value).value
    except (TooLargeError, OverflowError):
        says = "is too large for a 64-bit float"
    except NotANumberError:
        hint = guess(value)
    return _refuse(written(value) if isinstance(value, (int, float)) else repr(value), f"{where}, {title}", says, hint)


def _refuse(text: str, where: str, says: str, hint: str | None) -> float:
    raise InputError(f"{where}: {shortened(text)} {says}", hint=hint)


def texts_of(rows: Sequence[Any], field: Field) -> list[str]:
    """A column as texts."""
    return [as_written(value_at(row, field.path)) for row in rows]


def as_written(value: Any) -> str:
    """A value as a text that is compared and matched: strings as they are."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else as_text(value)


def written(value: Any) -> str:
    """A value as JSON writes it."""
    try:
        return json.dumps(value, ensure_ascii=False)
    except ValueError:  # an integer of more digits than Python prints
        return "a number of thousands of digits"


def scored(value: Any, where: str) -> Any:
    """A value in which lists of labels with their scores are objects of scores by label, each label once; `where` is its place."""
    if is_scores(value):
        pairs = [pair for each in value if (pair := label_and_score(each)) is not None]
        return json_keys.by_name([(str(label), score) for label, score in pairs], where)
    if isinstance(value, dict):
        for labels, scores in labels_and_scores(value):
            by_label = dict(zip(value[labels], value[scores], strict=True))
            return {key: each for key, each in value.items() if key != labels} | {scores: by_label}
        return {key: scored(inner, where) for key, inner in value.items()}
    return value


def labels_and_scores(value: dict[str, Any]) -> list[tuple[str, str]]:
    """The keys of a list of labels and one of their scores, where an object has them."""
    pairs = [keys for keys in LABELS_AND_SCORES if keys[0] in value and keys[1] in value]
    return [keys for keys in pairs if _belong_together(*map(value.get, keys))]


def _belong_together(labels: Any, scores: Any) -> bool:
    """Whether two values are a list of names, each once, and a list of a score for each."""
    if not isinstance(labels, list) or not isinstance(scores, list) or len(labels) != len(scores) or not labels:
        return False
    if any(isinstance(score, (list, dict)) for score in scores):
        return False
    return all(isinstance(label, str) and value_of(label) is None for label in labels) and len(set(labels)) == len(
        labels
    )


def is_scores(value: Any) -> bool:
    """Whether a value is a list of labels with their scores, as Hugging Face's pipelines write them."""
    return isinstance(value, list) and bool(value) and all(label_and_score(each) is not None for each in value)


def label_and_score(value: Any) -> tuple[Any, Any] | None:
    """The label and the score of an object that has one of each; None where it is anything else."""
    if not isinstance(value, dict):
        return None
    keys = keys_of_score(value)
    return None if keys is None else (value[keys[0]], value[keys[1]])


def keys_of_score(names: Collection[str]) -> tuple[str, str] | None:
    """The keys of a label and its score, where an object has both."""
    return next((keys for keys in LABEL_AND_SCORE if keys[0] in names and keys[1] in names), None)


def is_one_sample(scores: Sequence[Any]) -> bool:
    """Whether labels with their scores are those of one sample: each a name, and each once, with nothing beside them."""
    if any(set(each) != {"label", "score"} for each in scores):
        return False
    labels = [each["label"] for each in scores]
    are_names = all(isinstance(label, str) and value_of(label) is None for label in labels)
    return are_names and len(set(labels)) == len(labels)


def has_scores(row: Any) -> bool:
    """Whether a row is such a list, or has one in it."""
    if not isinstance(row, dict):
        return is_scores(row)
    return bool(labels_and_scores(row)) or any(has_scores(inner) for inner in row.values())


def by_their_numbers(names: Sequence[Any]) -> list[Any]:
    """Names in the order of the numbers that they end in, where all do: LABEL_0, LABEL_1."""
    numbers = [int(end[0]) for name in names if (end := re.search(r"\d+$", str(name)))]
    if len(numbers) < len(names):
        return list(names)
    return [name for _, name in sorted(zip(numbers, names, strict=True), key=itemgetter(0))]
