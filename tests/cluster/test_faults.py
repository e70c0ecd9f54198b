"""What goes wrong on a cluster: the first error in the order of the input, in the words of one machine; and nothing is left behind."""

import glob
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

CALL = ("xent", "b*.csv:y", "b*.csv:p,q")


@pytest.fixture
def broken(parts):
    """Six parts, of which a test spoils some."""

    def write(**spoilt):
        for i in range(6):
            rows = [f"{n % 2},0.75,0.25" for n in range(2000)]
            for line, text in spoilt.get(f"b{i}", {}).items():
                rows[line - 2] = text
            (parts / f"b{i}.csv").write_text("y,p,q\n" + "\n".join(rows) + "\n")

    yield write
    for path in glob.glob("b*.csv"):
        os.unlink(path)


@pytest.fixture
def both(cecli, scheduler):
    """What a call says here, which must be what it says on the cluster."""

    def run(*words):
        here, there = cecli(*words), cecli(*words, "--dask", scheduler)
        assert (there.exit_code, there.stdout, there.stderr) == (here.exit_code, here.stdout, here.stderr)
        assert "Traceback" not in there.stderr
        return there

    return run


def test_the_first_error_in_the_order_of_the_input(broken, both):
    """With the file, the line, the column, and the sample's number in the whole input."""
    broken(b2={1500: "1,0.75,0.3"}, b4={3: "1,O.5,0.5"}, b5={2: "2,0.5,0.5"})
    said = both(*CALL).stderr
    assert "b2.csv, line 1500 (sample 5499)" in said
    broken(b4={3: "1,O.5,0.5"}, b5={2: "2,0.5,0.5"})
    assert "b4.csv, line 3, column 2 (p): 'O.5' is not a number" in both(*CALL).stderr


def test_a_part_that_can_not_be_read(broken, cecli, scheduler):
    """What is wrong before it comes first."""
    broken()
    os.unlink("b3.csv")
    os.symlink("nowhere.csv", "b3.csv")
    said = cecli(*CALL, "--dask", scheduler).stderr
    assert said.startswith("error: b3.csv can't be read: No such file or directory")
    broken(b1={7: "1,0.5,0.6"})
    with open("b3.csv", "w") as file:
        file.write("y,p\n1,0.5\n")
    assert "b1.csv, line 7 (sample 2006) sums to 1.1" in cecli(*CALL, "--dask", scheduler).stderr


def test_a_corrupt_part(parts, both):
    """A Parquet file cut off, and one of other columns."""
    whole = (parts / "t2.parquet").read_bytes()
    try:
        (parts / "t2.parquet").write_bytes(whole[:-100])
        assert "t2.parquet can't be read" in both("entropy", "t*.parquet:cat,dog,fox,owl", "-r", "mean").stderr
    finally:
        (parts / "t2.parquet").write_bytes(whole)


def test_lengths_that_differ(parts, both):
    np.save(parts / "y9.npy", np.zeros(3, dtype=int))
    try:
        assert both("xent", "y*.npy", "z*.npy", "--logits").exit_code == 2
        assert both("xent", "y0.npy", "z*.npy", "--logits").exit_code == 2
    finally:
        os.unlink(parts / "y9.npy")


REFUSED = [
    (("xent", "0", "z0.npy", "--logits"), "the target is typed, and a cluster reads files"),
    (("xent", "-", "z0.npy", "--logits"), "a cluster can't read standard input"),
    (("entropy", "z0.npy", "--logits"), "-r none is a row for each sample\nhint: -r mean"),
    (("kl", "p0.csv:cat,dog", "p0.csv:cat,dog"), "-r none is a row for each sample\nhint: -r mean"),
    (("xent", "y0.npy", "z0.npy", "-l", "-r", "none"), "-r none is a row for each sample"),
    (("xent", "p0.csv:y", "p0.csv:cat,dog", "--steps"), "--steps needs the samples here"),
    (("xent", "y0.npy", "z0.npy", "-l", "--dask", "local:none"), "'local:none' does not name a number of workers"),
    (("xent", "y0.npy", "z0.npy", "-l", "--dask", "tcp://127.0.0.1:9"), "no scheduler answers at tcp://127.0.0.1:9"),
]


@pytest.mark.parametrize(("words", "says"), REFUSED, ids=[says[:30] for _, says in REFUSED])
def test_what_can_not_run_there(cecli, monkeypatch, words, says):
    """An error that says so; the scheduler is asked for nothing."""
    monkeypatch.setattr("cecli.running.connection.PATIENCE", "1s")
    words = words if "--dask" in words else (*words, "--dask", "tcp://127.0.0.1:9")
    result = cecli(*words, stdin="0\n1\n" if "-" in words else None)
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr


def test_the_environment_names_a_cluster_for_what_can_run_there(cecli):
    """And other calls run here."""
    there = {"CECLI_DASK": "tcp://127.0.0.1:9"}
    assert cecli("xent", "0", "0.5,0.5", **there).exit_code == 0
    assert cecli("softmax", "0,0", **there).stdout == "0.5,0.5\n"
    assert cecli("entropy", "z0.npy", "--logits", **there).exit_code == 0


