"""What can be completed: commands, topics, options and their values, all from the tables; and the columns of a file."""

from __future__ import annotations

from cecli.cli.command_table import TABLE, Command
from cecli.cli.option_help import help_of
from cecli.cli.topics import FIND, TOPICS
from cecli.errors import CecliError
from cecli.record import Record
from cecli.render import CHOICES
from cecli.running.option import FLAG, SOURCE, SWITCH, Option
from cecli.running.options import offered

FILES = "files"
"""The kind of values that no table lists."""
COLUMNS_OF = "_CECLI_COLUMNS"
"""The variable that asks for the columns of a file, a line each, in place of a command."""
SHELLS = ("bash", "zsh", "fish")
WORDS = {"help": "help on a command or a topic", "version": "the version", "completion": "the completion of a shell"}
"""What stands where a command does and is none."""


class Completed(Record):
    """An option as shells complete it."""

    flags: tuple[str, ...]
    help: str
    takes_value: bool
    metavar: str = ""
    values: tuple[str, ...] = ()
    """What it may be, where that is a list."""
    several: bool = False
    """Whether it may be several of them, with commas between."""
    kind: str = ""
    """FILES, where its values are these, and columns of them."""


def options_of(command: Command) -> list[Completed]:
    """The options of a command, in the order of its help."""
    found = [_completed(option, command.name) for option in offered(command.name)]
    return [*found, Completed(("-h",), "one screen of help", False), Completed(("--help",), "all of the help", False)]


def _completed(option: Option, command: str) -> Completed:
    about = help_of(option, command)
    flags = tuple(name for name in (option.letter, option.flag) if name)
    if option.kind == SWITCH:
        return Completed((option.flag, f"--no-{option.flag[2:]}"), about, False)
    if option.kind == FLAG:
        return Completed(flags, about, False)
    kind = FILES if option.kind == SOURCE or option.name in ("output", "plot") else ""
    return Completed(flags, about, True, option.metavar, _values(option), option.repeats, kind)


def _values(option: Option) -> tuple[str, ...]:
    """The values that an option may have, or the common ones; those of other tables are taken from there."""
    if option.choices:
        return option.choices
    if option.name == "format":
        return CHOICES
    if option.name in ("metric", "metrics", "sort"):
        from cecli.comparing.metrics import names_in_help

        names = ", ".join(names_in_help().values()).split(", ")
        return (*names, "all") if option.name == "metrics" else tuple(names)
    if option.name in ("like", "code"):
        from cecli.frameworks.functions import FRAMEWORKS
        from cecli.frameworks.library_code import LIBRARIES

        return tuple(FRAMEWORKS if option.name == "like" else LIBRARIES)
    return {
        "base": ("e", "2", "10"),
        "device": ("cpu", "cuda", "cuda:0", "auto"),
        "loss": ("xent", "mse", "bce"),
        "plot": ("terminal",),
    }.get(option.name, ())


def listed() -> list[tuple[str, str]]:
    """Every word that may stand first, with what it is."""
    return [*((command.name, command.help.partition("\n")[0]) for command in TABLE), *WORDS.items()]


def topics() -> list[tuple[str, str]]:
    """What there is help on."""
    return [*((command.name, command.help.partition("\n")[0]) for command in TABLE), *TOPICS.items(), ("find", FIND)]


def table_name(name: str) -> str:
    """A column as FILE:COLUMNS names it."""
    return f'"{name}"' if "," in name else name


def columns_of(path: str) -> str:
    """The columns of a file as FILE:COLUMNS names them, a line each; nothing where it can't be read."""
    from cecli.reading.kinds import Files, Layout
    from cecli.reading.vector import is_number

    files = Files(Layout())
    try:
        if path.lower().endswith(".npz"):
            from cecli.reading.binary import Archive

            return "".join(f"{name}\n" for name in Archive(files.opened(path), path).members)
        table, _ = files.table(path, None)
        names = table.names or table.first_row  # which column is which decides of a header, and is not known yet
        return "" if any(map(is_number, names)) else "".join(f"{table_name(name)}\n" for name in names if name)
    except CecliError:
        return ""
    finally:
        files.close()
