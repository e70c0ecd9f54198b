"""What the help says of an option of a command."""

from __future__ import annotations

from cecli.render import CHOICES, ENDINGS
from cecli.running.option import Option


def help_of(option: Option, command: str) -> str:
    """The text, with the names that stand in other tables."""
    about = (option.helps or {}).get(command, option.help)
    if "_metrics}" in about:
        from cecli.comparing.metrics import names_in_help  # loaded for `compare` alone

        return about.format(**names_in_help())
    about = about.replace("{endings}", " ".join(ENDINGS))
    return about.replace("{formats}", f"{', '.join(CHOICES[:-1])} or {CHOICES[-1]}")
