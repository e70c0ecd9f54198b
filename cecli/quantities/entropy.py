"""`entropy`: H(p) of each row, how uncertain a distribution is."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from cecli.maths import information
from cecli.maths.losses import ClassPrediction
from cecli.maths.namespace import namespace, quiet
from cecli.quantities.predictions import with_prediction
from cecli.quantities.states import State, after, loss_stages, state_of
from cecli.quantities.summary import Answer, BatchLosses, LossSummary, quantity_report, summaries
from cecli.quantities.underflow import underflows
from cecli.reading.sources import Source
from cecli.running.batches import Step
from cecli.running.execution import Execution
from cecli.running.options import Options, settings_of
from cecli.running.walk import walk

OPTIONS = settings_of("entropy")

EntropyState = State[ClassPrediction, information.EntropyTerms]


@quiet
def with_terms(state: EntropyState) -> EntropyState:
    """p_k·(−log p_k)."""
    prediction = state.prediction
    return state.replace(terms=information.entropy_terms(prediction.probability, prediction.surprisal))


STAGES = loss_stages(with_prediction, with_terms)


@quiet
def batch_losses(state: EntropyState) -> BatchLosses:
    """The entropy of each row of a batch; of probabilities as they are without the terms, for large arrays have many."""
    options = state.options
    has_terms = options.logits or options.normalize
    values = after(STAGES, state).losses if has_terms else information.entropy(state.scores, options.base)
    weights = namespace(values).ones_like(values)
    return BatchLosses.of(state, {"loss": values}, weights, underflowed=partial(underflows, state))


def evaluate(p: Source, options: Options, execution: Execution) -> Iterator[LossSummary]:
    """The entropy of every row, summarised."""

    def work(step: Step) -> BatchLosses:
        return batch_losses(state_of(step.batches[0], options))

    return summaries(work, walk([p], options, execution), options, execution, options.reduction_of("entropy"))


def entropy(p: Source, options: Options, execution: Execution) -> Iterator[Answer]:
    """`entropy`: H(p) of each row."""
    for summary in evaluate(p, options, execution):
        report = quantity_report("entropy", {"entropy H(p)": "loss"}, summary, options, execution, OPTIONS)
        yield Answer(report, summary)