@pytest.fixture
def leftovers(tmp_path, monkeypatch):
    """The folders that clusters of this machine have now, in a place where no other test starts one."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return lambda: sorted(tmp_path.glob("cecli-dask-*"))


def started(*words):
    return subprocess.Popen(
        [sys.executable, "-m", "cecli", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_a_cluster_of_this_machine_ends_with_the_call(cecli, broken, leftovers):
    """After an answer and after an error: no process and no file is left."""
    broken(b5={9: "x,0.5,0.5"})
    wrong = started(*CALL, "--dask", "local:1")
    said = wrong.communicate(timeout=60)
    assert (wrong.returncode, said[0]) == (2, "")
    assert said[1].startswith("error: b5.csv, line 9")
    broken()
    right = started(*CALL, "--dask", "local:1")
    assert right.communicate(timeout=60) == (cecli(*CALL).stdout, "")
    assert leftovers() == []


def test_ctrl_c_cancels_and_leaves_nothing(broken, leftovers):
    broken()
    running = started(*CALL, "--dask", "local:1")
    deadline = time.monotonic() + 30
    while not leftovers() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.3)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert (running.returncode, said) in ((130, ""), (0, ""))
    assert leftovers() == []


@pytest.fixture
def on_workers(scheduler):
    """Runs a function on every worker."""
    from distributed import Client

    with Client(scheduler, set_as_default=False) as client:
        yield client.run


def test_a_worker_that_is_killed_is_replaced(cecli, scheduler, on_workers, broken):
    """Its parts are done again, and none counts twice."""
    broken()
    victim = next(iter(on_workers(os.getpid).values()))
    here = cecli(*CALL, "-f", "json")
    killer = threading.Timer(0.4, os.kill, (victim, signal.SIGKILL))
    killer.start()
    answers = [cecli(*CALL, "-f", "json", "--dask", scheduler) for _ in range(3)]
    killer.join()
    assert [(each.stdout, each.stderr) for each in answers] == [(here.stdout, here.stderr)] * 3
    assert victim not in on_workers(os.getpid).values()


def test_workers_that_die_one_after_another(cecli, broken, monkeypatch):
    """Where a part kills each worker that takes it, the call ends and says so."""
    from cecli.running import cluster_tasks

    def deadly(*_):
        import os

        os._exit(1)

    broken()
    monkeypatch.setattr(cluster_tasks, "totals_of", deadly)
    result = cecli(*CALL, "--dask", "local:1")
    assert (result.exit_code, result.stdout) == (2, ""), result.stderr
    assert result.stderr.startswith("error: --dask: the workers that had a part of the input died, one after the other")


def test_a_worker_without_a_package_that_a_file_needs(cecli, scheduler, on_workers):
    """What one machine without it says."""

    def forget():
        import sys

        sys.modules["pyarrow"] = sys.modules["pyarrow.parquet"] = None

    def remember():
        import sys

        for name in ("pyarrow", "pyarrow.parquet"):
            sys.modules.pop(name)

    on_workers(forget)
    try:
        result = cecli("entropy", "t*.parquet:cat,dog,fox,owl", "-r", "mean", "--dask", scheduler)
    finally:
        on_workers(remember)
    assert result.exit_code == 2
    assert "reading this kind of file needs pyarrow" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("more", [(), ("--class-weights", "classes.csv")])
def test_progress_over_parts(cecli, scheduler, parts, broken, monkeypatch, more):
    """Rows done and their share of all, as parts are done; the last of it is the whole. A file of class weights is not cut."""
    from cecli.cli.progress import ProgressLine

    said = []
    monkeypatch.setattr(ProgressLine, "tell", lambda _, rows, share=None: said.append((rows, share)))
    broken()
    (parts / "classes.csv").write_text("w\n1\n2\n")
    assert cecli(*CALL, *more, "--dask", scheduler).exit_code == 0
    assert len(said) > 1
    assert said == sorted(said)
    assert said[-1] == (12_000, 1.0)


@pytest.mark.parametrize(
    ("version", "says"), [("0.0.9", "has cecli 0.0.9, and this is "), (None, "has no cecli, and this is ")]
)
def test_workers_of_another_version_are_refused(cecli, scheduler, on_workers, version, says):
    """Or without cecli."""

    def become():
        import sys
        import types

        sys.modules["cecli.version"] = None if version is None else types.SimpleNamespace(VERSION=version)

    def be_again():
        import sys

        sys.modules.pop("cecli.version")

    on_workers(become)
    try:
        said = cecli("xent", "y0.npy", "z0.npy", "-l", "--dask", scheduler).stderr
    finally:
        on_workers(be_again)
    assert said.startswith("error: --dask: the worker tcp://127.0.0.1")
    assert says in said
    assert "on the workers: pip install cecli-calculator==" in said


def test_a_scheduler_with_tls(cecli, tmp_path):
    """Its certificates are those that Dask's configuration names."""
    pytest.importorskip("cryptography")
    from distributed import LocalCluster
    from distributed.security import Security

    security = Security.temporary()
    (tmp_path / "cert.pem").write_text(security.tls_client_cert)
    (tmp_path / "key.pem").write_text(security.tls_client_key)
    variable = "DASK_DISTRIBUTED__COMM__TLS__"
    names = {"CA_FILE": "cert.pem", "CLIENT__CERT": "cert.pem", "CLIENT__KEY": "key.pem"}
    environment = os.environ | {variable + name: str(tmp_path / file) for name, file in names.items()}
    words = "xent", "p0.csv:y", "p0.csv:cat,dog,fox,owl"
    with LocalCluster(
        1, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0", protocol="tls", security=security
    ) as secure:
        call = [sys.executable, "-m", "cecli", *words, "--dask", secure.scheduler_address]
        there = subprocess.run(call, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (there.stdout, there.stderr) == (cecli(*words).stdout, "")
