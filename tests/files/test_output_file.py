"""`-o FILE`: the ending picks the format; the file is there whole or not at all."""

import os
import signal
import stat
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ENDINGS = {".md": "markdown", ".tex": "latex", ".csv": "csv", ".tsv": "tsv", ".json": "json", ".txt": "plain"}
WORDS = ["softmax", "1,2;3,5", "--classes", "cat,dog"]


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("upper", [False, True])
def test_the_ending_picks_the_format(folder, cecli, ending, upper):
    """What is in the file is what -f prints; nothing is on stdout."""
    name = f"out{ending.upper() if upper else ending}"
    result = cecli(*WORDS, "-o", name)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    assert (folder / name).read_bytes().decode() == cecli(*WORDS, "-f", ENDINGS[ending]).stdout
    assert os.listdir(folder) == [name]


@pytest.mark.parametrize(("form", "start"), [("svg", "<svg"), ("html", "<!DOCTYPE html>")])
def test_pictures(folder, cecli, form, start):
    """SVG and HTML of the table."""
    result = cecli(*WORDS, "-o", f"out.{form}")
    assert (result.exit_code, result.stdout) == (0, "")
    assert (folder / f"out.{form}").read_text("utf-8").lstrip().startswith(start)


def test_words_of_a_picture_have_places(folder, cecli):
    """No blanks in a row, which programs treat differently; no window around the text; columns stand one below the other."""
    assert cecli("compare", "--example", "-o", "out.svg").exit_code == 0
    root = ET.parse(folder / "out.svg").getroot()  # noqa: S314 - ours
    words = [*root.iter("{http://www.w3.org/2000/svg}text")]
    texts = [word.text for word in words]
    assert texts.count("0,\xa00,\xa01") == 2
    assert all(text.strip("\xa0 ") == text and "\xa0\xa0" not in text for text in texts)
    assert not [*root.iter("{http://www.w3.org/2000/svg}circle")]
    size = "font-size: 20.27px"  # at which a character is 12.2 wide, also where textLength is not honoured
    assert size in (folder / "out.svg").read_text(encoding="utf-8")
    ends = {float(word.get("x")) + float(word.get("textLength")) for word in words if word.text in ("1", "2", "3")}
    assert max(ends) - min(ends) < 0.2


def test_format_overrules_the_ending(folder, cecli):
    """-f json -o out.txt is JSON; so is a file without an ending."""
    for name in ("out.txt", "out", "out.xyz"):
        assert cecli(*WORDS, "-f", "json", "-o", name).exit_code == 0
        assert (folder / name).read_text().startswith("{")


def test_a_table_in_a_file(folder, cecli):
    """-f table into a file has no colour unless that is asked for."""
    assert cecli(*WORDS, "-f", "table", "-o", "out.txt").exit_code == 0
    assert "≈ 0.2689" in (folder / "out.txt").read_text("utf-8")
    assert "\x1b" not in (folder / "out.txt").read_text("utf-8")
    assert cecli(*WORDS, "-f", "table", "-o", "out.txt", "--color", "always").exit_code == 0
    assert "\x1b[" in (folder / "out.txt").read_text("utf-8")


@pytest.mark.parametrize("name", ["out", "out.xyz", "out.pdf", "out.csv.gz", ".csv", "out.", "README"])
def test_an_unknown_ending_is_an_error(folder, refused, name):
    """It lists the endings that there are, before anything is computed."""
    said = refused("softmax", "no such file.csv", "-o", name)
    assert "--output" in said
    assert repr(name) in said
    assert ".md .tex .csv" in said
    assert os.listdir(folder) == []


def test_the_environments_format_does_not_overrule_an_ending(folder, cecli):
    """CECLI_FORMAT is a default; what is said on the command line wins, and an ending is said there."""
    assert cecli(*WORDS, "-o", "out.json", CECLI_FORMAT="csv").exit_code == 0
    assert (folder / "out.json").read_text().startswith("{")


FAILING = [
    ["xent", "0", "0.5,0.6"],
    ["softmax", "1,x"],
    ["softmax", "bad.csv"],
    ["entropy", "late.csv"],
    ["compare", "0", "none.csv"],
    ["softmax", "1,2", "-t", "0"],
    ["entropy", "late.csv", "-f", "json"],
]


@pytest.mark.parametrize("words", FAILING, ids=" ".join)
@pytest.mark.parametrize("there", [True, False])
def test_a_failure_leaves_what_was_there(folder, refused, words, there):
    """Also in the middle of a streamed answer: the old file as it was, or none; and no debris."""
    (folder / "bad.csv").write_text("1,2\n3,x\n")
    (folder / "late.csv").write_text("0.5,0.5\n" * 100_000 + "0.5,0.6\n")
    if there:
        (folder / "out.csv").write_text("precious\n")
    refused(*words, "-o", "out.csv")
    assert (folder / "out.csv").exists() is there
    assert not there or (folder / "out.csv").read_text() == "precious\n"
    assert set(os.listdir(folder)) == {"bad.csv", "late.csv", *(["out.csv"] if there else [])}


