"""What the functions of the library are given: arrays, frames and keywords, as sources and options."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from cecli.comparing.paired_options import PairedTestOptions
from cecli.comparing.request import MetricRequest
from cecli.errors import InputError, UsageError
from cecli.maths.namespace import on_cpu
from cecli.reading.arrays import ArraySource, array_source
from cecli.reading.collections import one_each, require_values
from cecli.reading.label_names import in_order
from cecli.reading.label_source import LabelSource, group_source, named_source, target_source
from cecli.reading.meeting import alike, meet, require_numbered, said_of_order, strip_for_labels
from cecli.reading.slips import NO_AND_YES
from cecli.reading.sources import Source
from cecli.running.execution import Execution, cores
from cecli.running.keywords import given
from cecli.running.options import TITLES, Options


def named_sources(predictions: Mapping[str, Any], classes: Sequence[str] | None = None) -> dict[str, Source]:
    """The models' arrays by name, as sources in the library of the first array; texts are predicted labels."""
    if not isinstance(predictions, Mapping):
        raise InputError("predictions is not a mapping of names to arrays", hint='as in {"model 1": p1, "model 2": p2}')
    sources: dict[str, Source] = {}
    for name, values in predictions.items():
        if str(name) in sources:
            raise InputError(f"two models are called {str(name)!r}")
        sources[str(name)] = prediction_source(values, str(name), first_array(sources.values()), classes)
    return sources


def first_array(sources: Iterable[Source]) -> ArraySource | None:
    """The first array of numbers, whose library the others are brought to; None where all are labels by name."""
    return next((source for source in sources if isinstance(source, ArraySource)), None)


def prediction_source(
    values: Any, name: str, beside: ArraySource | None = None, classes: Sequence[str] | None = None
) -> Source:
    """A model of `compare`: an array of numbers, or predicted labels by name; a column (N, 1) is one value for each sample."""
    source = named_source(values, name, beside, classes)
    if isinstance(source, ArraySource) and _is_one_each(source, beside):
        source.flatten()
    return source


def _is_one_each(source: ArraySource, beside: ArraySource | None) -> bool:
    """Whether a table is one value for each sample: a column (N, 1), or (N, T) beside predictions of (N, T, K)."""
    return source.dimensions == 2 and (source.width == 1 or (beside is not None and source.shape == beside.shape[:-1]))


def target_beside(values: Any, name: str, predictions: Sequence[Source], options: Options) -> Source:
    """The target; the columns of data frames, its own too, come to one order of classes by their names."""
    arrays = [source for source in predictions if isinstance(source, ArraySource)]
    target = target_source(values, name, arrays[0] if arrays else None, options.classes)
    notes = [note for source in (*predictions, target) for note in source.notes]
    notes += _other_orders([*predictions, target, options.sample_weights])
    meet([*arrays, *([target] if isinstance(target, ArraySource) else [])], options.classes, notes)
    if options.classes is None:
        _name_as_labels(arrays, target, options.ignore_index, notes)
        _require_numbered(arrays, target)
        _mention_order(arrays, target, notes)
    begin([*predictions, target], options, notes)
    return target


def _require_numbered(arrays: Sequence[ArraySource], target: ArraySource | LabelSource) -> None:
    """The error for labels by number beside scores by name, whose order says nothing."""
    if isinstance(target, LabelSource) or target.dimensions > 1:
        return
    for source in arrays:
        if source.unordered and source.names:
            require_numbered(source.names, target.name, source.name, _classes_argument)


def _classes_argument(names: Sequence[str]) -> str:
    return f"classes={[*names]}"


def _mention_order(arrays: Sequence[ArraySource], target: ArraySource | LabelSource, notes: list[str]) -> None:
    """A note on which class each label by number is, beside columns such as yes and no, which has 1 in front."""
    if isinstance(target, LabelSource) or target.dimensions > 1:
        return
    names = next((source.names for source in arrays if source.has_classes and source.names), ())
    pair = tuple(name.lower() for name in names)
    if pair[::-1] in NO_AND_YES and (said := said_of_order(target.name, names, False, _classes_argument)) is not None:
        notes.append(said)


def begin(sources: Sequence[Source], options: Options, notes: Sequence[str] = ()) -> None:
    """All sources of a call are known: their missing values may be left out, and how they were read is said."""
    for source in (*sources, options.sample_weights):
        if isinstance(source, (ArraySource, LabelSource)):
            source.skips_missing = options.skip_missing
    say(notes or [note for source in sources for note in source.notes])


def _other_orders(sources: Sequence[Any]) -> Iterator[str]:
    """A note for each pandas object whose index is that of the first one in another order: rows are matched by place."""
    named = [source for source in sources if getattr(source, "row_names", None) is not None]
    for source in named[1:]:
        ours, first = source.row_names, named[0].row_names
        if len(ours) != len(first) or ours.equals(first) or not ours.is_unique:
            continue
        if first.isin(ours).all():
            yield (
                f"{source.name} and {named[0].name} have the same index in another order, and rows are matched by place; "
                f".loc[index] puts them in one order"
            )


