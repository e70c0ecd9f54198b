"""What is typed wrong: one message that says what, where, and what to do; exit 2; nothing on stdout."""

import pytest

W = [
    # numbers and sources
    (["xent", "0", "0.5,O.5"], ["the prediction", "'O.5'", "not a number", "did you mean 0.5"], "^^^"),
    (["xent", "0", "0.5,0.6"], ["the prediction", "sums to 1.1", "--normalize", "--logits"], "^^^^^^^"),
    (["xent", "0", "0.5,-0.5"], ["-0.5", "negative", "--logits"], "^^^^"),
    (["xent", "0", "1.5,0"], ["1.5", "above 1", "--logits"], "^^^"),
    (["xent", "0", "2,1,0.1"], ["2", "above 1", "--logits"], "^"),
    (["xent", "0", "3,1"], ["3", "above 1", "--logits"], "^"),
    (["xent", "0", "50,50"], ["50", "above 1", "--normalize"], "^^"),
    (["xent", "0", "0,5;0,5"], ["5", "above 1", "decimal comma"], "^"),
    (["entropy", "0.5,0.5;0.5,0.6"], ["sample 2 of P", "sums to 1.1"], "^^^^^^^"),
    (["entropy", "3,5,2"], ["3", "above 1", "--normalize"], "^"),
    (["xent", "0", "nan,1"], ["'nan'", "not a number"], "^^^"),
    (["xent", "0", "1/0,1"], ["'1/0'", "over 0"], "^^^"),
    (["xent", "0", "1e999,1"], ["1e999", "too large"], "^^^^^"),
    (["xent", "0", "0.5,,0.5"], ["value is missing", "comma"], "^"),
    (["xent", "0", "[0.5,0.5"], ["never closed"], "^"),
    (["xent", "0", "(0.5,0.5]"], ["closed by"], "^"),
    (["xent", "0", "[[[1]]]"], ["two deep"], "^"),
    (["xent", "0", "0.5,0.5;1"], ["row 2 has 1 value", "row 1 has 2"], "^"),
    (["xent", "0", ""], ["the prediction", "no values"], None),
    (["xent", "", "0.5,0.5"], ["the target", "no values"], None),
    (["xent", "0", "preds.csv"], ["'preds.csv'", "no such file"], "^^^^^^^^^"),
    (["xent", "0", "./0.5,0.5"], ["no such file"], "^"),
    (["xent", "0", "0.5 0.5", "--sample-weights", "x"], ["the sample weights", "'x'"], "^"),
    (["entropy", "inf,1"], ["inf"], "^^^"),
    (["softmax", "inf,inf"], ["inf", "only one class can be certain"], "^^^^^^^"),
    (["softmax", "-inf,-inf"], ["-inf", "masked"], "^^^^^^^^^"),
    (["softmax", "1,2;-inf,-inf"], ["sample 2 of the logits", "masked"], "^^^^^^^^^"),
    (["entropy", "0,0", "-n"], ["0 everywhere"], "^^^"),
    (["entropy", "-1,2", "-n"], ["-1", "negative"], "^^"),
    (["entropy", "inf,1", "-n"], ["infinite"], "^^^"),
    # labels
    (["xent", "3", "0.5,0.5"], ["the target", "3", "0…1"], "^"),
    (["xent", "-1", "0.5,0.5"], ["-1", "0…1", "--ignore-index"], "^^"),
    (["xent", "1,2,3", "1,0,0;0,1,0;0,0,1"], ["sample 3 of the target", "3", "count from 0", "subtract 1"], "^"),
    (["xent", "2.5", "0.2,0.3,0.5"], ["2.5", "whole numbers"], "^^^"),
    (["xent", "0", "0.5,0.5;0.5,0.5"], ["1 sample", "2"], "^"),
    (["xent", "0,1,0", "0.5,0.5;0.5,0.5"], ["3 samples", "2"], "^^^^^"),
    (["xent", "1,0,0", "0.5,0.5"], ["3", "2 classes"], "^^^^^"),
    (["xent", "dog", "0.5,0.5"], ["'dog'", "--classes"], "^^^"),
    (["xent", "bird", "0.5,0.5", "--classes", "cat,dog"], ["'bird'", "cat, dog"], "^^^^"),
    (["xent", "0", "0.5,0.5", "--classes", "1,2"], ["'0'", "no class", "1, 2"], "^"),
    (["xent", "0", "0.5,0.5", "--classes", "a,b,c"], ["3 class names", "2 classes"], None),
    (["softmax", "1,2", "--classes", "a"], ["1 class name", "2 classes"], None),
    (["bce", "1,0", "0.5,0.5", "--classes", "a,b,c"], ["3 class names"], None),
    (["xent", "0", "0.5,0.5", "--classes", "a,a"], ["'a'", "twice"], None),
    (["xent", "0", "0.5,0.5", "--classes", ""], ["empty"], None),
    (["bce", "2", "0.5"], ["2", "binary target"], "^"),
    (["bce", "1,0", "0.5"], ["2 samples", "1"], "^^^"),
    (["bce", "1,0;1,0", "0.5,0.5"], ["the target", "the prediction", "2"], "^^^"),
    (["bce", "1", "1.5"], ["1.5", "above 1", "--logits"], "^^^"),
    (["xent", "9,9", "0.5,0.5;0.5,0.5", "--ignore-index", "9"], ["no sample is left", "--ignore-index"], None),
    # weights
    (["xent", "0", "0.5,0.5", "--class-weights", "1"], ["the class weights", "2 classes"], "^"),
    (["xent", "0", "0.5,0.5", "--class-weights", "-1,1"], ["-1", "negative"], "^^"),
    (["xent", "0", "0.5,0.5", "--class-weights", "inf,1"], ["inf"], "^^^"),
    (["xent", "0", "0.5,0.5", "--class-weights", "0,0"], ["the class weights", "all 0", "class"], "^^^"),
    (["xent", "0", "0.5,0.5", "--class-weights", "0,1"], ["0/0"], None),
    (["xent", "0", "0.5,0.5", "--sample-weights", "0"], ["the sample weights", "all 0"], "^"),
    (["xent", "0,1", "0.5,0.5;0.5,0.5", "--sample-weights", "1,2,3"], ["3 weights", "2 samples"], "^^^^^"),
    (["xent", "0,1", "0.5,0.5;0.5,0.5", "--sample-weights", "1,-2"], ["-2", "negative"], "^^"),
    # options
    (["softmax", "1,2", "-t", "0"], ["--temperature", "0", "above 0"], None),
    (["softmax", "1,2", "-t", "-1"], ["--temperature", "-1", "above 0"], None),
    (["softmax", "1,2", "-t", "x"], ["--temperature", "'x'"], None),
    (["softmax", "1,2", "-t", "inf"], ["--temperature", "inf"], None),
    (["xent", "0", "0.5,0.5", "-b", "1"], ["--base", "1", "above 1"], None),
    (["xent", "0", "0.5,0.5", "-r", "avg"], ["--reduction", "'avg'", "mean"], None),
    (["xent", "0", "0.5,0.5", "--label-smoothing", "2"], ["--label-smoothing", "2", "between 0 and 1"], None),
    (["xent", "0", "0.5,0.5", "--focal", "-1"], ["--focal", "-1"], None),
    (["bce", "1", "0.5", "--pos-weight", "-1"], ["--pos-weight", "-1"], None),
    (["xent", "0", "0.5,0.5", "--eps", "0"], ["--eps", "0"], None),
    (["xent", "0", "0.5,0.5", "--eps", "1"], ["--eps", "1"], None),
    (["xent", "0,1", "0.5,0.5", "--ignore-index", "0"], ["--ignore-index", "distributions"], None),
    (["xent", "0", "0.5,0.5", "-p", "-1"], ["--precision", "-1"], None),
    (["xent", "0", "0.5,0.5", "-p", "1.5"], ["--precision", "1.5"], None),
    (["xent", "0", "0.5,0.5", "-p", "1e9"], ["--precision", "1e9"], None),
    (["xent", "0", "0.5,0.5", "--fail-above", "x"], ["--fail-above", "'x'"], None),
    (["xent", "0", "0.5,0.5", "-f", "jsn"], ["--format", "'jsn'", "did you mean json"], None),
    (["xent", "0", "0.5,0.5", "--color", "blue"], ["--color", "'blue'", "never"], None),
    (["grad", "0", "0.5,0.5", "--loss", "huber"], ["--loss", "'huber'", "mse"], None),
    (["grad", "0", "0.5,0.5", "--x", "1,2;3,4"], ["the inputs x", "2 samples"], "^^^"),
    (["grad", "0", "0.5,0.5", "--x", "inf"], ["the inputs x", "inf"], "^^^"),
    (["compare", "0", "0.5,0.5", "--metric", "acuracy"], ["--metric", "'acuracy'", "error_rate"], None),
    (["compare", "0", "0.5,0.5", "--metric", "perplexty"], ["did you mean perplexity"], None),
    # the call
    (["compare"], ["TARGET is missing", "--example"], None),
    (["compare", "0"], ["PREDICTION is missing"], None),
    (["compare", "0", "=0.5,0.5"], ["NAME=values"], None),
    (["compare", "0", "a="], ["NAME=values"], None),
    (["compare", "0", "a=0.5,0.5", "a=0.4,0.6"], ["two models", "'a'"], None),
    (["compare", "0", "a=0.5,0.5", "b=0.3,0.3,0.4"], ["b has 3", "a has 2"], "^"),
    (["compare", "0", "a=0.5,0.5", "b=0.5,0.5;0.5,0.5"], ["b has 2 samples", "a has 1"], "^"),
    (["compare", "0", "a=0.5,0.5", "b=0.5,x"], ["b:", "'x'"], "^"),
    (["xent"], ["TARGET is missing", "cecli xent"], None),
    (["xent", "0"], ["PREDICTION is missing", "cecli xent"], None),
    (["softmax"], ["LOGITS is missing"], None),
    (["xent", "0", "0.5,", "0.5"], ["0.5", "too many", "quotes"], None),
    (["softmax", "1", "2", "3"], ["2 3", "too many", "quotes"], None),
    (["sofmax", "1,2"], ["'sofmax'", "did you mean 'softmax'"], None),
    (["frobnicate", "1,2"], ["'frobnicate'", "cecli --help"], None),
    (["help", "frobnicate"], ["'frobnicate'"], None),
    (["softmax", "1,2", "--temprature", "2"], ["--temprature", "did you mean --temperature"], None),
    (["softmax", "1,2", "-t"], ["-t", "argument"], None),
    (["softmax", "1,2", "--log=yes"], ["--log"], None),
    (["--format", "json"], ["--format"], None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "parts", "carets"), W, ids=lambda part: " ".join(part) if isinstance(part, list) else ""
)
def test_a_wrong_input(cecli, words, parts, carets):
    """What is wrong, where, and what to do about it."""
    result = cecli(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("error:") == 1
    assert result.stderr.startswith("error: ")
    assert "Traceback" not in result.stderr
    for part in parts:
        assert part in result.stderr
    lines = result.stderr.splitlines()
    marks = [line for line in lines if line.strip() and not line.strip("^ ")]
    assert [mark.strip()[: len(carets or "")] for mark in marks] == ([carets] if carets else [])
    assert all(line.startswith(("error:", "hint:", "    ")) or not line for line in lines)


NO_HINT_NEEDED = 60


def test_most_errors_say_what_to_do(cecli):
    """An error without a hint is the exception."""
    hints = sum("hint:" in cecli(*words).stderr for words, _, _ in W)
    assert hints > NO_HINT_NEEDED


@pytest.mark.parametrize(
    ("words", "typed"),
    [(["softmax", "1,2", "-t", "-1"], "-1"), (["xent", "0", "0.5,0.5", "--label-smoothing", "150%"], "150%"), (["xent", "0", "0.5,0.5", "--eps", "3/4"], "3/4"),
     (["xent", "0", "0.5,0.5", "--focal", "-2"], "-2")],
)  # fmt: skip
def test_a_message_shows_an_option_as_it_was_typed(cecli, words, typed):
    """-1 is not echoed as -1.0, nor 3/4 as 0.75."""
    first = cecli(*words).stderr.splitlines()[0]
    assert f" {typed} " in f"{first} "


def test_no_message_holds_a_word_that_is_none(cecli):
    """`classe` is no word."""
    assert "classe " not in cecli("xent", "0", "0.5,0.5", "--class-weights", "0,0").stderr


def test_the_words_agree(cecli):
    """`the logits have`, `1 weight`."""
    assert "the logits has" not in cecli("softmax", "inf,inf").stderr
    assert "1 weights" not in cecli("xent", "0", "0.5,0.5", "--class-weights", "1").stderr
    assert "1 classes" not in cecli("bce", "1,0;1,0", "0.5,0.5").stderr
    assert "the logits is" not in cecli("softmax", "").stderr


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("0.3，O.3", "    0.3，O.3\n         ^^^\n"), ("x" * 3 + "\x1b[1m,1", "    xxx\\x1b[1m,1\n"), ("1,2\n3,x", "    3,x\n      ^\n"), ("e\u0301,1", "    e\u0301,1\n    ^\n"),
    ],
)  # fmt: skip
def test_carets_stand_under_what_they_mean(cecli, text, line):
    """Full-width characters take two columns, combining ones none; controls are written out; the line is the right one."""
    assert line in cecli("softmax", text).stderr


