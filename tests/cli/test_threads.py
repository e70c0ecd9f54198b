"""`--threads`: the same bits whatever their number, nothing to pay where there is one block, and answers line by line."""

import json
import os

import numpy as np
import pytest

from cecli.cli import execution
from cecli.cli.execution import cores, read_execution
from cecli.running import blocks

ROWS, CLASSES = 3001, 5


@pytest.fixture
def many_blocks(tmp_path, monkeypatch):
    """Files that are read in some forty blocks."""
    rng = np.random.default_rng(3)
    logits = rng.normal(size=(ROWS, CLASSES)) * 9
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.save(tmp_path / "z.npy", logits)
    np.save(tmp_path / "p.npy", p)
    np.save(tmp_path / "q.npy", p[::-1])
    np.save(tmp_path / "y.npy", rng.integers(0, CLASSES, ROWS))
    np.save(tmp_path / "w.npy", rng.random(ROWS))
    np.save(tmp_path / "b.npy", rng.integers(0, 2, ROWS))
    np.save(tmp_path / "s.npy", rng.random(ROWS))
    np.save(tmp_path / "t.npy", np.where(np.arange(ROWS) % 4 == 0, 1, logits.argmax(axis=1)))
    for name, each in (("BLOCK_VALUES", 1), ("LARGE_BLOCK_BYTES", 8)):
        monkeypatch.setattr(f"cecli.running.batches.{name}", each * ROWS * CLASSES // 40)
    monkeypatch.chdir(tmp_path)


CALLS = [
    "softmax z.npy", "softmax z.npy -t 0.3 --log", "entropy p.npy -r mean --sample-weights w.npy", "xent y.npy z.npy -l",
    "xent y.npy p.npy -r none", "xent p.npy q.npy --label-smoothing 0.1", "kl p.npy q.npy", "kl p.npy q.npy --js -r sum", "bce b.npy s.npy --focal 2",
    "calibrate t.npy z.npy", "compare y.npy p.npy q.npy --plot terminal",
    "compare y.npy p.npy q.npy", "grad y.npy z.npy -l -r mean", "grad y.npy p.npy --loss mse", "grad b.npy s.npy --loss bce",
]  # fmt: skip


@pytest.mark.usefixtures("many_blocks")
@pytest.mark.parametrize("format_", ["json", "plain"])
@pytest.mark.parametrize("call", CALLS)
def test_the_same_bits_on_any_number_of_threads(cecli, call, format_):
    """To the last digit, in the same order; the number of threads is no setting of the result."""
    one, two, seven = (cecli(*call.split(), "--threads", n, "-f", format_).stdout for n in ("1", "2", "7"))
    assert len(one) > 10
    assert one == two == seven
    if format_ == "json":
        assert "threads" not in json.loads(one)["settings"]


@pytest.fixture
def pools(monkeypatch):
    """The sizes of the pools that were started."""
    import concurrent.futures

    started = []

    class Pool(concurrent.futures.ThreadPoolExecutor):
        def __init__(self, size):
            started.append(size)
            super().__init__(size)

    monkeypatch.setattr(concurrent.futures, "ThreadPoolExecutor", Pool)
    return started


@pytest.mark.usefixtures("many_blocks")
@pytest.mark.parametrize("call", [call for call in CALLS if not call.endswith("-r none")])
def test_long_inputs_run_on_threads(cecli, pools, call):
    """On as many as were asked for, this one among them, in JSON."""
    assert cecli(*call.split(), "--threads", "3", "-f", "json").exit_code == 0
    assert set(pools) == {2}  # calibrate passes over the input many times, each time with a pool
    assert len(pools) == 1 or call.startswith("calibrate")


def test_what_is_typed_starts_no_thread(cecli, pools):
    """One block, whatever was asked for."""
    for words in (["softmax", "1,2"], ["xent", "0", "0.5,0.5"], ["compare", "--example"], ["grad", "0", "0.5,0.5"]):
        assert cecli(*words, "--threads", "4").exit_code == 0
    assert pools == []


@pytest.mark.usefixtures("many_blocks")
def test_rows_that_are_printed_as_they_come_need_no_threads(cecli, pools):
    """Each block is answered before the next is read, so that an answer never waits for a later line."""
    rows = "\n".join(["0.5,0.5"] * 5000)
    for words in (["softmax", "z.npy"], ["entropy", "p.npy"], ["xent", "y.npy", "p.npy", "-r", "none"]):
        assert cecli(*words, "--threads", "4", "-f", "plain").exit_code == 0
    assert cecli("entropy", "-", "--line-buffered", "-f", "json", "--threads", "4", stdin=rows).exit_code == 0
    assert pools == []


def test_a_second_block_is_what_starts_the_threads(pools):
    """None and one start nothing."""
    assert list(blocks.run(abs, [], 4)) == []
    assert list(blocks.run(abs, [-1], 4)) == [1]
    assert pools == []
    assert list(blocks.run(abs, [-1, -2], 4)) == [1, 2]
    assert pools == [3]


def test_all_cores_unless_told_otherwise(monkeypatch):
    """Those that this process may use; the command line over CECLI_THREADS over that."""
    assert cores() == len(os.sched_getaffinity(0))
    assert read_execution(None, None).threads == cores()
    monkeypatch.setattr(execution, "cores", lambda: 96)
    assert read_execution(None, None).threads == 96
    monkeypatch.setenv("CECLI_THREADS", "3")
    assert read_execution(None, None).threads == 3
    assert read_execution(None, "2").threads == 2
    monkeypatch.setenv("CECLI_THREADS", "")
    assert read_execution("cpu", None) == execution.Execution(96)


def test_where_the_system_knows_no_affinity(monkeypatch):
    """As on macOS."""
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert cores() == os.cpu_count()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("0", "0 is not between 1 and 1024"),
        ("1025", "1025 is not between 1 and 1024"),
        ("-1", "-1 is not between 1 and 1024"),
        ("1.5", "1.5 is not a whole number"),
        ("inf", "inf is not a whole number"),
        ("all", "'all' is not a number"),
    ],
)
def test_what_is_no_number_of_threads(cecli, text, says):
    """A usage error that names the option, or the variable."""
    result = cecli("softmax", "1,2", f"--threads={text}")
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"error: --threads: {says}\n")
    result = cecli("softmax", "1,2", CECLI_THREADS=text)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"error: CECLI_THREADS: {says}\n")
    assert cecli("softmax", "0,0", "--threads", "1", CECLI_THREADS=text).stdout == "0.5,0.5\n"
