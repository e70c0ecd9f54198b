"""`--code`: a program that computes a call, made of its stages.

The losses of the samples come from the library's own function where that gives our numbers for this call, which the model of `--like`
knows; else NumPy computes them, and a comment says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from cecli.errors import UsageError
from cecli.frameworks.changes import plain_softmax
from cecli.frameworks.library_code import LIBRARIES, UNREDUCED, Call, Library, reduced
from cecli.frameworks.likeness import SAME, agrees
from cecli.frameworks.literals import data_lines
from cecli.frameworks.samples import quantity_of, work_of
from cecli.frameworks.value_code import (
    LINES,
    OF_CLASSES,
    base_line,
    helper_lines,
    result_name,
    stage_lines,
    value_lines,
)
from cecli.frameworks.work import Work
from cecli.maths.namespace import Array
from cecli.maths.softmax import log_softmax, softmax_terms
from cecli.reading.sources import Source
from cecli.report import Report
from cecli.running.problem import Problem


def with_program(report: Report, problem: Problem | None, target: Source | None, library: str) -> Report:
    """The report with a program in place of its value."""
    if problem is None:
        raise UsageError("--code: too many values", hint="write the program for a part of the samples")
    if problem.command == "compare":
        _require_program(problem)
    return report.replace(lines=[(line,) for line in program(problem, target, library)])


def _require_program(problem: Problem) -> None:
    """A comparison must be of a metric that programs compute, for models of one kind."""
    labels = [batch.stream.source.are_labels for batch in problem.batches]
    if any(labels) and not all(labels):
        raise UsageError(
            "--code: no program for predicted labels beside probabilities", hint="compare models of one kind"
        )
    known, given = (OF_CLASSES, " of predicted labels") if any(labels) else (LINES, "")
    if quantity_of(problem) not in known:
        raise UsageError(
            f"--code: no program for {problem.metric}{given}",
            hint=f"there are programs for {', '.join(OF_CLASSES)}" if any(labels) else None,
        )


def program(problem: Problem, target: Source | None, name: str) -> list[str]:
    """The lines of a program."""
    library, work = LIBRARIES[name], _of_all_models(problem)
    call = library.call(work) if library.framework and agrees(library.framework, problem) else None
    if call is not None and _reduces(library, call, work, problem):
        call = reduced(call, work)
    if call is None and not library.always:
        library = library.replace(convert="", fetch="")
    data, names = _data(problem, work_of(problem, problem.batches[0]), target)
    body = [*_losses(work, library, call), *([] if call is not None and call.gives_value else value_lines(work))]
    if problem.command == "compare":
        shared, models = names[:-1], [f"{names[-1]}{i + 1}" for i in range(len(problem.batches))]
        converted = _converted(library, shared)
        helper = ["", *helper_lines(work), ""] if helper_lines(work) else []
        steps = [*converted, *([""] if converted else []), *helper, *_of_models(names[-1], models, body, library)]
    else:
        steps = [*_converted(library, names), *body, *_print(work)]
    said = _said(library, call, steps)
    return [*_imports(library, [*data, *steps]), "", *data, "", *said, *steps]


def _of_all_models(problem: Problem) -> Work:
    """The work whose lines are written: its predictions are those of all models, one below the other, since one function is for all."""
    first, *others = [work_of(problem, batch) for batch in problem.batches]
    scores = [first.state.scores, *(work.state.scores for work in others)]
    return first.with_state(scores=np.concatenate(scores)) if others else first


def _reduces(library: Library, call: Call, work: Work, problem: Problem) -> bool:
    """Whether the library's own mean or sum of the losses is our value."""
    asked = work.reduction != "none" and work.state.weights is None and call.lines[-1].endswith(UNREDUCED)
    return asked and agrees(library.framework, problem, is_reduced=True)


# --- the head -----------------------------------------------------------------------------------------------------


def _imports(library: Library, lines: Sequence[str]) -> list[str]:
    """The imports that the lines use."""
    text = "\n".join(lines)
    used = [line for line in library.imports if library.always or any(f"{name}." in text for name in _imported(line))]
    settings = [line for line in library.settings if used]
    own = ["import math", ""] if "math.lgamma" in text else []
    return [*own, "import numpy as np", *used, *([""] if settings else []), *settings]


def _imported(line: str) -> list[str]:
    """The names that an import makes."""
    return [part.split()[-1] for part in line.partition("import ")[2].split(",")]


def _said(library: Library, call: Call | None, lines: Sequence[str]) -> list[str]:
    """What is said where the library's own functions are not used."""
    text = "\n".join(lines)
    own = any(f"{name}." in text for line in library.imports for name in _imported(line))
    if call is not None or own or not library.imports:
        return []
    return [f"# {library.title} has no function that gives this value for this call, so NumPy computes it."]


