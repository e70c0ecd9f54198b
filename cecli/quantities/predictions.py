"""What scores predict: probabilities as given or clipped, or the softmax or sigmoid of logits."""

from __future__ import annotations

from cecli.maths import binary_losses, losses
from cecli.maths.information import kl_terms
from cecli.maths.losses import ClassPrediction, Prediction
from cecli.maths.namespace import Array, class_major
from cecli.maths.softmax import softmax, softmax_terms, terms_of_shares
from cecli.quantities.states import AnyState, State, T
from cecli.running.options import Options


def with_prediction(state: State[ClassPrediction, T]) -> State[ClassPrediction, T]:
    """What is predicted of every class."""
    return state.replace(prediction=predict(state))


def predict(state: AnyState) -> ClassPrediction:
    """The same; large arrays of logits go the quick way."""
    scores, options = state.scores, state.options
    if not options.logits:
        if options.normalize and options.eps is None:
            return losses.PredictedByLogits(terms_of_shares(class_major(scores)), base=options.base)
        return losses.PredictedByProbabilities(scores, options.base, options.eps)
    if state.is_large and options.eps is None:
        from cecli.maths import direct  # loaded for large arrays alone

        return direct.PredictedAtOnce(scores, options.base)
    terms = softmax_terms(class_major(scores))
    if options.eps is None:
        return losses.PredictedByLogits(terms, base=options.base)
    return losses.PredictedByProbabilities(softmax(terms), options.base, options.eps)


def predict_binary(state: AnyState) -> binary_losses.BinaryPrediction:
    """What binary scores predict, entry by entry."""
    options, scores = state.options, state.scores
    if not options.logits:
        return binary_losses.binary_by_probabilities(losses.clip(scores, options.eps), options.base)
    predicted = binary_losses.BinaryByLogits(scores, options.base)
    if options.eps is None:
        return predicted
    return binary_losses.binary_by_probabilities(losses.clip(predicted.probability, options.eps), options.base)


def divergence(state: State[ClassPrediction, T], target: Array) -> Array:
    """KL(p‖q) of each row of a target, in the unit asked for."""
    options, q = state.options, state.prediction
    if not state.is_large:
        terms = kl_terms(target, q.probability, nats_of(q, options), state.rounding)
        return options.base.of_nats(terms.divergence)
    from cecli.maths import direct_divergences  # loaded for large arrays alone

    if are_logits_as_given(options):
        return options.base.of_nats(direct_divergences.kl_divergence_from_logits(target, state.scores, state.rounding))
    return options.base.of_nats(direct_divergences.kl_divergence(target, q.probability, state.rounding))


def nats_of(predicted: Prediction, options: Options) -> Array | None:
    """−ln q, where logits know it better than q does."""
    return predicted.surprisal * options.base.ln if are_logits_as_given(options) else None


def are_logits_as_given(options: Options) -> bool:
    """Whether predictions are logits, and no probability of theirs is clipped."""
    return options.logits and options.eps is None
