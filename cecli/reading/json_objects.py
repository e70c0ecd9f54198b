"""The rows of a JSON value: of a list, of an object of columns or of rows, of pandas and W&B, of objects within objects."""

from __future__ import annotations

from typing import Any

from cecli.errors import InputError
from cecli.reading import json_rows


def rows_of(value: Any, name: str) -> tuple[list[Any], list[str] | None]:
    """The rows of a JSON value, and the names of their columns where these stand apart."""
    if isinstance(value, dict):
        return _rows_of_object(value, name)
    if not isinstance(value, list):
        raise InputError(f"{name} is a single JSON value", hint="give an array of rows, or an object of columns")
    if json_rows.is_scores(value) and json_rows.is_one_sample(value):
        return [value], None
    if not any(isinstance(row, (list, dict)) for row in value):
        return ([value] if value else []), None
    return value, None


def _rows_of_object(value: dict[str, Any], name: str) -> tuple[list[Any], list[str] | None]:
    """The rows of an object: of columns, of rows with the names of their columns, or a single row."""
    inner = next(iter(value.values())) if len(value) == 1 else None
    if isinstance(inner, dict) and isinstance(inner.get("data"), list) and isinstance(inner.get("columns"), list):
        return _rows_of_object(inner, name)
    if isinstance(data := value.get("data"), list) and (isinstance(value.get("columns"), list) or "schema" in value):
        names = value.get("columns") if data and isinstance(data[0], list) else None
        if names is not None and any(not isinstance(row, list) or len(row) != len(names) for row in data):
            raise InputError(f"{name} has {len(names)} columns, and a row of its data is not as long")
        return data, names
    orders = set[tuple[str, ...]]()
    value = _with_lists(value, orders)
    if len({*map(frozenset, orders)}) < len(orders):
        raise InputError(
            f"{name} has columns with one index in different orders", hint="sort each table: frame.sort_index()"
        )
    if _are_rows_by_index(value):
        return list(value.values()), None
    columns = _columns_of(value)
    if not columns:
        return ([value] if value else []), None
    columns = _without_class_names(columns)
    if len({len(column) for column in columns.values()}) > 1:
        lengths = ", ".join(f"{len(column)} ({'.'.join(path)})" for path, column in list(columns.items())[:6])
        raise InputError(
            f"{name} is an object of columns of {lengths} values",
            hint="all columns need the same length: save those that belong together in a file of their own",
        )
    return _rows_within(columns), None


def _with_lists(value: dict[str, Any], orders: set[tuple[str, ...]], fewest: int = 1) -> dict[str, Any]:
    """An object of columns by index, as pandas writes them, with their values as lists; `orders` takes the index of each.

    Within an object a single one of them is rather the values of one sample by class.
    """
    inner = list(value.values())
    if len(inner) >= fewest and all(
        isinstance(each, dict) and each and [*each] == [*inner[0]] and all(map(_is_index, each)) for each in inner
    ):
        orders.add(tuple(inner[0]))
        return {key: list(column.values()) for key, column in value.items()}
    if _are_rows_by_index(value):
        return value
    return {key: _with_lists(each, orders, 2) if isinstance(each, dict) else each for key, each in value.items()}


def _are_rows_by_index(value: dict[str, Any]) -> bool:
    """Whether an object has a row under each index, as pandas writes them."""
    return bool(value) and all(isinstance(each, dict) and _is_index(key) for key, each in value.items())


def _rows_within(columns: dict[tuple[str, ...], list[Any]]) -> list[dict[str, Any]]:
    """Columns as rows, which are objects within objects where the keys of a column are several."""
    inner: dict[str, dict[tuple[str, ...], list[Any]]] = {}
    for path, column in columns.items():
        inner.setdefault(path[0], {})[path[1:]] = column
    turned = [each[()] if () in each else _rows_within(each) for each in inner.values()]
    return [dict(zip(inner, row, strict=True)) for row in zip(*turned, strict=True)]


def _columns_of(value: dict[str, Any]) -> dict[tuple[str, ...], list[Any]]:
    """The lists of an object by the keys that lead to them.

    Beside lists, lists of rows and objects of columns count that are as long; without any, all lists do if one holds rows, else objects of columns.
    """
    lists = {path: each for path, each in json_rows.leaves(value) if isinstance(each, list)}
    rows = {path: each for path, each in lists.items() if _is_rows(each)}
    within = rows | {path: each for path, each in lists.items() if _are_columns(json_rows.value_at(value, path[:-1]))}
    if beside := {path: each for path, each in lists.items() if len(path) == 1}:
        lengths = set(map(len, beside.values()))
        columns = {
            path: each for path, each in lists.items() if path in beside or (path in within and len(each) in lengths)
        }
    else:
        columns = lists if rows else within
    return columns


def _are_columns(value: dict[str, Any]) -> bool:
    """Whether an object is two or more lists of one length, and nothing else, with numbers in one of them."""
    lists = list(value.values())
    if len(lists) < 2 or not all(isinstance(each, list) for each in lists) or len(set(map(len, lists))) > 1:
        return False
    return any(all(isinstance(each, (int, float)) for each in column) for column in lists)


def _without_class_names(columns: dict[tuple[str, ...], list[Any]]) -> dict[tuple[str, ...], list[Any]]:
    """Columns without a list of texts that has an entry for each class, and not for each row."""
    rows = next((column for column in columns.values() if _is_rows(column)), None)
    if rows is None or not isinstance(rows[0], list) or len(rows[0]) == len(rows):
        return columns
    return {
        path: column
        for path, column in columns.items()
        if len(column) != len(rows[0]) or not all(isinstance(each, str) for each in column)
    }


def _is_rows(column: list[Any]) -> bool:
    """Whether a list holds rows, and is not the labels of one sample with their scores."""
    return bool(column) and isinstance(column[0], (list, dict)) and not json_rows.is_scores(column)


def _is_index(key: str) -> bool:
    return key.removeprefix("-").isdecimal()