def _data(problem: Problem, work: Work, target: Source | None) -> tuple[list[str], list[str]]:
    """The lines with the numbers of a call, and the names of the variables, that of the prediction last."""
    state, batch = work.state, problem.batches[0]
    lines, names = list[str](), list[str]()

    def give(name: str, values: Array, source: Source | None, classes: Sequence[str] | None = None) -> None:
        lines.extend(data_lines(name, values, source, classes))
        names.append(name)

    if len(work.places) < work.samples:
        lines.append(f"# {work.samples - len(work.places)} of {work.samples} samples are left out")
    if work.has_labels:
        give("y", np.asarray(batch.labels)[work.places].astype(np.int64), target, batch.stream.classes)
    elif state.target is not None:
        give(_target_name(work), _shaped(work, state.given_target), target)
    if state.class_weights is not None:
        give("w", np.asarray(state.class_weights), problem.options.class_weights)
    if state.weights is not None:
        give("s", np.asarray(state.weights), problem.options.sample_weights)
    name = prediction_name(work)
    for i, each in enumerate(problem.batches):
        one = f"{name}{i + 1}" if problem.command == "compare" else name
        scores = work_of(problem, each).state.scores if each.raw is None else np.asarray(each.raw)[work.places]
        classes = each.stream.classes if work.predicts_labels else None
        give(one, _shaped(work, scores), each.stream.source, classes)
        if each.raw is not None:
            lines.append(f"{one} = {one} / {one}.sum(axis=-1, keepdims=True)")
    return lines, [*names[: -len(problem.batches)], name]


def _shaped(work: Work, values: Array) -> Array:
    """Binary predictions of one value each as a vector, and predicted labels too."""
    array = np.asarray(values)
    if work.predicts_labels:
        return array[:, 0].astype(np.int64)
    return array[:, 0] if work.is_vector else array


def _target_name(work: Work) -> str:
    return "y" if work.quantity in ("bce", "gradient of bce") else "p"


def prediction_name(work: Work) -> str:
    """z for logits, else q; p where an entropy is taken of it, and y_pred where labels are predicted."""
    if work.predicts_labels:
        return "y_pred"
    if work.quantity == "softmax" or work.state.options.logits:
        return "z"
    return "p" if work.quantity == "entropy" else "q"


# --- the stages ---------------------------------------------------------------------------------------------------


def _converted(library: Library, names: Sequence[str]) -> list[str]:
    """The arrays as the library has them."""
    if not library.convert or not names:
        return []
    if len(names) == 1:
        return [f"{names[0]} = {library.convert}({names[0]})"]
    several = ", ".join(names)
    return [f"{several} = map({library.convert}, ({several}))"]


def _losses(work: Work, library: Library, call: Call | None) -> list[str]:
    """The lines up to the losses of the samples."""
    if call is None:
        lines = stage_lines(work, library.dialect.replace(is_plain=keeps_digits(work)))
    elif call.gives_value:
        return [*call.lines]
    else:
        lines = [*call.lines, *base_line(work, "np")]
    result = result_name(work)
    return [*lines, *([f"{result} = {library.fetch}({result})"] if library.fetch else [])]


def keeps_digits(work: Work) -> bool:
    """Whether the plain log-softmax keeps the digits of all logits of a call."""
    if work.quantity == "softmax" or work.state.options.logits:
        scores = work.state.scores / work.state.options.temperature
        with np.errstate(all="ignore"):
            plain, exact = plain_softmax(scores)[1], log_softmax(softmax_terms(scores))
            return bool(np.all((plain == exact) | (np.abs(plain - exact) <= SAME * np.abs(exact))))
    return True


def _of_models(name: str, models: Sequence[str], body: Sequence[str], library: Library) -> Iterator[str]:
    """A function of the metric, and its value for each model."""
    yield ""
    yield f"def metric({name}):"
    yield from (f"    {line}" for line in body)
    yield "    return float(value)"
    yield ""
    yield ""
    given = f"{library.convert}({name})" if library.convert else name
    comma = "," if len(models) == 1 else ""
    yield f'print(*[metric({given}) for {name} in ({", ".join(models)}{comma})], sep=",")'


def _print(work: Work) -> Iterator[str]:
    """What prints the value as cecli does."""
    if work.reduction != "none" and not work.is_gradient and work.quantity != "softmax":
        yield "print(float(value))"
        return
    result = "g" if work.is_gradient else "losses"
    if len(work.places) < work.samples:
        fill = "0.0" if work.is_gradient and not math.isnan(work.left_out) else "np.nan"
        width = f"({work.samples}, {work.classes})" if _has_rows(work) else f"{work.samples}"
        yield f"whole = np.full({width}, {fill})"
        yield f"whole[{work.places.tolist()}] = {result}"
        result = "whole"
    if _has_rows(work):
        yield f"for row in {result}.tolist():"
        yield '    print(*row, sep=",")'
    else:
        yield f'print(*{result}.tolist(), sep="{"," if work.is_gradient else chr(92) + "n"}")'


def _has_rows(work: Work) -> bool:
    """Whether the value has a row for each sample."""
    return not work.is_vector and (work.is_gradient or work.quantity in ("softmax", "bce"))
