"""Completion for bash, zsh and fish: scripts that hold all that the tables list, and ask cecli for the columns of a file alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cecli.cli.command_table import TABLE, Command
from cecli.cli.completion import COLUMNS_OF, FILES, SHELLS, Completed, listed, options_of, topics


def script(shell: str) -> str:
    """The script for a shell."""
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell]()


def _words(names: Sequence[str]) -> str:
    return " ".join(names)


# --- bash -------------------------------------------------------------------------------------------------------------

BASH = r"""# bash completion for cecli, made of its tables of commands and options

_cecli_columns() {  # the columns of the file before the colon in $1, with all that stands before them
    local file=${1%%:*} rest=${1#*:} name
    local before=""
    [[ $rest == *,* ]] && before=${rest%,*},
    while IFS= read -r name; do
        [[ $name == *[[:space:],\"\'\`\$]* ]] || printf '%s\n' "$file:$before$name"  # others need quotes of one's own
    done < <(COLUMNS_OF=$file cecli 2>/dev/null)
}

_cecli_source() {  # a file, or columns of one; in compare with a model's name before it
    local text=${1//$blank/ } name=""
    if [[ $text == *=* ]]; then
        name=${text%%=*}= text=${text#*=}
    fi
    local IFS=$'\n'
    if [[ $text == *:* && -e ${text%%:*} ]]; then
        COMPREPLY=($(compgen -P "$name" -W "$(_cecli_columns "$text")" -- "$text"))
    else
        COMPREPLY=($(compgen -P "$name" -f -- "$text"))
        compopt -o filenames 2>/dev/null
    fi
    compopt -o nospace 2>/dev/null
}

_cecli_values() {  # those that begin as the word does; of a list with commas those of its last part
    local current=$1 before=""
    [[ $current == *,* ]] && before=${current%,*},
    COMPREPLY=($(compgen -P "$before" -W "$2" -- "${current#"$before"}"))
}

_cecli() {
    local line=${COMP_LINE:0:COMP_POINT} blank=$'\037'
    line=${line//\\ /$blank}  # one within a word
    local current=${line##*[[:space:]]}
    local earlier=${line%"$current"}
    local -a words
    read -ra words <<< "$earlier"
    local previous=${words[${#words[@]}-1]} command=${words[1]:-}
    COMPREPLY=()
    if (( ${#words[@]} < 2 )); then
        COMPREPLY=($(compgen -W "@FIRST@ -h --help --version" -- "$current"))
        return
    fi
    if [[ $current == --*=* ]]; then
        previous=${current%%=*} current=${current#*=}
    fi
    case "$command $previous" in
@VALUES@
        *)
            case "$command" in
@OPTIONS@
                help) COMPREPLY=($(compgen -W "@TOPICS@" -- "$current")) ;;
                version) COMPREPLY=($(compgen -W "--json" -- "$current")) ;;
                completion) COMPREPLY=($(compgen -W "@SHELLS@" -- "$current")) ;;
            esac
            [[ $command == help || $command == version || $command == completion || $current == -* ]] || _cecli_source "$current"
            ;;
    esac
    # readline replaces what stands behind the last : or = alone
    local kept=${line##*[[:space:]]}
    kept=${kept//$blank/ }
    kept=${kept%"${kept##*[:=]}"}
    [[ $COMP_WORDBREAKS == *[:=]* ]] && COMPREPLY=("${COMPREPLY[@]#"$kept"}")
}

complete -F _cecli cecli
"""


def _bash() -> str:
    values, options = [], []
    for command in TABLE:
        found = options_of(command)
        flags = _words([flag for option in found for flag in option.flags])
        options.append(
            f'                {command.name}) [[ $current == -* ]] && COMPREPLY=($(compgen -W "{flags}" -- "$current")) ;;'
        )
        values += [
            f"        {_cases(command, option)}) {_bash_value(option)} ;;" for option in found if option.takes_value
        ]
    text = BASH.replace("@VALUES@", "\n".join(values)).replace("@OPTIONS@", "\n".join(options))
    text = text.replace("@FIRST@", _words([name for name, _ in listed()])).replace("COLUMNS_OF", COLUMNS_OF)
    return text.replace("@TOPICS@", _words([name for name, _ in topics()])).replace("@SHELLS@", _words(SHELLS))


def _cases(command: Command, option: Completed) -> str:
    return "|".join(f'"{command.name} {flag}"' for flag in option.flags)


def _bash_value(option: Completed) -> str:
    if option.kind == FILES and not option.values:
        return '_cecli_source "$current"'
    return f'_cecli_values "$current" "{_words(option.values)}"'


# --- zsh --------------------------------------------------------------------------------------------------------------

ZSH = r"""#compdef cecli
# zsh completion for cecli, made of its tables of commands and options

_cecli_source() {  # a file, or columns of one; in compare with a model's name before it
    if [[ $PREFIX == *=* ]]; then
        compset -P '*='
    fi
    local file=${(Q)PREFIX%%:*}
    if [[ $PREFIX == *:* && -e $file ]]; then
        local -a columns
        columns=("${(@f)$(COLUMNS_OF=$file cecli 2>/dev/null)}")
        compset -P '*[:,]'
        compadd -S '' -a columns
    else
        _files -S ''
    fi
}

_cecli() {
    local -a commands topics
    commands=(
@COMMANDS@
    )
    topics=(
@TOPICS@
    )
    if (( CURRENT == 2 )); then
        if [[ $PREFIX == -* ]]; then
            compadd -- -h --help --version
        else
            _describe 'command' commands
        fi
        return
    fi
    local command=$words[2]
    words=("${(@)words[2,-1]}")
    (( CURRENT -= 1 ))
    case $command in
@CASES@
        help) _describe 'topic' topics ;;
        version) compadd -- --json ;;
        completion) compadd @SHELLS@ ;;
    esac
}

if [[ $funcstack[1] == _cecli ]]; then
    _cecli "$@"
else
    compdef _cecli cecli
fi
"""


def _zsh() -> str:
    cases = []
    for command in TABLE:
        specs = [line for option in options_of(command) for line in _zsh_option(option)]
        specs += ["'*:source:_cecli_source'"] if command.arguments else []
        inner = " \\\n                ".join(specs)
        cases.append(f"        {command.name})\n            _arguments -s \\\n                {inner}\n            ;;")
    text = (
        ZSH.replace("@CASES@", "\n".join(cases)).replace("COLUMNS_OF", COLUMNS_OF).replace("@SHELLS@", _words(SHELLS))
    )
    for mark, entries in (("@COMMANDS@", listed()), ("@TOPICS@", topics())):
        text = text.replace(mark, "\n".join(f"        '{name}:{_zsh_quoted(about)}'" for name, about in entries))
    return text


def _zsh_quoted(text: str) -> str:
    """A text within single quotes, where a colon and brackets have a meaning."""
    for mark in ("\\", ":", "[", "]"):
        text = text.replace(mark, f"\\{mark}")
    return text.replace("'", "'\\''")


def _zsh_option(option: Completed) -> Iterator[str]:
    about = _zsh_quoted(option.help)
    value = ""
    if option.takes_value:
        values = _words([_zsh_quoted(each) for each in option.values])
        action = (
            f"_sequence compadd - {values}"
            if values and option.several
            else f"({values})"
            if values
            else "_cecli_source"
            if option.kind == FILES
            else " "
        )
        value = f":{_zsh_quoted(option.metavar)}:{action}"
    for flag in option.flags:
        equals = "=" if value and flag.startswith("--") else ""
        yield f"'{flag}{equals}[{about}]{value}'"


# --- fish -------------------------------------------------------------------------------------------------------------

FISH = r"""# fish completion for cecli, made of its tables of commands and options

function __cecli_columns  # the columns of the file before the colon, with all that stands before them
    set -l token (commandline -ct | string unescape)
    set -l name ''
    set -l source $token
    if string match -q '*=*' -- $token
        set name (string replace -r '=.*' '=' -- $token)
        set source (string replace -r '^[^=]*=' '' -- $token)
    end
    string match -q '*:*' -- $source; or return
    set -l file (string split -m 1 ':' -- $source)[1]
    test -e $file; or return
    set -l before (string replace -r '^[^:]*:' '' -- $source | string match -r '.*,')
    set -q before[1]; or set before ''
    for column in (env COLUMNS_OF=$file cecli 2>/dev/null)
        echo $name$file:$before$column
    end
end

function __cecli_source  # the columns of a file, or files
    set -l columns (__cecli_columns)
    if set -q columns[1]
        printf '%s\n' $columns
    else
        __fish_complete_path (commandline -ct)
    end
end

function __cecli_list  # values behind those that the word has
    set -l before (commandline -ct | string replace -r '^--[^=]*=' '' | string match -r '.*,')
    set -q before[1]; or set before ''
    printf '%s\n' $before$argv
end

function __cecli_in_columns  # whether the command takes sources, and the word begins with a file and a colon
    __cecli_command $argv; and test (count (__cecli_columns)) -gt 0
end

function __cecli_first
    test (count (commandline -opc)) -eq 1
end

function __cecli_command
    set -l words (commandline -opc)
    test (count $words) -gt 1; and contains -- $words[2] $argv
end

complete -c cecli -n __cecli_first -f -s h -d 'one screen of help'
complete -c cecli -n __cecli_first -f -l help -d 'all of the help'
complete -c cecli -n __cecli_first -f -l version -d 'the version'
"""


def _fish() -> str:
    lines = [FISH.replace("COLUMNS_OF", COLUMNS_OF).rstrip()]
    lines += [f"complete -c cecli -n __cecli_first -f -a {name} -d {_fish_quoted(about)}" for name, about in listed()]
    lines += [
        f"complete -c cecli -n '__cecli_command help' -f -a {name} -d {_fish_quoted(about)}" for name, about in topics()
    ]
    lines.append(f"complete -c cecli -n '__cecli_command completion' -f -a '{_words(SHELLS)}'")
    lines.append("complete -c cecli -n '__cecli_command version' -f -l json")
    for command in TABLE:
        here = f"complete -c cecli -n '__cecli_command {command.name}'"
        lines += [f"{here}{part}" for option in options_of(command) for part in _fish_option(option)]
    sources = _words([command.name for command in TABLE if command.arguments])
    lines.append(f"complete -c cecli -n '__cecli_in_columns {sources}' -f -a '(__cecli_columns)' -d column")
    return "\n".join(lines) + "\n"


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _fish_option(option: Completed) -> Iterator[str]:
    """Its values, and then what it means: fish would say that behind each value too."""
    names = "".join(f" -l {flag[2:]}" if flag.startswith("--") else f" -s {flag[1:]}" for flag in option.flags)
    value = " -x" if option.takes_value else ""
    words = _words(option.values)
    if words:
        yield f"{names} -x -a {_fish_quoted(f'(__cecli_list {words})' if option.several else words)}"
    elif option.kind == FILES:
        yield f"{names} -x -a '(__cecli_source)'"
    yield f"{names}{value} -d {_fish_quoted(option.help)}"
