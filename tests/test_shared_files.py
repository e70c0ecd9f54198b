"""What the wheel puts beside the package: completion of three shells and the man page, current, and that they work.

With CECLI_UPDATE_GOLDEN=1 they are written anew.
"""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from cecli.cli.command_table import TABLE
from cecli.cli.completion import columns_of, options_of
from cecli.cli.man_page import man_page
from cecli.cli.shell_scripts import script
from cecli.cli.topics import TOPICS
from cecli.running.options import offered

ROOT = Path(__file__).parent.parent
SHARED = {
    "docs/share/bash-completion/completions/cecli": lambda: script("bash"),
    "docs/share/zsh/site-functions/_cecli": lambda: script("zsh"),
    "docs/share/fish/vendor_completions.d/cecli.fish": lambda: script("fish"),
    "docs/share/man/man1/cecli.1": man_page,
}


@pytest.mark.parametrize("path", SHARED)
def test_it_is_current(path):
    """Letter by letter what the tables say today."""
    file = ROOT / path
    if os.environ.get("CECLI_UPDATE_GOLDEN"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(SHARED[path](), "utf-8")
    assert file.read_text("utf-8") == SHARED[path]()


@pytest.mark.parametrize("path", SHARED)
def test_it_knows_every_command_and_option(path):
    """By name."""
    text = (ROOT / path).read_text("utf-8").replace("\\-", "-")
    for command in TABLE:
        assert command.name in text
        for option in offered(command.name):
            name = option.flag.removeprefix("--") if path.endswith(".fish") else option.flag
            assert name in text
    assert all(topic in text for topic in TOPICS)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_command_prints_the_script(cecli, shell):
    """For those whose shell does not look beside the package."""
    assert cecli("completion", shell).stdout == script(shell)


@pytest.mark.parametrize("words", [[], ["tcsh"], ["bash", "zsh"]])
def test_the_command_needs_a_shell(cecli, words):
    """One that there is."""
    result = cecli("completion", *words)
    assert result.exit_code == 2
    assert "one of bash, zsh, fish is needed" in result.stderr


@pytest.fixture
def files(tmp_path):
    """Some files to complete."""
    (tmp_path / "preds.csv").write_text('cat,dog,"dem, weak"\n0.1,0.2,0.7\n')
    (tmp_path / "labels.csv").write_text("id,label\na,cat\n")
    (tmp_path / "my labels.csv").write_text("id,label\na,cat\n")
    (tmp_path / "bare.csv").write_text("0.5,0.5\n")
    return tmp_path


def test_the_columns_of_a_file(files, monkeypatch):
    """As FILE:COLUMNS names them; of a file without a header, or without being there, none."""
    monkeypatch.chdir(files)
    assert columns_of("preds.csv") == 'cat\ndog\n"dem, weak"\n'
    assert columns_of("labels.csv") == "id\nlabel\n"
    assert columns_of("bare.csv") == columns_of("nothing.csv") == ""


CASES = [
    ("so", {"softmax"}),
    ("c", {"calibrate", "check", "compare", "completion"}),
    ("softmax --te", {"--temperature"}),
    ("xent -f js", {"json", "jsonl"}),
    ("xent --format js", {"json", "jsonl"}),
    ("xent --reduction m", {"mean"}),
    ("compare --metric ms", {"mse"}),
    ("compare --metrics top2,ms", {"top2,mse"}),
    ("compare --metrics=top2,ms", {"top2,mse"}),
    ("xent --base 1", {"10"}),
    ("xent --device cp", {"cpu"}),
    ("xent --like to", {"torch"}),
    ("grad --loss x", {"xent"}),
    ("xent pre", {"preds.csv"}),
    ("xent labels.csv:la", {"label"}),
    ("xent 0 preds.csv:cat,d", {"cat,dog"}),
    ("compare 0 m=pre", {"preds.csv"}),
    ("compare 0 m=preds.csv:ca", {"cat"}),
    (r"xent my\ la", {"my labels.csv"}),
    (r"xent my\ labels.csv:la", {"label"}),
    ("xent --sample-weights pre", {"preds.csv"}),
    ("xent --sample-weights labels.csv:la", {"label"}),
    ("help form", {"formats"}),
    ("completion z", {"zsh"}),
]
"""What is typed behind `cecli`, and what may stand in the place of its last word; what stands behind : and = alone, as readline has it."""


def completed_by_bash(typed, folder, env):
    """What readline would offer."""
    line = f"cecli {typed}"
    program = f"""
COMP_WORDBREAKS=$' \\t\\n"\\'><=;|&(:'
source {ROOT}/docs/share/bash-completion/completions/cecli
COMP_LINE={shlex.quote(line)} COMP_POINT={len(line)}
_cecli
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(
        ["bash", "--norc", "-c", program], cwd=folder, env=env, capture_output=True, text=True, timeout=30
    )
    return set(done.stdout.split("\n")) - {""}


@pytest.mark.parametrize(("typed", "offered_"), CASES, ids=lambda case: case if isinstance(case, str) else "")
def test_bash(files, environment, typed, offered_):
    """Commands, options, their values, files, columns of files."""
    assert completed_by_bash(typed, files, environment) == offered_


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
@pytest.mark.parametrize(("typed", "offered_"), CASES, ids=lambda case: case if isinstance(case, str) else "")
def test_fish(files, environment, typed, offered_):
    """The same; fish gives whole words."""
    program = f"source {ROOT}/docs/share/fish/vendor_completions.d/cecli.fish; complete -C 'cecli {typed}'"
    done = subprocess.run(
        ["fish", "--no-config", "-c", program], cwd=files, env=environment, capture_output=True, text=True, timeout=30
    )
    found = {re.split(r"[=:]", line.partition("\t")[0])[-1] for line in done.stdout.splitlines()}
    assert found >= offered_


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
@pytest.mark.parametrize(("typed", "shown"), [("xent --like sci", "scipy\n"), ("kl --js", "--js\t")])
def test_fish_explains_an_option_and_not_its_values(files, environment, typed, shown):
    """A value has no text behind it: that would be the option's, again and again."""
    program = f"source {ROOT}/docs/share/fish/vendor_completions.d/cecli.fish; complete -C 'cecli {typed}'"
    done = subprocess.run(
        ["fish", "--no-config", "-c", program], cwd=files, env=environment, capture_output=True, text=True, timeout=30
    )
    assert done.stdout.startswith(shown)


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
def test_zsh_reads_its_script(files, environment):
    """Without an error; it is driven by hand, for it completes on a terminal alone."""
    program = f"autoload -Uz compinit; compinit -u -D; source {ROOT}/docs/share/zsh/site-functions/_cecli; print $_comps[cecli]"
    done = subprocess.run(
        ["zsh", "-f", "-c", program], cwd=files, env=environment, capture_output=True, text=True, timeout=30
    )
    assert (done.stdout, done.stderr) == ("_cecli\n", "")


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not installed")
def test_the_man_page_has_no_fault():
    """groff warns of nothing."""
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", "-z", "-K", "utf8", str(ROOT / "docs/share/man/man1/cecli.1")],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.stderr == ""


def test_a_list_of_options_is_complete():
    """Those of the help too."""
    for command in TABLE:
        assert len(options_of(command)) == len(offered(command.name)) + 2
