"""Every error: what was called, and what is said. The table is tests/cases/errors.json.

`terminal`: a command line, with the files and the standard input that it reads, and its exit code, message, hint and underlined place.
`worksheet`: a line of a worksheet, and the message of `check`. `library`: an expression, and the message of the ValueError. Where what is said depends on the version of Python or of a package, … stands for it at
the end.
"""

import gzip
import io
import json
import math
import os
import shlex
import sys
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

import cecli as package
from tests.every import every

TABLE = Path(__file__).parent / "cases" / "errors.json"
CASES = json.loads(TABLE.read_text(encoding="utf-8"))
NAMES = {name: getattr(package, name) for name in package.__all__} | {"np": np, "nan": math.nan, "inf": math.inf}


def npy(spec):
    """A .npy file of these values."""
    buffer = io.BytesIO()
    np.save(buffer, np.array(spec["npy"], dtype=spec.get("dtype")), allow_pickle=True)
    return buffer.getvalue()


def zipped(members):
    """An archive of these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, spec in members.items():
            archive.writestr(name, content(spec))
    return buffer.getvalue()


def parquet(columns):
    """A Parquet file of these columns: pairs, for names may stand twice."""
    buffer = io.BytesIO()
    table = pa.Table.from_arrays([pa.array(values) for _, values in columns], [name for name, _ in columns])
    pa.parquet.write_table(table, buffer)
    return buffer.getvalue()


MAKERS = {
    "npy": npy,
    "zip": lambda spec: zipped(spec["zip"]),
    "npz": lambda spec: zipped({f"{name}.npy": {"npy": values} for name, values in spec["npz"].items()}),
    "parquet": lambda spec: parquet(spec["parquet"]),
    "gz": lambda spec: gzip.compress(content(spec["gz"]), mtime=0),
    "latin-1": lambda spec: spec["latin-1"].encode("latin-1"),
    "utf-16": lambda spec: spec["utf-16"].encode("utf-16"),
    "repeat": lambda spec: (spec.get("first", "") + spec["repeat"] * spec["times"]).encode(),
}
"""How a file of each kind is made."""


def content(spec):
    """The bytes of a file: a text, or one that is made; perhaps with its end cut off, or some bytes turned over."""
    if isinstance(spec, str):
        return spec.encode()
    data = next(make for kind, make in MAKERS.items() if kind in spec)(spec)
    if at := spec.get("flip"):
        return data[:at] + bytes(byte ^ 0xFF for byte in data[at : at + 8]) + data[at + 8 :]
    return data[: -spec["cut"]] if "cut" in spec else data


def raiser(error):
    """A function that raises."""

    def fails(_):
        raise error

    return fails


def prepare_cupy(fake_cupy, **options):
    """A CuPy; a text in the place of a value is the error that CUDA raises, in the place of `place` while it computes."""
    options = {k: fake_cupy.CudaError(v) if isinstance(v, str) else v for k, v in options.items()}
    if options.pop("full", False):
        options["place"] = fake_cupy.OutOfMemoryError()
    if "place" in options:
        options["place"] = raiser(options["place"])
    fake_cupy(**options)


def prepare(case, folder, not_installed, fake_cupy):
    """Makes what a command line needs."""
    for name, spec in case.get("files", {}).items():
        if spec == {"folder": True}:
            (folder / name).mkdir()
        elif "link" in spec and isinstance(spec, dict):
            (folder / name).symlink_to(spec["link"])
        else:
            (folder / name).write_bytes(content(spec))
    for name in case.get("without", ()):
        not_installed(name)
    if "cupy" in case:
        prepare_cupy(fake_cupy, **case["cupy"])


def taken_apart(stderr):
    """The message, the hint and the place (the line that is shown, and the carets under it) of an error, and the notes before it."""
    notes, said = [], {}
    lines = stderr.splitlines()
    while lines and lines[0].startswith("note: "):
        notes.append(lines.pop(0))
    assert lines
    assert lines[0].startswith("error: ")
    said["message"] = lines.pop(0).removeprefix("error: ")
    if lines and not lines[0]:
        assert all(line.startswith("    ") for line in lines[1:3])
        said["place"] = [line[4:] for line in lines[1:3]]
        assert not said["place"][1].strip("^ ")
        del lines[:3]
    if lines and lines[0].startswith("hint: "):
        said["hint"] = lines.pop(0).removeprefix("hint: ")
    assert lines == []
    return said | ({"notes": notes} if notes else {})


def agrees(found, expected):
    """Whether what is said is what was expected, which may end in …"""
    if isinstance(expected, str) and expected.endswith("…"):
        return isinstance(found, str) and found.startswith(expected[:-1])
    return found == expected


def rewrite(case, said):
    """Takes what is said today into the table, where it is another text: then read the difference."""
    if all(agrees(said.get(name), case.get(name)) for name in ("message", "place", "hint", "notes")):
        return
    for name in ("message", "place", "hint", "notes"):
        case.pop(name, None)
    case.update(said)
    groups = []
    for name, cases in CASES.items():
        lines = ",\n".join(f"    {json.dumps(each, ensure_ascii=False)}" for each in cases)
        groups.append(f'  "{name}": [\n{lines}\n  ]')
    TABLE.write_text("{\n" + ",\n".join(groups) + "\n}\n", encoding="utf-8")


def name_of(case):
    """The id of a case."""
    return next(case[key] for key in ("command", "line", "call") if key in case)[:80]


@every("case", CASES["terminal"], ids=name_of)
def test_an_error_of_the_terminal(cecli, case, tmp_path, monkeypatch, not_installed, fake_cupy, block_values, at_most):
    """Nothing on stdout but rows that were answered before; no traceback; nothing is left in the folder."""
    if case.get("system", sys.platform) != sys.platform:
        pytest.skip("such a file is another system's")
    monkeypatch.chdir(tmp_path)
    prepare(case, tmp_path, not_installed, fake_cupy)
    if "block" in case:
        block_values(case["block"])
    for what, limit in case.get("at most", {}).items():
        at_most(what, limit)
    before = sorted(os.listdir())
    result = cecli(*shlex.split(case["command"])[1:], stdin=case.get("stdin"), **case.get("env", {}))
    assert (result.exit_code, result.stdout) == (case.get("exit", 2), case.get("stdout", "")), result.stderr
    said = taken_apart(result.stderr)
    if os.environ.get("CECLI_UPDATE_GOLDEN"):
        rewrite(case, said)
    expected = {name: case[name] for name in ("message", "place", "hint", "notes") if name in case}
    assert said.keys() == expected.keys(), said
    for name, text in expected.items():
        assert agrees(said[name], text), said
    assert sorted(os.listdir()) == before


def test_most_errors_say_what_to_do():
    """An error without a hint is the exception."""
    assert sum("hint" in case for case in CASES["terminal"]) > 0.6 * len(CASES["terminal"])


@every("case", CASES["worksheet"], ids=name_of)
def test_an_error_in_a_line_of_a_worksheet(cecli, case):
    """Exit code 2, and nothing on stderr: the lines that can be run have their answers."""
    result = cecli("check", "-", "-f", "json", stdin=f"{case['line']}\nxent 0 0.5,0.5 = 0.69\n")
    assert (result.exit_code, result.stderr) == (2, "")
    found = json.loads(result.stdout)
    assert found["errors"] == [{"line": 1, "message": case["message"]}]
    assert found["held"] == 1


@every("case", CASES["library"], ids=name_of)
def test_an_error_of_the_library(case):
    """A ValueError with the message, and the hint after a semicolon."""
    with pytest.raises(ValueError) as caught:
        eval(case["call"], dict(NAMES))  # noqa: S307 - ours
    if os.environ.get("CECLI_UPDATE_GOLDEN"):
        rewrite(case, {"message": str(caught.value)})
    assert agrees(str(caught.value), case["message"]), str(caught.value)
