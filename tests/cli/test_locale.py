"""A terminal that can show nothing but ASCII gets nothing but ASCII."""

import re
import subprocess
import sys

import pytest

from tests.terminal import Screen

CALLS = [
    ["softmax", "2,1,0.1"], ["softmax", "1,2;0,-inf"], ["softmax", "0,-800", "--log"], ["entropy", "63/64,1/64", "-b", "2"], ["xent", "0", "0.0,1.0"],
    ["xent", "0,9", "0.5,0.5;0.5,0.5", "--ignore-index", "9", "-r", "none"], ["kl", "1,0", "0,1", "--js"], ["bce", "1,0;0,1", "0.9,0.2;0.1,0.6", "-r", "none"],
    ["compare", "--example"], ["compare", "--example", "--plot", "terminal"], ["compare", ",".join("0" * 12), *[";".join(["0.5,0.3,0.1,0.05,0.03,0.02"] * 12)] * 2], ["compare", "0,1", "0.5,0.5;0.5,0.5", "0.25,0.75;0.25,0.75", "--metric", "mse"],
    ["calibrate", "0,1,1", "4,0,1;1,3,0;2,0,1", "--steps"],
    ["grad", "0", "2,1,0.1", "-l"], ["grad", "0,1", "0.5,0.5;0.2,0.8", "--x", "1,0;0,2", "--jacobian", "--verify"], ["softmax", "1,2", "--classes", "é,日本"],
]  # fmt: skip
NUMBER = re.compile(r"\d+\.\d+(?:e[-+]\d+)?")


def shown(words, environment, **env):
    """The bytes that a terminal would get."""
    screen = Screen()
    subprocess.run(
        [sys.executable, "-m", "cecli", *words],
        stdin=screen.end, stdout=screen.end, stderr=screen.end, env=environment | {"TERM": "xterm"} | env, timeout=60, check=False,
    )  # fmt: skip
    return screen.closed()


@pytest.mark.parametrize("words", CALLS, ids=lambda words: " ".join(words)[:40])
def test_an_ascii_terminal_gets_ascii(environment, words):
    """Under LC_ALL=C no byte above 127, in tables and the notes under them; the numbers are all there."""
    clean = {
        name: text
        for name, text in environment.items()
        if not name.startswith(("LC_", "LANG", "PYTHONUTF8", "PYTHONIOENCODING"))
    }
    found = shown(words, clean, LC_ALL="C")
    assert found
    assert [byte for byte in found if byte > 127] == [], found.decode("utf-8", "replace")
    rich = shown(words, clean, LC_ALL="C.UTF-8").decode()
    assert sorted(NUMBER.findall(found.decode())) == sorted(NUMBER.findall(rich))
    assert ("###" in found.decode()) == ("███" in rich)


@pytest.mark.parametrize(
    "env",
    [{"LC_ALL": "C.UTF-8"}, {"LANG": "en_US.UTF-8"}, {"LANG": "de_DE.utf8"}, {"LC_ALL": "", "LANG": "en_US.UTF-8"}, {}],
)
def test_other_terminals_get_the_real_signs(environment, env):
    """UTF-8, or nothing said."""
    clean = {name: text for name, text in environment.items() if not name.startswith(("LC_", "LANG"))}
    assert "≈" in shown(["softmax", "1,2"], clean, **env).decode()
