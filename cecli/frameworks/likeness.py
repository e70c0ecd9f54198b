"""What a framework gives for a call, and the conventions that make it differ from our value."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from cecli.frameworks.changes import in_float32
from cecli.frameworks.convention import Convention, Function
from cecli.frameworks.functions import FRAMEWORKS, FUNCTIONS, LOSSES
from cecli.frameworks.metric_stages import confidence_in_float32, value_in_float32
from cecli.frameworks.samples import clipped_work, work_of, works_of
from cecli.frameworks.stages import worked
from cecli.frameworks.work import Work, presented
from cecli.record import Record
from cecli.report import Later, Value, flat
from cecli.running.batches import Batch
from cecli.running.problem import Problem

SAME, SAME_IN_FLOAT32 = 1e-12, 1e-6
"""Values within this relative distance differ by their rounding."""

IN_FLOAT32 = (in_float32, confidence_in_float32, value_in_float32)
"""The changes of conventions named float32 that round."""

EXPRESSED = ("base", "denominator", "ignored", "distance", "axis")
"""Conventions that a program sets right."""

UNITED = ("entropy", "kl", "js", "bce", "gradient of xent", "gradient of bce")
"""Quantities beside the cross-entropy that have a unit."""

OPTIONS = {
    "class_weights": "class weights",
    "sample_weights": "sample weights",
    "label_smoothing": "label smoothing",
    "pos_weight": "weight of the positive term",
    "focal": "focal factor",
    "ignore_index": "label to ignore",
    "none": "value for each sample",
}
"""What shapes a loss, and may be missing in a function."""


class Difference(Record):
    """A convention that makes the value differ."""

    name: str
    theirs: str
    ours: str
    effect: Value
    """The value with this convention alone, minus ours; None where these can't be subtracted."""


class Likeness(Record):
    """What a framework gives for a call."""

    framework: str
    title: str
    versions: str
    function: str | None = None
    value: Value = None
    unit: str | None = None
    differences: Sequence[Difference] = ()
    """The conventions that make it differ."""
    others: Sequence[Likeness] = ()
    """What other functions of the framework give."""
    message: str | None = None
    """Why there is no value, or what the framework warns of."""
    refuses: bool = False
    """Whether the function does not take the call; otherwise a value of None stands for nan."""


def likeness(framework: str, problem: Problem, ours: Value) -> Likeness:
    """What a framework gives for a call whose value we know."""
    works = works_of(problem, ours)
    chosen = next((work for work in works if work.predicts_labels), works[0])
    first, *others = [*functions_of(framework, chosen), None]
    if first is None:
        row = FRAMEWORKS[framework]
        return Likeness(framework, row.title, row.versions, message=f"{row.title} has no function for this")
    found = _answer(framework, first, works, problem)
    return found.replace(others=Later(lambda: [*_others(framework, others, works, problem)]))


def _others(
    framework: str, functions: Iterable[Function | None], works: Sequence[Work], problem: Problem
) -> Iterator[Likeness]:
    """What other functions of a framework give, where they take the call."""
    for function in functions:
        if function is not None and not (found := _answer(framework, function, works, problem)).refuses:
            yield found


def _answer(framework: str, function: Function, works: Sequence[Work], problem: Problem) -> Likeness:
    """What a function gives."""
    row = FRAMEWORKS[framework]
    empty = Likeness(framework, row.title, row.versions)
    if any(work.predicts_labels for work in works):
        if function.of_labels is None:
            return empty.replace(message="predicted labels have no probabilities for a framework to take", refuses=True)
        function = function.of_labels
    empty = empty.replace(function=function.call)
    refused = _said(lambda work: _refusal(function, work, problem), works)
    if refused is not None:
        return empty.replace(message=f"{row.title}: {function.call} {refused}", refuses=True)
    value = _value(works, function.conventions, problem)
    nats = any(each.name == "base" for each in function.conventions)
    unit = None if _is_pure(works[0]) else "nats" if nats else problem.options.base.unit
    said = [text for text in (_said(function.says, works), _half(function, problem)) if text is not None]
    message = f"{row.title}: {'; '.join(said)}" if said else None
    differences = Later(lambda: _differences(works, function, problem, value))
    return empty.replace(value=value, unit=unit, differences=differences, message=message)


def _said(says: Callable[[Work], str | None], works: Sequence[Work]) -> str | None:
    """What is said of the first model of which something is."""
    return next((text for work in works if (text := says(work)) is not None), None)


def _half(function: Function, problem: Problem) -> str | None:
    """What is said of float16."""
    is_half = any(batch.stream.source.rounding > np.finfo(np.float32).eps for batch in problem.batches)
    in_own_type = not any(each.name == "float32" for each in function.conventions)
    return (
        "computes float16 in float16, to about 3 digits; the value here is that of float32"
        if is_half and in_own_type
        else None
    )


def _is_pure(work: Work) -> bool:
    """Whether the value has no unit."""
    if work.quantity == "softmax":
        return not work.state.options.log
    return work.quantity not in (*LOSSES, *UNITED)


def functions_of(framework: str, work: Work) -> list[Function]:
    """The function for a call, and those that are shown beside it; empty where the framework has none."""
    own = [
        row for row in FUNCTIONS if framework in row.frameworks and work.quantity in row.quantities and row.when(work)
    ]
    first = [row for row in own if not row.is_second][:1]
    return [*first, *(row for row in own if first and row.is_second)]


def _refusal(function: Function, work: Work, problem: Problem) -> str | None:
    """Why the function has no value for a call; None where it has."""
    missing = [words for name, words in OPTIONS.items() if name not in function.takes and _is_asked(name, problem)]
    return f"has no {', no '.join(missing)}" if missing else function.refuses(work)


