"""How a Dask cluster is reached: one of this machine is started, one that runs elsewhere is asked whether its workers are like this process; and how it is left."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable
from typing import Any

from cecli.errors import MissingError, UsageError
from cecli.extras import DISTRIBUTION, load
from cecli.running.execution import cores
from cecli.version import VERSION

LOCAL = "local"
MOST_WORKERS = 1024
PATIENCE = "10s"
"""How long a scheduler may take to answer."""


class Connection:
    """A cluster, which is left as it was found."""

    def __init__(self, address: str, called: str) -> None:
        """`address` is that of a scheduler, or `local:N`; `called` is what errors call the option."""
        self.address, self.called = address, called
        self._client: Any = None
        self._closing: list[Callable[[], None]] = []

    def client(self) -> Any:
        """The client of the cluster, which is reached when it is first needed."""
        if self._client is not None:
            return self._client
        os.environ.setdefault("DASK_LOGGING__DISTRIBUTED", "critical")
        distributed = load("distributed", f"{self.called}: computing on a cluster", "distributed")
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        name, _, count = self.address.partition(":")
        address = self._started(distributed, count) if name == LOCAL else self.address
        try:
            self._client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError) as error:
            raise MissingError(
                f"{self.called}: no scheduler answers at {self.address}",
                hint="as in tcp://host:8786; dask scheduler starts one",
            ) from error
        self._closing.append(self._client.close)
        self._require_alike()
        return self._client

    def _started(self, distributed: Any, count: str) -> Any:
        """A cluster on this machine. Its processes don't hear Ctrl-C, which this one answers for them."""
        folder = tempfile.mkdtemp(prefix="cecli-dask-")
        self._closing.append(lambda: shutil.rmtree(folder, ignore_errors=True))
        before = signal.signal(signal.SIGINT, signal.SIG_IGN) if _is_main_thread() else None
        try:
            cluster = distributed.LocalCluster(
                n_workers=_workers(self.address, count),
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                local_directory=folder,
                silence_logs=logging.CRITICAL + 1,
            )
        finally:
            if before is not None:
                signal.signal(signal.SIGINT, before)
        self._closing.append(cluster.close)
        return cluster

    def _require_alike(self) -> None:
        """Every worker must have cecli, in this version."""

        def version() -> str | None:
            try:
                from cecli.version import VERSION
            except ImportError:
                return None
            return VERSION

        answers = self._client.run(version, on_error="return")
        found = {
            worker: each for worker, each in answers.items() if not isinstance(each, OSError)
        }  # who is gone is replaced
        if not found:
            raise MissingError(
                f"{self.called}: the cluster at {self.address} has no workers", hint="dask worker starts one"
            )
        for worker, other in found.items():
            if isinstance(other, Exception):
                raise other
            if other != VERSION:
                has = "no cecli" if other is None else f"cecli {other}"
                raise MissingError(
                    f"{self.called}: the worker {worker} has {has}, and this is {VERSION}",
                    hint=f"on the workers: pip install {DISTRIBUTION}=={VERSION}",
                )

    def close(self) -> None:
        """Leaves the cluster; one of this machine ends, with its files."""
        while self._closing:
            with contextlib.suppress(OSError, TimeoutError):  # what is gone already
                self._closing.pop()()


def _workers(address: str, count: str) -> int:
    """How many processes `local:N` names."""
    if not count:
        return cores()
    if not count.isdecimal() or not 1 <= int(count) <= MOST_WORKERS:
        raise UsageError(f"--dask: {address!r} does not name a number of workers", hint="as in local:4")
    return int(count)


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
