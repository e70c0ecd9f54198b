"""`kl`: the Kullback–Leibler divergence of q from p, or the Jensen–Shannon divergence of the two."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from cecli.maths import information
from cecli.maths.losses import ClassPrediction
from cecli.maths.namespace import Array, count_true, namespace, on_cpu, quiet
from cecli.quantities.predictions import divergence, nats_of, with_prediction
from cecli.quantities.states import State, Terms, after, loss_stages, state_of
from cecli.quantities.summary import Answer, BatchLosses, LossSummary, quantity_report, summaries
from cecli.quantities.underflow import underflows
from cecli.reading.sources import Source
from cecli.record import computed_once
from cecli.running.batches import Step
from cecli.running.execution import Execution
from cecli.running.options import Options, settings_of
from cecli.running.walk import walk

OPTIONS = settings_of("kl")

DivergenceState = State[ClassPrediction, Terms]


class KullbackLeiblerTerms:
    """The terms p_k·log(p_k/q_k), and their sum, which is known better than from them; each is computed when it is first asked for."""

    def __init__(self, state: DivergenceState) -> None:
        self._state = state

    @computed_once
    @quiet
    def term(self) -> Array:
        """Some are negative; 0 where p_k is 0."""
        p, q, options = self._state.target_rows, self._state.prediction, self._state.options
        return options.base.of_nats(information.log_ratio_terms(p, q.probability, nats_of(q, options)))

    @computed_once
    @quiet
    def loss(self) -> Array:
        """One for each row."""
        return divergence(self._state, self._state.target_rows)


class JensenShannonTerms:
    """½·[p_k·log(p_k/m_k) + q_k·log(q_k/m_k)] with the mixture m, and their sum, likewise."""

    def __init__(self, state: DivergenceState) -> None:
        self._state, self._rows = state, (state.target_rows, state.prediction.probability)

    @computed_once
    def _parts(self) -> information.JensenShannonTerms:
        return information.js_terms(*self._rows)

    @property
    def term(self) -> Array:
        """None is negative."""
        return self._state.options.base.of_nats(self._parts.term)

    @computed_once
    def loss(self) -> Array:
        """One for each row."""
        if not self._state.is_large:
            return self._state.options.base.of_nats(self._parts.divergence)
        from cecli.maths import direct_divergences  # loaded for large arrays alone

        return self._state.options.base.of_nats(direct_divergences.js_divergence(*self._rows))


def with_terms(state: DivergenceState) -> DivergenceState:
    """The terms of KL(p‖q), or with `--js` of JS(p, q)."""
    return state.replace(terms=JensenShannonTerms(state) if state.options.js else KullbackLeiblerTerms(state))


STAGES = loss_stages(with_prediction, with_terms)


@quiet
def batch_losses(state: DivergenceState) -> BatchLosses:
    """The divergence of each row of a finished state; of JS its square root too."""
    loss = state.losses
    xp = namespace(loss)
    if state.options.js:
        return BatchLosses.of(state, {"loss": loss, "distance": xp.sqrt(loss)}, xp.ones_like(loss))
    return BatchLosses.of(
        state, {"loss": loss}, xp.ones_like(loss), partial(_infinite, state), underflowed=partial(underflowed, state)
    )


def underflowed(state: DivergenceState, loss: Array) -> Array | None:
    """Which divergences of 0 have underflowed: a softmax of finite logits has no 0, so that it differs from a row that has one."""
    found = underflows(state, loss)
    return None if found is None else found & namespace(loss).any(state.target_rows == 0, axis=-1)


def _infinite(state: DivergenceState, weighted: Array) -> list[tuple[int, int]]:
    """The samples whose divergence is infinite, each with the class that makes it so."""
    p, xp = state.target_rows, namespace(weighted)
    term = xp.where(p > 0, state.prediction.surprisal, xp.zeros_like(p))
    rows = on_cpu(xp.nonzero(xp.isinf(weighted))[0]).tolist()
    return [(state.first + i, int(xp.argmax(term[i, ...]))) for i in rows]


def evaluate(p: Source, q: Source, options: Options, execution: Execution) -> Iterator[LossSummary]:
    """The divergence of every row, summarised."""
    rounding = max(p.rounding, q.rounding)

    def work(step: Step) -> BatchLosses:
        return batch_losses(after(STAGES, state_of(step.batches[0], options, rounding=rounding)))

    return summaries(work, walk([q], options, execution, p), options, execution, options.reduction_of("kl"))


def kl(p: Source, q: Source, options: Options, execution: Execution) -> Iterator[Answer]:
    """`kl`: the divergence of each row."""
    titles = (
        {"divergence JS(p, q)": "loss", "distance √JS": "distance"} if options.js else {"divergence KL(p‖q)": "loss"}
    )
    for summary in evaluate(p, q, options, execution):
        report = quantity_report("kl", titles, summary, options, execution, OPTIONS, {"js": options.js})
        yield Answer(report.replace(notes=list(_negative_notes(summary, options))), summary)


def _negative_notes(summary: LossSummary, options: Options) -> Iterator[str]:
    """The note that what is shown is below 0, as it is where a row of P sums to less than that of Q."""
    is_listed = summary.reduction == "none"
    if count_true(summary.array("loss") < 0) if is_listed else summary.reduced("loss") < 0:
        how = "clipping with --eps raised Q" if options.eps else "--normalize makes every row sum to 1"
        yield f"KL(p‖q) is below 0 where P sums to less than Q: {how}"
