"""Samples with a missing value: an error that names the first, or they are left out (`--skip-missing`)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import reduce
from operator import or_

from cecli.maths.namespace import Array, namespace
from cecli.reading.sources import Source
from cecli.running.batches import Batch, Step
from cecli.running.options import Options


def without_missing(step: Step, sources: Sequence[Source], options: Options) -> Step:
    """A step without the samples of which a source has a missing value; the error for the first that may not be left out."""
    lead = step.batches[0]
    masks = {source: source.missing for source in sources if source.missing is not None}
    missing = _of_any(masks.values(), lead)
    if missing is None:
        return step
    if options.skip_missing:
        masks = {source: source.refused for source in masks if source.refused is not None}
    wrong = _of_any(masks.values(), lead)
    if wrong is not None:
        sample = int((xp := namespace(wrong)).argmax(xp.astype(wrong, xp.int64)))
        raise next(source for source, mask in masks.items() if bool(mask[sample])).missing_error(lead.first + sample)
    return step.each(lambda batch: _without(batch, missing))


def _of_any(masks: Collection[Array], lead: Batch) -> Array | None:
    """The samples that any of the masks has, of those that count, in the library of the predictions; None where there is none."""
    if not masks:
        return None
    like = lead.prediction
    xp = namespace(like)
    found: Array = reduce(or_, [xp.asarray(mask, device=like.device) for mask in masks])
    if lead.mask is not None:
        found = found & (lead.mask if len(lead.mask.shape) == 1 else xp.any(lead.mask, axis=1))
    return found if bool(xp.any(found)) else None


def _without(batch: Batch, missing: Array) -> Batch:
    """A batch whose samples with missing values do not count."""
    mask = batch.mask if batch.mask is not None else ~missing
    if batch.mask is not None:
        mask = mask & (~missing if len(mask.shape) == 1 else ~missing[:, None])
    elif batch.stream.is_binary:
        mask = namespace(mask).broadcast_to(mask[:, None], batch.prediction.shape)
    return batch.replace(mask=mask, missing=missing if batch.missing is None else batch.missing | missing)
