"""How long does a whole process take on a file, beside the scripts that a user would write?

python -m tests.benchmarks files

Peers that are not installed are left out, and the table is then printed and not written.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from tests.benchmarks import page

MAKE = """
import numpy as np
rng = np.random.default_rng(0)
n, k = 500_000, 100
np.save("z.npy", rng.standard_normal((n, k)) * 3)
np.save("y.npy", rng.integers(0, k, n))
n, k = 500_000, 5
p = rng.dirichlet(np.ones(k), n)
np.savetxt("p.csv", p, fmt="%.6f", delimiter=",", header="a,b,c,d,e", comments="")
np.savetxt("y.csv", rng.integers(0, k, n), fmt="%d")
with open("z.txt", "w") as file:
    file.writelines(",".join(f"{v:.3f}" for v in row) + "\\n" for row in rng.standard_normal((300_000, 3)))
with open("p.jsonl", "w") as file:
    file.writelines("[" + ",".join(f"{v:.6f}" for v in row) + "]\\n" for row in p)
"""
TORCH = """
import numpy as np, torch
z, y = torch.from_numpy(np.load("z.npy")), torch.from_numpy(np.load("y.npy"))
print(torch.nn.functional.cross_entropy(z, y).item())
"""
NUMPY = """
import numpy as np
z, y = np.load("z.npy"), np.load("y.npy")
m = z.max(axis=1, keepdims=True)
print((m[:, 0] + np.log(np.exp(z - m).sum(axis=1)) - z[np.arange(len(y)), y]).mean())
"""
PANDAS = """
import pandas as pd
from sklearn.metrics import log_loss
p, y = pd.read_csv("p.csv"), pd.read_csv("y.csv", header=None)[0]
p = p.to_numpy().copy()
p /= p.sum(axis=1, keepdims=True)
print(log_loss(y, p, labels=range(5)))
"""
LOADTXT = """
import numpy as np
p, y = np.loadtxt("p.csv", delimiter=",", skiprows=1), np.loadtxt("y.csv", dtype=int)
print(-np.log(p[np.arange(len(y)), y]).mean())
"""
POLARS = """
import numpy as np, polars as pl
p, y = pl.read_csv("p.csv").to_numpy(), pl.read_csv("y.csv", has_header=False).to_numpy()[:, 0]
print(-np.log(p[np.arange(len(y)), y]).mean())
"""
JSON = """
import json
import numpy as np
p = np.array([json.loads(line) for line in open("p.jsonl")])
y = np.loadtxt("y.csv", dtype=int)
print(-np.log(p[np.arange(len(y)), y]).mean())
"""
STDIN = """
import sys
import numpy as np
z = np.loadtxt(sys.stdin, delimiter=",")
p = np.exp(z - z.max(axis=1, keepdims=True))
p /= p.sum(axis=1, keepdims=True)
sys.stdout.writelines(",".join(map(repr, row)) + "\\n" for row in p.tolist())
"""
MAKE_TABLES = """
import json
import numpy as np
import pyarrow as pa, pyarrow.parquet
rng = np.random.default_rng(0)
n, k = 560_000, 10
names = [f"p{i}" for i in range(k)]
p, q, y = rng.dirichlet(np.ones(k), n), rng.dirichlet(np.ones(k), n), rng.integers(0, k, n)
labels, shares = y.tolist(), p.tolist()

def write(name, head, starts, rows):
    with open(name, "w") as file:
        file.write(",".join([*head, *names]) + "\\n")
        file.writelines(f"{start},{','.join(row)}\\n" for start, row in zip(starts, rows))

