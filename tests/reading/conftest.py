"""The ways in which a block of text is read."""

import pytest

from cecli.reading import by_arrow, delimited, json_table

WAYS = ("pyarrow", "loadtxt", "grammar")


@pytest.fixture
def by(monkeypatch):
    """Has every block read in one way; what that refuses goes on to the next."""

    def choose(way):
        monkeypatch.setattr(by_arrow, "is_there", lambda: way == "pyarrow")
        for module in (delimited, json_table):
            monkeypatch.setattr(module, "LONG_TEXT", 1 if way == "pyarrow" else 1 << 22)
        if way == "grammar":
            monkeypatch.setattr(delimited.TextTable, "_quick", lambda *_: None)
            monkeypatch.setattr(json_table.json_rows, "columns_of", lambda *_: None)

    return choose