def test_a_check_that_fails_writes_all_the_same(folder, cecli):
    """Exit 1 is an answer."""
    result = cecli("entropy", "0.5,0.5;1,0", "--fail-above", "0.1", "-o", "out.txt")
    assert result.exit_code == 1
    assert (folder / "out.txt").read_text() == "0.6931471805599453\n0\n"


@pytest.mark.parametrize(
    "kind", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda kind: kind.name
)
@pytest.mark.parametrize("there", [True, False])
def test_a_kill_leaves_what_was_there(folder, started, kind, there):
    """Whatever ends a long run: the old file as it was, or none; and no debris, hidden or not."""
    if there:
        (folder / "out.csv").write_text("precious\n")
    running = started("softmax", "-", "-o", "out.csv", "-q")
    for _ in range(9):
        running.stdin.write(b"1,2\n" * 16384)  # blocks until it was read: several blocks were answered by the end
    time.sleep(0.3)
    assert running.poll() is None
    running.send_signal(kind)
    code = running.wait(30)
    assert code == (130 if kind == signal.SIGINT else -kind)
    assert not there or (folder / "out.csv").read_text() == "precious\n"
    assert os.listdir(folder) == (["out.csv"] if there else [])
    assert b"Traceback" not in running.stderr.read()


def test_the_file_is_not_there_before_it_is_whole(folder, started):
    """A reader never sees half of it; in the end it has every row."""
    (folder / "out.csv").write_text("precious\n")
    running = started("softmax", "-", "-o", "out.csv", "-q")
    for _ in range(40):
        running.stdin.write(b"0,0\n" * 10_000)
        assert (folder / "out.csv").read_text() == "precious\n"
    running.stdin.close()
    assert running.wait(60) == 0
    lines = (folder / "out.csv").read_text().splitlines()
    assert (lines[0], len(lines), set(lines[1:])) == ("p0,p1", 400_001, {"0.5,0.5"})


def test_input_and_output_may_be_the_same_file(folder, cecli):
    """Read whole before it is replaced."""
    (folder / "z.csv").write_text("0,0\n" * 100_000)
    assert cecli("softmax", "z.csv", "-f", "plain", "-o", "z.csv").exit_code == 0
    assert (folder / "z.csv").read_text() == "0.5,0.5\n" * 100_000


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o400, 0o755, 0o444])
def test_permissions_are_kept(folder, cecli, mode):
    """The file that is replaced says who may read it."""
    (folder / "out.csv").write_text("x")
    (folder / "out.csv").chmod(mode)
    result = cecli(*WORDS, "-o", "out.csv")
    assert result.exit_code == 0, result.stderr
    assert stat.S_IMODE((folder / "out.csv").stat().st_mode) == mode
    assert (folder / "out.csv").read_text().startswith("cat,dog\n")


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o027, 0o000])
def test_a_new_file_obeys_the_mask(folder, cecli, mask):
    """As any other program's file does; the mask is left as it was."""
    old = os.umask(mask)
    try:
        assert cecli(*WORDS, "-o", "out.csv").exit_code == 0
        assert stat.S_IMODE((folder / "out.csv").stat().st_mode) == 0o666 & ~mask
    finally:
        assert os.umask(old) == mask


@pytest.mark.parametrize("relative", [True, False])
def test_a_link_is_followed(folder, cecli, relative):
    """The link stays a link, and what it leads to is replaced; a link to nothing makes the file."""
    (folder / "real").mkdir()
    for there in (True, False):
        name = f"out{there}.csv"
        if there:
            (folder / "real" / name).write_text("x")
        (folder / name).symlink_to(Path("real") / name if relative else folder / "real" / name)
        assert cecli(*WORDS, "-o", name).exit_code == 0
        assert (folder / name).is_symlink()
        assert (folder / "real" / name).read_text().startswith("cat,dog\n")
        assert not (folder / "real" / name).is_symlink()
    assert len(os.listdir(folder / "real")) == 2


def test_a_hard_link_is_cut(folder, cecli):
    """Replacing in one step gives the name a new file; the other name keeps the old one."""
    (folder / "a.csv").write_text("old\n")
    os.link(folder / "a.csv", folder / "b.csv")
    assert cecli(*WORDS, "-o", "a.csv").exit_code == 0
    assert (folder / "b.csv").read_text() == "old\n"


