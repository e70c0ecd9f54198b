"""Files as they are found in the field: a command on each, and what must come. `data/cases.tsv` lists them."""

import shlex
from pathlib import Path

import pytest

from tests.every import every

DATA = Path(__file__).parent / "data"
CASES = [line.split("\t") for line in (DATA / "cases.tsv").read_text("utf-8").splitlines() if line[:1] not in ("", "#")]


@every(("command", "wanted", "said"), [(*case, "")[:3] for case in CASES])
def test_what_comes(cecli, monkeypatch, command, wanted, said):
    """The numbers, or exit 2; and what is said of it on stderr."""
    monkeypatch.chdir(DATA)
    result = cecli(*shlex.split(command))
    if wanted == "exit 2":
        assert (result.exit_code, result.stdout) == (2, "")
    else:
        assert result.exit_code == 0, result.stderr
        found = [[float(value) for value in line.split(",")] for line in result.stdout.splitlines()]
        rows = [[float(value) for value in row.split(",")] for row in wanted.split(";")]
        assert len(found) == len(rows)
        for one, other in zip(found, rows, strict=True):
            assert one == pytest.approx(other, rel=1e-12, abs=1e-12)
    if "|" in said:
        assert any(text in result.stderr for text in said.split("|"))
    else:
        assert all(text in result.stderr for text in said.split(", "))
