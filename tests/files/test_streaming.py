"""Long inputs: bounded memory, answers while the input still comes, the same numbers in blocks of any size."""

import bz2
import gzip
import io
import json
import lzma
import os
import select
import subprocess
import sys
import time

import numpy as np
import pytest

ROWS = 30_000
LARGE = 150 << 20


# --- memory -------------------------------------------------------------------------------------------------------

LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({limit}, {limit}))
sys.argv = ["cecli", *sys.argv[1:]]
from cecli.__main__ import command_line as main
try:
    main()
finally:
    print("peak", next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")), file=sys.stderr)
"""


def limited(*words, environment, stdin=None, limit=1 << 30, threads=2):
    """A call in a process that can't have more than `limit` bytes of addresses, and its peak memory in MB; each thread has a block of its own."""
    result = subprocess.run(
        [sys.executable, "-c", LIMITED.format(limit=limit), *words],
        stdin=stdin,
        capture_output=True,
        text=True,
        timeout=100,
        env=environment | {"OPENBLAS_NUM_THREADS": "1", "CECLI_THREADS": str(threads)},
    )
    assert "MemoryError" not in result.stderr
    return result, int(result.stderr.rpartition("peak ")[2]) / 1024


needs_limits = pytest.mark.skipif(
    not sys.platform.startswith("linux"),
    reason="only Linux limits the address space of a process and counts its peak in KB",
)


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Files of 150 MB: arrays of probabilities, and the same 2 MB of text over and over."""
    folder = tmp_path_factory.mktemp("large")
    row = np.random.default_rng(1).dirichlet(np.ones(40), 512)
    count = LARGE // row.nbytes
    with (folder / "p.npy").open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f8", "fortran_order": False, "shape": (512 * count, 40)})
        for _ in range(count):
            file.write(row.tobytes())
    np.save(folder / "y.npy", np.zeros(512 * count, dtype=np.int8))
    wide = np.random.default_rng(2).dirichlet(np.ones(4), 2000)
    text = "".join(",".join(f"{value:.17f}" for value in each) + "\n" for each in wide)
    with (folder / "p.csv").open("w") as file:
        file.write("a,b,c,d\n")
        for _ in range((LARGE // 4) // len(text)):
            file.write(text)
    return folder, row, wide


@needs_limits
def test_memory_does_not_grow_with_an_array_file(large, environment):
    """150 MB through less than that: the mean entropy is that of the rows that were repeated."""
    folder, row, _ = large
    result, peak = limited("entropy", str(folder / "p.npy"), "-r", "mean", environment=environment)
    assert result.returncode == 0, result.stderr
    assert float(result.stdout) == pytest.approx(float(-(row * np.log(row)).sum(axis=1).mean()), rel=1e-12)
    assert peak < 140


@needs_limits
@pytest.mark.parametrize(("threads", "most"), [(1, 195), (2, 250)])
def test_memory_does_not_grow_with_two_files(large, environment, threads, most):
    """A target beside the predictions, and a comparison of two models."""
    folder, row, _ = large
    result, peak = limited(
        "compare",
        str(folder / "y.npy"),
        f"a={folder / 'p.npy'}",
        f"b={folder / 'p.npy'}",
        "--metric",
        "cross_entropy",
        environment=environment,
        threads=threads,
    )
    assert result.returncode == 0, result.stderr
    expected = float(-np.log(row[:, 0]).mean())
    assert [float(entry) for entry in result.stdout.split(",")] == pytest.approx([expected] * 2, rel=1e-12)
    assert peak < most


@needs_limits
def test_memory_does_not_grow_with_a_text_file(large, environment):
    """40 MB of text."""
    folder, _, wide = large
    result, peak = limited("entropy", str(folder / "p.csv"), "-r", "mean", environment=environment)
    assert result.returncode == 0, result.stderr
    assert float(result.stdout) == pytest.approx(float(-(wide * np.log(wide)).sum(axis=1).mean()), rel=1e-10)
    assert peak < 240  # of which pyarrow takes 60


@needs_limits
def test_memory_does_not_grow_with_an_answer_of_a_row_per_row(large, environment):
    """softmax, of which every row is an answer, into a pipe that is read."""
    folder, _, _ = large
    line = f"'{sys.executable}' -c '{LIMITED.format(limit=1 << 30)}' softmax '{folder / 'p.npy'}:1-3' -q"
    result = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line} | tail -n 1"],
        capture_output=True,
        text=True,
        timeout=100,
        env=environment | {"OPENBLAS_NUM_THREADS": "1"},
    )
    assert result.returncode == 0, result.stderr
    assert len(result.stdout.split(",")) == 3
    assert int(result.stderr.rpartition("peak ")[2]) / 1024 < 180


@needs_limits
@pytest.mark.parametrize(("threads", "most"), [(1, 350), (2, 450)])
def test_a_wide_file_is_read_in_pieces_too(tmp_path, environment, threads, most):
    """Rows of a million values: 80 MB in ten rows."""
    with (tmp_path / "wide.npy").open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f8", "fortran_order": False, "shape": (12, 1_000_000)})
        for _ in range(12):
            file.write(np.zeros(1_000_000).tobytes())
    result, peak = limited(
        "entropy", str(tmp_path / "wide.npy"), "-l", "-r", "mean", environment=environment, threads=threads
    )
    assert result.returncode == 0, result.stderr
    assert float(result.stdout) == pytest.approx(np.log(1_000_000), rel=1e-12)
    assert peak < most


# --- answers while the input comes --------------------------------------------------------------------------------


def read_some(pipe, seconds=20):
    """What is there to read, waiting for it no longer than that."""
    ready, _, _ = select.select([pipe], [], [], seconds)
    return os.read(pipe.fileno(), 1 << 20) if ready else b""


FIRST = b"1,2\n" * 200_000
ENDLESS = [
    (["softmax", "-"], FIRST, b"0.2689414213699951,0.7310585786300049\n"),
    (["entropy", "-", "-l", "-r", "none"], FIRST, b"0.5822"),
    (["entropy", "-", "-l"], FIRST, b"0.5822"),
    (["softmax", "-", "-f", "csv"], FIRST, b"p0,p1\n0.2689414213699951,0.7310585786300049\n"),
    (["softmax", "-", "-f", "tsv"], FIRST, b"p0\tp1\n0.2689414213699951\t0.7310585786300049\n"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "data", "answer"), ENDLESS, ids=lambda part: " ".join(part) if isinstance(part, list) else ""
)
def test_answers_come_before_the_input_ends(started, words, data, answer):
    """More than a block goes in, answers come out, and only then the rest goes in."""
    running = started(*words)
    running.stdin.write(data[: 1 << 16])
    wrote, shown = 1 << 16, b""
    deadline = time.monotonic() + 30
    os.set_blocking(running.stdin.fileno(), False)
    while len(shown) < len(answer) and time.monotonic() < deadline:
        _, writable, _ = select.select([], [running.stdin], [], 0.05)
        if writable and wrote < len(data):
            wrote += running.stdin.write(data[wrote : wrote + 65536]) or 0
        shown += read_some(running.stdout, 0)
    assert shown.startswith(answer)
    assert running.poll() is None


def test_answers_of_two_sources_come_before_the_input_ends(started, folder):
    """`xent` of labels in a file and predictions on standard input, sample by sample."""
    (folder / "y.csv").write_text("0\n" * 200_000)
    running = started("xent", "y.csv", "-", "-l", "-r", "none")
    os.set_blocking(running.stdin.fileno(), False)
    wrote, shown, data = 0, b"", b"1,2\n" * 150_000
    deadline = time.monotonic() + 30
    while not shown and time.monotonic() < deadline:
        _, writable, _ = select.select([], [running.stdin], [], 0.05)
        if writable and wrote < len(data):
            wrote += running.stdin.write(data[wrote : wrote + 65536]) or 0
        shown = read_some(running.stdout, 0)
    assert shown.startswith(b"1.3132616875182228\n")
    assert running.poll() is None


@pytest.mark.parametrize(
    ("words", "lines", "answers"),
    [
        (["softmax", "-"], [b"0,0\n", b"1,1\n"], [b"0.5,0.5\n"] * 2),
        (["entropy", "-", "-b", "2"], [b"0.5,0.5\n", b"1,0\n"], [b"1\n", b"0\n"]),
        (["xent", "-", "0.5,0.5;0.25,0.75", "-b", "2", "-r", "none"], [b"0\n", b"0\n"], [b"1\n", b"2\n"]),
        (["xent", "0,0", "-", "-b", "2", "-r", "none"], [b"0.5,0.5\n", b"0.25,0.75\n"], [b"1\n", b"2\n"]),
        (["bce", "1,1", "-", "-b", "2", "-r", "none"], [b"0.5\n", b"0.25\n"], [b"1\n", b"2\n"]),
        (["kl", "1,0;1,0", "-", "-b", "2", "-r", "none"], [b"0.5,0.5\n", b"0.25,0.75\n"], [b"1\n", b"2\n"]),
        (["softmax", "-"], [b"cat,dog\n0,0\n", b"\n# c\n1,1\n"], [b"0.5,0.5\n"] * 2),
        (["softmax", "-", "-f", "csv"], [b"cat,dog\n0,0\n", b"1,1\n"], [b"cat,dog\n0.5,0.5\n", b"0.5,0.5\n"]),
    ],
    ids=lambda part: " ".join(part) if isinstance(part, list) and isinstance(part[0], str) else "",
)
def test_line_buffered_answers_each_line_at_once(started, words, lines, answers):
    """A line in, its answer out, before the next line is written."""
    running = started(*words, "--line-buffered")
    for line, answer in zip(lines, answers, strict=True):
        running.stdin.write(line)
        shown = b""
        while len(shown) < len(answer) and (more := read_some(running.stdout)):
            shown += more
        assert shown == answer
    running.stdin.close()
    assert running.wait(30) == 0
    assert running.stderr.read() == b""


def test_line_buffered_gives_what_the_whole_gives(cecli):
    """Line by line or at once, with a mean as well."""
    rows = "\n".join(f"{a},{b}" for a, b in np.random.default_rng(3).normal(size=(50, 2)).tolist()) + "\n"
    for words in (
        ["softmax", "-"],
        ["entropy", "-", "-l"],
        ["entropy", "-", "-l", "-r", "mean"],
        ["xent", ",".join(["1"] * 50), "-", "-l"],
        ["xent", ",".join(["1"] * 50), "-", "-l", "-r", "none", "-f", "csv"],
    ):
        a, b = cecli(*words, stdin=rows), cecli(*words, "--line-buffered", stdin=rows)
        assert (a.exit_code, b.exit_code) == (0, 0), b.stderr
        assert a.stdout == b.stdout


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_how_many_rows_there_are_is_told_the_same_way(cecli, rows):
    """One row's entropy or loss is the same text however it is buffered, and a label beside it the same label."""
    text = "0.5,0.5\n" * rows
    for words in (
        ["entropy", "-", "-r", "mean"],
        ["entropy", "-"],
        ["xent", ",".join(["1"] * rows), "-"],
        ["xent", f"[{','.join(['[0,1]'] * rows)}]", "-"],
    ):
        a, b = cecli(*words, stdin=text), cecli(*words, "--line-buffered", stdin=text)
        assert (a.exit_code, a.stdout) == (b.exit_code, b.stdout) == (0, a.stdout), (words, a.stderr, b.stderr)


# --- blocks of any size -------------------------------------------------------------------------------------------


def write_all(folder, n=23):
    """Predictions of two models, targets, weights and logits in files."""
    rng = np.random.default_rng(7)
    p, q, y, w = rng.dirichlet(np.ones(3), n), rng.dirichlet(np.ones(3), n), rng.integers(0, 3, n), rng.uniform(0, 2, n)
    for name, values in (("p", p), ("q", q), ("z", np.log(p) * 3)):
        (folder / f"{name}.csv").write_text(
            "a,b,c\n" + "".join(",".join(map(repr, row)) + "\n" for row in values.tolist())
        )
    (folder / "y.csv").write_text("label\n" + "".join("abc"[k] + "\n" for k in y))
    (folder / "i.csv").write_text("".join(f"{k}\n" for k in y))
    (folder / "w.csv").write_text("".join(f"{v!r}\n" for v in w.tolist()))
    (folder / "b.csv").write_text("".join(f"{v!r}\n" for v in p[:, 0].tolist()))
    (folder / "t.csv").write_text("".join(f"{k % 2}\n" for k in y))
    np.save(folder / "p.npy", p)


CALLS = [
    ["softmax", "z.csv"], ["softmax", "z.csv", "--log", "-f", "csv"], ["softmax", "z.csv", "-f", "json"], ["softmax", "z.csv", "-f", "table"], ["softmax", "z.csv", "-f", "markdown"], ["entropy", "p.csv"],
    ["entropy", "p.npy", "-r", "mean", "--sample-weights", "w.csv"], ["entropy", "z.csv", "-l", "-f", "json"], ["xent", "y.csv", "p.csv"], ["xent", "y.csv", "z.csv", "-l", "-r", "none"],
    ["xent", "q.csv", "p.csv", "-r", "sum", "--label-smoothing", "0.1", "--sample-weights", "w.csv"], ["xent", "i.csv", "p.csv", "--class-weights", "1,2,3", "--ignore-index", "1"],
    ["xent", "i.csv", "p.csv", "--ignore-index", "1", "-r", "none"], ["xent", "i.csv", "p.csv", "--ignore-index", "1", "-r", "none", "-f", "csv"], ["xent", "y.csv", "p.csv", "-r", "none", "-f", "tsv"],
    ["xent", "y.csv", "p.csv", "-r", "none", "-f", "table"], ["kl", "p.csv", "q.csv"], ["kl", "p.csv", "q.csv", "--js", "-f", "csv"], ["kl", "p.npy", "q.csv", "-r", "mean"], ["bce", "t.csv", "b.csv"],
    ["bce", "t.csv", "b.csv", "-r", "none", "--sample-weights", "w.csv"], ["bce", "p.csv", "q.csv", "-r", "none", "-f", "csv"], ["compare", "y.csv", "p.csv", "q.csv"],
    ["compare", "i.csv", "p=p.csv", "q=q.csv", "-f", "json", "--ignore-index", "2"], ["compare", "y.csv", "p.csv", "q.csv", "-f", "table"], ["compare", "q.csv", "p.csv", "--sample-weights", "w.csv", "-f", "markdown"],
    ["grad", "y.csv", "p.csv"], ["grad", "y.csv", "z.csv", "-l", "--x", "p.csv", "-f", "json"], ["grad", "t.csv", "b.csv", "--loss", "bce"],
]  # fmt: skip


@pytest.mark.parametrize("words", CALLS, ids=" ".join)
def test_blocks_of_any_size_give_the_same_answer(folder, cecli, block_values, words):
    """To the last bit, for every format, notes included; the moments behind intervals and p-values are rounded in each block."""
    write_all(folder)
    whole = cecli(*words)
    for values in (1, 3, 7, 12, 68, 69, 70):
        block_values(values)
        result = cecli(*words)
        assert (result.exit_code, result.stderr) == (whole.exit_code, whole.stderr), values
        assert told(result.stdout) == told(whole.stdout), values


def told(text):
    """A text; of a comparison in JSON its members, with 12 digits of the intervals and p-values."""
    if not text.startswith('{"command": "compare"'):
        return text
    found = json.loads(text)
    return rounded({name: found.pop(name) for name in ("differences", "models")}), found


def rounded(value, name=""):
    """The same with 12 digits of what intervals and p-values are made of."""
    if isinstance(value, dict):
        return {key: rounded(member, name if name == "intervals" else key) for key, member in value.items()}
    if isinstance(value, list):
        return [rounded(member, name) for member in value]
    return (
        float(f"{value:.12g}")
        if name in ("intervals", "ci_low", "ci_high", "p_value", "p_adjusted") and value
        else value
    )


@pytest.mark.parametrize("values", [2, 6, 2**17])
def test_notes_are_those_of_the_whole_input(folder, cecli, block_values, values):
    """A note about all rows waits until all were seen, infinite losses are counted over all blocks, and each note comes once."""
    block_values(values)
    (folder / "z.csv").write_text("0.5,0.5\n" * 5 + "3,4\n")
    result = cecli("softmax", "z.csv")
    assert (result.exit_code, result.stderr) == (0, "")
    assert cecli("entropy", "z.csv", "-l").stderr == ""
    for name in ("p.csv", "y.csv"):
        (folder / name).write_text("0.5,0.5\n" * 6)
    for words in (
        ["softmax", "p.csv"],
        ["entropy", "p.csv", "-l"],
        ["xent", "0,0,0,0,0,0", "p.csv", "-l", "-r", "none"],
        ["bce", "y.csv", "p.csv", "-l", "-r", "none"],
    ):
        result = cecli(*words)
        assert result.stderr.count("look like probabilities") == 1, result.stderr
        assert len(result.stderr.splitlines()) == 1
    (folder / "q.csv").write_text("0.0,1.0\n" * 9)
    (folder / "y.csv").write_text("0\n" * 9)
    for how in ("none", "mean"):
        result = cecli("xent", "y.csv", "q.csv", "-r", how)
        lines = result.stderr.splitlines()
        assert sum("gives probability 0" in line for line in lines) == 3, result.stderr
        assert sum("6 more samples" in line for line in lines) == 1, result.stderr
        assert len(lines) == 5


# --- far from the start -------------------------------------------------------------------------------------------


EIGHTS = ",".join(["0.125"] * 8)
WRONG = [
    ("0.125,x", ["column 2", "'x' is not a number"]), ("0.125", ["1 value"]), (f"{EIGHTS},0", ["9 values"]), (EIGHTS.replace("0.1", "0.2", 1), ["sums to 1.1"]), (EIGHTS.replace("0.", "-0.", 1), ["-0.125", "negative"]),
    (EIGHTS.replace("0.125", "nan", 1), ["column 1", "'nan'"]), (EIGHTS[:-5] + "1e999", ["column 8", "too large"]), (EIGHTS[:-5], ["column 8", "missing"]), (EIGHTS + "\xff", ["UTF-8"]), (EIGHTS.replace("0.125", "inf", 1), ["inf"]),
    ("a,b,c,d,e,f,g,h", ["column 1", "'a'"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "words", "name"), [(*wrong, "-" if i % 2 else "p.csv") for i, wrong in enumerate(WRONG)]
)
def test_an_error_in_row_30000_names_its_line(folder, cecli, line, words, name):
    """After a header and a blank line; what was answered before stays on stdout, and the exit code is 2."""
    data = (
        "\n".join(
            ["a,b,c,d,e,f,g,h", "", *[EIGHTS] * ROWS, line if line.count(",") != 1 else line + EIGHTS[11:], EIGHTS]
        )
        + "\n"
    )
    (folder / "p.csv").write_bytes(data.encode("latin-1"))
    result = cecli("entropy", name, "-b", "2", stdin=data.encode("latin-1") if name == "-" else None)
    assert result.exit_code == 2
    assert result.stderr.count("error:") == 1
    assert f"line {ROWS + 3}" in result.stderr
    for word in words:
        assert word in result.stderr
    assert "Traceback" not in result.stderr
    answered = result.stdout.splitlines()
    assert set(answered) == {"3"}
    assert ROWS // 4 <= len(answered) <= ROWS
    assert result.stdout.endswith("\n")


@pytest.mark.parametrize(("values", "extra"), [(1000, -1), (1000, 5000), (2**17, 1), (2**17, -5000)])
def test_sources_of_unequal_length(folder, refused, block_values, extra, values):
    """Found at the end of the shorter one, told with both lengths."""
    block_values(values)
    (folder / "p.csv").write_text("0.5,0.5\n" * ROWS)
    (folder / "y.csv").write_text("0\n" * (ROWS + extra))
    (folder / "q.csv").write_text("0.5,0.5\n" * (ROWS + extra))
    (folder / "b.csv").write_text("0.5\n" * ROWS)
    for words in (
        ["xent", "y.csv", "p.csv"],
        ["xent", "q.csv", "p.csv"],
        ["kl", "q.csv", "p.csv", "-r", "mean"],
        ["compare", "y.csv", "p.csv"],
        ["bce", "y.csv", "b.csv"],
        ["compare", "0", "p.csv"],
    ):
        said = refused(*words)
        assert str(ROWS) in said, said
        assert (str(ROWS + extra) if words[1] != "0" else "1 sample") in said, said
    said = refused("compare", "y.csv", "p.csv", "q.csv")
    assert str(ROWS) in said
    assert str(ROWS + extra) in said
    (folder / "w.csv").write_text("1\n" * (ROWS + extra))
    (folder / "z.csv").write_text("0\n" * ROWS)
    said = refused("xent", "z.csv", "p.csv", "--sample-weights", "w.csv")
    assert f"{ROWS + extra} weights" in said
    assert f"{ROWS} samples" in said


def test_unequal_lengths_after_answers(folder, shell):
    """Under -r none the samples that both have are answered, then comes the error, and 2."""
    (folder / "p.csv").write_text("0.5,0.5\n" * 200_000)
    (folder / "y.csv").write_text("0\n" * 199_999)
    result = shell("cecli xent y.csv p.csv -r none -b 2")
    assert result.returncode == 2
    assert set(result.stdout.splitlines()) == {"1"}
    assert "199999" in result.stderr
    assert "200000" in result.stderr


def test_an_error_in_another_format_leaves_nothing_on_stdout(folder, refused, block_values):
    """JSON and tables are whole or not at all."""
    (folder / "p.csv").write_text("0.5,0.5\n" * 9_000 + "0.5,x\n")
    block_values(2_000)
    for form in ("json", "table", "markdown", "latex"):
        assert "line 9001" in refused("entropy", "p.csv", "-f", form)


def test_fail_above_over_many_blocks(folder, cecli, block_values):
    """One value in the last block is enough, and the largest is named."""
    block_values(4)
    (folder / "p.csv").write_text("1,0\n" * 9 + "0.5,0.5\n" + "1,0\n")
    assert cecli("entropy", "p.csv", "--fail-above", "0.7").exit_code == 0
    result = cecli("entropy", "p.csv", "--fail-above", "0.5")
    assert result.exit_code == 1
    assert "0.6931471805599453 is above 0.5" in result.stderr


def test_all_samples_ignored_over_many_blocks(folder, cecli, block_values):
    """Nothing left is an error; nothing left of one block is not."""
    block_values(4)
    (folder / "p.csv").write_text("0.5,0.5\n" * 6)
    (folder / "y.csv").write_text("9\n9\n9\n9\n0\n9\n")
    result = cecli("xent", "y.csv", "p.csv", "--ignore-index", "9", "-r", "none", "-b", "2")
    assert (result.exit_code, result.stdout) == (0, "nan\nnan\nnan\nnan\n1\nnan\n"), result.stderr
    (folder / "y.csv").write_text("9\n" * 6)
    assert cecli("xent", "y.csv", "p.csv", "--ignore-index", "9", "-r", "none").exit_code == 2
    assert cecli("xent", "y.csv", "p.csv", "--ignore-index", "9").exit_code == 2


def test_json_of_many_blocks_is_one_object(folder, printed, block_values):
    """And a table is one table."""
    block_values(4)
    (folder / "z.csv").write_text("1,2\n" * 11)
    found = json.loads(printed("softmax", "z.csv", "-f", "json"))
    assert found["samples"] == len(found["value"]) == 11
    assert printed("softmax", "z.csv", "-f", "csv").splitlines().count("p0,p1") == 1


def test_the_last_row_alone_in_its_block_is_no_vector(folder, printed, block_values):
    """However the input is cut, labels stay labels and the answer keeps its shape."""
    block_values(4)
    (folder / "z.csv").write_text("1,2\n" * 3)
    assert len(printed("softmax", "z.csv").splitlines()) == 3
    assert len(json.loads(printed("softmax", "z.csv", "-f", "json"))["value"]) == 3
    assert len(printed("xent", "0,1,0", "z.csv", "-l", "-r", "none").splitlines()) == 3
    block_values(2)
    assert len(printed("xent", "0,1,0", "z.csv", "-l", "-r", "none").splitlines()) == 3


@pytest.mark.parametrize("classes", [20_000, 140_000])
def test_many_classes(folder, printed, classes):
    """With as many classes as a language model has words a block is a row or two, and nothing else changes."""
    np.save(folder / "z.npy", np.zeros((9, classes), dtype=np.float32))
    np.save(folder / "y.npy", np.arange(9))
    assert len(printed("entropy", "z.npy", "-l").splitlines()) == 9
    assert len(printed("xent", "y.npy", "z.npy", "-l", "-r", "none").splitlines()) == 9
    table = printed("compare", "y.npy", "z.npy", "-l", "-f", "table", "-q")
    assert len([line for line in table.splitlines() if "largest of" in line]) == 9


PIPED = {
    "rows": b"0.2,0.8\n0.3,0.7\n",
    "rows as they are typed": b"0.2,0.8;0.3,0.7\n",
    "one line without an end": b"0.2,0.8;0.3,0.7",
    "JSON after blanks": b"  [[0.2,0.8],\n[0.3,0.7]]",
    "JSON Lines": b'{"a": 0.2, "b": 0.8}\n{"a": 0.3, "b": 0.7}\n',
    "a name and a number": b"a=0.2,b=0.8\na=0.3,b=0.7\n",
}


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize("kind", [*PIPED, "an array"])
def test_a_pipe_that_brings_a_byte_at_a_time(printed, byte_by_byte, kind, pack):
    """What is piped in is judged by its first line, not by what the first read of it brings."""
    data = PIPED.get(kind)
    if data is None:
        np.save(array := io.BytesIO(), [[0.2, 0.8], [0.3, 0.7]])
        data = array.getvalue()
    words = "-r", "none", "-f", "plain"
    assert printed("entropy", "-", *words, stdin=byte_by_byte(pack(data))) == printed(
        "entropy", "0.2,0.8;0.3,0.7", *words
    )
