"""What is said where something is wrong, beside the messages themselves (those are in tests/cases/errors.json): long texts, faults of cecli itself."""

import pytest


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


def test_a_fault_of_cecli_itself(cecli, raised_while_computing):
    """Exit 70, what happened and how to report it, no traceback; the fault's own text can't drive the terminal."""
    raised_while_computing(RuntimeError("boom \x1b[31m"))
    result = cecli("xent", "0", "0.5,0.5", "--device", "cuda")
    assert (result.exit_code, result.stdout) == (70, "")
    assert "RuntimeError" in result.stderr
    assert "boom" in result.stderr
    assert "CECLI_DEBUG=1" in result.stderr
    assert "\x1b" not in result.stderr
    assert "Traceback" not in result.stderr
    assert len(result.stderr.splitlines()) <= 2


def test_the_traceback_of_a_fault(cecli, raised_while_computing):
    """CECLI_DEBUG=1 lets it through."""
    raised_while_computing(RuntimeError("boom"))
    result = cecli("xent", "0", "0.5,0.5", "--device", "cuda", CECLI_DEBUG="1")
    assert isinstance(result.exception, RuntimeError)


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt(), 130), (MemoryError(), 2), (BrokenPipeError(), 0)])
def test_what_is_no_fault(cecli, raised_while_computing, error, code):
    """Ctrl-C, a full memory, a closed pipe."""
    raised_while_computing(error)
    result = cecli("xent", "0", "0.5,0.5", "--device", "cuda")
    assert (result.exit_code, result.stdout) == (code, "")
    assert "Traceback" not in result.stderr
