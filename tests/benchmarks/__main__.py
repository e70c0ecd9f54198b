"""Measures how fast cecli is and writes the tables of docs/explanation/speed.md.

pip install -e ".[bench]" && python -m tests.benchmarks [startup] [kernels] [files]
"""

from __future__ import annotations

import sys
from importlib import import_module

from tests.benchmarks import page

PARTS = ("startup", "kernels", "files")


def main() -> None:
    """The parts that are named, or all."""
    page.put("machine", f"Measured on {page.machine()}.")
    for part in sys.argv[1:] or PARTS:
        import_module(f"tests.benchmarks.{part}").main()


if __name__ == "__main__":
    main()
