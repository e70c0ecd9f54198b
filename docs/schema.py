"""The JSON Schema of what `-f json` prints, from the tables of commands, options and metrics. `python -m docs.schema` writes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cecli.cli.command_table import COMMANDS
from cecli.comparing.metrics import BY_NAME, SUMMARY
from cecli.running.options import offered

PATH = Path(__file__).parent / "cecli.schema.json"

Schema = dict[str, Any]


def ref(name: str) -> Schema:
    """A definition by its name."""
    return {"$ref": f"#/$defs/{name}"}


def listed(items: Schema) -> Schema:
    """A list of these."""
    return {"type": "array", "items": items}


def either(*schemas: Schema) -> Schema:
    """One of these."""
    return {"anyOf": [*schemas]}


def closed(required: dict[str, Schema], optional: dict[str, Schema] | None = None, **more: Any) -> Schema:
    """An object with these members and no others."""
    return {
        "type": "object",
        "properties": required | (optional or {}),
        "required": [*required],
        "additionalProperties": False,
        **more,
    }


TEXT, TRUTH, COUNT, NULL = {"type": "string"}, {"type": "boolean"}, {"type": "integer", "minimum": 0}, {"type": "null"}
NUMBER, NUMBERS = ref("number"), ref("numbers")
PART = dict.fromkeys(("difference", "ci_low", "ci_high", "p_value"), NUMBER)
TESTED = {
    **PART,
    "p_adjusted": NUMBER,
    "method": either(TEXT, NULL),
    **{name: either(NUMBER, NULL) for name in ("better", "worse", "tied", "needed")},
    "caution": either(TEXT, NULL),
}
BOOTSTRAP = {"bootstrap": either(closed({"percentile": listed(NUMBER), "basic": listed(NUMBER)}), NULL)}
SPAN = either(listed(NUMBER), NULL)
LOSS = {"cross_entropy": NUMBER, "unit": TEXT, "perplexity": NUMBER}
METRIC_NAME = f"^({'|'.join(BY_NAME)}|top[0-9]+)$"


def metrics(value: Schema) -> Schema:
    """A value for each metric, by name."""
    return {"type": "object", "patternProperties": {METRIC_NAME: value}, "additionalProperties": False}


DEFS: dict[str, Schema] = {
    "number": {
        "description": "A number; the texts inf and -inf where it is infinite; null where there is none.",
        "anyOf": [{"type": "number"}, {"enum": ["inf", "-inf"]}, NULL],
    },
    "numbers": {
        "description": "A number, or a list of numbers, or of lists.",
        "anyOf": [NUMBER, listed(ref("numbers"))],
    },
    "mistake": closed({"mistake": TEXT, "value": NUMBERS, "likely": TRUTH}),
    "step": closed(
        {
            "title": either(TEXT, NULL),
            "left": TEXT,
            "chain": listed(TEXT),
            "value": NUMBERS,
            "unit": either(TEXT, NULL),
            "remark": either(TEXT, NULL),
        }
    ),
    "convention": closed({"name": TEXT, "theirs": TEXT, "ours": TEXT, "effect": NUMBERS}),
    "other_function": closed(
        {
            "function": TEXT,
            "value": NUMBERS,
            "unit": either(TEXT, NULL),
            "conventions": listed(ref("convention")),
        }
    ),
    "like": closed(
        {
            "framework": TEXT,
            "versions": TEXT,
            "function": either(TEXT, NULL),
            "value": NUMBERS,
            "unit": either(TEXT, NULL),
            "conventions": listed(ref("convention")),
            "message": either(TEXT, NULL),
            "others": listed(ref("other_function")),
        }
    ),
    "class": closed(
        {
            "class": TEXT,
            "support": NUMBER,
            "predicted": NUMBER,
            "precision": NUMBER,
            "recall": NUMBER,
            "recall_interval": SPAN,
            "f1": NUMBER,
            "mean_loss": NUMBER,
        }
    ),
    "worst_sample": closed(
        {"sample": COUNT, "target": TEXT, "prediction": TEXT, "probability": NUMBER, "loss": NUMBER},
        {"where": either(TEXT, NULL)},
    ),
    "slice_gap": closed(
        {
            "metric": TEXT,
            "best": either(TEXT, NULL),
            "worst": either(TEXT, NULL),
            **dict.fromkeys(("difference", "ci_low", "ci_high"), NUMBER),
        }
    ),
    "model": {
        "type": "object",
        "properties": {
            "name": TEXT,
            "intervals": metrics(SPAN),
            "classes": listed(ref("class")),
            "confusion": listed(listed(NUMBER)),
            "worst": listed(ref("worst_sample")),
            "slice_gap": ref("slice_gap"),
        },
        "patternProperties": {METRIC_NAME: NUMBER},
        "required": ["name", "intervals", *SUMMARY],
        "additionalProperties": False,
    },
    "difference": closed(
        {
            "a": TEXT,
            "b": TEXT,
            **TESTED,
            "infinite": closed({"a": COUNT, "b": COUNT}),
            "mcnemar": closed(dict.fromkeys(("only_a_right", "only_b_right", "p_value", "p_adjusted"), NUMBER)),
            "metrics": metrics(closed(PART, {**TESTED, **BOOTSTRAP})),
            "samples": COUNT,
            "effective_samples": NUMBER,
            "clusters": either(COUNT, NULL),
        },
        BOOTSTRAP,
    ),
    "slice": closed(
        {
            "samples": COUNT,
            "models": listed(ref("model")),
            "best": ref("best"),
            "differences": listed(ref("difference")),
            "verdict": TEXT,
        }
    ),
    "best": metrics(listed(TEXT)),
    "picture": closed(
        {
            "name": TEXT,
            "reliability": listed({"type": "object", "additionalProperties": NUMBER}),
            "losses": closed({"edges": listed(NUMBER), "samples": listed(NUMBER), "above": NUMBER, "infinite": NUMBER}),
        }
    ),
    "disagreement": closed(
        {
            "a": TEXT,
            "b": TEXT,
            "top_samples": COUNT,
            "top_share": NUMBER,
            "mean": NUMBER,
            "mean_without": NUMBER,
            "samples": listed(
                closed({"sample": COUNT, "target": TEXT, "a_loss": NUMBER, "b_loss": NUMBER, "difference": NUMBER})
            ),
        }
    ),
    "claim": closed(
        {
            "line": COUNT,
            "command": TEXT,
            "claimed": ref("claimed"),
            "value": NUMBERS,
            "holds": TRUTH,
            "diagnosis": listed(ref("mistake")),
        }
    ),
    "claimed": either(TEXT, NUMBERS),
    "line_error": closed({"line": COUNT, "message": TEXT}),
}

CLAIM = {"expected": ref("claimed"), "holds": TRUTH, "diagnosis": listed(ref("mistake"))}
LEFT_OUT = {"ignored": COUNT, "skipped": COUNT}
STEPS = {"steps": listed(ref("step"))}
LIKE = {"like": ref("like")}
REDUCED = {"unit": TEXT, "reduction": {"enum": ["none", "mean", "sum"]}}

MEMBERS: dict[str, tuple[dict[str, Schema], dict[str, Schema]]] = {
    "softmax": ({}, {"unit": TEXT, **STEPS, **CLAIM, **LEFT_OUT, **LIKE}),
    "entropy": (REDUCED, {**STEPS, **CLAIM, **LEFT_OUT, **LIKE}),
    "xent": (
        {**REDUCED, "entropy": NUMBERS, "kl": NUMBERS, "perplexity": NUMBER},
        {**STEPS, **CLAIM, **LEFT_OUT, **LIKE},
    ),
    "kl": (REDUCED, {"distance": NUMBERS, **STEPS, **CLAIM, **LEFT_OUT, **LIKE}),
    "bce": (REDUCED, {**STEPS, **CLAIM, **LEFT_OUT, **LIKE}),
    "compare": (
        {
            "models": listed(ref("model")),
            "best": ref("best"),
            "differences": listed(ref("difference")),
            "verdict": TEXT,
        },
        {
            "unit": TEXT,
            "slices": {"type": "object", "additionalProperties": ref("slice")},
            "picture": listed(ref("picture")),
            "yardsticks": {"type": "object"},
            "disagreements": listed(ref("disagreement")),
            **STEPS,
            **CLAIM,
            **LEFT_OUT,
            **LIKE,
        },
    ),
    "grad": (
        {"loss": NUMBERS, "probabilities": NUMBERS, "target": NUMBERS},
        {
            "unit": TEXT,
            "weights": NUMBERS,
            "bias": NUMBERS,
            "jacobian": NUMBERS,
            "max_relative_error": NUMBER,
            **STEPS,
            **CLAIM,
            **LEFT_OUT,
            **LIKE,
        },
    ),
    "calibrate": (
        {"interval": SPAN, "before": closed(LOSS), "after": closed(LOSS)},
        {**STEPS, **CLAIM, **LEFT_OUT},
    ),
    "check": (
        {
            "claims": listed(ref("claim")),
            "errors": listed(ref("line_error")),
            "held": COUNT,
            "failed": COUNT,
        },
        {},
    ),
    "devices": (
        {"devices": listed({"type": "object"}), "missing": {"type": "object", "additionalProperties": TEXT}},
        {},
    ),
}
"""Of each command the members that are always there, and those that options add, beside what every command has."""


def of_command(name: str) -> Schema:
    """What a command prints."""
    always, added = MEMBERS[name]
    shown = {option.name: {"title": option.help.split(" [")[0]} for option in offered(name)}
    settings = {"type": "object", "properties": shown, "additionalProperties": False}
    return closed(
        {
            "command": {"const": name},
            "value": NUMBERS,
            "samples": COUNT,
            **always,
            "notes": listed(TEXT),
            "settings": settings,
            "version": TEXT,
        },
        added,
        title=f"cecli {name} -f json",
    )


def schema() -> Schema:
    """The whole of it: the name of the command says which members there are."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What cecli prints with -f json: one object on one line",
        "type": "object",
        "required": ["command"],
        "properties": {"command": {"enum": [*COMMANDS]}},
        "allOf": [
            {"if": {"properties": {"command": {"const": name}}}, "then": ref(f"cecli_{name}")} for name in COMMANDS
        ],
        "$defs": DEFS | {f"cecli_{name}": of_command(name) for name in COMMANDS},
    }


def text() -> str:
    """The file."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(text(), "utf-8")
