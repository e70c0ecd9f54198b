"""`cecli version`: the version, and with --json all that a report of a fault should say; `cecli completion`: the script of a shell."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from cecli.errors import UsageError
from cecli.version import VERSION

PACKAGES = (
    "numpy", "typer", "rich", "array-api-compat", "pyarrow", "matplotlib", "fsspec", "aiohttp", "dask", "distributed",
    "cupy-cuda12x", "cupy-cuda13x",
)  # fmt: skip
"""What cecli runs on, and what it can use: its dependencies and those of its extras."""
USAGE = """Usage: cecli version [--json]

The version of cecli; with --json also those of Python and of the packages that it runs on.
"""


def version(words: Sequence[str]) -> str:
    """What `cecli version` prints."""
    if {"-h", "--help"} & set(words):
        return USAGE
    if [*words] == ["--json"]:
        return json.dumps(_described()) + "\n"
    if words:
        raise UsageError(f"cecli version: unexpected argument {words[0]}", hint="it takes --json alone")
    return f"cecli {VERSION}\n"


def _described() -> dict[str, Any]:
    import platform

    return {
        "command": "version",
        "version": VERSION,
        "python": platform.python_version(),
        "platform": f"{sys.platform} {platform.machine()}",
        "packages": {name: _version_of(name) for name in PACKAGES},
    }


def _version_of(package: str) -> str | None:
    """The version of a package, by what its installer wrote down; None where it is not there."""
    from importlib import metadata

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


COMPLETION = """Usage: cecli completion bash|zsh|fish

Prints the completion of a shell, for its configuration:

  bash  echo 'eval "$(cecli completion bash)"' >> ~/.bashrc
  zsh   echo 'eval "$(cecli completion zsh)"' >> ~/.zshrc      (below compinit)
  fish  cecli completion fish > ~/.config/fish/completions/cecli.fish
"""


def completion(words: Sequence[str]) -> str:
    """What `cecli completion` prints."""
    if {"-h", "--help"} & set(words):
        return COMPLETION
    from cecli.cli.completion import SHELLS
    from cecli.cli.shell_scripts import script

    if len(words) != 1 or words[0] not in SHELLS:
        raise UsageError(f"cecli completion: one of {', '.join(SHELLS)} is needed", hint="cecli completion -h says how")
    return script(words[0])
