"""Many rows in one test, for tables of short checks: a test of its own costs more than such a check does."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any

import pytest

FAILED = (Exception, pytest.fail.Exception)


def every(names: str | tuple[str, ...], rows: Iterable[Any], ids: Callable[[Any], str] = repr) -> Callable[..., Any]:
    """As `pytest.mark.parametrize`, as one test: all rows are checked, and all that fail are reported, each with its place.

    Every row has a `tmp_path` of its own, and what it changes by `monkeypatch` is undone before the next.
    """
    fields = [names] if isinstance(names, str) else [*names]
    table = [*rows]

    def decorated(check: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(check)
        own = {name: each for name, each in signature.parameters.items() if name not in fields}
        patch = inspect.Parameter("monkeypatch", inspect.Parameter.KEYWORD_ONLY)

        @functools.wraps(check)
        def test(**fixtures: Any) -> None:
            failed, folder, undo = [], fixtures.get("tmp_path"), fixtures["monkeypatch"].undo
            fixtures = {name: value for name, value in fixtures.items() if name in own}
            for i, row in enumerate(table):
                if folder is not None:
                    fixtures["tmp_path"] = folder / str(i)
                    fixtures["tmp_path"].mkdir()
                try:
                    check(**dict(zip(fields, [row] if isinstance(names, str) else row, strict=True)), **fixtures)
                except pytest.skip.Exception:
                    continue
                except FAILED as error:
                    said = pytest.ExceptionInfo.from_exception(error).getrepr(style="short")
                    failed.append(f"----- {ids(row)}\n{said}")
                finally:
                    undo()
            if failed:
                pytest.fail(f"{len(failed)} of {len(table)} rows failed\n" + "\n".join(failed), pytrace=False)

        test.__signature__ = signature.replace(parameters=[*own.values()] + [patch] * ("monkeypatch" not in own))  # type: ignore[attr-defined]
        return test

    return decorated
