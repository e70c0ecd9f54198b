"""What `--dask` costs: 64 parts of 20 million rows on two workers beside one process; the overhead of a part, and the size of totals.

python -m tests.benchmarks.clusters all FOLDER         all of these, one after the other
python -m tests.benchmarks.clusters make FOLDER        writes the parts: CSV with labels, Parquet, NPY
python -m tests.benchmarks.clusters compare FOLDER     compares the JSON and the times, and the memory of each process
python -m tests.benchmarks.clusters parts FOLDER       the overhead of a part, the size of totals and what joining them takes
python -m tests.benchmarks.clusters part FOLDER        opens a call as a worker does, and folds one part of it
"""

from __future__ import annotations

import contextlib
import pickle
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from cecli.running import cluster_tasks as tasks
from cecli.running.cluster import DaskCluster

PARTS, ROWS, CLASSES = 64, 312_500, ("cat", "dog", "owl")
CALL = (
    "compare", "c*.csv:y", "parquet=p*.parquet", "npy=n*.npy", "--classes", "cat,dog,owl", "--metrics", "accuracy", "--worst", "5",
)  # fmt: skip


def make(folder: Path) -> None:
    """Writes three models of the same samples."""
    import pyarrow
    import pyarrow.csv
    import pyarrow.parquet

    random = np.random.default_rng(18)
    for i in range(PARTS):
        z = random.normal(size=(ROWS, len(CLASSES)))
        y = (z + random.gumbel(size=z.shape)).argmax(axis=1)
        models = [_softmax(z + random.normal(scale=s, size=z.shape)) for s in (0.0, 0.2, 0.4)]
        table = pyarrow.table({"y": y, **dict(zip(CLASSES, models[0].round(12).T, strict=True))})
        pyarrow.csv.write_csv(table, folder / f"c{i:02}.csv")
        columns = dict(zip(CLASSES, models[1].T, strict=True))
        pyarrow.parquet.write_table(pyarrow.table(columns), folder / f"p{i:02}.parquet", row_group_size=100_000)
        np.save(folder / f"n{i:02}.npy", models[2].astype(np.float32))


def _softmax(z: np.ndarray) -> np.ndarray:
    p: np.ndarray = np.exp(z - z.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


def compare(folder: Path) -> None:
    """The same call in one process and on two workers."""
    import psutil

    answers = []
    for words in ((), ("--dask", "local:2")):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        command = [sys.executable, "-m", "cecli", *CALL, "-f", "json", *words]
        with (folder / "answer.json").open("w") as answer:
            running = psutil.Popen(command, cwd=folder, stdout=answer)
            most: dict[int, int] = {}
            while running.poll() is None:
                for process in [running, *running.children(recursive=True)]:
                    with contextlib.suppress(psutil.Error):
                        most[process.pid] = max(most.get(process.pid, 0), process.memory_info().rss)
                time.sleep(0.1)
        wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(f"{' '.join(words) or 'one process'}: {wall:.1f} s, {cpu:.1f} s of processor", flush=True)
        print("at most, in MB:", *(f"{size / 2**20:.0f}" for size in most.values()), flush=True)
        answers.append((folder / "answer.json").read_bytes())
    print("the same bytes" if answers[0] == answers[1] else "OTHER bytes")


def parts(_: Path) -> None:
    """Where the processor's time of a part goes, and what its totals are."""
    import distributed

    with distributed.LocalCluster(2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as cluster:
        client = distributed.Client(cluster)
        start = time.process_time()
        client.gather([client.submit(_nothing, i, pure=False) for i in range(2000)])
        print(f"an empty task: {(time.process_time() - start) / 2000 * 1e3:.2f} ms of scheduler and client")
        client.close()


def _nothing(i: int) -> int:
    return i


class Here:
    """A connection whose cluster is this process."""

    def client(self) -> Here:
        """Itself."""
        return self

    def close(self) -> None:
        """Nothing was started."""

    def gather(self, values: Any) -> Any:
        """The values."""
        return values

    def cancel(self, _: Any) -> None:
        """Nothing runs."""


class CutCluster(DaskCluster):
    """Stops before the first part, of which it measures what a worker does."""

    def __init__(self, *words: Any) -> None:
        super().__init__(*words)
        self._connection = Here()  # type: ignore[assignment]

    def _submit(self, task: Any, *arguments: Any) -> Any:
        return task(*arguments)

    def _totals(self, sent: Any, parts: Any, *_: Any) -> Any:
        span, starts = parts[0]
        start = time.perf_counter()
        tasks._opened(sent, starts).close()
        print(f"to open the call: {(time.perf_counter() - start) * 1e3:.1f} ms")
        start = time.perf_counter()
        found: Any = tasks.totals_of(sent, span, starts, None)
        print(f"{found.seen.samples:,} rows: {time.perf_counter() - start:.2f} s")
        data = pickle.dumps(found)
        print(f"totals of a part: {len(data):,} bytes in {len(found.fold._branches)} branches")
        print(f"to unpickle them: {_each(lambda: pickle.loads(data)):.2f} ms")  # noqa: S301
        totals = found.fold._branches[0][2]
        print(f"to join two branches: {_each(lambda: totals + totals):.2f} ms")
        raise SystemExit


def _each(work: Any) -> float:
    """The milliseconds of a call."""
    start = time.process_time()
    for _ in range(50):
        work()
    return (time.process_time() - start) / 50 * 1e3


def part(folder: Path) -> None:
    """Opens a call as a worker does, and folds one part of it."""
    import os

    from cecli.cli.app import app
    from cecli.running import cluster

    os.chdir(folder)
    cluster.DaskCluster = CutCluster  # type: ignore[misc]
    app([*CALL, "-f", "json", "--dask", "tcp://nowhere:1"])


def everything(folder: Path) -> None:
    """Writes the parts where they are not there yet, and measures all; `part` last, as it ends the process."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / f"n{PARTS - 1:02}.npy").exists():
        make(folder)
    folder = folder.resolve()
    for measure in (compare, parts, part):
        measure(folder)


if __name__ == "__main__":
    {"make": make, "compare": compare, "parts": parts, "part": part, "all": everything}[sys.argv[1]](Path(sys.argv[2]))
