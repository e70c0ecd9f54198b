"""`--dask` and `CECLI_DASK`: the cluster that a call computes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cecli.cli.output import Output
from cecli.cli.place import Place
from cecli.errors import UsageError
from cecli.running.options import OPTIONS

if TYPE_CHECKING:
    from cecli.reading.opened import Opened
    from cecli.running.cluster import DaskCluster

ROWS = ("entropy", "kl")
"""Commands that answer a row for each sample, unless a reduction is named."""


def cluster_of(
    command: str, typed: Mapping[str, Any], output: Output, place: Place, opened: Opened
) -> DaskCluster | None:
    """The cluster, if one is named; that of the environment is left out where it can't compute the call."""
    if "dask" not in typed:
        return None
    called, address = OPTIONS["dask"].given(typed["dask"])
    if address is None:
        return None
    from cecli.running.cluster import DaskCluster, require_files

    try:
        _require_reduced(command, typed)
        _require_totals(typed, output, place)
        require_files(opened)
    except UsageError:
        if called == OPTIONS["dask"].variable:
            return None
        raise
    return DaskCluster(address, called, opened)


def _require_reduced(command: str, typed: Mapping[str, Any]) -> None:
    reduction = typed.get("reduction") or ("none" if command in ROWS else None)
    if reduction == "none":
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
    if typed.get("id"):
        raise UsageError(
            "--dask: --id brings rows into one order, and a cluster reads files in their own",
            hint="files that are in one order need no --id; save the others in that order",
        )
