"""From the arrays of the samples that were kept to the plain numbers that the working is written with.

This module is loaded by every command; all else here only where the working or the search for mistakes is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cecli.report import Report
    from cecli.running.options import Settings

EXPLAINERS = {
    "softmax": "information:softmax",
    "entropy": "information:entropy",
    "kl": "information:kl",
    "xent": "losses:cross_entropy",
    "bce": "losses:binary",
    "compare": "losses:comparison",
    "grad": "gradients:gradient",
    "calibrate": "calibration:calibration",
}
"""What adds the working and the question to a command's report; loaded where one of them is asked for."""


def explained(report: Report, settings: Settings, *facts: Any) -> Report:
    """The report with its working and its question, if one of them was asked for; `facts` is what the command found."""
    if settings.kept is None:
        return report
    module, _, name = EXPLAINERS[report.command].partition(":")
    function = getattr(import_module(f"cecli.quantities.explaining.{module}"), name)
    answer: Report = function(report, settings.kept, settings, *facts)
    return answer
