"""Quotes as editors write them: a shell hands them on as part of the word."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("word", ["“0.7,0.3”", "„0.7,0.3“", "‘0.7,0.3’"])
def test_curly_quotes(cecli, word) -> None:
    """Told with the word as it should be typed."""
    result = cecli("xent", "0", word)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "these quotes are curly" in result.stderr
    assert "type straight ones: '0.7,0.3'" in result.stderr


def test_a_name_may_hold_one(cecli) -> None:
    """Only quotes around a word are meant."""
    assert cecli("xent", "0", "0.7,0.3", "--classes", "rock’n’roll,jazz").exit_code == 0
