"""What is said of a package that is not installed: the command that adds it to this very installation."""

import sys

import pytest

from cecli.errors import MissingError
from cecli.extras import how_to_install, load

RECEIPTS = {
    '{ name = "cecli" }': "uv tool install --with pyarrow cecli",
    '{ name = "cecli", directory = "/src/cecli" }': "uv tool install --with pyarrow /src/cecli",
    '{ name = "cecli" }, { name = "matplotlib" }': "uv tool install --with matplotlib --with pyarrow cecli",
}


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """An environment of a name of its own, with a file in it that says who made it."""

    def make(name, marker="", text=""):
        folder = tmp_path / name
        folder.mkdir()
        if marker:
            (folder / marker).write_text(text)
        monkeypatch.setattr(sys, "prefix", str(folder))

    return make


def test_by_pip(installed):
    """Where nothing says another way."""
    installed("venv")
    assert how_to_install("pyarrow") == "pip install pyarrow"
    assert how_to_install("a", "b") == "pip install a b"
    assert how_to_install("pyarrow", again=True) == "pip install --force-reinstall pyarrow"


def test_by_pipx(installed):
    """Into the environment that pipx made, by its name."""
    installed("cecli", "pipx_metadata.json", "{}")
    assert how_to_install("pyarrow") == "pipx inject cecli pyarrow"


@pytest.mark.parametrize("requirements", RECEIPTS)
def test_by_uv(installed, requirements):
    """With what was asked for before, from where it came."""
    installed("cecli", "uv-receipt.toml", f"[tool]\nrequirements = [{requirements}]\n")
    assert how_to_install("pyarrow") == RECEIPTS[requirements]


def test_a_package_that_is_not_there(not_installed):
    """The purpose, the package, the command."""
    not_installed("pyarrow")
    with pytest.raises(MissingError) as caught:
        load("pyarrow", "reading this", "pyarrow")
    assert str(caught.value) == "reading this needs pyarrow, which is not installed; pip install pyarrow"


def test_a_package_that_is_broken(tmp_path, monkeypatch):
    """What it says of itself, and how to install it again."""
    (tmp_path / "brokenpackage.py").write_text("raise ImportError('built for another')\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(
        MissingError, match=r"can't be loaded \(ImportError: built for another\).*--force-reinstall brokenpackage"
    ):
        load("brokenpackage", "reading this", "brokenpackage")
