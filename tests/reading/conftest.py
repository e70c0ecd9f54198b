"""The ways in which a block of text is read."""

import pytest

from cecli.reading import delimited, json_table, lines

WAYS = ("pyarrow", "loadtxt", "grammar")


@pytest.fixture
def by(monkeypatch):
    """Has every block read in one way; what that refuses goes on to the next."""

    def choose(way):
        monkeypatch.setattr(lines.LineReader, "is_long", way == "pyarrow")
        if way == "grammar":
            monkeypatch.setattr(delimited.TextTable, "_quick", lambda *_: None)
            monkeypatch.setattr(json_table.json_rows, "columns_of", lambda *_: None)

    return choose
