"""`--threads`: the same bits whatever their number, nothing to pay where there is one block, and answers line by line."""

import json
import os

import numpy as np
import pytest

ROWS, CLASSES = 3001, 5


@pytest.fixture
def many_blocks(tmp_path, monkeypatch, block_values):
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
    block_values(ROWS * CLASSES // 20)
    monkeypatch.chdir(tmp_path)


CALLS = [
    "softmax z.npy", "softmax z.npy -t 0.3 --log", "entropy p.npy -r mean --sample-weights w.npy", "xent y.npy z.npy -l",
    "xent y.npy p.npy -r none", "xent p.npy q.npy --label-smoothing 0.1", "kl p.npy q.npy", "kl p.npy q.npy --js -r sum", "bce b.npy s.npy --focal 2",
    "calibrate t.npy z.npy", "compare y.npy p.npy q.npy --plot terminal",
    "compare y.npy p.npy q.npy", "grad y.npy z.npy -l -r mean", "grad y.npy p.npy --loss mse", "grad b.npy s.npy --loss bce",
]  # fmt: skip


ROWS_COME = (
    "softmax z",
    "xent y.npy p.npy -r none",
    "kl p.npy q.npy",
    "grad y.npy z.npy",
    "grad y.npy p.npy",
    "grad b.npy",
)
"""Calls that answer row after row, so that plain text comes by another way than JSON."""


@pytest.mark.usefixtures("many_blocks")
@pytest.mark.parametrize(
    ("call", "format_"),
    [(call, "json") for call in CALLS] + [(call, "plain") for call in CALLS if call.startswith(ROWS_COME)],
)
def test_the_same_bits_on_any_number_of_threads(cecli, call, format_):
    """To the last digit, in the same order; the number of threads is no setting of the result."""
    one, two, seven = (cecli(*call.split(), "--threads", n, "-f", format_).stdout for n in ("1", "2", "7"))
    assert len(one) > 10
    assert one == two == seven
    if format_ == "json":
        assert "threads" not in json.loads(one)["settings"]


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


@pytest.mark.parametrize(("rows", "started"), [(1, []), (4, []), (5, [3])])
def test_a_second_block_is_what_starts_the_threads(cecli, pools, block_values, rows, started):
    """A block has four rows here."""
    block_values(8)
    assert cecli("entropy", ";".join(["0.5,0.5"] * rows), "-r", "mean", "-b", "2", "--threads", "4").stdout == "1\n"
    assert pools == started


@pytest.fixture
def threads(cecli, pools, block_values):
    """How many threads work on an input of many blocks, this one among them."""
    block_values(8)

    def count(*words, **env):
        pools.clear()
        assert cecli("entropy", ";".join(["0.5,0.5"] * 20), "-r", "mean", *words, **env).exit_code == 0
        return 1 + sum(pools)

    return count


@pytest.mark.parametrize("cores", [1, 5, 96])
def test_all_cores_unless_told_otherwise(cecli, threads, monkeypatch, cores):
    """Those that this process may use; the command line over CECLI_THREADS over that."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)), raising=False)
    assert threads() == cores
    assert threads(CECLI_THREADS="3") == 3
    assert threads("--threads", "2", CECLI_THREADS="3") == 2
    assert threads("--device", "cpu", CECLI_THREADS="") == cores
    assert f"\t{cores} thread" in cecli("devices", "-q").stdout


def test_no_more_than_1024_threads(threads, monkeypatch):
    """However many cores there are."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(2000)), raising=False)
    assert threads() == 1024


def test_where_the_system_knows_no_affinity(threads, monkeypatch):
    """As on macOS."""
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert threads() == os.cpu_count()


def test_the_command_line_wins_over_what_is_no_number(cecli):
    assert cecli("softmax", "0,0", "--threads", "1", CECLI_THREADS="all").stdout == "0.5,0.5\n"


@pytest.mark.parametrize(("reduction", "in_blocks_of_arrays"), [("mean", True), ("none", False)])
def test_a_mean_takes_blocks_of_arrays_in_every_format(cecli, tmp_path, monkeypatch, reduction, in_blocks_of_arrays):
    """Only rows that are printed one by one come in the small blocks of a stream."""
    from cecli.quantities import cross_entropy

    blocks, batch_losses = [], cross_entropy.batch_losses
    monkeypatch.setattr(
        cross_entropy, "batch_losses", lambda state, parts=(): blocks.append(1) or batch_losses(state, parts)
    )
    monkeypatch.chdir(tmp_path)
    rows = 40_000
    np.save("z.npy", np.random.default_rng(0).normal(size=(rows, 10)))
    np.save("y.npy", np.arange(rows) % 10)
    result = cecli("xent", "y.npy", "z.npy", "--logits", "-r", reduction, "-f", "plain")
    assert result.exit_code == 0
    assert (len(blocks) == 1) == in_blocks_of_arrays