def test_a_long_text_is_shortened_around_the_slip(cecli):
    """The slip is in sight, in a line that fits."""
    stderr = cecli("softmax", "1," * 5000 + "O.5" + ",1" * 5000).stderr
    source, carets = [line for line in stderr.splitlines() if line.startswith("    ")]
    assert len(source) < 80
    assert source[carets.index("^") : carets.rindex("^") + 1] == "O.5"
    assert source.count("…") == 2


def test_a_very_long_token_is_shortened(cecli):
    """A token of a megabyte makes no message of a megabyte."""
    assert len(cecli("softmax", "1," + "x" * 1_000_000).stderr) < 5000


def test_twice_standard_input(cecli):
    """- is once per call, and who has it is named."""
    result = cecli("xent", "-", "-", stdin="0.5,0.5")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "once per call" in result.stderr


def test_a_fault_of_cecli_itself(cecli, monkeypatch):
    """Exit 70, what happened and how to report it, no traceback; the fault's own text can't drive the terminal."""
    from cecli.analyses import losses

    def broken(*_):
        raise RuntimeError("boom \x1b[31m")

    monkeypatch.setattr(losses, "cross_entropy", broken)
    result = cecli("xent", "0", "0.5,0.5")
    assert (result.exit_code, result.stdout) == (70, "")
    assert "RuntimeError" in result.stderr
    assert "boom" in result.stderr
    assert "CECLI_DEBUG=1" in result.stderr
    assert "\x1b" not in result.stderr
    assert "Traceback" not in result.stderr
    assert len(result.stderr.splitlines()) <= 2


def test_the_traceback_of_a_fault(cecli, monkeypatch):
    """CECLI_DEBUG=1 lets it through."""
    from cecli.analyses import losses

    def broken(*_):
        raise RuntimeError("boom")

    monkeypatch.setattr(losses, "cross_entropy", broken)
    result = cecli("xent", "0", "0.5,0.5", CECLI_DEBUG="1")
    assert isinstance(result.exception, RuntimeError)


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt(), 130), (MemoryError(), 2), (BrokenPipeError(), 0)])
def test_what_is_no_fault(cecli, monkeypatch, error, code):
    """Ctrl-C, a full memory, a closed pipe."""
    from cecli.analyses import losses
    from cecli.cli import boundary

    def stopped(*_):
        raise error

    monkeypatch.setattr(losses, "cross_entropy", stopped)
    monkeypatch.setattr(boundary, "_drop_stdout", lambda: None)
    result = cecli("xent", "0", "0.5,0.5")
    assert (result.exit_code, result.stdout) == (code, "")
    assert "Traceback" not in result.stderr
