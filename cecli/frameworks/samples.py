"""From a call to its work: the samples that count, and which quantity is computed of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cecli.frameworks.work import Work
from cecli.maths.losses import clip
from cecli.maths.units import NATS
from cecli.quantities.predictions import predict, predict_binary
from cecli.quantities.states import AnyState, state_of
from cecli.report import Value
from cecli.running.batches import Batch
from cecli.running.problem import Problem

IN_NATS = ("log_loss", "skill_uniform", "skill_prior")
"""Metrics in nats whatever the base."""


def works_of(problem: Problem, ours: Value) -> list[Work]:
    """The work of each model, with our value."""
    values = ours if problem.command == "compare" and isinstance(ours, Sequence) else [ours]
    works = [clipped_work(work_of(problem, batch)) for batch in problem.batches]
    return [work.replace(value=value) for work, value in zip(works, values, strict=True)]


def work_of(problem: Problem, batch: Batch) -> Work:
    """The samples of a batch that count, on their way to the value."""
    quantity, places = quantity_of(problem), _counted(batch)
    chosen = batch.each(lambda array: np.asarray(array)[places]).replace(mask=None, missing=None, is_large=False)
    in_nats = problem.options.replace(base=NATS)
    options = in_nats if quantity in IN_NATS else problem.options
    state: AnyState = state_of(chosen, options, problem.class_weights)
    if batch.labels is not None or batch.target is not None:
        state = state.replace(labels=None, target=state.target_rows)
    one_row = batch.stream.is_one_row and batch.samples == 1
    work = Work(quantity, state, places, batch.samples, _reduction(problem), has_labels=batch.labels is not None)
    if work.is_gradient and batch.missing is None:
        work = work.replace(left_out=0.0)
    if problem.command == "compare":
        labels = np.argmax(state.given_target, axis=-1) if batch.labels is None else np.asarray(batch.labels)[places]
        work = work.replace(labels=labels, size=_size(problem), predicts_labels=batch.stream.source.are_labels)
    return work.replace(is_vector=batch.stream.is_vector, is_one_row=one_row)


def _size(problem: Problem) -> int:
    """k of a top-k accuracy, or how many bins."""
    digits = problem.metric.removeprefix("top")
    return int(digits) if digits.isdigit() else problem.bins


def quantity_of(problem: Problem) -> str:
    """What a call computes, as the tables of functions and of lines name it."""
    if problem.command == "compare":
        return "top_k" if problem.metric.removeprefix("top").isdigit() else problem.metric
    if problem.command == "grad":
        return f"gradient of {problem.options.loss}"
    return "js" if problem.command == "kl" and problem.options.js else problem.command


def _reduction(problem: Problem) -> str:
    """How the losses are reduced; of what is not reduced `none`."""
    if problem.command == "compare":
        return "sum" if problem.metric == "cross_entropy_sum" else "mean"
    return "none" if problem.command == "softmax" else problem.reduction


def _counted(batch: Batch) -> np.ndarray:
    """Where the samples stand that count."""
    mask = np.ones(batch.samples, dtype=bool) if batch.mask is None else np.asarray(batch.mask)
    counted: np.ndarray = np.nonzero(mask if len(mask.shape) == 1 else np.all(mask, axis=-1))[0]
    return counted


def clipped_work(work: Work) -> Work:
    """The work with what `--eps` clips clipped: to a framework such probabilities are given."""
    options = work.state.options
    if options.eps is None:
        return work
    predict_ = predict_binary if work.quantity == "bce" else predict
    p = predict_(work.state.with_options(eps=None)).probability if options.logits else work.state.scores
    return work.with_state(scores=clip(p, options.eps)).with_options(eps=None, logits=False)
