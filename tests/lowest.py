"""The lowest versions that pyproject.toml allows, as constraints for pip: what the short suite of .ci/run is run with.

python tests/lowest.py > lowest.txt
"""

import tomllib
from pathlib import Path

PROJECT = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text("utf-8"))["project"]


def lowest() -> list[str]:
    """Each dependency of cecli itself, and of its extras for files and pictures, at its lower bound."""
    extras = PROJECT["optional-dependencies"]
    return [each.replace(">=", "==") for each in (*PROJECT["dependencies"], *extras["data"], *extras["plot"])]


if __name__ == "__main__":
    print("\n".join(lowest()))
