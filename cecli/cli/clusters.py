"""`--dask` and `CECLI_DASK`: the cluster that a call computes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cecli.cli.output import Output
from cecli.cli.place import Place
from cecli.errors import UsageError
from cecli.record import Record
from cecli.running.options import OPTIONS

if TYPE_CHECKING:
    from cecli.reading.opened import Opened
    from cecli.running.cluster import DaskCluster


class NamedCluster(Record):
    """A cluster that is named, and what errors call the option."""

    called: str
    address: str

    @property
    def may_be_left_out(self) -> bool:
        """Whether it is that of the environment, which calls that can't run there ignore."""
        return self.called == OPTIONS["dask"].variable

    def of(self, opened: Opened, watch: Callable[[int, float], None]) -> DaskCluster | None:
        """The cluster, for sources that it can read; `watch` is called with its rows and its share."""
        from cecli.running.cluster import DaskCluster, require_files

        cluster = DaskCluster(self.address, self.called, opened, watch)
        try:
            require_files(opened)
            cluster.require_one_order(explain=not self.may_be_left_out)
        except BaseException as error:
            cluster.close()
            if isinstance(error, UsageError) and self.may_be_left_out:
                return None
            raise
        return cluster


def named_cluster(command: str, typed: Mapping[str, Any], output: Output, place: Place) -> NamedCluster | None:
    """The cluster that a call names, if one is named and can compute it."""
    if "dask" not in typed:
        return None
    called, address = OPTIONS["dask"].given(typed["dask"])
    if address is None:
        return None
    named = NamedCluster(called, address)
    try:
        _require_reduced(command, typed)
        _require_totals(typed, output, place)
    except UsageError:
        if named.may_be_left_out:
            return None
        raise
    return named


def _require_reduced(command: str, typed: Mapping[str, Any]) -> None:
    if "reduction" not in typed:
        return
    reduction = typed["reduction"] or OPTIONS["reduction"].value_left_out(command)
    if reduction in ("none", None):
        raise UsageError(
            "--dask: only totals come back from a cluster, and -r none is a row for each sample",
            hint="-r mean or -r sum reduces them",
        )


def _require_totals(typed: Mapping[str, Any], output: Output, place: Place) -> None:
    """The answer must be made of totals, which is all that comes back from a cluster."""
    wanted = {
        "--steps": output.steps,
        "--like": output.like,
        "--code": output.code,
        "--device": place.device,
        "--line-buffered": typed.get("line_buffered"),
        "a worksheet": output.keeps,
    }
    for option, value in wanted.items():
        if value:
            raise UsageError(
                f"--dask: only totals come back from a cluster, and {option} needs the samples here",
                hint=f"leave out --dask or {option}",
            )
