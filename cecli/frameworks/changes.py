"""The changes that the conventions of frameworks are made of, each of one stage."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from cecli.frameworks.work import Change, StageChange, Work
from cecli.maths.binary_losses import BinaryPredicted
from cecli.maths.losses import Predicted
from cecli.maths.namespace import Array
from cecli.maths.units import NATS
from cecli.quantities import binary

# --- before the first stage ---------------------------------------------------------------------------------------


def in_float32(work: Work) -> Work:
    """All numbers in float32."""
    state = work.state
    arrays = {name: getattr(state, name) for name in ("scores", "target", "weights", "class_weights")}
    cast_ = {name: array.astype(np.float32) for name, array in arrays.items() if array is not None}
    return work.replace(state=state.replace(**cast_))


def rescaled(work: Work) -> Work:
    """Every row of probabilities divided by its sum."""
    return work if work.state.options.logits else work.with_state(scores=_over_sum(work.state.scores))


def both_rescaled(work: Work) -> Work:
    """The target's rows too."""
    return rescaled(work.with_state(target=_over_sum(work.state.target_rows)))


def _over_sum(rows: Array) -> Array:
    return cast("Array", rows / np.sum(rows, axis=-1, keepdims=True))


def clipped(low: float | None, high: float | None = None) -> tuple[StageChange, ...]:
    """Probabilities clipped to [low, 1 − low], or [low, high]; None is the epsilon of their type.

    The probabilities of logits are clipped where they are predicted: those within the bounds keep their digits.
    """

    def bounds(kind: Any) -> tuple[Any, Any]:
        least = np.finfo(kind).eps if low is None else kind.type(low)
        return least, 1 - least if high is None else kind.type(high)

    def given(work: Work) -> Work:
        scores = work.state.scores
        return work if work.state.options.logits else work.with_state(scores=np.clip(scores, *bounds(scores.dtype)))

    def predicted(work: Work) -> Work:
        if not work.state.options.logits:
            return work
        return work.with_state(prediction=_clipped_prediction(work, *bounds(work.state.scores.dtype)))

    return at("inputs", given), at("prediction", predicted)


@np.errstate(all="ignore")
def _clipped_prediction(work: Work, least: Any, most: Any) -> Any:
    """A prediction whose probabilities lie between two numbers."""
    of_nats, p = work.state.options.base.of_nats, _parts(work.state.prediction)
    clipped_ = p.replace(
        probability=np.clip(p.probability, least, most),
        complement=np.clip(p.complement, 1 - most, 1 - least),
        surprisal=np.clip(p.surprisal, of_nats(0.0 - np.log(most)), of_nats(-np.log(least))),
    )
    if work.quantity != "bce":
        return clipped_
    between = of_nats(-np.log1p(-least)), of_nats(-np.log1p(-most))
    return clipped_.replace(complement_surprisal=np.clip(p.complement_surprisal, *between))


def clipped_target(work: Work) -> Work:
    """The target clipped to [1e-7, 1] too."""
    return work.with_state(target=np.clip(work.state.target_rows, work.state.scores.dtype.type(1e-7), 1))


def in_nats(work: Work) -> Work:
    """The natural logarithm, whatever base was asked for."""
    return work.with_options(base=NATS)


@np.errstate(all="ignore")
def as_probabilities(work: Work) -> Work:
    """The softmax (or the sigmoid) of logits, in place of the logits."""
    if not work.state.options.logits:
        return work
    z = work.state.scores
    p = 1 / (1 + np.exp(-z)) if work.quantity == "bce" else plain_softmax(z)[0]
    return work.with_state(scores=p).with_options(logits=False)


def guessed(work: Work) -> Work:
    """Logits that all lie in [0, 1] as probabilities."""
    scores = work.state.scores
    if work.state.options.logits and bool(np.all((scores >= 0) & (scores <= 1))):
        return work.with_options(logits=False)
    return as_probabilities(work)


@np.errstate(all="ignore")
def as_logits(work: Work) -> Work:
    """The logarithms of probabilities, in their place."""
    if work.state.options.logits:
        return work
    return work.with_state(scores=np.log(work.state.scores)).with_options(logits=True)