def _name_as_labels(
    arrays: Sequence[ArraySource], target: ArraySource | LabelSource, ignore: Any, notes: list[str]
) -> None:
    """Takes the part that all names of columns share off, where the labels are the names without it."""
    named = [source for source in arrays if source.has_classes]
    if not named or named[0].names is None or target.dimensions > 1:
        return
    given = target.given if isinstance(target, LabelSource) else on_cpu(target.given)
    labels = {str(label) for label in set(np.ravel(given).tolist()) if label != ignore}
    strip_for_labels(named, sorted(labels), named[0].names, notes)


def say(notes: Iterable[str]) -> None:
    """Says how arrays and tables were read, as the terminal does in notes: by the logger `cecli`, which writes to stderr unless the program says otherwise."""
    for note in dict.fromkeys(notes):
        import logging  # loaded where there is something to say

        logging.getLogger("cecli").warning("%s", note)


def target_of(values: Any, predictions: Sequence[Source], options: Options, scores: bool) -> Source | None:
    """The target of `compare`; scores have none."""
    if scores:
        if values is not None:
            raise UsageError("scores have no target", hint='as in compare(None, {"a": a, "b": b}, scores=True)')
        begin(predictions, options)
        return None
    if values is None:
        raise InputError("the target is missing", hint="scores=True compares scores, which have none")
    return target_beside(values, "the target", predictions, options)


def with_names(options: Options, sources: Sequence[Source]) -> Options:
    """The options with the class names, where labels by name are all there is."""
    names = [source for source in sources if isinstance(source, LabelSource)]
    if options.classes is not None or len(names) < len(sources):
        return options
    return options.replace(classes=in_order(chain.from_iterable(source.distinct() for source in names)))


def _groups(values: Any, title: str) -> ArraySource | LabelSource:
    """The group of each sample, by name or by number."""
    source = group_source(values, title)
    say(source.notes)
    return source


def _clusters(values: Any) -> ArraySource | LabelSource:
    """The cluster of each sample; samples without one are marked."""
    source = _groups(values, "the clusters")
    source.skips_missing = True
    return source


def read_keywords(predictions: Sequence[Source], keywords: Mapping[str, Any], **more: Any) -> tuple[Options, Execution]:
    """The keywords, read; weights are brought to the library of the first array of the predictions, and a Dask collection among these is computed where it is."""
    options = given({**keywords, **more}, Options._fields)
    array = first_array(predictions)
    if "class_weights" in options:
        known = options.get("classes") or (None if array is None else array.names)
        options["class_weights"] = _in_order(options["class_weights"], known)
    for name, title in TITLES.items():
        if name in options:
            options[name] = _weights(options[name], title, array)
    execution = _execution(**given(keywords, ("threads", "device")))
    for source in predictions:
        if isinstance(source, (ArraySource, LabelSource)) and source.collection is not None:
            if options.get("reduction") == "none":
                require_values(source.collection, source.name)
            return Options(**options), _where_it_is(execution)
    return Options(**options), execution


def _where_it_is(execution: Execution) -> Execution:
    """Dask computes on a collection, where its blocks are."""
    from cecli.running.collection_tasks import Collections

    if execution.device is not None:
        raise UsageError("device: a Dask collection is computed where it is", hint="leave out device, or compute() it")
    return execution.replace(cluster=Collections())


def _weights(values: Any, title: str, beside: ArraySource | None) -> ArraySource:
    """Weights: one for each class or sample; for predictions of (N, T, K) those of samples may be (N, T)."""
    values = one_each(values, None if beside is None else beside.shape)
    source = array_source(values, title, None if beside is None else beside.given)
    if _is_one_each(source, beside):
        source.flatten()
    say(source.notes)
    return source


def _execution(threads: int | None = None, device: str = "cpu") -> Execution:
    """Where and how a function computes; for the CPU nothing of any device is loaded."""
    count = cores() if threads is None else threads
    if device == "cpu":
        return Execution(count)
    from cecli.running.devices import find

    return Execution(count, find(device)[0])


def _in_order(weights: Any, classes: tuple[str, ...] | None) -> Any:
    """Class weights in the order of the classes, where they have names: a mapping, or a pandas Series with names for its index."""
    index = weights if isinstance(weights, Mapping) else getattr(weights, "index", ())
    names = tuple(index) if isinstance(index, Iterable) else ()
    if not names or not all(isinstance(name, str) for name in names):
        return weights
    both = None if classes is None else alike(names, classes)
    if both is None:
        known = "the classes have no names" if classes is None else f"the classes are {', '.join(classes[:8])}"
        raise InputError(f"the class weights are for {', '.join(names[:8])}, and {known}")
    ours, theirs = both
    return [weights[names[ours.index(name)]] for name in theirs]


def paired_options(options: Mapping[str, Any]) -> PairedTestOptions:
    """How `compare` judges pairs."""
    named = given(options, PairedTestOptions._fields)
    if "cluster" in named:
        named["cluster"] = _clusters(named["cluster"])
    return PairedTestOptions(**named)


def metric_request(options: Mapping[str, Any]) -> MetricRequest:
    """What `compare` is asked for beyond its summary."""
    named = given(options, MetricRequest._fields)
    if "by" in named:
        named["by"] = _groups(named["by"], "the slices")
    return MetricRequest(**named)
