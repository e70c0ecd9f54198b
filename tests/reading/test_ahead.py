"""Blocks that are read ahead, on threads and by other processes."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from cecli.errors import InputError
from cecli.reading import ahead, by_loadtxt, by_processes
from cecli.reading.ahead import IN_TURN, Ahead

TEXT = b"".join(b"%d,%r,%r\n" % (i % 3, i / 7, 1 / (i + 1)) for i in range(500))
REQUESTS = {
    "numbers": (TEXT, ",", 3, [0, 1, 2], []),
    "some of them": (TEXT, ",", 3, [2], []),
    "words": (b'a,1\n"b, c",2\n', ",", 2, [1], [0]),
    "blanks": (b"1 2\n 3  4\n", " ", 2, [0, 1], []),
    "missing": (b"1,NA\n,2\n", ",", 2, [0, 1], []),
    "refused": (b"1,1/3\n2,3\n", ",", 2, [0, 1], []),
    "of other lengths": (b"1,2\n3\n", ",", 2, [0, 1], []),
}


@pytest.fixture(scope="module")
def processes():
    """Two processes that read."""
    made = by_processes.Processes(2)
    yield made
    made.close()
    assert all(process.poll() is not None for process in made._all)


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_another_process_reads_the_same(processes, request_):
    """The same bits, the same texts, and None for the same blocks."""
    found, here = processes.columns(*request_), by_loadtxt.columns(*request_)
    assert (found is None) == (here is None)
    if here is not None:
        assert found[0].tobytes() == here[0].tobytes()
        assert found[0].shape == here[0].shape
        assert found[1] == here[1]


@pytest.mark.parametrize("allowed", [0, 1])
def test_fewer_processes_may_be_started(monkeypatch, allowed):
    """What is there reads, or this process."""
    started = []

    class Limited(subprocess.Popen):
        def __init__(self, *words, **options):
            if len(started) == allowed:
                raise BlockingIOError(11, "Resource temporarily unavailable")
            super().__init__(*words, **options)
            started.append(self)

    monkeypatch.setattr(by_processes.subprocess, "Popen", Limited)
    made = by_processes.Processes(2)
    for request in REQUESTS.values():
        found, here = made.columns(*request), by_loadtxt.columns(*request)
        assert (found is None) == (here is None)
        assert here is None or found[0].tobytes() == here[0].tobytes()
    made.close()
    assert made._all == started


KILLED = f"""
import signal
from cecli.reading.ahead import Ahead
text = {TEXT!r} * {{times}}
signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # as the command line has it
ahead = Ahead(2)
columns = ahead.by_loadtxt(1 << 30)
for process in ahead._processes._all:
    process.kill()
    process.wait()
