"""What goes wrong with files: for each fault one message with file, line or row and column where they exist, exit 2, no traceback."""

import bz2
import gzip
import io
import json
import lzma
import os
import pickle
import socket
import struct
import subprocess
import sys
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest

from cecli.errors import InputError
from cecli.reading.binary import npy_table
from cecli.reading.tables import Wanted
from tests.every import every

P = np.full((100, 2), 0.5)
TEXT = b"0.5,0.5\n" * 50_000


def npy(array, **more):
    """The bytes of a .npy file."""
    buffer = io.BytesIO()
    np.save(buffer, array, **more)
    return buffer.getvalue()


def npz(**members):
    """The bytes of a .npz file."""
    buffer = io.BytesIO()
    np.savez(buffer, **members)
    return buffer.getvalue()


def parquet(table, **more):
    """The bytes of a Parquet file."""
    buffer = io.BytesIO()
    pa.parquet.write_table(table, buffer, **more)
    return buffer.getvalue()


def feather(table):
    """The bytes of a Feather file."""
    buffer = io.BytesIO()
    pa.feather.write_feather(table, buffer)
    return buffer.getvalue()


def header(shape, descr="<f8"):
    """The bytes of a .npy file that promises more than it has."""
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": descr, "fortran_order": False, "shape": shape})
    return buffer.getvalue()


