"""A terminal that can show nothing but ASCII gets nothing but ASCII."""

import re

import pytest

from tests.terminal import calls_on_terminal

CALLS = [
    ["softmax", "2,1,0.1"], ["softmax", "1,2;0,-inf"], ["softmax", "0,-800", "--log"], ["entropy", "63/64,1/64", "-b", "2"], ["xent", "0", "0.0,1.0"],
    ["xent", "0,9", "0.5,0.5;0.5,0.5", "--ignore-index", "9", "-r", "none"], ["kl", "1,0", "0,1", "--js"], ["bce", "1,0;0,1", "0.9,0.2;0.1,0.6", "-r", "none"],
    ["compare", "--example"], ["compare", "--example", "--plot", "terminal"], ["compare", ",".join("0" * 12), *[";".join(["0.5,0.3,0.1,0.05,0.03,0.02"] * 12)] * 2], ["compare", "0,1", "0.5,0.5;0.5,0.5", "0.25,0.75;0.25,0.75", "--metric", "mse"],
    ["calibrate", "0,1,1", "4,0,1;1,3,0;2,0,1", "--steps"],
    ["grad", "0", "2,1,0.1", "-l"], ["grad", "0,1", "0.5,0.5;0.2,0.8", "--x", "1,0;0,2", "--jacobian", "--verify"], ["softmax", "1,2", "--classes", "é,日本"],
]  # fmt: skip
NUMBER = re.compile(r"\d+\.\d+(?:e[-+]\d+)?")


def shown(calls, environment, **env):
    """What a terminal would get of each call."""
    clean = {
        name: text
        for name, text in environment.items()
        if not name.startswith(("LC_", "LANG", "PYTHONUTF8", "PYTHONIOENCODING"))
    }
    return calls_on_terminal(calls, clean | {"TERM": "xterm"} | env)


def test_an_ascii_terminal_gets_ascii(environment):
    """Under LC_ALL=C no byte above 127, in tables and the notes under them; the numbers are all there."""
    plain, rich = (shown(CALLS, environment, LC_ALL=locale) for locale in ("C", "C.UTF-8"))
    for words, found, full in zip(CALLS, plain, rich, strict=True):
        assert found, words
        assert found.isascii(), found
        assert sorted(NUMBER.findall(found)) == sorted(NUMBER.findall(full)), words
        assert ("###" in found) == ("███" in full), words


@pytest.mark.parametrize(
    "env",
    [{"LC_ALL": "C.UTF-8"}, {"LANG": "en_US.UTF-8"}, {"LANG": "de_DE.utf8"}, {"LC_ALL": "", "LANG": "en_US.UTF-8"}, {}],
)
def test_other_terminals_get_the_real_signs(environment, env):
    """UTF-8, or nothing said."""
    assert "≈" in shown([["softmax", "1,2"]], environment, **env)[0]
