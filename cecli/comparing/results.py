"""The types of what `cecli.compare` returns and JSON holds. At run time all of them are plain dictionaries.

Nothing but `cecli.library` loads this module outside a type checker.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict, overload

ClassResult = TypedDict(
    "ClassResult",
    {
        "class": str,
        "support": float,
        "predicted": float,
        "precision": float | None,
        "recall": float | None,
        "recall_interval": list[float] | None,
        "f1": float | None,
        "mean_loss": float | None,
    },
)
"""One class of one model (`by_class`): the weight of its samples and of its predictions, and how well they fit."""


class Standing(TypedDict, total=False):
    """Where a sample stands, if more is known than its number: the line of a file, an id."""

    where: str


class CostlySample(Standing):
    """A sample that cost a model much (`worst`)."""

    sample: int
    target: str
    prediction: str
    probability: float
    loss: float


class ModelResult(dict[str, Any]):
    """One model: its name, the metrics of the summary, those asked for under their names, and the lists asked for."""

    @overload
    def __getitem__(self, key: Literal["name"]) -> str: ...
    @overload
    def __getitem__(self, key: Literal["error_rate"]) -> float: ...
    @overload
    def __getitem__(self, key: Literal["mse", "cross_entropy", "cross_entropy_sum", "perplexity"]) -> float | None: ...
    @overload
    def __getitem__(self, key: Literal["errors"]) -> int: ...
    @overload
    def __getitem__(self, key: Literal["intervals"]) -> dict[str, list[float] | None]: ...
    @overload
    def __getitem__(self, key: Literal["slice_gap"]) -> SliceGapResult: ...
    @overload
    def __getitem__(self, key: Literal["classes"]) -> list[ClassResult]: ...
    @overload
    def __getitem__(self, key: Literal["confusion"]) -> list[list[float]]: ...
    @overload
    def __getitem__(self, key: Literal["worst"]) -> list[CostlySample]: ...
    @overload
    def __getitem__(self, key: str) -> Any: ...
    def __getitem__(self, key: str) -> Any:
        return super().__getitem__(key)


class BootstrapIntervals(TypedDict):
    """The bounds of the resampled mean difference, and the same mirrored at the mean."""

    percentile: list[float]
    basic: list[float]


class MetricDifferenceResult(TypedDict):
    """Two models by one metric: the first minus the second, with its interval and p-value; None where there is none."""

    difference: float | None
    ci_low: float | None
    ci_high: float | None
    p_value: float | None


class LossStatistics(MetricDifferenceResult):
    """The paired statistics by one loss, or by the errors, in full; None where there are too few samples.

    All are None where one of the models has no such loss: predicted labels have none.
    """

    p_adjusted: float | None
    method: str | None
    better: int | None
    worse: int | None
    tied: int | None
    needed: int | None
    caution: str | None
    """Why interval and p-value may mislead; None where nothing speaks against them."""
    bootstrap: NotRequired[BootstrapIntervals]


class McNemarResult(TypedDict):
    """The samples that one model alone has right; None of scores, which are neither right nor wrong."""

    only_a_right: int | None
    only_b_right: int | None
    p_value: float | None
    p_adjusted: float | None


class PairResult(LossStatistics):
    """Two models: their names, the statistics by cross-entropy, and in `metrics` those by all other metrics."""

    a: str
    b: str
    infinite: dict[str, int]
    mcnemar: McNemarResult
    metrics: dict[str, LossStatistics | MetricDifferenceResult]
    samples: int
    effective_samples: float | None
    clusters: int | None


class DifferingSample(Standing):
    """A sample whose two losses differ much."""

    sample: int
    target: str
    a_loss: float
    b_loss: float
    difference: float


class DisagreementResult(TypedDict):
    """Where two models differ most (`disagree`), and what the top 1 % of their samples owns of it."""

    a: str
    b: str
    top_samples: int
    top_share: float | None
    mean: float | None
    mean_without: float | None
    samples: list[DifferingSample]


class SliceGapResult(TypedDict):
    """How far apart a model's best and worst slices are (`by`), by the metric that models are compared by."""

    metric: str
    best: str | None
    worst: str | None
    difference: float | None
    ci_low: float | None
    """Of an interval that allows for having looked at all slices; None where fewer than two have samples enough."""
    ci_high: float | None


class SliceResult(TypedDict):
    """The comparison on the samples of one value of the column of `by`."""

    samples: int
    models: list[ModelResult]
    best: dict[str, list[str]]
    differences: list[PairResult]
    verdict: str


class ComparisonResult(TypedDict):
    """What a comparison comes to."""

    models: list[ModelResult]
    best: dict[str, list[str]]
    """For each metric the names of the models that share the best value."""
    differences: list[PairResult]
    verdict: str
    """Which model is best, which are not distinguishable from it, and how large the difference is."""
    yardsticks: NotRequired[dict[str, dict[str, float]]]
    """What predicting `uniform`ly, or the class frequencies (`prior`), would score; beside `skill`."""
    disagreements: NotRequired[list[DisagreementResult]]
    slices: NotRequired[dict[str, SliceResult]]
    """With `by`; each model has its `slice_gap` too."""
    ignored: NotRequired[int]
    skipped: NotRequired[int]
    """Samples with a missing value, where these are to be left out."""
    picture: NotRequired[list[dict[str, Any]]]
