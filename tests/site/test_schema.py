"""The JSON Schema in docs is that of the tables, and every command's JSON is valid by it. CECLI_UPDATE_DOCS=1 writes it."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path

import jsonschema
import pytest

from docs import schema
from tests.every import every

ROOT = Path(__file__).parent.parent.parent
GOLDEN = sorted((ROOT / "tests" / "golden").glob("*.json"))
VALIDATOR = jsonschema.Draft202012Validator(schema.schema())

CALLS = [
    "softmax 1,2 --like scipy",
    "softmax 1,2 --log -b 2",
    "xent 0 0.5,0.5 --like torch",
    "xent 0,1 '0.5,0.5;nan,0.5' --skip-missing",
    "xent 1,0,0 0.5,0.2,0.3 --expect 0.301",
    "kl 0.5,0.5 0.4,0.6 --like scipy -b 2",
    "bce 1,0 0.4,0.6 --like keras",
    "entropy 0.5,0.5 --expect 0.69",
    "grad 0 1,2 -l --x 1,2 --jacobian --verify",
    "grad 0,1 '1,2;2,1' -l --loss mse --like torch",
    "compare 0,1,1 a=0.4,0.6,0.8 b=0.1,0.7,0.6 --by 1,1,2",
    "compare --scores a=1,2,3 b=2,3,4",
    "compare 0,1,0 a=0,1,1 b=0,0,0 --by-class --confusion",
    "compare --example --metric mse --expect 0.8,0.3",
    "compare --example --metrics all --worst 2 --disagree 2 --plot terminal",
    "calibrate 0,1,1 '4,0,1; 1,3,0; 2,0,1' --steps --expect 1.62",
    "check docs/worksheets/class/ben.txt",
    "check docs/worksheets/article.txt",
    "devices",
]


def test_the_file_is_current() -> None:
    """The schema in docs is what the tables say."""
    if os.environ.get("CECLI_UPDATE_DOCS"):
        schema.PATH.write_text(schema.text(), "utf-8")
    assert schema.PATH.read_text("utf-8") == schema.text()
    jsonschema.Draft202012Validator.check_schema(schema.schema())


@every("path", GOLDEN, ids=lambda path: path.stem)
def test_golden_files_are_valid(path: Path) -> None:
    """What the golden files hold."""
    VALIDATOR.validate(json.loads(path.read_text("utf-8")))


@pytest.mark.parametrize("call", CALLS)
def test_calls_are_valid(cecli, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What options add."""
    monkeypatch.chdir(ROOT)
    VALIDATOR.validate(json.loads(cecli(*shlex.split(call), "-f", "json").stdout))


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        ("compare --example --metrics all", "model"),
        ("compare --scores a=1,2,3 b=2,3,4", "model"),
        ("check docs/worksheets/article.txt", "claim"),
        ("check docs/worksheets/losses.txt", "line_error"),
    ],
)
def test_lines_are_valid(cecli, call: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line of `-f jsonl` is what the object of `-f json` lists."""
    monkeypatch.chdir(ROOT)
    lines = cecli(*shlex.split(call), "-f", "jsonl").stdout.splitlines()
    assert lines
    validator = VALIDATOR.evolve(schema={"$defs": schema.schema()["$defs"], **schema.ref(kind)})
    for line in lines:
        validator.validate(json.loads(line))


def test_something_else_is_not_valid() -> None:
    """Members that the schema does not know, and those that are missing, are found."""
    fine = json.loads((ROOT / "tests" / "golden" / "xent.json").read_text("utf-8"))
    assert VALIDATOR.is_valid(fine)
    assert not VALIDATOR.is_valid(fine | {"extra": 1})
    assert not VALIDATOR.is_valid({name: value for name, value in fine.items() if name != "perplexity"})
    assert not VALIDATOR.is_valid(fine | {"value": "nan"})
