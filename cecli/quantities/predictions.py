"""What scores predict: probabilities as given or clipped, or the softmax or sigmoid of logits."""

from __future__ import annotations

from cecli.maths import binary_losses, losses
from cecli.maths.information import kl_terms
from cecli.maths.namespace import Array, at_labels, class_major, namespace
from cecli.maths.softmax import softmax, softmax_terms
from cecli.quantities.states import State
from cecli.running.options import Options


def with_prediction(state: State) -> State:
    """What is predicted of every class."""
    return state.replace(prediction=predict(state))


def with_prediction_of_target(state: State) -> State:
    """What is predicted of every class, or of plain labels alone."""
    labels = state.plain_labels
    if labels is not None:
        return state.replace(prediction=predict_labels(state, labels))
    if not _is_direct(state):
        return with_prediction(state)
    from cecli.maths import direct  # loaded for large arrays alone

    return state.replace(prediction=direct.PredictedAtOnce(state.scores, state.options.base))


def of_target(state: State) -> State:
    """What is predicted of plain labels alone, out of what is predicted of every class."""
    labels = state.plain_labels
    return state if labels is None else state.replace(prediction=state.prediction.at(labels))


def predict(state: State) -> losses.ClassPrediction:
    """What is predicted of every class."""
    options = state.options
    if not options.logits:
        return losses.PredictedByProbabilities(clipped(state.scores, options), options.base)
    terms = softmax_terms(class_major(state.scores))
    if options.eps is None:
        return losses.PredictedByLogits(terms, base=options.base)
    return losses.PredictedByProbabilities(clipped(softmax(terms), options), options.base)


def predict_labels(state: State, labels: Array) -> losses.Prediction:
    """What is predicted of the labelled classes alone."""
    options = state.options
    if not options.logits:
        return losses.PredictedByProbabilities(clipped(at_labels(state.scores, labels), options), options.base)
    if _is_direct(state):
        from cecli.maths import direct

        return losses.PredictedByOdds(direct.label_odds(state.scores, labels), options.base)
    return predict(state).at(labels)


def _is_direct(state: State) -> bool:
    """Whether a batch is one of a large array of logits, which go the quick way."""
    return state.is_large and state.options.logits and state.options.eps is None


def predict_binary(state: State) -> binary_losses.BinaryPrediction:
    """What binary scores predict, entry by entry."""
    options = state.options
    if not options.logits:
        return binary_losses.binary_by_probabilities(clipped(state.scores, options), options.base)
    predicted = binary_losses.BinaryByLogits(state.scores, options.base)
    if options.eps is None:
        return predicted
    return binary_losses.binary_by_probabilities(clipped(predicted.probability, options), options.base)


def clipped(p: Array, options: Options) -> Array:
    """Probabilities clipped to [ε, 1 − ε], if `--eps` asks for it."""
    return p if options.eps is None else namespace(p).clip(p, options.eps, 1 - options.eps)


def divergence(p: Array, predicted: losses.Prediction, options: Options, rounding: float = 2.0**-52) -> Array:
    """KL(p‖q) of each row, in the unit asked for."""
    return options.base.of_nats(kl_terms(p, predicted.probability, nats_of(predicted, options), rounding).divergence)


def nats_of(predicted: losses.Prediction, options: Options) -> Array | None:
    """−ln q, where logits know it better than q does."""
    return predicted.surprisal * options.base.ln if options.logits and options.eps is None else None