def _is_asked(name: str, problem: Problem) -> bool:
    """Whether a call has an option that shapes the loss."""
    if name == "none":
        return problem.reduction == "none" and problem.command in ("xent", "bce")
    if name == "ignore_index":
        return any(_has_masked_entries(batch) for batch in problem.batches)
    default = {"label_smoothing": 0.0, "pos_weight": 1.0, "focal": 0.0}.get(name)
    return bool(getattr(problem.options, name) != default)


def _has_masked_entries(batch: Batch) -> bool:
    """Whether entries of a row are left out, and others of the row are not."""
    mask = batch.mask
    return mask is not None and len(mask.shape) > 1 and not bool(np.all(np.all(mask, -1) == np.any(mask, -1)))


# --- values -------------------------------------------------------------------------------------------------------


def _value(works: Sequence[Work], conventions: Sequence[Convention], problem: Problem) -> Value:
    """The value under some conventions; of several models a list."""
    changes = [change for each in conventions for change in each.changes]
    values = [presented(worked(work, changes)) for work in works]
    return [_known(value) for value in values] if problem.command == "compare" else _known(values[0])


def _known(value: Value) -> Value:
    """None in place of NaN."""
    return None if isinstance(value, float) and math.isnan(value) else value


def _differences(works: Sequence[Work], function: Function, problem: Problem, theirs: Value) -> list[Difference]:
    """The conventions of a function that change the value of a call, alone or beside the others, each with its effect alone."""
    ours, facts = _value(works, (), problem), _facts(works[0])
    found = []
    for each in function.conventions:
        alone = _value(works, [each], problem)
        others = [other for other in function.conventions if other is not each]
        if not is_same(alone, ours) or not is_same(_value(works, others, problem), theirs, closeness(function, each)):
            texts = (each.theirs.format(**facts), each.ours.format(**facts))
            found.append(Difference(each.name, *texts, _minus(alone, ours)))
    return found


def closeness(function: Function, convention: Convention) -> float:
    """How far values may be apart by their rounding, under all conventions of a function but one."""
    others = [each for each in function.conventions if each is not convention]
    return SAME_IN_FLOAT32 if any(each.name == "float32" for each in others) else SAME


def _facts(work: Work) -> dict[str, Any]:
    """The numbers of a call that a convention's words name."""
    epsilon = float(np.finfo(work.state.scores.dtype).eps)
    return {
        "epsilon": f"{epsilon:.2g}",
        "largest": f"{-math.log(epsilon):.5g}",
        "samples": work.rows,
        "classes": work.classes,
        "entries": work.rows * work.classes,
    }


def is_same(a: Value, b: Value, within: float = SAME) -> bool:
    """Whether two values are equal but for their rounding."""
    if isinstance(a, Sequence) != isinstance(b, Sequence):
        return False
    if isinstance(a, Sequence) and isinstance(b, Sequence) and len(a) != len(b):
        return False
    one, other = flat(a), flat(b)
    return len(one) == len(other) and all(_is_close(x, y, within) for x, y in zip(one, other, strict=True))


def _is_close(a: float | None, b: float | None, within: float) -> bool:
    return a == b or (a is not None and b is not None and math.isclose(a, b, rel_tol=within))


def _minus(a: Value, b: Value) -> Value:
    """a − b, entry by entry; None where that is undefined."""
    if isinstance(a, Sequence) and isinstance(b, Sequence):
        return [_minus(x, y) for x, y in zip(a, b, strict=True)] if len(a) == len(b) else None
    if a is None or b is None or isinstance(a, Sequence) or isinstance(b, Sequence):
        return None
    return 0.0 if a == b else None if math.isnan(a - b) else a - b


def agrees(framework: str, problem: Problem, is_reduced: bool = False) -> bool:
    """Whether a framework's function gives our losses for a call, in float64 and in nats, on each of its backends: sample by sample, or reduced."""
    is_reduced = is_reduced or framework == "sklearn"
    each = problem if is_reduced else problem.replace(reduction="none")
    works = [clipped_work(work_of(each, batch)) for batch in each.batches]
    functions = [row for row in functions_of(framework, works[0]) if row.backends or not row.is_second]
    if not functions or _said(functions[0].refuses, works) or (warns(framework) and _said(functions[0].says, works)):
        return False
    expressed = ("base", "half") if is_reduced else EXPRESSED
    return all(_gives_ours(works, row, expressed, each) for row in functions)


def _gives_ours(works: Sequence[Work], function: Function, expressed: Sequence[str], problem: Problem) -> bool:
    """Whether a function gives our losses but for what a program sets right; one of another backend in float32, all that it has there."""
    kept = [row for row in function.conventions if row.name not in expressed]
    own = kept if function.backends else [_in_float64(row) for row in kept]
    within = SAME_IN_FLOAT32 if function.backends else SAME
    return is_same(_value(works, own, problem), _value(works, (), problem), within)


def warns(framework: str) -> bool:
    """Whether what a framework says of a call is a warning."""
    return framework.startswith("sklearn")


def _in_float64(row: Convention) -> Convention:
    """A convention without its float32."""
    return row.replace(changes=tuple(change for change in row.changes if change.made not in IN_FLOAT32))


def all_likenesses(problem: Problem, ours: Value) -> Iterator[Likeness]:
    """What the functions of every framework give that have a value for a call."""
    for name in FRAMEWORKS:
        first = likeness(name, problem, ours)
        yield from (found for found in (first, *first.others) if found.value is not None)
