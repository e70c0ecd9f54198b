"""What is handed out: the wheel and the source archive hold what they should, and nothing else."""

import email
import tarfile
import zipfile
from pathlib import Path

import pytest

from cecli.cli.topics import TOPICS
from cecli.extras import DISTRIBUTION
from cecli.version import VERSION

ROOT = Path(__file__).parent.parent
pytest.importorskip("hatchling", reason="hatchling is not installed: the extra `test` brings it")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The names in the wheel, and what its metadata says."""
    from hatchling.builders.wheel import WheelBuilder

    (path,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("wheel")), versions=["standard"])
    with zipfile.ZipFile(path) as archive:
        (metadata,) = [name for name in archive.namelist() if name.endswith("METADATA")]
        return archive.namelist(), email.message_from_bytes(archive.read(metadata))


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """The names in the source archive, without its folder."""
    from hatchling.builders.sdist import SdistBuilder

    (path,) = SdistBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("sdist")), versions=["standard"])
    with tarfile.open(path) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


def test_the_wheel_has_the_package(wheel):
    """Every file of it, the pages and examples of the help, the mark of types."""
    names, _ = wheel
    ours = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "cecli").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in names if name.startswith("cecli/")} == ours
    assert {"cecli/py.typed", "cecli/cli/examples.txt", *(f"cecli/cli/topics/{topic}.md" for topic in TOPICS)} <= ours


def test_the_wheel_has_the_shared_files(wheel):
    """Completion of three shells, and the man page, where pipx and systems look for them."""
    names, _ = wheel
    data = {name.partition(".data/data/")[2] for name in names if ".data/data/" in name}
    assert data == {
        str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs" / "share").rglob("*") if path.is_file()
    }
    assert len(data) == 4


def test_the_wheel_has_nothing_else(wheel):
    """No tests, no docs."""
    names, _ = wheel
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"cecli", "cecli_calculator"}


def test_the_metadata(wheel):
    """The version from its one place, the licence, the versions of Python, and the names."""
    names, metadata = wheel
    assert (metadata["Name"], metadata["Version"]) == (DISTRIBUTION, VERSION)
    assert VERSION.count(".") == 2
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == ">=3.11"
    assert {f"Programming Language :: Python :: 3.{minor}" for minor in (11, 12, 13, 14)} <= set(
        metadata.get_all("Classifier")
    )
    assert any(name.endswith("licenses/LICENSE") for name in names)
    requires = [line.partition(";")[0] for line in metadata.get_all("Requires-Dist")]
    assert all("<" not in line for line in requires)  # so that CI runs with the newest
    assert all(line.count(">=") == 1 for line in requires)  # so that there is a lowest


def test_the_source_archive(source):
    """All that is needed to build, to test and to read the docs."""
    assert {
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "cecli/py.typed",
        "tests/conftest.py",
        "docs/reference.md",
        "docs/share/man/man1/cecli.1",
    } <= source
    assert not [
        name for name in source if name.endswith((".pyc", ".so")) or name.startswith((".git/", ".venv", "dist/"))
    ]
