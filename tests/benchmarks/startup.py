"""How long does a call take to begin? Measured against `python -c "import numpy"` of the same interpreter.

    python -m tests.benchmarks startup

All calls are run in turn, round after round, so that whatever else the machine does falls on all of them; of each the median counts.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from tests.benchmarks import page

ROUNDS = 31
PYTHON = sys.executable
CECLI = str(Path(sys.executable).with_name("cecli"))
ONE = ("xent", "1,0,0", "0.5,0.2,0.3", "-f")
CALLS = {
    'python -c "import numpy"': ([PYTHON, "-c", "import numpy"], 1.0),
    'python -c "pass"': ([PYTHON, "-c", "pass"], None),
    'python -c "import typer"': ([PYTHON, "-c", "import typer"], None),
    'python -c "import typer, numpy"': ([PYTHON, "-c", "import typer, numpy"], None),
    "cecli --help": ([CECLI, "--help"], 0.8),
    "cecli xent --help": ([CECLI, "xent", "--help"], None),
    "cecli xent … -f plain": ([CECLI, *ONE, "plain"], 1.1),
    "cecli xent … -f json": ([CECLI, *ONE, "json"], None),
    "cecli xent … -f table": ([CECLI, *ONE, "table"], 1.45),
    "cecli compare --example -f table": ([CECLI, "compare", "--example", "-f", "table"], None),
}
"""What is called, and at most how many times as long as the first it is meant to take."""


def environment() -> dict[str, str]:
    """A user's environment: nothing of ours set, and compiled modules kept."""
    ours = ("CECLI", "OPENBLAS", "PYTHON")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def seconds(command: list[str]) -> float:
    """How long a process takes from its start to its end."""
    start = time.perf_counter()
    subprocess.run(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def medians() -> dict[str, float]:
    """The median time of every call; the first round, which may have to compile, is left out."""
    rounds = [[seconds(command) for command, _ in CALLS.values()] for _ in range(ROUNDS + 1)][1:]
    return dict(zip(CALLS, map(statistics.median, zip(*rounds, strict=True)), strict=True))


def imported(command: list[str]) -> dict[str, int]:
    """The microseconds that each module takes of its own, the least of several runs."""
    least: dict[str, int] = {}
    for _ in range(9):
        run = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True)
        for line in run.stderr.splitlines()[1:]:
            if line.startswith("import time:"):
                own, _, name = line.removeprefix("import time:").split("|")
                least[name.strip()] = min(least.get(name.strip(), sys.maxsize), int(own))
    return least


def profile() -> list[tuple[str, int, str]]:
    """What loading the modules of a table takes, by whose they are; modules that several need count for the first."""
    base = [PYTHON, "-X", "importtime"]
    owned = (
        ("Python itself", imported([*base, "-c", "pass"])),
        ("NumPy", imported([*base, "-c", "import os; os.environ['OPENBLAS_NUM_THREADS'] = '1'; import numpy"])),
        ("Typer, beside those", imported([*base, "-c", "import typer"])),
        ("rich's table, beside those", imported([*base, "-c", "import rich.console, rich.table, rich.text"])),
        ("cecli", imported([*base, "-m", "cecli", *ONE, "table"])),
    )
    seen: set[str] = set()
    rows = []
    for owner, modules in owned:
        own = {name: time_ for name, time_ in modules.items() if name not in seen}
        seen |= set(own)
        rows.append((owner, len(own), f"{sum(own.values()) / 1000:.1f}"))
    return rows


def main() -> None:
    """Measures, and writes both tables."""
    found = medians()
    base = next(iter(found.values()))
    rows = [
        (f"`{name}`", f"{found[name] * 1000:.0f}", f"{found[name] / base:.2f}", goal or "")
        for name, (_, goal) in CALLS.items()
    ]
    page.put("startup", page.table(("call", "ms", "times NumPy's import", "at most"), rows))
    page.put("imports", page.table(("modules of", "how many", "ms"), profile()))


if __name__ == "__main__":
    main()