@pytest.mark.parametrize("target", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
@pytest.mark.parametrize("after", ["", " | cat", " > out.txt", " >> out.txt"])
def test_standard_output_by_name(folder, shell, target, after):
    """Plain text, as a pipe gets; a file behind it is written to, never replaced."""
    if not Path(target).parent.exists():
        pytest.skip(f"there is no {target} here")
    (folder / "out.txt").write_text("before\n")
    result = shell(f"cecli softmax 0,0 -o {target}{after}")
    assert (result.returncode, result.stderr) == (0, "")
    text = (folder / "out.txt").read_text() if "out.txt" in after else result.stdout
    assert text == ("before\n" if ">>" in after else "") + "0.5,0.5\n"


def test_a_format_for_standard_output(shell):
    """-f is heard."""
    assert shell("cecli softmax 0,0 -f csv -o /dev/stdout").stdout == "p0,p1\n0.5,0.5\n"


def test_a_device_is_written_to(folder, shell):
    """/dev/null stays a device; /dev/full is an error."""
    result = shell("cecli softmax 0,0 -o /dev/null")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    if not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full here")
    for words in ("softmax 0,0", "softmax big.csv", "softmax 0,0 -f json", "compare --example -f table"):
        (folder / "big.csv").write_text("1,2\n" * 100_000)
        result = shell(f"cecli {words} -o /dev/full")
        assert (result.returncode, result.stdout) == (2, "")
        assert result.stderr.count("error:") == 1
        assert "/dev/full" in result.stderr
        assert "No space left" in result.stderr


def test_a_named_pipe_is_written_to(folder, process):
    """A FIFO stays one, and its reader gets the answer."""
    os.mkfifo(folder / "pipe")
    found = []
    reader = threading.Thread(target=lambda: found.append((folder / "pipe").read_text()))
    reader.start()
    result = process("softmax", "0,0", "-o", "pipe")
    reader.join(20)
    assert (result.returncode, result.stderr) == (0, "")
    assert found == ["0.5,0.5\n"]
    assert stat.S_ISFIFO((folder / "pipe").stat().st_mode)


@pytest.mark.usefixtures("folder")
def test_nothing_reaches_a_device_before_there_is_an_answer(shell):
    """An error at once leaves a pipe's reader with nothing."""
    result = shell("cecli softmax 1,x -o /dev/stdout")
    assert (result.returncode, result.stdout) == (2, "")
    result = shell("cecli softmax 1,x -o >(cat)")
    assert (result.returncode, result.stdout) == (2, "")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("no/such/folder/out.csv", ["no/such/folder/out.csv", "No such file or directory"]),
        ("sub/", ["sub/"]),
        ("sub.csv", ["sub.csv"]),
        ("file.txt/out.csv", ["file.txt/out.csv"]),
        ("x" * 300 + ".csv", ["too long"]),
        ("", ["--output"]),
        ("loop.csv", ["loop.csv"]),
    ],
    ids=lambda part: ascii(part)[:30],
)
def test_a_place_that_cannot_be_written(folder, refused, path, words):
    """Missing, a folder, a name too long: an error about the output, and nothing left behind."""
    (folder / "sub").mkdir()
    (folder / "sub.csv").mkdir()
    (folder / "file.txt").write_text("x")
    (folder / "loop.csv").symlink_to("loop.csv")
    said = refused(*WORDS, "-o", path)
    assert "output" in said
    for word in words:
        assert word in said
    assert set(os.listdir(folder)) == {"sub", "sub.csv", "file.txt", "loop.csv"}
    assert os.listdir(folder / "sub") == []
    assert (folder / "loop.csv").is_symlink()


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(folder, refused):
    """No permission: an error about the output."""
    (folder / "shut").mkdir(mode=0o500)
    assert "shut/out.csv" in refused(*WORDS, "-o", "shut/out.csv")


def test_a_full_disk(folder, environment):
    """A file system's limit in the middle of a long answer: an error, the old file as it was, no debris."""
    resource = pytest.importorskip("resource")
    (folder / "big.csv").write_text("1,2\n" * 200_000)
    (folder / "out.csv").write_text("precious\n")

    def limited():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

    result = subprocess.run(
        [sys.executable, "-m", "cecli", "softmax", "big.csv", "-o", "out.csv"],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment | {"PYTHONWARNINGS": ""},
        preexec_fn=limited,
    )
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.count("error:") == 1
    assert "out.csv" in result.stderr
    assert "File too large" in result.stderr
    assert "Traceback" not in result.stderr
    assert (folder / "out.csv").read_text() == "precious\n"
    assert set(os.listdir(folder)) == {"big.csv", "out.csv"}


@pytest.mark.parametrize("name", ["-x.csv", "a b.csv", "日本.csv", "\x1b[31m.csv", "new\nline.csv", "~.csv"])
def test_any_name(folder, cecli, name):
    """Names are names."""
    result = cecli(*WORDS, f"--output={name}")
    assert result.exit_code == 0, result.stderr
    assert (folder / name).read_text().startswith("cat,dog\n")


def test_the_name_of_an_output_is_data(refused):
    """What a terminal would obey is written out."""
    assert "\x1b" not in refused(*WORDS, "-o", "\x1b[31m/x.csv")
    assert "\x1b" not in refused(*WORDS, "-o", "\x1b[31m")


def test_a_report_per_thread_does_not_clash(folder, environment):
    """Many calls that write to one folder at once: every file is whole."""
    running = [
        subprocess.Popen([sys.executable, "-m", "cecli", "softmax", "0,0", "-o", f"out{i % 3}.csv"], env=environment)
        for i in range(9)
    ]
    assert [process.wait(60) for process in running] == [0] * 9
    assert sorted(os.listdir(folder)) == ["out0.csv", "out1.csv", "out2.csv"]
    assert {path.read_text() for path in folder.iterdir()} == {"p0,p1\n0.5,0.5\n"}
