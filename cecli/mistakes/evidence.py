"""How much the digits of a claim can tell: which mistakes are looked for, and which of those that fit are named.

A number that no mistake gave fits some mistake by accident, the more so the fewer digits it has and the more mistakes are tried. So a rare
mistake needs more digits than an everyday one, and a claim close to the answer, where a slip of the last digit is as likely, more again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cecli.mistakes.claims import Claim
from cecli.mistakes.findings import Finding
from cecli.mistakes.mistake import Mistake
from cecli.report import Value

NEVER = 100

ALONE = (3, 2, 2)
"""Significant digits from which a mistake is looked for, by how common it is: rare, common, everyday."""

CUT = (4, 4, 2)
"""Those from which its number may be cut, and not only rounded, to the claim."""

CLOSE = (5, 4, 2)
"""Those from which it explains a claim that is close to the answer."""

CLOSE_AND_ROUNDED = 6
"""Those from which digits lost on the way explain such a claim."""

FEW_WAYS, ACCIDENTS = 2, 0.02
"""A mistake that can be made in more ways than these (each term may be the one that is left out) fits as many times as often by accident: how
often it may, beside numbers of the claim's size."""

ONE_SAMPLE = 4
"""Those from which a mistake with one sample alone is looked for."""

TWO = (NEVER, 5, 4, 4, 3)
"""Those from which two mistakes at once are looked for, by how common they are together: two rare ones never are."""

ROUNDED = (6, 5, 4)
"""Those from which a mistake whose terms were rounded on the way is looked for, by how common it is."""

OWN = 3
"""Those from which terms that were rounded on the way may have digits of their own."""

CARRIED = 3
"""Those up to which the rounded terms of a sum explain a claim close to the answer."""


class Evidence:
    """What one claim about one answer can tell."""

    def __init__(self, claim: Claim, answer: Value) -> None:
        self.claim = claim
        self.digits = claim.significant
        self.is_close = claim.is_close(answer)
        self._size = abs(entry.value) if (entry := claim.number) else 0.0
        self._resolution = float(entry.unit) / self._size if entry and self._size else 0.0
        self._is_special = any(entry.exact is None for entry in claim.entries)

    def is_enough_for(self, mistake: Mistake[Any]) -> bool:
        """Whether a mistake is looked for."""
        return self._is_special or mistake.is_part or self.digits >= ALONE[mistake.common]

    def is_enough_for_ways(self, values: Sequence[Value]) -> bool:
        """Whether a mistake that gives these values, a way each, can be told from an accident."""
        alike = sum(self._size / 2 <= abs(value) <= self._size * 2 for value in values if isinstance(value, float))
        return alike <= FEW_WAYS or alike * self._resolution <= ACCIDENTS

    def is_enough_for_two(self, first: Mistake[Any], second: Mistake[Any]) -> bool:
        """Whether two mistakes made together are."""
        is_alone = any(each.is_part or each.is_rounding or each.is_alone for each in (first, second))
        return self.digits >= TWO[first.common + second.common] and not is_alone

    def is_enough_for_rounded(self, mistake: Mistake[Any]) -> bool:
        """Whether a mistake whose terms were rounded too is."""
        return self.digits >= ROUNDED[mistake.common]

    def names(self, finding: Finding) -> bool:
        """Whether a mistake alone whose number is what is claimed is worth naming."""
        if finding.is_part:
            return True
        if self.is_close:
            return self.digits >= (CLOSE_AND_ROUNDED if finding.is_rounding else CLOSE[finding.common])
        return self.digits >= CUT[finding.common] or not self.claim.is_cut_from(finding.value)
