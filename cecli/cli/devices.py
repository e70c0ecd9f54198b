"""`devices`."""

from __future__ import annotations

from cecli.cli.place import cores
from cecli.report import Report


def devices() -> Report:
    """What cecli can compute on here: the processor with its threads, and each CUDA device.

    A note says why there is no CUDA device where there is none. --device chooses one of them.
    """
    from cecli.cli.device_list import devices as listed

    return listed(cores())
