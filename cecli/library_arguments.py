"""What the functions of the library are given: arrays, frames and keywords, as sources and options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cecli.comparing.paired_options import PairedTestOptions
from cecli.comparing.request import MetricRequest
from cecli.errors import InputError, UsageError
from cecli.maths.namespace import on_cpu
from cecli.reading import frames
from cecli.reading.arrays import ArraySource, LabelSource, array_source, target_source
from cecli.reading.frames import texts_of
from cecli.reading.labels import require_distinct
from cecli.reading.meeting import meet
from cecli.reading.sources import Source
from cecli.running.execution import Execution, cores
from cecli.running.option import base_of
from cecli.running.options import NUMERIC, REDUCTIONS, TITLES, Options


def named_sources(predictions: Mapping[str, Any]) -> dict[str, Source]:
    """The models' arrays by name, as sources; texts are predicted labels."""
    if not isinstance(predictions, Mapping):
        raise InputError("predictions is not a mapping of names to arrays", hint='as in {"model 1": p1, "model 2": p2}')
    sources = {str(name): prediction_source(values, str(name)) for name, values in predictions.items()}
    if len(sources) < len(predictions):
        raise InputError("two models have the same name")
    return sources


def prediction_source(values: Any, name: str) -> Source:
    """A model of `compare`: an array of numbers, or predicted labels by name."""
    texts = texts_of(values, name)
    return array_source(values, name) if texts is None else LabelSource(texts, name)


def target_beside(values: Any, name: str, predictions: Sequence[Source], options: Options) -> Source:
    """The target; the columns of data frames, its own too, come to one order of classes by their names."""
    arrays = [source for source in predictions if isinstance(source, ArraySource)]
    source = target_source(values, name, arrays[0].values if arrays else None)
    meet([*arrays, *([source] if isinstance(source, ArraySource) else [])], options.classes, [])
    return source


def target_of(values: Any, predictions: Sequence[Source], options: Options, scores: bool) -> Source | None:
    """The target of `compare`; scores have none."""
    if scores:
        if values is not None:
            raise UsageError("scores have no target", hint='as in compare(None, {"a": a, "b": b}, scores=True)')
        return None
    if values is None:
        raise InputError("the target is missing", hint="scores=True compares scores, which have none")
    return target_beside(values, "the target", predictions, options)


def with_names(options: Options, sources: Sequence[Source]) -> Options:
    """The options with the class names, where labels by name are all there is."""
    names = [source for source in sources if isinstance(source, LabelSource)]
    if options.classes is not None or len(names) < len(sources):
        return options
    return options.replace(classes=tuple(sorted({text for source in names for text in source.given})))


def _clusters(cluster: Any) -> ArraySource:
    """The cluster of each sample, names as numbers."""
    cluster = frames.as_numpy(cluster, "the clusters") if frames.is_frame(cluster) else cluster
    names = np.unique(on_cpu(cluster), return_inverse=True)[1].reshape(np.shape(cluster))
    return array_source(names, "the clusters")


def _groups(values: Any, title: str) -> Source:
    """The slice of each sample, by name."""
    texts = texts_of(values, title)
    if texts is not None:
        return LabelSource(texts, title)
    values = frames.as_numpy(values, title) if frames.is_frame(values) else values
    return array_source(np.reshape(on_cpu(values), -1), title)


def read_keywords(like: Any, keywords: Mapping[str, Any], **more: Any) -> tuple[Options, Execution]:
    """The keywords, read; weights in lists take the namespace of `like`."""
    options: dict[str, Any] = {
        name: value for name, value in keywords.items() if name in Options._fields and value is not None
    } | more
    if options.get("reduction") not in (None, *REDUCTIONS):
        raise UsageError(f"reduction: {options['reduction']!r} is none of {', '.join(REDUCTIONS)}")
    if "classes" in options:
        options["classes"] = require_distinct(tuple(map(str, options["classes"])))
    if "class_weights" in options:
        known = frames.names_of(like) if frames.is_frame(like) else None
        options["class_weights"] = _in_order(options["class_weights"], options.get("classes") or known)
    for name, title in TITLES.items():
        if name in options:
            options[name] = array_source(options[name], title, like if _is_other_array(like) else None)
    for name in NUMERIC:
        if name in options:
            options[name] = _number(name, options[name])
    if "base" in options:
        options["base"] = base_of(options["base"])
    return Options(**options), _execution(keywords.get("threads"), keywords.get("device"))


def _execution(threads: Any, device: Any) -> Execution:
    """Where and how a function computes; for the CPU nothing of any device is loaded."""
    count = cores() if threads is None else _number("threads", threads)
    if device in (None, "cpu"):
        return Execution(count)
    from cecli.running.devices import find

    return Execution(count, find(str(device))[0])


def _in_order(weights: Any, classes: Sequence[str] | None) -> Any:
    """Class weights in the order of the classes, where they have names: a mapping, or a pandas Series with names for its index."""
    names = (
        list(weights)
        if isinstance(weights, Mapping)
        else list(getattr(weights, "index", ()) if frames.is_frame(weights) else ())
    )
    if not names or not all(isinstance(name, str) for name in names):
        return weights
    if classes is None or sorted(names) != sorted(classes):
        known = "the classes have no names" if classes is None else f"the classes are {', '.join(classes[:8])}"
        raise InputError(f"the class weights are for {', '.join(names[:8])}, and {known}")
    return [weights[name] for name in classes]


def _number(name: str, value: Any) -> Any:
    if isinstance(value, int | float):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        raise UsageError(f"{name}: {value!r} is not a number") from None


def paired_options(options: Mapping[str, Any]) -> PairedTestOptions:
    """How `compare` judges pairs."""
    named = {name: options[name] for name in PairedTestOptions._fields if name in options}
    if named.get("cluster") is not None:
        named["cluster"] = _clusters(named["cluster"])
    return PairedTestOptions(**named)


def metric_request(options: Mapping[str, Any]) -> MetricRequest:
    """What `compare` is asked for beyond its summary."""
    named = {name: options[name] for name in MetricRequest._fields if name in options}
    if named.get("by") is not None:
        named["by"] = _groups(named["by"], "the slices")
    names = named.get("metrics", ())
    return MetricRequest(**named | {"metrics": tuple(names.split(",") if isinstance(names, str) else names)})


def _is_other_array(like: Any) -> bool:
    """Whether something is an array that is not NumPy's."""
    return hasattr(like, "__array_namespace__") or hasattr(like, "__dlpack__")
