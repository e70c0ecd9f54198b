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

LAUNCH = "import os,resource,subprocess,sys; r=subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL).returncode; print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(r)"
"""A small process between, so that the peak memory is that of the one measured."""


def measured(command: list[str], stdin: str | None, folder: str) -> tuple[float, int]:
    """Seconds and peak memory in MB of a process."""
    with open(Path(folder, stdin) if stdin else os.devnull, "rb") as source:
        start = time.perf_counter()
        run = subprocess.run(
            [sys.executable, "-S", "-c", LAUNCH, *command], cwd=folder, stdin=source, stdout=subprocess.PIPE, check=True
        )
        return time.perf_counter() - start, int(run.stdout) // 1024


def installed(peer: str) -> bool:
    """Whether a peer's script can run here."""
    return not any(name in peer and find_spec(name) is None for name in ("torch", "pandas", "polars"))


def main() -> None:
    """Measures, and writes the table."""
    missing = False
    os.environ["PYTHONPATH"] = str(Path(__file__).parents[2])
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-c", MAKE], cwd=folder, check=True)
        for task, (ours, peers, stdin) in TASKS.items():
            missing |= not all(map(installed, peers))
            peers = {name: peer for name, peer in peers.items() if installed(name)}  # noqa: PLW2901
            commands = [ours, *([sys.executable, "-c", script] for script, _ in peers.values())]
            rounds = [[measured(command, stdin, folder) for command in commands] for _ in range(4)][1:]
            times, peaks = zip(
                *(
                    (statistics.median(t), max(m))
                    for t, m in (zip(*runs, strict=True) for runs in zip(*rounds, strict=True))
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
