"""Class names, model names and file contents are data: markup, escapes and tabs stay what they are."""

import json

import pytest

NASTY = [
    "[bold]x[/bold]",
    "[/red]",
    "[red",
    "x\x1b[31m",
    "x\x1b]0;title\x07",
    "t\tb",
    "l\nf",
    "\u202eevil",
    "\u200bzero",
    "a\\b",
    "*x*",
    "$x$",
    ":smile:",
    "=x",
    "x\x00"[:-1] + "\x7f",
    "\x9b31m",
    "日本",
    "e\u0301",
]
CONTROLS = ["\x1b", "\x07", "\x7f", "\x9b", "\u202e", "\u200b"]


@pytest.mark.parametrize("name", NASTY, ids=ascii)
def test_a_class_name_in_a_table(cecli, name):
    """Shown as it is, or its controls written out; the numbers beside it are all there."""
    result = cecli("softmax", "1,2", "--classes", f"{name},other", "-f", "table")
    assert result.exit_code == 0, result.stderr
    assert not any(control in result.stdout for control in CONTROLS)
    assert "≈ 0.2689" in result.stdout
    assert "≈ 0.7311" in result.stdout
    shown = name.encode("unicode_escape").decode() if any(c in name for c in [*CONTROLS, "\t", "\n"]) else name
    assert shown in result.stdout


@pytest.mark.parametrize("name", [name for name in NASTY if "=" not in name], ids=ascii)
def test_a_model_name_everywhere(cecli, name):
    """In the plain line (whose tabs stay three), in JSON as it is, in the table written out."""
    plain = cecli("compare", "0", f"{name}=0.5,0.5", "-f", "plain", "-q")
    assert plain.exit_code == 0, plain.stderr
    assert plain.stdout.count("\t") == 3
    assert plain.stdout.count("\n") == 1
    found = json.loads(cecli("compare", "0", f"{name}=0.5,0.5", "-f", "json").stdout)
    assert found["models"][0]["name"] == name
    table = cecli("compare", "0", f"{name}=0.5,0.5", "-f", "table")
    assert not any(control in table.stdout + table.stderr for control in CONTROLS)
    assert "0.6931" in table.stdout


@pytest.mark.parametrize("name", NASTY, ids=ascii)
def test_a_class_name_in_notes_and_errors(cecli, name):
    """What a terminal would obey is written out in messages too, colour asked for or not."""
    for words in (
        ["xent", "0", "0,1", "--classes", f"{name},other"],
        ["xent", "zzz,0", "0.5,0.5;0.5,0.5", "--classes", f"{name},other"],
        ["xent", "0", f"1,{name}"],
    ):
        result = cecli(*words)
        assert not any(control in result.stderr for control in CONTROLS)
        assert "Traceback" not in result.stderr


def test_a_header_is_data_too(cecli):
    """Names that come down a pipe."""
    result = cecli("softmax", "-", "-f", "table", stdin="[red]a,b\x1b[1m\n1,2\n")
    assert result.exit_code == 0, result.stderr
    assert "[red]a" in result.stdout
    assert "\x1b" not in result.stdout


def test_a_command_that_does_not_exist_is_data(cecli):
    """And so is an option."""
    for words in (
        ["so\x1b[31m"],
        ["softmax", "--\x1b[31m", "1"],
        ["softmax", "1,2", "-f", "\x1b[31m"],
        ["softmax", "1,2", "\x1b[31m"],
    ):
        result = cecli(*words)
        assert result.exit_code == 2
        assert "\x1b" not in result.stderr