def zipped(name, data, **more):
    """A zip archive of one member."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **more) as archive:
        archive.writestr(name, data)
    return buffer.getvalue()


def damaged(data, at):
    """Data with a few bytes changed."""
    at = at if at >= 0 else len(data) + at
    return data[:at] + bytes(byte ^ 0xFF for byte in data[at : at + 8]) + data[at + 8 :]


def nan_in_row_17(dtype=np.float64):
    """Rows of which the 17th has a NaN in its second column."""
    array = P.astype(dtype)
    array[16, 1] = np.nan
    return array


WITH_NULL = pa.table({"a": pa.array([0.5] * 16 + [None] + [0.5] * 3), "b": [0.5] * 20})
WITH_TEXT = pa.table({"name": ["x"] * 20, "b": [0.5] * 20})
GOOD = pa.table({"a": [0.5] * 20, "b": [0.5] * 20})
NESTED = pa.table({"a": [[[0.5], [0.5]]] * 20})
RAGGED = b"0.5,0.5\n" * 16 + b"0.5\n" + b"0.5,0.5\n"

FAULTS = {
    # compressed
    "cut.csv.gz": (gzip.compress(TEXT)[:-20], ["cut.csv.gz", "read to its end"]),
    "cut.csv.bz2": (bz2.compress(TEXT)[:-20], ["cut.csv.bz2", "read to its end"]),
    "cut.csv.xz": (lzma.compress(TEXT)[:-20], ["cut.csv.xz", "read to its end"]),
    "damaged.csv.gz": (damaged(gzip.compress(os.urandom(1000).hex().encode()), 300), ["damaged.csv.gz"]),
    "checksum.csv.gz": (damaged(gzip.compress(TEXT), -8), ["checksum.csv.gz"]),
    "no.csv.gz": (b"0.5,0.5\n", ["no.csv.gz"]),
    "no.csv.bz2": (b"0.5,0.5\n", ["no.csv.bz2"]),
    "no.csv.xz": (b"0.5,0.5\n", ["no.csv.xz"]),
    "tail.csv.gz": (gzip.compress(TEXT) + b"garbage", ["tail.csv.gz"]),
    "cut.json.gz": (gzip.compress(b"[" + b"[0.5,0.5]," * 5000 + b"[1,0]]")[:-20], ["cut.json.gz"]),
    "array.npz.gz": (gzip.compress(zipped("a.npy", npy(P))), ["array.npz.gz", "packed"]),
    "empty.csv.gz": (b"", ["empty.csv.gz"]),
    "nothing.csv.gz": (gzip.compress(b""), ["nothing.csv.gz", "empty"]),
    # arrays
    "cut.npy": (npy(P)[:-20], ["cut.npy"]),
    "head.npy": (npy(P)[:40], ["head.npy"]),
    "magic.npy": (npy(P)[:6], ["magic.npy"]),
    "empty.npy": (b"", ["empty.npy"]),
    "text.npy": (b"0.5,0.5\n", ["text.npy", "not a valid .npy file"]),
    "archive.npy": (npz(a=P), ["archive.npy"]),
    "zero.npy": (npy(np.zeros((0, 3))), ["zero.npy", "empty"]),
    "deep.npy": (npy(np.zeros((2, 2, 2, 2))), ["deep.npy", "4 dimensions"]),
    "complex.npy": (npy(P + 0j), ["complex.npy", "complex128"]),
    "dates.npy": (npy(np.array(["2020-01-01"], dtype="M8[D]")), ["dates.npy", "datetime64"]),
    "record.npy": (npy(np.array([(1, 2.0)], dtype=[("a", int), ("b", float)])), ["record.npy"]),
    "strings.npy": (npy(np.array([["a", "b"]])), ["strings.npy"]),
    "pickled.npy": (npy(np.array([{"a": 1}], dtype=object), allow_pickle=True), ["pickled.npy", "pickled", "could run code"]),
    "pickle.npy": (pickle.dumps(P), ["pickle.npy"]),
    "huge.npy": (header((1 << 40, 1000)), ["huge.npy"]),
    "absurd.npy": (header((1 << 62, 1 << 62)), ["absurd.npy"]),
    "negative.npy": (header((-1, 2)) + b"\0" * 64, ["negative.npy"]),
    "evil.npy": (b"\x93NUMPY\x01\x00\x76\x00" + b"__import__('os').mkdir('owned')".ljust(117) + b"\n", ["evil.npy"]),
    "long.npy": (b"\x93NUMPY\x02\x00" + struct.pack("<I", 1 << 31) + b"{" * 1000, ["long.npy"]),
    "nan.npy": (npy(nan_in_row_17()), ["nan.npy", "17", "nan", "missing"]),
    "nan32.npy": (npy(nan_in_row_17(np.float32)), ["nan32.npy", "17", "nan", "missing"]),
    "sum.npy": (npy(P * 1.1), ["sum.npy", "sample 1", "sums to 1.1"]),
    # archives
    "cut.npz": (npz(a=P)[:-40], ["cut.npz"]),
    "short.npz": (zipped("a.npy", npy(P)[:-20]), ["short.npz", "cut off", "of 100"]),
    "damaged.npz": (damaged(npz(a=np.random.default_rng(0).dirichlet([1, 1], 500)), 900), ["damaged.npz"]),
    "empty.npz": (b"", ["empty.npz"]),
    "text.npz": (b"0.5,0.5\n", ["text.npz"]),
    "none.npz": (zipped("readme.txt", b"x"), ["none.npz"]),
    "several.npz": (npz(a=P, b=P), ["several.npz", "2 members", "several.npz:a"]),
    "pickled.npz": (zipped("a.npy", npy(np.array([{"a": 1}], dtype=object), allow_pickle=True)), ["pickled.npz", "pickled"]),
    "member.npz": (zipped("a.npy", b"0.5,0.5\n"), ["member.npz"]),
    "nan.npz": (npz(a=nan_in_row_17()), ["nan.npz", "17", "missing"]),
    "version.npz": (zipped("a.npy", b"\x93NUMPY\x09\x00" + npy(P)[8:]), ["version.npz"]),
    # columnar
    "text.parquet": (b"0.5,0.5\n", ["text.parquet"]),
    "cut.parquet": (parquet(GOOD)[:-20], ["cut.parquet"]),
    "empty.parquet": (b"", ["empty.parquet"]),
    "zero.parquet": (parquet(GOOD.slice(0, 0)), ["zero.parquet"]),
    "null.parquet": (parquet(WITH_NULL), ["null.parquet", "(a)", "missing", "17"]),
    "words.parquet": (parquet(WITH_TEXT), ["words.parquet", "'name'", "no numbers"]),
    "nested.parquet": (parquet(NESTED), ["nested.parquet"]),
    "none.parquet": (parquet(pa.table({})), ["none.parquet"]),
    "damaged.parquet": (damaged(parquet(pa.table({"a": np.random.default_rng(0).random(500), "b": np.zeros(500)}), use_dictionary=False), 60), ["damaged.parquet"]),
    "text.arrow": (b"0.5,0.5\n", ["text.arrow"]),
    "cut.arrow": (feather(GOOD)[:-20], ["cut.arrow"]),
    "empty.arrow": (b"", ["empty.arrow"]),
    "text.feather": (b"0.5,0.5\n", ["text.feather"]),
    "empty.feather": (b"", ["empty.feather"]),
    "null.feather": (feather(WITH_NULL), ["null.feather", "(a)", "missing", "17"]),
    "twice.parquet": (parquet(pa.Table.from_arrays([pa.array([0.5]), pa.array([0.25])], names=["a", "a"])), ["twice.parquet"]),
    # text
    "nan.csv": (b"a,b\n" + b"0.5,0.5\n" * 16 + b"0.5,nan\n", ["nan.csv, line 18", "column 2 (b)", "nan"]),
    "ragged.csv": (RAGGED, ["ragged.csv, line 17", "1 value", "2"]),
    "long.csv": (b"0.5,0.5\n" * 16 + b"0.5,0.5,0\n", ["long.csv, line 17", "3 values", "2"]),
    "word.csv": (b"a,b\n" + b"0.5,0.5\n" * 16 + b"0.5,high\n", ["word.csv, line 18", "column 2 (b)", "'high'"]),
    "column.csv": (b"name,a,b\nrex,0.5,0.5\n", ["column.csv, line 2", "column 1 (name)", "'rex'", "column.csv:"]),
    "missing.csv": (b"a,b\n0.5,0.5\n0.5,\n", ["missing.csv, line 3", "column 2 (b)", "missing"]),
    "latin.csv": ("naïve,b\n0.5,0.5\n".encode("latin-1"), ["latin.csv, line 1", "UTF-8"]),
    "late.csv": (b"a,b\n0.5,0.5\n0.5,0.\xb55\n", ["late.csv, line 3", "UTF-8"]),
    "cut16.csv": ("0.5,0.5\n".encode("utf-16")[:-1], ["cut16.csv", "cut off", "UTF-16", "UTF-8"]),
    "half16.csv": ("0.5,0.5\n".encode("utf-16") + b"\x00\xd8a\x00", ["half16.csv", "UTF-16", "UTF-8"]),
    "bare16.csv": ("0.5,0.5\n0.5,0.5\n".encode("utf-16-le"), ["bare16.csv", "UTF-16", "iconv"]),
    "cut.gz": (gzip.compress(TEXT)[:12], ["cut.gz", "to its end", "complete"]),
    "zip.csv": (zipped("a.csv", b"0.5,0.5\n"), ["zip.csv"]),
    "gzip.csv": (gzip.compress(TEXT), ["gzip.csv"]),
    "npy.csv": (npy(P), ["npy.csv"]),
    "zeros.csv": (b"\0" * 5000, ["zeros.csv"]),
    "noise.csv": (np.random.default_rng(0).bytes(5000), ["noise.csv"]),
    "empty.csv": (b"", ["empty.csv", "empty"]),
    "blank.csv": (b"\n  \n\n", ["blank.csv", "empty"]),
    "header.csv": (b"a,b\n", ["header.csv"]),
    "sum.csv": (b"a,b\n0.5,0.5\n0.5,0.6\n", ["sum.csv, line 3", "sums to 1.1"]),
    "negative.csv": (b"a,b\n0.5,0.5\n1.5,-0.5\n", ["negative.csv, line 3", "1.5"]),
    "cut.json": (b"[[0.5,0.5],[0.5", ["cut.json"]),
    "object.json": (b'{"a": [0.5]}', ["object.json", "object"]),
    "latin.json": ('[{"naïve": 1}]'.encode("latin-1"), ["latin.json", "UTF-8"]),
    "utf16.json": ("[[1,0]]".encode("utf-16-le"), ["utf16.json", "UTF-16"]),
    "empty.json": (b"", ["empty.json"]),
    "null.json": (b"[[0.5,0.5],[0.5,null]]", ["null.json", "null"]),
    "nan.jsonl": (b'{"a":1,"b":0}\n{"a":1,"b":NaN}\n', ["nan.jsonl, line 2", "column 2 (b)", "NaN"]),
    "key.jsonl": (b'{"a":1,"b":0}\n{"a":1,"c":0}\n', ["key.jsonl, line 2", "'b'"]),
    "objects.json": (b'{"a":' * 600 + b"1" + b"}" * 600, ["objects.json is nested too deeply"]),
    "objects.jsonl": (b'{"a":' * 600 + b"1" + b"}" * 600, ["objects.jsonl is nested too deeply"]),
    "cut.jsonl": (b'{"a":1,"b":0}\n{"a":1,"b":', ["cut.jsonl, line 2"]),
}  # fmt: skip


@every("name", FAULTS)
@every("how", ["mean", "none"])
def test_a_fault_in_a_file_of_predictions(tmp_path, monkeypatch, cecli, name, how):
    """One message that names the file and the place; exit 2; nothing on stdout but rows that were answered before."""
    data, words = FAULTS[name]
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(data)
    result = cecli("entropy", name, "-r", how)
    assert result.exit_code == 2, (result.stdout[:200], result.stderr)
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("error:") == 1
    assert "Traceback" not in result.stderr
    for word in words:
        assert word in result.stderr
    assert how == "none" or result.stdout == ""
    assert set(result.stdout.splitlines()) <= {"0.6931471805599453"}
    assert len(result.stderr) < 2000
    assert all(character.isprintable() or character == "\n" for character in result.stderr)
    assert os.listdir() == [name]


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_in_a_file_of_labels_or_weights(folder, cecli, name):
    """The same file in the place of a target, of weights, and of a second model: an error, never a fault of cecli's own."""
    data, _ = FAULTS[name]
    (folder / name).write_bytes(data)
    for words in (
        ["xent", name, "0.5,0.5;0.5,0.5"],
        ["xent", "0,1", "0.5,0.5;0.5,0.5", "--sample-weights", name],
        ["compare", "0,1", "0.5,0.5;0.5,0.5", name],
        ["bce", name, "0.5,0.5"],
        ["grad", "0,1", "0.5,0.5;0.5,0.5", "--x", name],
    ):
        if "--x" in words and name in ("sum.csv", "negative.csv"):
            continue  # inputs may be any numbers
        result = cecli(*words)
        assert result.exit_code == 2, (words, result.stdout[:200], result.stderr)
        assert result.stdout == ""
        assert result.stderr.count("error:") == 1


