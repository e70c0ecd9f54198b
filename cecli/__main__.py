"""`cecli` and `python -m cecli`: the process around the app."""

from __future__ import annotations

import gc
import os
import signal
import sys

OBJECTS = 200_000
"""How many objects may be made before Python looks for unreachable ones: more than loading makes, none of which is."""
INTERRUPTED = 130
"""The exit code after Ctrl-C."""


def main() -> None:
    """The whole process."""
    try:
        command_line()
    except SystemExit as end:
        leave(end.code)
        raise
    except KeyboardInterrupt:  # while modules load; cli/boundary.py sees to what comes later
        leave(INTERRUPTED)
        raise SystemExit(INTERRUPTED) from None


def command_line() -> None:
    """Runs the command line; its end is a SystemExit. What must happen before Typer or NumPy load happens here."""
    if sys.argv[1:] in (["--version"], ["-V"], ["version"]):
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
    gc.set_threshold(OBJECTS)
    from cecli.unused import leave_for_later

    leave_for_later()
    if (path := os.environ.get("_CECLI_COLUMNS")) is not None:  # asked by the completion of a shell
        from cecli.cli.completion import columns_of

        print(columns_of(path), end="")
        return
    from cecli.cli.app import app

    app()


def leave(code: object) -> None:
    """Ends the process with an exit code, all files being closed by now; returns where that is for the interpreter to do.

    Python would take every loaded module apart first, which is a sixth of a short call.
    """
    if not isinstance(code, int) or os.environ.get("CECLI_DEBUG"):
        return
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):  # what the interpreter says of it is right
        return
    os._exit(code)


if __name__ == "__main__":
    main()
