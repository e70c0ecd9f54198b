"""`cecli help find WORD`: where the help says something of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cecli.cli.command_table import TABLE
from cecli.cli.layout import heading
from cecli.cli.option_help import help_of
from cecli.cli.other_names import COMMANDS_ELSEWHERE, OPTIONS_ELSEWHERE
from cecli.cli.topics import TOPICS, in_columns_of_terms, topic_entries
from cecli.errors import UsageError
from cecli.running.option import Option
from cecli.running.options import TABLE as OPTIONS

Entry = tuple[str, str]


def found_text(words: Iterable[str]) -> str:
    """The commands, options and lines of topics that hold a text, each with what is said there."""
    text = " ".join(words).strip()
    if not text:
        raise UsageError("cecli help find: WORD is missing", hint="for example: cecli help find perplexity")
    sections = {title: [entry for entry in entries if _holds(entry, text)] for title, entries in _everything()}
    shown = [
        f"{heading(f'{title}:')}\n{in_columns_of_terms(entries)}" for title, entries in sections.items() if entries
    ]
    if not shown:
        raise UsageError(f"the help says nothing of {text!r}", hint=f"topics are {', '.join(TOPICS)}")
    return "\n\n".join(shown) + "\n"


def _everything() -> Iterator[tuple[str, Iterable[Entry]]]:
    """All that the help says, in pairs of a term and its explanation, under their headings."""
    yield "Commands", ((f"cecli {each.name}", " ".join(each.help.split())) for each in TABLE)
    yield "Options", ((_named(each), help_of(each, each.commands[0])) for each in OPTIONS)
    elsewhere = COMMANDS_ELSEWHERE | OPTIONS_ELSEWHERE
    yield "Names in other tools", ((ours, ", ".join(theirs)) for ours, theirs in elsewhere.items())
    for name in TOPICS:
        yield f"cecli help {name}", topic_entries(name)


def _named(option: Option) -> str:
    """An option, with the command that alone has it."""
    names = f"{option.letter}, {option.flag}" if option.letter else option.flag
    return f"{names} ({option.commands[0]})" if len(option.commands) == 1 else names


def _holds(entry: Entry, text: str) -> bool:
    return text.lower() in " ".join(entry).lower()
