"""Files elsewhere: in memory, on servers of the web with and without ranges, in a store that speaks S3."""

import functools
import gzip
import http.server
import io
import os
import subprocess
import sys
import threading

import numpy as np
import pytest

fsspec = pytest.importorskip("fsspec")

from cecli.reading import remote  # noqa: E402
from cecli.reading.addresses import is_remote, shown, split_address  # noqa: E402

CSV = "y,cat,dog\n0,0.75,0.25\n1,0.5,0.5\n0,0.875,0.125\n"
P = np.array([[0.75, 0.25], [0.5, 0.5], [0.875, 0.125]])
LOSS = float(-np.log([0.75, 0.5, 0.875]).mean())
SECRET = "hunter2"  # noqa: S105


def npy(array):
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def parquet():
    import pyarrow
    import pyarrow.parquet

    stream = io.BytesIO()
    columns = {"y": [0, 1, 0], "cat": P[:, 0], "dog": P[:, 1]}
    pyarrow.parquet.write_table(pyarrow.table(columns), stream, row_group_size=2)
    return stream.getvalue()


def arrow():
    import pyarrow
    import pyarrow.ipc

    stream = io.BytesIO()
    table = pyarrow.table({"y": [0, 1, 0], "cat": P[:, 0], "dog": P[:, 1]})
    with pyarrow.ipc.new_file(stream, table.schema) as file:
        file.write_table(table)
    return stream.getvalue()


def npz():
    stream = io.BytesIO()
    np.savez(stream, p=P, y=np.array([0, 1, 0]))
    return stream.getvalue()


FILES = {
    "p.csv": CSV.encode(),
    "p.csv.gz": gzip.compress(CSV.encode()),
    "p.parquet": parquet(),
    "p.arrow": arrow(),
    "p.jsonl": b'{"y": 0, "cat": 0.75, "dog": 0.25}\n{"y": 1, "cat": 0.5, "dog": 0.5}\n{"y": 0, "cat": 0.875, "dog": 0.125}\n',
    "p.npy": npy(P),
    "f.npy": npy(np.asfortranarray(P)),
    "y.npy": npy(np.array([0, 1, 0])),
    "p.npz": npz(),
    "z1.csv": b"cat,dog\n0.75,0.25\n",
    "z2.csv": b"cat,dog\n0.5,0.5\n0.875,0.125\n",
}


