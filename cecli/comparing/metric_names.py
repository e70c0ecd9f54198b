"""What `--metric` and `--metrics` name: the rows of the table that a text stands for, and whether they have a meaning here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from cecli.comparing.metrics import BEYOND, BY_NAME, GROUPS, OTHER_NAMES, SUMMARY, metric_of
from cecli.comparing.request import MOST_BINS, MOST_CONFUSED, MOST_LISTED, TOP, MetricRequest
from cecli.errors import UsageError


def metric_name(text: str, option: str, groups: bool = False) -> str:
    """The name that a text stands for, whatever its dashes and capitals."""
    plain = text.strip().lower().replace("-", "_").replace(" ", "_")
    if not groups or plain not in GROUPS:
        plain = OTHER_NAMES.get(plain, plain)
    if top := TOP.fullmatch(plain):
        return f"top{int(top[1])}"
    known = [*BY_NAME, *(GROUPS if groups else ())]
    if plain in known:
        return plain
    if plain in GROUPS:
        raise UsageError(f"{option}: {plain} is more than one number", hint=f"name one of {', '.join(GROUPS[plain])}")
    close = get_close_matches(plain, known, n=1)
    guess = f"did you mean {close[0]}? " if close else ""
    shown = f"{', '.join(dict.fromkeys(known))}, top2, top3, …"
    raise UsageError(f"{option}: {text!r} is not a metric", hint=f"{guess}the metrics are {shown}")


def resolved(request: MetricRequest, classes: int | None, soft: bool, labels: bool = False) -> MetricRequest:
    """The request with the rows that it names and the tallies that it needs, checked.

    `classes` is None where it is known in the end; `soft` is whether targets are distributions, `labels` whether all predictions are labels.
    """
    if request.only is not None and request.metrics:
        raise UsageError("--metric prints one metric, --metrics adds metrics to the table", hint="use one of them")
    every = [row.name for row in BEYOND if row.of == "labels"] if labels else _all(classes or 0, soft)
    names = _names(request.metrics, every) if request.only is None else (request.only,)
    names = tuple(name for name in names if name not in SUMMARY)
    lists = {
        "classes": request.by_class,
        "confused": request.confusion,
        "costliest": request.worst,
        "picture": request.picture,
    }
    sort = request.sort and metric_name(request.sort, "--sort")
    judged = tuple(name for name in (*request.judged, *([sort] if sort else [])) if name not in SUMMARY)
    needs = {need for name in (*names, *judged) for need in metric_of(name).needs}
    needs |= {name for name, is_wanted in lists.items() if is_wanted}
    request = request.replace(metrics=names, judged=judged, sort=sort, needs=frozenset(needs))
    _require_meaning(request, None if labels else classes)
    if classes is not None:
        require_confusable(request, classes)
    return request


def of_scores(request: MetricRequest) -> MetricRequest:
    """The request where scores are compared, which have one metric."""
    sort = [metric_name(request.sort, "--sort")] if request.sort else []
    for name in (*request.metrics, *request.judged, *sort, *([request.only] if request.only else [])):
        if name != "score":
            raise UsageError(f"{name} is a metric of predictions, and --scores compares scores", hint="name score")
    return request.replace(metrics=("score",), scores=True)


def shown(request: MetricRequest, summary: Sequence[str] = SUMMARY) -> tuple[str, ...]:
    """The metrics that are shown: those of the summary and the named ones; of scores the score alone."""
    return request.metrics if request.scores else (*summary, *request.metrics)


def _names(texts: Iterable[str], every: Sequence[str]) -> tuple[str, ...]:
    """The metrics that texts name, in the order named; `all` is every one that has a meaning."""
    names: dict[str, None] = {}
    for text in texts:
        name = "all" if text.strip().lower() == "all" else metric_name(text, "--metrics", groups=True)
        for each in every if name == "all" else GROUPS.get(name, (name,)):
            names.setdefault(each)
    return tuple(names)


def _all(classes: int, soft: bool) -> list[str]:
    """Every metric for this many classes, with top-2 from three and top-5 from ten; KL of distributions alone, for of labels it is the loss."""
    tops = [f"top{k}" for k, least in ((2, 3), (5, 10)) if classes >= least]
    number = "two" if classes == 2 else "many"
    names = [row.name for row in BEYOND if row.classes in ("", number) and (soft or row.name != "kl")]
    return [names[0], *tops, *names[1:]]


def _require_meaning(request: MetricRequest, classes: int | None) -> None:
    """What is asked for must have a meaning here."""
    if request.bins is not None and not {"bins", "reliability"} & request.needs:
        raise UsageError("--bins is for ece, mce and brier", hint="as in --metrics ece --bins 10")
    for option, value, most in (
        ("--bins", request.bins, MOST_BINS),
        ("--worst", request.worst, MOST_LISTED),
        ("--disagree", request.disagree, MOST_LISTED),
        ("--samples", request.samples, MOST_LISTED),
    ):
        least = 0 if option == "--samples" else 1
        if value is not None and not least <= value <= most:
            raise UsageError(f"{option}: {value} is not between {least} and {most:,}")
    if request.sort and not metric_of(request.sort).better:
        raise UsageError(f"--sort: {request.sort} has no better and no worse", hint="sort by another metric")
    for name in request.computed:
        if metric_of(name).of == "scores":
            raise UsageError(
                f"{name} is the metric of --scores", hint="as in compare --scores a=run1.csv:acc b=run2.csv:acc"
            )
        if metric_of(name).classes == "two" and classes not in (2, None):
            option = "--metric" if request.only else "--metrics" if name in request.metrics else "--fail-if"
            raise UsageError(
                f"{'--sort' if name == request.sort else option}: {name} needs two classes, and here are {classes}",
                hint="roc_auc_ovr and roc_auc_ovr_weighted rank each class against the rest",
            )


def require_confusable(request: MetricRequest, classes: int) -> None:
    """The limit on the classes of a confusion matrix."""
    if request.confusion and classes > MOST_CONFUSED:
        raise UsageError(
            f"--confusion: {classes} classes; a confusion matrix is kept of up to {MOST_CONFUSED:,}",
            hint="--by-class works for any number of classes",
        )
