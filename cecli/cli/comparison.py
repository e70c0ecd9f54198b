"""`compare`."""

from __future__ import annotations

import re
from dataclasses import replace

from cecli.cli import options as o
from cecli.cli.call import Call
from cecli.cli.drawing import read_plot
from cecli.errors import UsageError
from cecli.report import Report


def compare(
    target: o.OptionalTarget = None,
    predictions: o.Predictions = None,
    example: o.Example = False,
    metric: o.Metric = None,
    logits: o.Logits = False,
    base: o.Base = "e",
    normalize: o.Normalize = False,
    sample_weights: o.SampleWeights = None,
    ignore_index: o.IgnoreIndex = None,
    eps: o.Eps = None,
    classes: o.Classes = None,
    id_column: o.IdColumn = None,
    header: o.Header = None,
    plot: o.Plot = None,
) -> Report:
    """Models side by side, sample by sample and in sum: error rate, MSE, cross-entropy, and who wins each.

    Name a model with NAME=values. --example compares two models with the same error rate, of which one is better.
    """
    from cecli.analyses import comparison

    picture = read_plot(plot)
    call = Call(classes, header, id_column=id_column)
    settings = call.settings(
        logits=logits,
        base=base,
        normalize=normalize,
        sample_weights=sample_weights,
        ignore_index=ignore_index,
        eps=eps,
        pictured=picture is not None,
    )
    models = named(predictions or [])
    if example:
        if target is not None:
            raise UsageError("--example brings its own target and models", hint="cecli compare --example")
        target, models = comparison.EXAMPLE_TARGET, comparison.EXAMPLE_MODELS
    if target is None or not models:
        missing = "TARGET" if target is None else "PREDICTION"
        raise UsageError(f"cecli compare: {missing} is missing", hint="try cecli compare --example")
    opened = call.open_all(target, models, "the target")
    if picture is None:
        return comparison.compare(*opened, settings, metric)
    report = comparison.compare(*opened, settings, metric, picture.in_text)
    picture.write(report.figure)
    return replace(report, notes=[*report.notes, *picture.notes()])


def named(predictions: list[str]) -> dict[str, str]:
    """The models by name: `small=…` names one, the others are model 1, model 2, …; a path may have = in it."""
    from cecli.reading.columns import is_there

    models: dict[str, str] = {}
    for i, text in enumerate(predictions):
        match = None if is_there(text) else re.match(r"([^=]*)=(.*)$", text, re.DOTALL)
        name, values = (match[1].strip(), match[2]) if match else (f"model {i + 1}", text)
        if not name or not values.strip():
            raise UsageError(f"{text!r} is no NAME=values", hint='as in small="0.1,0.2,0.7"')
        if name in models:
            raise UsageError(f"two models are called {name!r}", hint="name them apart: a=… b=…")
        models[name] = values
    return models
