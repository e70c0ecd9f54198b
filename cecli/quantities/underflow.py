"""Losses that are 0 in float64 and are not 0: tables show `< 1e-300` for them."""

from __future__ import annotations

from typing import Any

from cecli.maths.namespace import Array, namespace, quiet
from cecli.quantities.states import AnyState
from cecli.report import UNDERFLOWED, UNDERFLOWED_BELOW_0


@quiet
def underflows(state: AnyState, loss: Array) -> Array | None:
    """Which losses of 0, of rows or entries, have underflowed: those of finite logits, which make nothing certain; None where there are none."""
    options, scores, xp = state.options, state.scores, namespace(loss)
    are_rows = len(loss.shape) < len(scores.shape)
    changed = not options.logits or options.eps is not None or options.pos_weight == 0
    if changed or loss.shape[0] != scores.shape[0] or (are_rows and scores.shape[-1] == 1) or not xp.any(loss == 0):
        return None
    finite = xp.isfinite(scores)
    return (loss == 0) & (xp.all(finite, axis=-1) if are_rows else finite)


def unless_underflowed(value: Any, underflowed: Any) -> Any:
    """A number, or each of several, or what is shown of one that underflowed, which is negative where `underflowed` is."""
    if isinstance(value, list):
        return [unless_underflowed(own, tiny) for own, tiny in zip(value, underflowed, strict=True)]
    if value != 0 or not underflowed:
        return value
    return UNDERFLOWED if underflowed > 0 else UNDERFLOWED_BELOW_0