texts = [list(map(repr, row)) for row in shares]
write("one.csv", ["label"], labels, texts)
write("two.csv", ["label"], labels, (map(repr, row) for row in q.tolist()))
write("text.csv", ["label"], (f"p{label}" for label in labels), texts)
write("more.csv", ["id", "text", "label"], (f"s{i},some words of a sentence,{label}" for i, label in enumerate(labels)), texts)
write("four.csv", ["label"], labels, ([f"{v + 1e-4:.4f}" for v in row] for row in (0.999 * p).tolist()))
for i in range(3, n, 100):
    texts[i][i % k] = ("", "NA", "nan", "null")[i // 100 % 4]
write("gaps.csv", ["label"], labels, texts)
with open("one.jsonl", "w") as file:
    for label, row in zip(labels[: n // 2], shares):
        file.write(json.dumps({"label": label} | {name: round(v, 10) for name, v in zip(names, row)}) + "\\n")
pa.parquet.write_table(pa.table({"label": y, **{name: p[:, i] for i, name in enumerate(names)}}), "one.parquet")
"""
CHECK = "assert (p >= 0).all() and (abs(p.sum(axis=1) - 1) < 1e-3).all()"
"""What anyone checks of probabilities: none is negative, each row sums to 1, and so none is missing."""
LOSS = f"""
{CHECK}
print(-np.log(p[np.arange(len(y)), y]).mean())
"""
TABLE_LOSS = (
    """
y, p = t["label"].to_numpy(), t.select("^p[0-9]$").to_numpy()"""
    + LOSS
)
POLARS_TABLE = "import numpy as np, polars as pl\nt = pl.{}" + TABLE_LOSS
POLARS_TEXT = (
    "import numpy as np, polars as pl\nt = pl.read_csv('text.csv').with_columns(pl.col('label').replace_strict({f'p{i}': i for i in range(10)}))"
    + TABLE_LOSS
)
POLARS_GAPS = (
    "import numpy as np, polars as pl\nt = pl.read_csv('gaps.csv', null_values=['NA', 'nan', 'null', '']).drop_nulls()"
    + TABLE_LOSS
)
LOADTXT_TABLE = (
    """
import numpy as np
t = np.loadtxt("{}", delimiter=",", skiprows=1, usecols={})
y, p = t[:, 0].astype(int), t[:, 1:]"""
    + LOSS
)
LOADTXT_TEXT = (
    """
import numpy as np
names, y = np.unique(np.loadtxt("text.csv", delimiter=",", skiprows=1, usecols=0, dtype="U3"), return_inverse=True)
assert names.tolist() == [f"p{i}" for i in range(10)]
p = np.loadtxt("text.csv", delimiter=",", skiprows=1, usecols=range(1, 11))"""
    + LOSS
)
JSON_TABLE = (
    """
import json
import numpy as np
rows = [json.loads(line) for line in open("one.jsonl")]
y, p = np.array([row["label"] for row in rows]), np.array([[row[f"p{i}"] for i in range(10)] for row in rows])"""
    + LOSS
)
COMPARED = f"""
from math import erfc

def interval(values):
    error = values.std(ddof=1) / len(values) ** 0.5
    return values.mean(), values.mean() - 1.96 * error, values.mean() + 1.96 * error

y, models = tables[0][:, 0].astype(int), []
for p in (tables[0][:, 1:], tables[1][:, 1:]):
    {CHECK}
    picked = p[np.arange(len(y)), y]
    models.append((-np.log(picked), (p.argmax(axis=1) != y) * 1.0, (p**2).sum(axis=1) - 2 * picked + 1))
for a, b in zip(*models):
    mean, low, high = interval(a - b)
    print(*map(interval, (a, b)), mean, low, high, erfc(abs(mean) * 1.96 / (mean - low) / 2**0.5))
"""
"""What a comparison shows: three metrics of both with their intervals, their differences with intervals and p-values."""
POLARS_COMPARE = (
    "import numpy as np, polars as pl\ntables = [pl.read_csv(f).to_numpy() for f in ('one.csv', 'two.csv')]" + COMPARED
)
LOADTXT_COMPARE = (
    "import numpy as np\ntables = [np.loadtxt(f, delimiter=',', skiprows=1) for f in ('one.csv', 'two.csv')]" + COMPARED
)
CECLI = [sys.executable, "-m", "cecli"]
TASKS = {
    ".npy, 400 MB": ([*CECLI, "xent", "y.npy", "z.npy", "-l"], {"torch": (TORCH, "3"), "NumPy": (NUMPY, "1.5")}, None),
    "CSV, 500 000 × 5": (
        [*CECLI, "xent", "y.csv", "p.csv"],
        {"pandas, scikit-learn": (PANDAS, "2"), "np.loadtxt": (LOADTXT, "1.2"), "polars": (POLARS, "1")},
        None,
    ),
    "JSONL, 500 000 × 5": ([*CECLI, "xent", "y.csv", "p.jsonl"], {"json, NumPy": (JSON, "1")}, None),
    "softmax of 300 000 lines on stdin": ([*CECLI, "softmax", "-"], {"NumPy": (STDIN, "1")}, "z.txt"),
}
"""What cecli is called with; its peers' scripts, with how many times as long they should take; standard input."""

WITHOUT = "import sys; sys.modules['pyarrow'] = None; from cecli.__main__ import main; sys.argv[0] = 'cecli'; main()"
"""cecli where pyarrow is not installed."""


def one_file(name: str, *more: str) -> list[str]:
    """The words of `xent` of a file with its labels in it."""
    return ["xent", f"{name}:label", f"{name}:p*", *more, "-q"]


TABLES = {
    "CSV, 560 000 × 11, 114 MB": (one_file("one.csv"), POLARS_TABLE.format("read_csv('one.csv')"), LOADTXT_TABLE.format("one.csv", "None")),
    "labels in text": (one_file("text.csv"), POLARS_TEXT, LOADTXT_TEXT),
    "an id and a text passed over": (one_file("more.csv"), POLARS_TABLE.format("read_csv('more.csv')"), LOADTXT_TABLE.format("more.csv", "range(2, 13)")),
    "four decimals, 40 MB": (one_file("four.csv"), POLARS_TABLE.format("read_csv('four.csv')"), LOADTXT_TABLE.format("four.csv", "None")),
    "1 % of the rows with a gap": (one_file("gaps.csv", "--skip-missing"), POLARS_GAPS, None),
    "JSONL objects, 280 000 × 11": (one_file("one.jsonl"), POLARS_TABLE.format("read_ndjson('one.jsonl')"), JSON_TABLE),
    "Parquet": (one_file("one.parquet"), POLARS_TABLE.format("read_parquet('one.parquet')"), None),
    "compare of two CSV files": (["compare", "one.csv:label", "one.csv:p*", "two.csv:p*", "-f", "table"], POLARS_COMPARE, LOADTXT_COMPARE),
}  # fmt: skip
"""Files with a label and the probabilities of ten classes: cecli's words, a script with polars, and one with NumPy (or `json`)."""

ROUNDS = 4
"""Each command is run so often, in turn with the others; the first time does not count."""

LAUNCH = "import os,resource,subprocess,sys; r=subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL).returncode; u=resource.getrusage(resource.RUSAGE_CHILDREN); print(u.ru_maxrss, u.ru_utime+u.ru_stime); sys.exit(r)"
"""A small process between, so that the peak memory is that of the one measured."""


def measured(command: list[str], stdin: str | None, folder: str) -> tuple[float, int, float]:
    """Seconds, peak memory in MB and seconds of the processor of a process."""
    with open(Path(folder, stdin) if stdin else os.devnull, "rb") as source:
        start = time.perf_counter()
        run = subprocess.run(
            [sys.executable, "-S", "-c", LAUNCH, *command], cwd=folder, stdin=source, stdout=subprocess.PIPE, check=True
        )
        peak, cpu = run.stdout.split()
        return time.perf_counter() - start, int(peak) // 1024, float(cpu)


def installed(peer: str) -> bool:
    """Whether a peer's script can run here."""
    return not any(name in peer and find_spec(name) is None for name in ("torch", "pandas", "polars"))


def main() -> None:
    """Measures, and writes the tables."""
    os.environ["PYTHONPATH"] = str(Path(__file__).parents[2])
    measure_tables()
    measure_files()


def measure_tables() -> None:
    """Files with labels and probabilities, with pyarrow and without."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-c", MAKE_TABLES], cwd=folder, check=True)
        for task, (words, polars, script) in TABLES.items():
            commands = {"cecli": [*CECLI, *words], "polars": [sys.executable, "-c", polars]}
            if "Parquet" not in task:
                commands["cecli without pyarrow"] = [sys.executable, "-c", WITHOUT, *words]
            if script is not None:
                commands["json" if "json" in script else "np.loadtxt"] = [sys.executable, "-c", script]
            rounds = [
                {name: measured(command, None, folder) for name, command in commands.items()} for _ in range(ROUNDS)
            ]
            for name in commands:
                seconds, peaks, cpu = zip(*(each[name] for each in rounds[1:]), strict=True)
                numbers = (f"{statistics.median(seconds):.2f}", f"{min(seconds):.2f}", f"{statistics.median(cpu):.2f}")
                rows.append((task if name == "cecli" else "", name, *numbers, max(peaks)))
    page.put("tables", page.table(("file", "program", "s", "smallest", "CPU s", "MB"), rows))


def measure_files() -> None:
    """Files of nothing but probabilities or scores."""
    missing = False
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-c", MAKE], cwd=folder, check=True)
        for task, (ours, peers, stdin) in TASKS.items():
            missing |= not all(map(installed, peers))
            peers = {name: peer for name, peer in peers.items() if installed(name)}  # noqa: PLW2901
            commands = [ours, *([sys.executable, "-c", script] for script, _ in peers.values())]
            rounds = [[measured(command, stdin, folder) for command in commands] for _ in range(ROUNDS)][1:]
            times, peaks = zip(
                *(
                    (statistics.median(t), max(m))
                    for t, m, _ in (zip(*runs, strict=True) for runs in zip(*rounds, strict=True))
                ),
                strict=True,
            )
            rows.append((task, "cecli", f"{times[0]:.2f}", "", "", peaks[0]))
            rows += [
                ("", name, f"{times[i]:.2f}", f"{times[i] / times[0]:.2f}", goal, peaks[i])
                for i, (name, (_, goal)) in enumerate(peers.items(), 1)
            ]
    table = page.table(("task", "program", "s", "times cecli's", "goal", "MB"), rows)
    if missing:
        print(table)
    else:
        page.put("files", table)


if __name__ == "__main__":
    main()