def down_columns(work: Work) -> Work:
    """Columns in place of rows."""
    if work.is_one_row or work.rows == 1:
        return work
    state = work.state
    target = None if state.target is None else np.transpose(state.target)
    columns = work.classes
    return work.replace(
        state=state.replace(scores=np.transpose(state.scores), target=target),
        places=np.arange(columns),
        samples=columns,
    )


# --- the prediction -----------------------------------------------------------------------------------------------


def plain_softmax(scores: Array, axis: int | None = -1) -> tuple[Array, Array]:
    """e^(z − max)/Σ and z − max − ln Σ, which loses the digits of a confident row."""
    shifted = scores - np.max(scores, axis=axis, keepdims=True)
    exponential = np.exp(shifted)
    whole = np.sum(exponential, axis=axis, keepdims=True)
    return exponential / whole, shifted - np.log(whole)


@np.errstate(all="ignore")
def plainly_predicted(work: Work) -> Work:
    """Logits by the plain log-softmax; probabilities by their logarithm."""
    options, scores = work.state.options, work.state.scores
    probability, logarithm = plain_softmax(scores) if options.logits else (scores, np.log(scores))
    return work.with_state(prediction=Predicted(probability, options.base.of_nats(-logarithm), 1 - probability))


@np.errstate(all="ignore")
def predicted_by_logsumexp(work: Work) -> Work:
    """Logits minus (max + ln Σe^(z − max)), which are added first."""
    scores = work.state.scores
    largest = np.max(scores, axis=-1, keepdims=True)
    logarithm = scores - (largest + np.log(np.sum(np.exp(scores - largest), axis=-1, keepdims=True)))
    least = np.finfo(scores.dtype).min
    probability = plain_softmax(logarithm)[0]
    surprisal = work.state.options.base.of_nats(-np.maximum(logarithm, least))
    return work.with_state(prediction=Predicted(probability, surprisal, 1 - probability))


@np.errstate(all="ignore")
def logarithm_of_softmax(work: Work) -> Work:
    """The logarithm of the plain softmax of logits."""
    probability = plain_softmax(work.state.scores)[0]
    surprisal = work.state.options.base.of_nats(-np.log(probability))
    return work.with_state(prediction=Predicted(probability, surprisal, 1 - probability))


def plain_values(axis: int | None) -> Change:
    """The plain softmax of each row, or of the whole array."""

    @np.errstate(all="ignore")
    def change(work: Work) -> Work:
        options = work.state.options
        probability, logarithm = plain_softmax(work.state.scores / options.temperature, axis)
        surprisal = options.base.of_nats(0.0 - logarithm)
        return work.with_state(prediction=Predicted(probability, surprisal, 1 - probability))

    return change


@np.errstate(all="ignore")
def plainly_predicted_binary(work: Work) -> Work:
    """Probabilities with ln(1 − p) of the rounded 1 − p."""
    options, p = work.state.options, work.state.scores
    if options.logits:
        return work.replace(state=binary.with_prediction(work.state))
    of_nats = options.base.of_nats
    return work.with_state(prediction=BinaryPredicted(p, 1 - p, of_nats(-np.log(p)), of_nats(-np.log(1 - p))))


def surprisal_up_to(most: float) -> Change:
    """No −log p above a number."""

    def change(work: Work) -> Work:
        p = _parts(work.state.prediction)
        yes, no = np.minimum(p.surprisal, most), np.minimum(p.complement_surprisal, most)
        return work.with_state(prediction=p.replace(surprisal=yes, complement_surprisal=no))

    return change


def _parts(p: Any) -> Any:
    """A prediction as a record."""
    if hasattr(p, "complement_surprisal"):
        return BinaryPredicted(p.probability, p.complement, p.surprisal, p.complement_surprisal)
    return Predicted(p.probability, p.surprisal, p.complement)


