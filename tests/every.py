"""Many rows in one test, for tables of short checks: a test of its own costs more than such a check does."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

FAILED = (Exception, pytest.fail.Exception)
LONGEST_NAME = 200


def every(
    names: str | Sequence[str], rows: Iterable[Any], ids: Callable[[Any], str] = repr
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """As `pytest.mark.parametrize`, but as one test: all rows are checked, and all that fail are reported, each with its place.

    Every row has a `tmp_path` of its own. What a check changes by its own `monkeypatch`, and by fixtures that use it, is undone after each row.
    """
    fields, table = [names] if isinstance(names, str) else [*names], [*rows]
    assert table, "there are no rows"

    def decorated(check: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(check)

        @functools.wraps(check)
        def test(**fixtures: Any) -> None:
            failed, skipped, folder = [], [], fixtures.get("tmp_path")
            for i, row in enumerate(table):
                own = dict(zip(fields, [row] if isinstance(names, str) else row, strict=True))
                if folder is not None:
                    own["tmp_path"] = folder / str(i)
                    own["tmp_path"].mkdir()
                try:
                    check(**fixtures | own)
                except pytest.skip.Exception as why:
                    skipped.append(str(why))
                except FAILED as error:
                    said = pytest.ExceptionInfo.from_exception(error).getrepr(style="short")
                    failed.append(f"----- {ids(row)[:LONGEST_NAME]}\n{said}")
                finally:
                    if "monkeypatch" in fixtures:
                        fixtures["monkeypatch"].undo()
            if failed:
                pytest.fail(f"{len(failed)} of {len(table)} rows failed\n" + "\n".join(failed), pytrace=False)
            if len(skipped) == len(table):
                pytest.skip(skipped[0])

        others = [each for name, each in signature.parameters.items() if name not in fields]
        test.__signature__ = signature.replace(parameters=others)  # type: ignore[attr-defined]
        return test

    return decorated
