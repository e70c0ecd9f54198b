"""What a condition of `--fail-if` names: `model.metric`, or `model.metric.statistic` of the model minus the baseline.

Of the parts between dots the metric is the last one that is one, so that a model may be called as a metric is, and have dots in its name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches

from cecli.comparing.metric_names import metric_name
from cecli.errors import Place, UsageError
from cecli.record import Record

STATISTICS = ("difference", "ci_low", "ci_high", "p_value")
"""Of a model minus the baseline."""

PART = r"""(?:\w+|"[^"]*"|'[^']*')"""
OPTION = "--fail-if"


class Named(Record):
    """A number that is named: a metric of a model, or a statistic of its difference to the baseline."""

    model: str
    metric: str
    statistic: str = ""

    @property
    def text(self) -> str:
        """As it could be typed, but for quotes."""
        return ".".join(part for part in (self.model, self.metric, self.statistic) if part)


class Part(Record):
    """A part between dots, and where it stands in the condition."""

    text: str
    start: int
    stop: int

    @property
    def name(self) -> str:
        """Without quotes."""
        return self.text[1:-1] if self.text[0] in "\"'" else self.text


class Names(Record):
    """The names that a condition may use."""

    condition: str
    models: Sequence[str]
    baseline: str

    def read(self, start: int, stop: int) -> Named:
        """The number that a part of the condition names."""
        found = re.finditer(PART, self.condition[start:stop])
        parts = [Part(each[0], start + each.start(), start + each.end()) for each in found]
        metrics = [_metric(part) if i else None for i, part in enumerate(parts)]
        last = max((i for i, metric in enumerate(metrics) if metric), default=None)
        model = self._model(parts[: last or 1])
        if last is None:
            raise self._without_metric(parts)
        named = Named(model, metrics[last] or "", self._statistic(parts[last + 1 :]))
        if named.statistic and model == self.baseline:
            why = "a difference is that of another model minus the baseline"
            raise self._error(f"{model} is the baseline", parts, f"{why}; --baseline chooses it")
        return named

    def _model(self, parts: Sequence[Part]) -> str:
        """The model that these parts are the name of."""
        name = ".".join(part.name for part in parts)
        if name in self.models:
            return name
        rest = self.condition[parts[0].start :]
        whole = next((model for model in self.models if rest.startswith(model)), None)
        if whole is not None:
            raise self._error(f"no model is called {name!r}", parts, f'write "{whole}", with quotes')
        close = get_close_matches(name, self.models, n=1)
        guess = f"did you mean {close[0]}? " if close else ""
        raise self._error(f"no model is called {name!r}", parts, f"{guess}the models are {', '.join(self.models)}")

    def _without_metric(self, parts: Sequence[Part]) -> UsageError:
        """The error for a model that no metric follows."""
        if len(parts) == 1:
            form = f"{parts[0].text}.cross_entropy"
            return self._error(f"{parts[0].name} is a model: name one of its metrics", parts, f"as in {form}")
        try:
            metric_name(parts[1].name, OPTION)
        except UsageError as error:
            return self._error(error.message.removeprefix(f"{OPTION}: "), parts[1:2], error.hint or "")
        return self._error("the metric stands without quotes", parts[1:2], f"as in {parts[0].text}.{parts[1].name}")

    def _statistic(self, parts: Sequence[Part]) -> str:
        """What follows the metric: nothing, or one statistic."""
        name = ".".join(part.name for part in parts)
        if name and name not in STATISTICS:
            hint = f"a metric may be followed by one of {', '.join(STATISTICS)}"
            raise self._error(f"{name!r} is not a statistic", parts, hint)
        return name

    def _error(self, message: str, parts: Sequence[Part], hint: str) -> UsageError:
        place = Place(self.condition, parts[0].start, parts[-1].stop)
        return UsageError(f"{OPTION}: {message}", place=place, hint=hint)


def _metric(part: Part) -> str | None:
    """The metric that a part is; None where it is none."""
    try:
        return metric_name(part.text, OPTION)
    except UsageError:
        return None
