"""Another package that calls itself `cecli` too: what to say where both are installed in one place."""

from __future__ import annotations

import os
from collections.abc import Iterator

NAME, ITS_FILE = "cecli-dev", "llm.py"
"""The package on the index whose command and import name are `cecli`, and a file that it alone has."""


def neighbour_note() -> Iterator[str]:
    """That the two share a folder, of which each overwrites files of the other; nothing where this one is alone."""
    if os.path.exists(os.path.join(os.path.dirname(os.path.dirname(__file__)), ITS_FILE)):
        yield (
            f"{NAME}, another package whose command is cecli, is installed in the same place, and one breaks the other: "
            "give each an environment of its own, as pipx and uv tool do"
        )
