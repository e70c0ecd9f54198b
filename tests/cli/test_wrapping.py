"""Notes and errors on a terminal are as wide as it is; anywhere else each is one line."""

from tests.terminal import each_on_terminal, on_terminal

LONG = [
    "cecli softmax 0.3,0.7 -f plain",
    "cecli xent 0 0.5,0.6",
    "cecli compare 0 cat=0.7,dog=0.3",
    "cecli compare 0,1 a=0.5,0.5 b=0.4,0.6 -f plain",
    "cecli xent 0 2,1,0.1 --logit --nope",
]


def test_no_line_is_wider_than_the_terminal(shell):
    """The underlined text apart, which is never cut here; the words are those of one line."""
    one_line = shell("; ".join(f"{call} 2>&1; echo ---" for call in LONG), COLUMNS="60").stdout.split("---")
    for columns in (60, 80, 100):
        for call, shown, piped in zip(LONG, each_on_terminal(LONG, columns), one_line, strict=False):
            assert max(map(len, shown.splitlines())) <= columns, (call, columns)
            assert shown.split() == piped.split()


def test_a_hint_goes_on_below_its_text():
    """Behind the word that says what it is."""
    lines = on_terminal("cecli xent 0 0.5,0.6", 60).splitlines()
    hint = next(i for i, line in enumerate(lines) if line.startswith("hint: "))
    assert lines[hint + 1].startswith("      ")
    assert not lines[hint + 1].startswith("       ")


def test_piped_messages_are_one_line_each(shell):
    """Programs read them so."""
    said = shell("cecli xent 0 0.5,0.6", COLUMNS="40").stderr.splitlines()
    assert [line.partition(" ")[0] for line in said if line.strip("^ ") and not line.startswith("    ")] == [
        "error:",
        "hint:",
    ]
