"""Many rows in one test: none is left out, all that fail are named, and none sees what another did."""

import os

import pytest

from tests.every import every


def failures(test, **fixtures):
    """What a test of rows reports."""
    with pytest.raises(pytest.fail.Exception) as caught:
        test(**fixtures)
    return str(caught.value)


def test_all_rows_that_fail_are_named():
    """Each by its id, with the line and the values; what fails otherwise than by an assertion too."""

    @every("n", [1, 2, 3, 0], ids=lambda n: f"row {n}")
    def check(n):
        assert 6 / n == 6

    said = failures(check)
    assert said.startswith("3 of 4 rows failed")
    assert [name in said for name in ("row 1", "row 2", "row 3", "row 0")] == [False, True, True, True]
    assert "ZeroDivisionError" in said
    assert "test_every.py" in said


def test_tables_within_tables():
    """All pairs are checked, and the failures of each are named."""
    seen = []

    @every("a", [1, 2])
    @every(("b", "c"), [(3, 4), (5, 6)])
    def check(a, b, c):
        seen.append((a, b, c))
        pytest.fail(f"{a} {b} {c}")

    said = failures(check)
    assert seen == [(1, 3, 4), (1, 5, 6), (2, 3, 4), (2, 5, 6)]
    assert all(" ".join(map(str, row)) in said for row in seen)


def test_a_row_that_is_skipped_hides_no_other():
    """It is no failure, and those behind it are checked."""

    @every("n", [1, 2])
    def check(n):
        if n == 1:
            pytest.skip("not here")
        raise ValueError(n)

    assert failures(check).startswith("1 of 2 rows failed")


def test_a_table_of_skipped_rows_is_skipped():
    """And not called passed."""

    @every("n", [1, 2])
    def check(n):
        pytest.skip(f"not here {n}")

    with pytest.raises(pytest.skip.Exception, match="not here 1"):
        check()


@every("n", [1, 2])
def test_a_row_has_a_folder_of_its_own(tmp_path, n):
    """With nothing in it."""
    assert os.listdir(tmp_path) == []
    (tmp_path / "left").write_text(str(n), "utf-8")


@every("n", [1, 2])
def test_what_a_row_changes_is_undone(monkeypatch, n):
    """Before the next."""
    assert "CECLI_ROW" not in os.environ
    monkeypatch.setenv("CECLI_ROW", str(n))