class Ranged(http.server.SimpleHTTPRequestHandler):
    """A server that reads from the middle of files; one below does not."""

    def log_message(self, *_):
        pass

    def send_head(self):
        status = self.path.strip("/").partition(".")[0]
        if status.isdigit():
            return self.send_error(int(status))
        asked = self.headers.get("Range")
        if asked is None:
            return super().send_head()
        path = self.translate_path(self.path)
        if not os.path.isfile(path):
            return super().send_head()
        with open(path, "rb") as file:
            data = file.read()
        first, _, last = asked.removeprefix("bytes=").partition("-")
        part = data[int(first) : int(last) + 1 if last else None]
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {first}-{int(first) + len(part) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        return io.BytesIO(part)


class Whole(http.server.SimpleHTTPRequestHandler):
    """Python's own server, which sends whole files only."""

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A folder with the files."""
    folder = tmp_path_factory.mktemp("stored")
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture(scope="module")
def places(stored):
    """Where the files are, in every way."""
    memory = fsspec.filesystem("memory")
    for name, data in FILES.items():
        memory.pipe_file(f"/there/{name}", data)
    servers = []
    for handler in (Ranged, Whole):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=str(stored)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
    ranged, whole = (f"http://127.0.0.1:{server.server_address[1]}" for server in servers)
    yield {"memory": "memory://there", "file": f"file://{stored}", "ranged": ranged, "whole": whole}
    for server in servers:
        server.shutdown()
        server.server_close()
    memory.rm("/there", recursive=True)


CALLS = [
    ("{}/p.csv:y", "{}/p.csv:cat,dog"),
    ("{}/p.csv.gz:1", "{}/p.csv:2-"),
    ("{}/p.parquet:y", "{}/p.parquet"),
    ("{}/p.arrow:y", "{}/p.arrow"),
    ("{}/p.jsonl:y", "{}/p.jsonl"),
    ("{}/y.npy", "{}/p.npy"),
    ("0,1,0", "{}/f.npy"),
    ("{}/p.npz:y", "{}/p.npz:p"),
]


@pytest.mark.parametrize("words", CALLS, ids=lambda words: words[1].rpartition("/")[2])
@pytest.mark.parametrize("where", ["memory", "file", "ranged", "whole"])
def test_every_kind_of_file_is_read_wherever_it_is(cecli, places, where, words):
    result = cecli("xent", *(word.format(places[where]) for word in words))
    assert (result.exit_code, float(result.stdout or "nan")) == (0, pytest.approx(LOSS, rel=1e-15)), result.stderr


@pytest.mark.parametrize("where", ["memory", "file"])
def test_a_glob_is_the_parts_of_one_table_or_models(cecli, places, where):
    at = places[where]
    assert float(cecli("xent", "0,1,0", f"{at}/z*.csv").stdout) == pytest.approx(LOSS, rel=1e-15)
    assert cecli("compare", "0,1,0", f"m={at}/z*.csv", "--metric", "errors").stdout == "1\n"
    two = cecli("compare", "0,1,0", f"{at}/p.npy", f"{at}/f.npy", "--columns", "1-")
    assert [line.split("\t")[0] for line in two.stdout.splitlines()] == ["p", "f"], two.stderr


@pytest.mark.usefixtures("places")
def test_an_error_names_file_line_and_sample(cecli):
    fsspec.filesystem("memory").pipe_file("/there/bad.csv", b"cat,dog\n0.5,0.5\n0.5,O.5\n")
    said = cecli("entropy", "memory://there/bad.csv", "-r", "mean").stderr
    assert said.startswith("error: memory://there/bad.csv, line 3, column 2 (dog): 'O.5' is not a number")


def test_json_shows_an_address_without_its_secrets(cecli, places):
    at = places["ranged"].replace("://", f"://me:{SECRET}@")
    result = cecli(
        "xent", "0,1,0", f"{at}/p.csv?token={SECRET}:2-3", "--sample-weights", f"{at}/p.npy?t={SECRET}:1", "-f", "json"
    )
    assert (result.exit_code, result.stderr) == (0, "")
    assert SECRET not in result.stdout
    assert f"{places['ranged']}/p.npy" in result.stdout


FAULTS = [
    ("{memory}/none.csv", "there is no such file: memory://there/none.csv"),
    ("{memory}/none*.csv", "no file matches memory://there/none*.csv"),
    ("{ranged}/none.csv?sig=" + SECRET, "there is no such file: http://127.0.0.1"),
    ("http://me:" + SECRET + "@127.0.0.1:9/p.csv", "can't be read: ClientConnectorError"),
    ("{ranged}/403.csv?sig=" + SECRET, "/403.csv may not be read"),
    ("{ranged}/503.csv?sig=" + SECRET, "/503.csv can't be read: the server answers 503"),
    ("nowhere://x/p.csv", "nowhere:// is not known"),
    ("gs://bucket/p.csv", "gs:// needs gcsfs"),
]


@pytest.mark.parametrize(("address", "says"), FAULTS, ids=[says for _, says in FAULTS])
def test_what_is_wrong_elsewhere_is_one_message_without_secrets(cecli, places, address, says):
    result = cecli("entropy", address.format(**places))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")
    assert says in result.stderr
    assert SECRET not in result.stderr


def test_a_program_reads_files_of_this_machine(cecli):
    said = cecli("xent", "0", "s3://b/p.csv", "--code", "numpy").stderr
    assert said.startswith("error: --code: a program reads files of this machine, and s3://b/p.csv is none")


def test_a_file_that_fails_while_it_is_read():
    """What a server says is told by its kind alone."""

    class Broken:
        size = 10

        def read(self, _):
            raise RuntimeError(f"GET http://x/?sig={SECRET}")

        def close(self):
            """As all files have."""

    with pytest.raises(OSError, match=r"^RuntimeError$"):
        remote.RemoteFile(Broken()).read(1)


def test_without_fsspec_the_extra_is_named():
    code = "import sys; sys.modules['fsspec'] = None; from cecli.__main__ import main; main()"
    result = subprocess.run(
        [sys.executable, "-c", code, "entropy", "s3://b/p.csv"], capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 2
    assert "s3://b/p.csv: a remote file needs fsspec, which is not installed\nhint: pip install fsspec" in result.stderr


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("s3://b/p.csv", ("s3://b/p.csv", None)),
        ("s3://b/p.csv:cat,dog", ("s3://b/p.csv", "cat,dog")),
        ("s3://b/run=1/*.npz:m:1-", ("s3://b/run=1/*.npz", "m:1-")),
        ("http://h:80/p.csv", ("http://h:80/p.csv", None)),
        ("https://h/p.csv?a=b:c:1", ("https://h/p.csv?a=b:c", "1")),
        ('s3://b/p.csv:"a/b"', ("s3://b/p.csv", '"a/b"')),
        ("http://h:80", ("http://h:80", None)),
    ],
)
def test_columns_of_an_address(text, parts):
    assert split_address(text) == parts


def test_what_an_address_is_and_how_it_is_shown():
    assert [
        is_remote(text) for text in ("s3://b/k", "a=s3://b/k", "://x", "p.csv", "C:\\x", "simplecache::s3://b")
    ] == [True, False, False, False, False, True]
    assert shown("https://u:p@h/x.csv?q") == "https://h/x.csv"
    assert shown("s3://b/x?.csv") == "s3://b/x?.csv"
    assert shown("abfs://b/x.csv?sig=1") == "abfs://b/x.csv"


# --- S3 -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def s3():
    """A store that speaks S3, on loopback, with the files in the bucket `runs`."""
    pytest.importorskip("s3fs")
    server_of = pytest.importorskip("moto.server")
    server = server_of.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    at = server.get_host_and_port()
    patch = pytest.MonkeyPatch()
    for name, text in (("AWS_ENDPOINT_URL", f"http://{at[0]}:{at[1]}"), ("AWS_ACCESS_KEY_ID", "me"), ("AWS_SECRET_ACCESS_KEY", SECRET), ("AWS_DEFAULT_REGION", "us-east-1")):  # fmt: skip
        patch.setenv(name, text)
    store = fsspec.filesystem("s3")
    store.mkdir("runs")
    for name, data in FILES.items():
        store.pipe_file(f"runs/{name}", data)
    yield "s3://runs"
    patch.undo()
    server.stop()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("words", CALLS, ids=lambda words: words[1].rpartition("/")[2])
def test_every_kind_of_file_is_read_from_s3(cecli, s3, words):
    result = cecli("xent", *(word.format(s3) for word in words))
    assert (result.exit_code, float(result.stdout or "nan")) == (0, pytest.approx(LOSS, rel=1e-15)), result.stderr


@pytest.mark.filterwarnings("ignore")
def test_globs_and_faults_of_s3(cecli, s3):
    assert float(cecli("xent", "0,1,0", f"{s3}/z*.csv").stdout) == pytest.approx(LOSS, rel=1e-15)
    for address in (f"{s3}/none.csv", "s3://nobucket/p.csv"):
        result = cecli("entropy", address)
        assert (result.exit_code, SECRET in result.stderr) == (2, False)
        assert f"error: there is no such file: {address}" in result.stderr


@pytest.mark.filterwarnings("ignore")
def test_parts_of_s3_on_a_cluster(cecli, s3):
    """Workers open them with the credentials of their own environment."""
    pytest.importorskip("distributed")
    words = (
        "compare",
        f"{s3}/p.parquet:y",
        f"a={s3}/p.parquet:cat,dog",
        f"b={s3}/z*.csv",
        f"c={s3}/f.npy",
        "-f",
        "json",
    )
    here = cecli(*words, "--columns", "1-")
    command = [sys.executable, "-m", "cecli", *words, "--columns", "1-", "--dask", "local:1"]
    there = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (here.exit_code, there.returncode) == (0, 0), (here.stderr, there.stderr)
    assert (there.stdout, there.stderr) == (here.stdout, here.stderr)