@pytest.mark.parametrize("name", ["sub", "./sub", "sub:a", "sub.csv", "/", "..", "~"])
def test_a_folder(folder, refused, name):
    """A folder is no file, whatever it is called."""
    (folder / "sub").mkdir()
    (folder / "sub.csv").mkdir()
    assert "is a folder" in refused("softmax", name)


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read anything")
@pytest.mark.parametrize("name", ["p.csv", "p.npy", "p.npz", "p.parquet", "p.json", "p.csv.gz"])
def test_a_file_that_may_not_be_read(folder, refused, name):
    """No permission: the file is named."""
    (folder / name).write_bytes(b"0.5,0.5\n")
    (folder / name).chmod(0)
    said = refused("softmax", name)
    assert name in said
    assert "Permission denied" in said


@pytest.mark.usefixtures("folder")
def test_a_socket(refused):
    """Something that can't be opened is an error about it, not about the output."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.csv")
        said = refused("softmax", "s.csv")
    assert "s.csv" in said
    assert "output" not in said


@pytest.mark.usefixtures("folder")
def test_a_named_pipe_is_read(shell):
    """<(…) and FIFOs are files like any other."""
    result = shell("cecli softmax <(printf '0,0\\n')")
    assert (result.returncode, result.stdout) == (0, "0.5,0.5\n"), result.stderr
    result = shell("cecli xent <(printf '0\\n1\\n') <(printf 'a,b\\n0.5,0.5\\n0.5,0.5\\n') -b 2")
    assert (result.returncode, result.stdout) == (0, "1\n"), result.stderr


def test_a_pickle_never_runs(folder, cecli):
    """What an object array would run on loading is not run."""

    class Bomb:
        def __reduce__(self):
            return os.mkdir, ("owned",)

    array = np.array([Bomb()], dtype=object)
    (folder / "a.npy").write_bytes(npy(array, allow_pickle=True))
    (folder / "a.npz").write_bytes(zipped("a.npy", npy(array, allow_pickle=True)))
    (folder / "b.npy").write_bytes(pickle.dumps(Bomb()))
    for name in ("a.npy", "a.npz", "b.npy"):
        assert cecli("softmax", name).exit_code == 2
    assert not (folder / "owned").exists()


# --- bombs --------------------------------------------------------------------------------------------------------

PEAK = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
sys.argv = ["cecli", *sys.argv[1:]]
from cecli.__main__ import command_line as main
try:
    main()
finally:
    print("peak", next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")), file=sys.stderr)
"""


