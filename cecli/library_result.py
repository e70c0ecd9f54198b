"""What `cecli.compare` returns: a dictionary that a notebook shows as its table, and that pandas takes as a table of models and metrics."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, Self, overload

from cecli.extras import load

if TYPE_CHECKING:
    import pandas

    from cecli.comparing.results import DisagreementResult, ModelResult, PairResult, SliceResult
    from cecli.report import Report, Table


class ModelComparison(dict[str, Any]):
    """The members of `cecli compare -f json` that are `compare`'s own: `models`, `best`, `differences`, `verdict`, and what was asked for.

    Their types are in `cecli.comparing.results`. The last line of a notebook's cell shows the tables that a terminal shows.
    """

    def __init__(self, members: dict[str, Any], tables: Sequence[Table] = (), sentences: Sequence[str] = ()) -> None:
        super().__init__(members)
        self._tables, self._sentences = tables, sentences

    @classmethod
    def of(cls, report: Report) -> Self:
        """What a report of `compare` holds. Its tables are made now: later they would keep all arrays of the call in memory."""
        return cls(dict(report.fields), [*report.tables], report.sentences)

    def to_pandas(self) -> pandas.DataFrame:
        """The metrics as a table: a row for each model, in the order given, and a column for each metric; NaN where a model has none.

        Returns: a `pandas.DataFrame` with the names of the models as its index; `errors` counts, all else is as in `models`.
        Raises: MissingError, a ValueError, where pandas is not installed.

        >>> import cecli
        >>> cecli.compare([0, 1], {"a": [[0.5, 0.5], [0.25, 0.75]]}).to_pandas()["mse"]
        model
        a    0.3125
        Name: mse, dtype: float64
        """
        library, models = load("pandas", "to_pandas()", "pandas"), self["models"]
        index = library.Index([model["name"] for model in models], name="model")
        return library.DataFrame([_metrics(model) for model in models], index=index)

    def _repr_html_(self) -> str:
        """The tables and the verdict, for a notebook."""
        from cecli.render.notebook import render

        return render(self._tables, self._sentences)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles hold the tables too."""
        return type(self), (dict(self), self._tables, self._sentences)

    # -- the types of its members

    @overload
    def __getitem__(self, key: Literal["models"]) -> list[ModelResult]: ...
    @overload
    def __getitem__(self, key: Literal["best"]) -> dict[str, list[str]]: ...
    @overload
    def __getitem__(self, key: Literal["differences"]) -> list[PairResult]: ...
    @overload
    def __getitem__(self, key: Literal["verdict"]) -> str: ...
    @overload
    def __getitem__(self, key: Literal["yardsticks"]) -> dict[str, dict[str, float]]: ...
    @overload
    def __getitem__(self, key: Literal["disagreements"]) -> list[DisagreementResult]: ...
    @overload
    def __getitem__(self, key: Literal["slices"]) -> dict[str, SliceResult]: ...
    @overload
    def __getitem__(self, key: Literal["ignored", "skipped"]) -> int: ...
    @overload
    def __getitem__(self, key: str) -> Any: ...
    def __getitem__(self, key: str) -> Any:
        return super().__getitem__(key)


def _metrics(model: ModelResult) -> dict[str, float]:
    """The metrics of a model: its members that are numbers, NaN where one has no value."""
    named = {name: value for name, value in model.items() if isinstance(value, (int, float)) or value is None}
    return {name: math.nan if value is None else value for name, value in named.items()}