print([found[0].shape for _, found in ahead.read(lambda text: columns(text, ",", 3, [0, 1, 2], []), iter([text] * 5))])
ahead.close()
print("closed")
"""


@pytest.mark.skipif(not hasattr(signal, "SIGPIPE"), reason="needs POSIX signals")
@pytest.mark.parametrize("times", [1, 100])
def test_a_process_that_is_killed_leaves_its_blocks_to_this_one(times):
    """A closed pipe is no end of the call, of short blocks nor of long ones, when they are asked for nor at the end."""
    code = KILLED.replace("{times}", str(times))
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == f"{[(500 * times, 3)] * 5}\nclosed\n"


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")
def test_processes_end_with_the_one_that_started_them():
    """Even if it is killed."""
    code = (
        "import os, signal\nfrom cecli.reading.by_processes import Processes\n"
        "made = Processes(2)\nprint(*(each.pid for each in made._all), flush=True)\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert run.returncode == -signal.SIGKILL
    left, end = set(map(int, run.stdout.split())), time.monotonic() + 20
    assert len(left) == 2
    while left and time.monotonic() < end:
        left = {pid for pid in left if is_running(pid)}
        time.sleep(0.01)
    assert not left


def is_running(pid):
    """Whether a process is there, and not only its exit code."""
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_blocks_come_in_their_order():
    """Whichever is read first."""
    several, first = Ahead(3), threading.Event()

    def read(block):
        if block == 0:
            assert first.wait(20)
        else:
            first.set()
        return -block

    assert list(several.read(read, iter(range(50)))) == [(block, -block) for block in range(50)]
    several.close()


@pytest.mark.parametrize(("reading", "most"), [(IN_TURN, 1), (Ahead(2), 3), (Ahead(100), ahead.MOST + 1)])
def test_no_more_blocks_are_taken_than_can_be_read(reading, most):
    """Memory stays flat; one thread takes each block when it is asked for."""
    taken = []

    def blocks():
        for block in range(20):
            taken.append(block)
            yield block

    for count, _ in enumerate(reading.read(lambda block: block, blocks()), 1):
        assert count <= len(taken) <= count - 1 + most
    assert len(taken) == 20
    reading.close()


def test_an_error_comes_in_its_turn():
    """After the blocks before it."""
    several, seen = Ahead(2), []
    with pytest.raises(ZeroDivisionError):
        seen.extend(found for _, found in several.read(lambda block: 1 / (3 - block), iter(range(9))))
    several.close()
    assert seen == [1 / 3, 1 / 2, 1]


def test_an_error_of_a_later_block_comes_in_its_turn():
    """A file that is cut off: what is wrong in the blocks before it is said first, as it is in turn."""

    def blocks():
        yield from range(3)
        raise InputError("cut off")

    for most in (1, 2, 4):
        several, seen = Ahead(most), []
        with pytest.raises(InputError, match="cut off"):
            seen.extend(block for block, _ in several.read(lambda block: block, blocks()))
        with pytest.raises(ZeroDivisionError):
            list(several.read(lambda block: 1 / (1 - block), blocks()))
        several.close()
        assert seen == [0, 1, 2]


WORDS = ["xent", "t.csv:label", "t.csv:p*", "-r", "none", "--skip-missing"]


@pytest.mark.parametrize("has_arrow", [True, False], ids=["pyarrow", "loadtxt"])
def test_a_long_file_has_the_same_answer_read_ahead(cecli, tmp_path, monkeypatch, has_arrow):
    """With a block for the grammar, and labels that become texts on the way; in turn, on threads, by processes."""
    from cecli.reading import lines

    monkeypatch.chdir(tmp_path)
    rows = [f"{i % 2},{'NA' if i % 97 == 0 else repr((i % 9 + 1) / 10)},{(9 - i % 9) / 10!r}" for i in range(6000)]
    rows[3000], rows[4500] = "1,2/10,80%", "p1,0.25,0.75"
    (tmp_path / "t.csv").write_text("label,p0,p1\n" + "".join(row + "\n" for row in rows))
    monkeypatch.setattr(lines.LineReader, "is_long", has_arrow)
    monkeypatch.setattr(lines, "LONG_TEXT", 1 << 13)
    monkeypatch.setattr(lines, "CHUNK", 1 << 12)
    monkeypatch.setattr(ahead, "WORTH_THREADS", 1)
    started, start = [], by_processes._started
    monkeypatch.setattr(by_processes, "_started", lambda count: started.extend(start(count)) or started)
    in_turn = cecli(*WORDS, "--threads", "1")
    assert (in_turn.exit_code, started) == (0, [])
    on_threads = cecli(*WORDS, "--threads", "3")
    assert on_threads.stdout == in_turn.stdout
    assert not started
    monkeypatch.setattr(ahead, "WORTH_PROCESSES", 1)
    by_others = cecli(*WORDS, "--threads", "2")
    assert (by_others.exit_code, by_others.stdout, by_others.stderr) == (0, in_turn.stdout, in_turn.stderr)
    assert len(started) == (0 if has_arrow else 2)
    assert all(process.poll() is not None for process in started)


@pytest.mark.parametrize("has_arrow", [True, False], ids=["pyarrow", "loadtxt"])
def test_labels_that_become_texts_do_so_at_the_same_row_on_all_threads(cecli, tmp_path, monkeypatch, has_arrow):
    """Beside classes of which some are called numbers, where a text and a number may be other classes."""
    from cecli.reading import lines
    from cecli.running import walk

    rows = [f"0.7,0.2,0.1,{i % 2 + 1}\n" for i in range(6000)]
    rows[1500] = "0.1,0.2,0.7,other\n"
    (path := tmp_path / "t.csv").write_text("1,2,other,y\n" + "".join(rows))
    monkeypatch.setattr(lines.LineReader, "is_long", has_arrow)
    monkeypatch.setattr(lines, "LONG_TEXT", 1 << 13)
    monkeypatch.setattr(lines, "CHUNK", 1 << 12)
    monkeypatch.setattr(ahead, "WORTH_THREADS", 1)
    monkeypatch.setattr(walk, "_rows_at_once", lambda *_: 500)
    found = [cecli("xent", f"{path}:y", f'{path}:"1","2",other', "--threads", each).stderr for each in "1234"]
    assert "there are names among the labels from here on" in found[0]
    assert found == found[:1] * 4