QUICK = {gzip: {"compresslevel": 1}, lzma: {"preset": 0}, bz2: {}}


def packed(module, *parts):
    """A small file that unpacks to these parts, each so many times over: compressed once, and repeated as a member of the file."""
    return b"".join(module.compress(unit, **QUICK[module]) * times for unit, times in parts)


MEGABYTE = 1 << 20
BOMBS = {
    "line.csv.gz": lambda: packed(gzip, (b"1" * MEGABYTE, 300)),
    "line.csv.xz": lambda: packed(lzma, (b"1" * MEGABYTE, 300)),
    "line.csv.bz2": lambda: packed(bz2, (b"1" * MEGABYTE, 100)),
    "zeros.csv.gz": lambda: packed(gzip, (b"\0" * MEGABYTE, 300)),
    "quote.csv.gz": lambda: packed(gzip, (b'a,"b\n', 1), (b"x" * MEGABYTE, 300)),
    "lines.csv.gz": lambda: packed(gzip, (b'a,"b\n', 1), (b"x" * MEGABYTE + b"\n", 300)),
    "quotes.csv.gz": lambda: packed(gzip, (b'"\n' * (MEGABYTE // 2) , 100)),
    "header.csv.gz": lambda: packed(gzip, (b"a,b\n", 1), (b"x" * MEGABYTE + b"\n", 300)),
    "line.json.gz": lambda: packed(gzip, (b"1" * MEGABYTE, 300)),
    "open.json.gz": lambda: packed(gzip, (b"[" * MEGABYTE, 100)),
    "string.json.gz": lambda: packed(gzip, (b'[["', 1), (b"x" * MEGABYTE, 100)),
    "row.json.gz": lambda: packed(gzip, (b"[[0", 1), (b",0" * (MEGABYTE // 2), 100)),
    "flat.json.gz": lambda: packed(gzip, (b"[0", 1), (b",0" * (MEGABYTE // 2), 100)),
    "blank.json.gz": lambda: packed(gzip, (b" " * MEGABYTE, 100)),
    "nested.jsonl": lambda: b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}\n",
    "nested.json": lambda: b"[" * 200_000 + b"]" * 200_000,
    "objects.json": lambda: b'[{"a":' * 100_000,
    "object.json": lambda: b'[{"a":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}]",
    "digits.csv": lambda: b"1," + b"9" * 2_000_000 + b"\n",
    "exponent.csv": lambda: b"1,1e" + b"9" * 2_000_000 + b"\n",
    "fraction.csv": lambda: b"1," + b"9" * 2_000_000 + b"/" + b"7" * 2_000_000 + b"\n",
    "digits.jsonl": lambda: b'{"a": 1, "b": ' + b"9" * 2_000_000 + b"}\n",
}  # fmt: skip


@pytest.mark.skipif(
    not sys.platform.startswith("linux"),
    reason="only Linux limits the address space of a process and counts its peak in KB",
)
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_an_error_within_bounded_memory(folder, environment, name):
    """A line without end, brackets without end, a quote without end: refused before the machine is full."""
    (folder / name).write_bytes(BOMBS[name]())
    result = subprocess.run(
        [sys.executable, "-c", PEAK, "softmax", name],
        capture_output=True,
        text=True,
        timeout=90,
        env=environment | {"PYTHONWARNINGS": "", "OPENBLAS_NUM_THREADS": "1"},
    )
    assert result.returncode == 2, result.stderr[-500:]
    assert result.stderr.count("error:") == 1
    assert name in result.stderr
    assert "memory of this machine" not in result.stderr
    assert "Traceback" not in result.stderr
    assert len(result.stderr) < 2000
    assert int(result.stderr.rpartition("peak ")[2]) / 1024 < 600


@pytest.mark.parametrize("members", [1, 50])
def test_an_archive_bomb_is_read_in_pieces(folder, environment, members):
    """Gigabytes of zeros in an archive: as many rows as it says, in bounded memory."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("a.npy", "w", force_zip64=True) as file,
    ):
        file.write(header((members * 131_072, 2)))
        for _ in range(members):
            file.write(b"\0" * (131_072 * 16))
    (folder / "z.npz").write_bytes(buffer.getvalue())
    result = subprocess.run(
        [sys.executable, "-c", PEAK, "entropy", "z.npz", "-l", "-b", "2", "-r", "mean"],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment | {"PYTHONWARNINGS": ""},
    )
    assert (result.returncode, result.stdout) == (0, "1\n"), result.stderr
    assert int(result.stderr.rpartition("peak ")[2]) / 1024 < 250


def test_a_very_wide_header_is_shown_short(folder, refused):
    """An error about one of ten thousand columns is no novel."""
    (folder / "w.csv").write_text(",".join(f"c{i}" for i in range(10_000)) + "\n" + ",".join(["0"] * 10_000) + "\n")
    assert len(refused("softmax", "w.csv:x")) < 600
    assert len(refused("xent", "x", "w.csv", "-l")) < 1500


def test_nothing_about_a_file_is_obeyed(folder, cecli):
    """Escapes in a file's name, its header and its values are written out in messages."""
    (folder / "\x1b[31m.csv").write_text("a\x1b[1m,b\n\x1b[32m,1\n")
    for words in (
        ["softmax", "\x1b[31m.csv"],
        ["softmax", "\x1b[31m.csv:\x1b]0;x\x07"],
        ["xent", "\x1b[7m", "\x1b[31m.csv"],
        ["softmax", "\x1b[31m.csx"],
        ["softmax", "./\x1b[31m/x"],
    ):
        result = cecli(*words)
        assert result.exit_code == 2
        assert "\x1b" not in result.stderr
        assert "\x07" not in result.stderr


@every("seed", range(30))
@every("name", ["p.csv", "p.csv.gz", "p.jsonl", "p.json", "p.npy", "p.npz", "p.parquet", "p.feather"])
def test_a_damaged_file_is_read_or_refused(folder, cecli, name, seed):
    """A few bytes changed, cut or doubled anywhere: an answer or an error, never a fault of cecli's own."""
    rng = np.random.default_rng(seed)
    p = np.random.default_rng(1).dirichlet([1, 1, 1], 9)
    good = {
        "p.csv": lambda: b'a,"b ""c""",d\n' + "".join(",".join(map(repr, row)) + "\n" for row in p.tolist()).encode(),
        "p.jsonl": lambda: "".join(
            json.dumps(dict(zip("abc", row, strict=True))) + "\n" for row in p.tolist()
        ).encode(),
        "p.json": lambda: json.dumps(p.tolist()).encode(),
        "p.npy": lambda: npy(p),
        "p.npz": lambda: npz(a=p),
        "p.parquet": lambda: parquet(pa.table({"a": p[:, 0], "b": p[:, 1]})),
        "p.feather": lambda: feather(pa.table({"a": p[:, 0], "b": p[:, 1]})),
    }
    good["p.csv.gz"] = lambda: gzip.compress(good["p.csv"](), mtime=0)
    data = bytearray(good[name]())
    at = int(rng.integers(0, len(data)))
    match seed % 4:
        case 0:
            data = data[:at]
        case 1:
            data[at] ^= 1 << int(rng.integers(0, 8))
        case 2:
            data[at : at + 4] = rng.bytes(4)
        case _:
            data[at:at] = data[at : at + int(rng.integers(1, 40))]
    (folder / name).write_bytes(bytes(data))
    for words in (["entropy", name, "-l"], ["xent", name, "0.2,0.3,0.5"], ["softmax", f"{name}:1-2", "-f", "json"]):
        result = cecli(*words)
        assert result.exit_code in (0, 2), (bytes(data)[:400], result.stderr)
        assert "Traceback" not in result.stderr


@pytest.mark.parametrize("order", ["C", "F"])
def test_an_array_that_shrinks_while_it_is_read(folder, order):
    """An error, where a page of a memory map that is gone would end the process."""
    np.save(folder / "z.npy", np.zeros((1_000_000, 4), order=order))
    pieces = npy_table("z.npy", "z.npy").pieces(Wanted())
    assert next(pieces).numbers.shape[1] == 4
    os.truncate(folder / "z.npy", 1000)
    with pytest.raises(InputError, match=r"z\.npy is cut off: it became shorter while it was read"):
        list(pieces)
