"""Colour where it was asked for or belongs, and no escape anywhere else."""

import io

import pytest

from cecli.cli.screen import wants_color
from tests.every import every

CALLS = [
    ["softmax", "1,2", "-f", "table"],
    ["compare", "--example", "-f", "table"],
    ["softmax", "1,x"],
    ["xent", "0", "0,1"],
    ["softmax", "1,2"],
    ["softmax", "1,2", "-f", "json"],
]
COLOURED = CALLS[:4]


class Screen(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self):
        return True


@every("words", CALLS, ids=" ".join)
@every(
    "env",
    [
        {},
        {"NO_COLOR": "1"},
        {"NO_COLOR": "1", "FORCE_COLOR": "1"},
        {"FORCE_COLOR": "0"},
        {"FORCE_COLOR": ""},
        {"GITHUB_ACTIONS": "true"},
        {"CLICOLOR_FORCE": ""},
    ],
)
def test_no_escape_into_a_pipe(cecli, words, env):
    """Nothing but text, whatever the platform would like."""
    result = cecli(*words, **env)
    assert "\x1b" not in result.stdout + result.stderr


@pytest.mark.parametrize("words", COLOURED, ids=" ".join)
def test_always_and_force_color(cecli, words):
    """Asked for, it is there: on the command line even against NO_COLOR."""
    for result in (
        cecli(*words, "--color", "always"),
        cecli(*words, FORCE_COLOR="1"),
        cecli(*words, "--color", "always", NO_COLOR="1"),
    ):
        assert "\x1b[" in result.stdout + result.stderr


@pytest.mark.parametrize("words", [*CALLS, ["xent", "-h"], ["softmax", "--nonsense", "1"]], ids=" ".join)
def test_never_means_no_escape_at_all(cecli, words):
    """Over FORCE_COLOR, in errors and help too, before or after the rest."""
    for line in ([*words, "--color", "never"], [*words, "--color=never"], [words[0], "--color", "never", *words[1:]]):
        result = cecli(*line, FORCE_COLOR="1")
        assert "\x1b" not in result.stdout + result.stderr


def test_plain_and_json_are_never_coloured(cecli):
    """They are read by programs."""
    for words in CALLS[4:]:
        assert "\x1b" not in cecli(*words, "--color", "always").stdout


@pytest.mark.parametrize(
    ("env", "asked", "expected"),
    [
        ({}, "auto", True), ({"TERM": "dumb"}, "auto", False), ({"TERM": "xterm"}, "auto", True), ({"NO_COLOR": "1"}, "auto", False), ({"NO_COLOR": ""}, "auto", True),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, "auto", True), ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, "auto", False), ({"NO_COLOR": "1"}, "always", True),
        ({"FORCE_COLOR": "1"}, "never", False), ({"TERM": "dumb"}, "always", True), ({"FORCE_COLOR": "0"}, "auto", True), ({"TERM": "dumb", "FORCE_COLOR": "0"}, "auto", False),
    ],
)  # fmt: skip
def test_who_overrules_whom(monkeypatch, env, asked, expected):
    """--color over NO_COLOR over FORCE_COLOR over TERM=dumb over the terminal."""
    for name, text in env.items():
        monkeypatch.setenv(name, text)
    assert wants_color(Screen(), asked) is expected


def test_colour_is_not_the_only_sign(cecli):
    """The best value has a star, right and wrong have words."""
    text = cecli("compare", "--example", "-f", "table").stdout
    assert "★" in text
    assert "right" in text
    assert "wrong" in text