@np.errstate(all="ignore")
def logarithm_clipped(work: Work) -> Work:
    """−log of p clipped to [ε, 1 − ε] with the ε of its type, beside the p that is not clipped."""
    p, options = work.state.prediction, work.state.options
    if options.logits:
        return work
    eps = np.finfo(p.probability.dtype).eps
    clipped_ = np.clip(p.probability, eps, 1 - eps)
    return work.with_state(prediction=_parts(p).replace(surprisal=options.base.of_nats(-np.log(clipped_))))


@np.errstate(all="ignore")
def binary_logarithms_clipped(work: Work) -> Work:
    """Both logarithms of p clipped to [1e-7, 1 − 1e-7], beside the p that is not clipped."""
    p, options = work.state.prediction, work.state.options
    least = p.probability.dtype.type(1e-7)
    clipped_ = np.clip(p.probability, least, 1 - least)
    yes, no = options.base.of_nats(-np.log(clipped_)), options.base.of_nats(-np.log1p(-clipped_))
    return work.with_state(prediction=_parts(p).replace(surprisal=yes, complement_surprisal=no))


def over_clipped_frequencies(work: Work) -> Work:
    """1 − loss/that of the class frequencies clipped to [ε, 1 − ε]."""
    counts = work.sample_counts @ work.state.given_target
    frequencies, eps = counts / counts.sum(), np.finfo(np.float64).eps
    prior = -np.sum(frequencies * np.log(np.clip(frequencies, eps, 1 - eps)))
    return work.replace(value=float(1 - work.value / prior))


def times(factor: float) -> Change:
    """Every loss times a factor."""
    return lambda work: work.replace(losses=work.losses * work.losses.dtype.type(factor))


# --- losses and what they count -----------------------------------------------------------------------------------


def plain_sums(work: Work) -> Work:
    """Sums in the type of the numbers."""
    return work.replace(sums_plainly=True)


def counting_samples(work: Work) -> Work:
    """A mean over N, whatever the samples weigh."""
    weights = work.state.weights
    if weights is None:
        return work.replace(counts=np.ones_like(work.counts))
    own = np.reshape(np.asarray(weights, work.losses.dtype), (-1, *[1] * (len(work.losses.shape) - 1)))
    return work.replace(losses=work.losses * own, counts=np.ones_like(work.counts)).with_state(weights=None)


def one_for_each_class(work: Work) -> Work:
    """A value for each class of each sample, over all of which a mean is taken."""
    term = work.state.terms.term
    return work.replace(losses=term, counts=np.ones_like(term))


def weighted_in_float64(work: Work) -> Work:
    """Losses and weights in float64 where samples have weights, as NumPy's average has them."""
    if work.state.weights is None:
        return work
    return work.replace(losses=work.losses.astype(np.float64), counts=work.counts.astype(np.float64))


def mean_of_row(work: Work) -> Work:
    """The mean over the last axis in place of the values."""
    losses = np.mean(work.losses, axis=-1)
    return work.replace(losses=losses, counts=np.ones_like(losses), is_vector=False)


def sum_of_row(work: Work) -> Work:
    """The sum over the last axis in place of the values."""
    losses = np.sum(work.losses, axis=-1)
    return work.replace(losses=losses, counts=np.ones_like(losses), is_vector=False)


@np.errstate(all="ignore")
def root(work: Work) -> Work:
    """The square root of each."""
    return work.replace(losses=np.sqrt(work.losses))


def zero_where_left_out(work: Work) -> Work:
    """A sample that is left out has the loss 0."""
    return work.replace(left_out=0.0)


def over_classes(work: Work) -> Work:
    """A mean over N·K."""
    return work.replace(counts=work.counts * work.classes)


def divided_by_classes(work: Work) -> Work:
    """All of it divided by the number of classes."""
    return work.replace(losses=work.losses / work.losses.dtype.type(work.classes))


def divided_with_counts(work: Work) -> Work:
    """Losses and what they count divided by the number of classes, so that a mean stays what it is."""
    return divided_by_classes(work).replace(counts=work.counts / work.counts.dtype.type(work.classes))


def at(stage: str, change: Change) -> StageChange:
    """The change after a stage."""
    return StageChange(stage, change)


def instead_of(stage: str, change: Change) -> StageChange:
    """The change in place of a stage."""
    return StageChange(stage, change, instead=True)
