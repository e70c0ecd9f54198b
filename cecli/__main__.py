"""`cecli` and `python -m cecli`: the process around the app."""

from __future__ import annotations

import os
import signal
import sys


def main() -> None:
    """Runs the command line. What must happen before Typer or NumPy load happens here."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from cecli.version import VERSION

        print(f"cecli {VERSION}")
        return
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # nothing hot is BLAS, and starting its threads takes time
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a closed pipe ends the process quietly
    if sys.stderr is None:  # closed by the caller: what would be said there is lost, and nothing else
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    from cecli.cli.app import app

    app()


if __name__ == "__main__":
    main()
