"""The table of functions: which function of a framework answers which call, and the conventions that it follows, in order."""

from __future__ import annotations

import numpy as np

from cecli.frameworks import conventions as of
from cecli.frameworks.convention import Framework, Function
from cecli.frameworks.work import Work

FRAMEWORKS = {
    row.name: row
    for row in (
        Framework("torch", "torch", "2.x, compared with 2.13", "torch has no function for this"),
        Framework("sklearn", "scikit-learn", "1.5 and later, compared with 1.9", "scikit-learn has no function for this"),
        Framework("sklearn-1.4", "scikit-learn 1.4", "1.3 and 1.4", "scikit-learn has no function for this"),
        Framework("keras", "Keras", "3.x, compared with 3.15 on torch", "Keras has no function for this"),
        Framework("scipy", "SciPy", "1.10 and later, compared with 1.17", "SciPy has no function for this"),
        Framework("optax", "optax", "0.2.5 and later, compared with 0.2.8", "optax has no function for this"),
    )
}  # fmt: skip
"""By the names that `--like` takes."""

SKLEARN = ("sklearn", "sklearn-1.4")

# --- which call it is ---------------------------------------------------------------------------------------------


def has_logits(work: Work) -> bool:
    """Raw scores are given."""
    return work.state.options.logits


def has_probabilities(work: Work) -> bool:
    """Probabilities are given."""
    return not has_logits(work)


def has_plain_labels(work: Work) -> bool:
    """Labels are given, and not smoothed."""
    return work.has_labels and work.state.options.label_smoothing == 0


def is_focal(work: Work) -> bool:
    """The focal loss is asked for."""
    return work.state.options.focal != 0


def is_soft(work: Work) -> bool:
    """Some target is no plain class, or no plain 0 or 1."""
    target = work.state.given_target
    ones = work.quantity == "bce" or np.all(np.sum(target, axis=-1) == 1)
    hard = work.has_labels or (ones and np.all((target == 0) | (target == 1)))
    return not hard or work.state.options.label_smoothing != 0


def is_matrix(work: Work) -> bool:
    """Binary predictions come in rows."""
    return not work.is_vector


# --- what they raise, and what they warn of -----------------------------------------------------------------------


def soft_refused(work: Work) -> str | None:
    """scikit-learn takes labels."""
    return "raises ValueError: it takes labels, no soft targets" if is_soft(work) else None


def weights_refused(work: Work) -> str | None:
    """To scikit-learn a sample of weight 0 still has its classes."""
    if work.state.weights is not None and np.any(np.asarray(work.state.weights) == 0):
        return "also counts the classes that only samples of weight 0 have: leave out these samples"
    return soft_refused(work)


def _far_from_1(work: Work) -> bool:
    """Whether scikit-learn finds that rows do not sum to 1."""
    if work.quantity == "bce" and work.is_vector:
        return False
    p = work.state.scores
    return has_probabilities(work) and bool(
        np.any(np.abs(np.sum(p, axis=-1) - 1) > 1e-8 + np.sqrt(np.finfo(p.dtype).eps))
    )


def sums_warned(work: Work) -> str | None:
    """scikit-learn warns of such rows."""
    return "warns (UserWarning) that rows do not sum to 1, and uses them as they are" if _far_from_1(work) else None


def sums_warned_before(work: Work) -> str | None:
    """So did 1.3 and 1.4, which rescale them."""
    return "warns (UserWarning) that rows do not sum to 1, and rescales them" if _far_from_1(work) else None


def truth_second(_: Work) -> str | None:
    """The order of the arguments of kl_div."""
    return "kl_div takes ln Q first: its second argument is the truth, P"


def mean_warned(work: Work) -> str | None:
    """torch warns of the mean."""
    mean = (
        " With reduction='mean' it warns (UserWarning) that the mean is not the divergence."
        if work.reduction == "mean"
        else ""
    )
    return f"{truth_second(work)}.{mean}"


def logits_needed(work: Work) -> str | None:
    """A framework differentiates by what it is given."""
    return None if has_logits(work) else "differentiates by what it is given: give logits (--logits)"


def has_two_classes(work: Work) -> bool:
    """Predictions are of two classes."""
    return work.classes == 2


LOSSES = ("xent", "cross_entropy", "cross_entropy_sum", "log_loss")
"""The cross-entropy, as a command and as metrics of `compare`."""

# fmt: off
FUNCTIONS = (
    # softmax
    Function(("torch",), ("softmax",), "torch.softmax(z / T, -1), torch.log_softmax", (of.NATS, of.VALUES_ROUNDING)),
    Function(("keras",), ("softmax",), "keras.ops.softmax(z / T), keras.ops.log_softmax", (of.NATS, of.VALUES_FLOAT32)),
    Function(("optax",), ("softmax",), "jax.nn.softmax(z / T), jax.nn.log_softmax", (of.NATS, of.VALUES_FLOAT32)),
    Function(("scipy",), ("softmax",), "scipy.special.softmax(z / T), scipy.special.log_softmax", (of.NATS, of.VALUES_ROUNDING, of.WHOLE_ARRAY)),
    Function(SKLEARN, ("softmax",), "sklearn.utils.extmath.softmax(z / T)", (of.NATS, of.VALUES_ROUNDING), when=lambda w: not w.state.options.log),
    # entropy
    Function(("torch",), ("entropy",), "torch.distributions.Categorical(logits=z).entropy()", (of.NATS, of.LOGSUMEXP_ROUNDING), when=has_logits),
    Function(("torch",), ("entropy",), "torch.distributions.Categorical(probs=P).entropy()", (of.NATS, of.RESCALE, of.ENTROPY_ROUNDING, of.CLIP_CATEGORICAL)),
    Function(("scipy",), ("entropy",), "scipy.stats.entropy(P, base=b)", (of.PROBABILITIES, of.COLUMNS, of.RESCALE, of.PLAIN_SUMS)),
    # cross-entropy
    Function(("torch",), LOSSES, "F.cross_entropy(z, y)", (of.NATS, of.ROUNDING, of.LEFT_OUT_IS_0),
             ("class_weights", "label_smoothing", "ignore_index", "none"), lambda w: has_logits(w) and w.has_labels),
    Function(("torch",), LOSSES, "F.cross_entropy(z, Y)", (of.NATS, of.ROUNDING, of.NOT_A_NUMBER, of.OVER_SAMPLES),
             ("class_weights", "label_smoothing", "none"), has_logits),
    Function(("torch",), LOSSES, "F.nll_loss(log(p), y)", (of.NATS, of.ROUNDING, of.LEFT_OUT_IS_0),
             ("class_weights", "ignore_index", "none"), has_plain_labels),
    Function(("torch",), LOSSES, "F.cross_entropy(log(p), y)", (of.NATS, of.LOG_PROBABILITIES, of.ROUNDING, of.LEFT_OUT_IS_0),
             ("class_weights", "label_smoothing", "ignore_index", "none"), lambda w: w.has_labels),
    Function(("torch",), LOSSES, "F.cross_entropy(log(p), Y)", (of.NATS, of.LOG_PROBABILITIES, of.ROUNDING, of.NOT_A_NUMBER, of.OVER_SAMPLES),
             ("class_weights", "label_smoothing", "none")),
    Function(("sklearn",), LOSSES, "sklearn.metrics.log_loss(y, p, labels=[0, …, K−1])", (of.NATS, of.PROBABILITIES, of.CLIP_SKLEARN, of.LABEL_ROUNDING),
             ("sample_weights",), refuses=soft_refused, says=sums_warned),
    Function(("sklearn-1.4",), LOSSES, "sklearn.metrics.log_loss(y, p, labels=[0, …, K−1])", (of.NATS, of.PROBABILITIES, of.CLIP_SKLEARN, of.RESCALE_WARNED, of.LABEL_ROUNDING),
             ("sample_weights",), refuses=soft_refused, says=sums_warned_before),
    Function(("keras",), LOSSES, "keras.losses.CategoricalFocalCrossentropy(gamma=γ)(Y, p)", (of.NATS, of.FLOAT32, of.PROBABILITIES, of.RESCALE, of.CLIP_KERAS, of.ALPHA, of.OVER_SAMPLES),
             ("focal", "label_smoothing", "sample_weights", "none"), is_focal),
    Function(("keras",), LOSSES, "keras.losses.SparseCategoricalCrossentropy(from_logits=True)(y, z)", (of.NATS, of.FLOAT32, of.LEFT_OUT_IS_0, of.OVER_SAMPLES),
             ("sample_weights", "ignore_index", "none"), lambda w: has_plain_labels(w) and has_logits(w)),
    Function(("keras",), LOSSES, "keras.losses.SparseCategoricalCrossentropy()(y, p)", (of.NATS, of.FLOAT32, of.RESCALE, of.CLIP_KERAS, of.LEFT_OUT_IS_0, of.OVER_SAMPLES),
             ("sample_weights", "ignore_index", "none"), has_plain_labels),
    Function(("keras",), LOSSES, "keras.losses.CategoricalCrossentropy(from_logits=True)(Y, z)", (of.NATS, of.FLOAT32, of.NOT_A_NUMBER, of.OVER_SAMPLES),
             ("sample_weights", "label_smoothing", "none"), has_logits),
    Function(("keras",), LOSSES, "keras.losses.CategoricalCrossentropy()(Y, p)", (of.NATS, of.FLOAT32, of.RESCALE, of.CLIP_KERAS, of.OVER_SAMPLES),
             ("sample_weights", "label_smoothing", "none")),
    Function(("optax",), LOSSES, "optax.softmax_cross_entropy_with_integer_labels(z, y)", (of.NATS, of.FLOAT32),
             ("none",), lambda w: has_plain_labels(w) and has_logits(w)),
    Function(("optax",), LOSSES, "optax.softmax_cross_entropy_with_integer_labels(log(p), y)", (of.NATS, of.LOG_PROBABILITIES, of.FLOAT32),
             ("none",), has_plain_labels),
    Function(("optax",), LOSSES, "optax.softmax_cross_entropy(z, Y)", (of.NATS, of.FLOAT32, of.NOT_A_NUMBER),
             ("label_smoothing", "none"), has_logits),
    Function(("optax",), LOSSES, "optax.softmax_cross_entropy(log(p), Y)", (of.NATS, of.LOG_PROBABILITIES, of.FLOAT32, of.NOT_A_NUMBER),
             ("label_smoothing", "none")),
    # divergence
    Function(("torch",), ("kl",), "F.kl_div(log_softmax(z), P)", (of.NATS, of.DIVERGENCE_ROUNDING, of.NOT_A_NUMBER_KL, of.PER_CLASS), ("none",), has_logits, says=mean_warned),
    Function(("torch",), ("kl",), "F.kl_div(log(Q), P)", (of.NATS, of.DIVERGENCE_ROUNDING, of.NOT_A_NUMBER_KL, of.PER_CLASS), ("none",), says=mean_warned),
    Function(("keras",), ("kl",), "keras.losses.KLDivergence()(P, Q)", (of.NATS, of.RATIO_FLOAT32, of.PROBABILITIES, of.CLIP_KERAS_BOTH, of.OVER_SAMPLES), ("sample_weights", "none")),
    Function(("optax",), ("kl",), "optax.kl_divergence(log_softmax(z), P)", (of.NATS, of.DIVERGENCE_FLOAT32, of.NOT_A_NUMBER_KL), ("none",), has_logits, says=truth_second),
    Function(("optax",), ("kl",), "optax.kl_divergence(log(Q), P)", (of.NATS, of.DIVERGENCE_FLOAT32, of.NOT_A_NUMBER_KL), ("none",), says=truth_second),
    Function(("scipy",), ("kl",), "scipy.stats.entropy(P, Q, base=b)", (of.PROBABILITIES, of.COLUMNS, of.RESCALE_BOTH, of.RATIO_ROUNDING), ("none",)),
    Function(("scipy",), ("js",), "scipy.spatial.distance.jensenshannon(P, Q, base=b)", (of.PROBABILITIES, of.COLUMNS, of.RESCALE_BOTH, of.MIXTURE_ROUNDING, of.DISTANCE), ("none",)),
    # binary cross-entropy
    Function(("torch",), ("bce",), "F.binary_cross_entropy_with_logits(z, y)", (of.NATS, of.BINARY_LOGIT_ROUNDING, of.OVER_SAMPLES), ("sample_weights", "pos_weight", "label_smoothing", "none"), has_logits),
    Function(("torch",), ("bce",), "F.binary_cross_entropy(p, y)", (of.NATS, of.FLOOR_TORCH, of.BINARY_ROUNDING, of.OVER_SAMPLES), ("sample_weights", "label_smoothing", "none")),
    Function(("sklearn",), ("bce",), "sklearn.metrics.log_loss(y, p)", (of.NATS, of.PROBABILITIES, of.CLIP_SKLEARN, of.BINARY_LOGARITHM_ROUNDING, of.MULTILABEL), ("sample_weights",), is_matrix, refuses=soft_refused, says=sums_warned),
    Function(("sklearn-1.4",), ("bce",), "sklearn.metrics.log_loss(y, p)", (of.NATS, of.PROBABILITIES, of.CLIP_SKLEARN, of.RESCALE_WARNED, of.BINARY_LOGARITHM_ROUNDING, of.MULTILABEL), ("sample_weights",), is_matrix, refuses=soft_refused, says=sums_warned_before),
    Function(SKLEARN, ("bce",), "sklearn.metrics.log_loss(y, p, labels=[0, 1])", (of.NATS, of.PROBABILITIES, of.CLIP_SKLEARN, of.BINARY_LOGARITHM_ROUNDING), ("sample_weights",), refuses=soft_refused),
    Function(("keras",), ("bce",), "keras.losses.BinaryFocalCrossentropy(gamma=γ)(y, p)", (of.NATS, of.BINARY_FLOAT32, of.PROBABILITIES, of.CLIP_KERAS_LOGARITHM, of.FOCAL_FACTOR, of.MEAN_OF_ROW, of.OVER_SAMPLES), ("focal", "label_smoothing", "sample_weights", "none"), is_focal),
    Function(("keras",), ("bce",), "keras.losses.BinaryCrossentropy(from_logits=True)(y, z)", (of.NATS, of.BINARY_LOGIT_FLOAT32, of.MEAN_OF_ROW, of.OVER_SAMPLES), ("label_smoothing", "sample_weights", "none"), has_logits),
    Function(("keras",), ("bce",), "keras.losses.BinaryCrossentropy()(y, p)", (of.NATS, of.BINARY_FLOAT32, of.CLIP_KERAS, of.MEAN_OF_ROW, of.OVER_SAMPLES), ("label_smoothing", "sample_weights", "none")),
    Function(("optax",), ("bce",), "optax.sigmoid_focal_loss(z, y, gamma=γ)", (of.NATS, of.BINARY_FLOAT32, of.FOCAL_FACTOR), ("focal", "label_smoothing", "none"), lambda w: is_focal(w) and has_logits(w)),
    Function(("optax",), ("bce",), "optax.sigmoid_binary_cross_entropy(z, y)", (of.NATS, of.BINARY_FLOAT32), ("label_smoothing", "none"), has_logits),
    # gradients
    Function(("torch",), ("gradient of xent",), "F.cross_entropy(z, y), backward", (of.NATS, of.GRADIENT_ROUNDING), ("class_weights", "label_smoothing"), lambda w: w.has_labels, logits_needed),
    Function(("torch",), ("gradient of xent",), "F.cross_entropy(z, Y), backward", (of.NATS, of.GRADIENT_ROUNDING, of.OVER_SAMPLES), ("class_weights", "label_smoothing"), refuses=logits_needed),
    Function(("torch",), ("gradient of mse",), "F.mse_loss(softmax(z), Y), backward", (of.SQUARED_GRADIENT_ROUNDING, of.OVER_ENTRIES), ("label_smoothing",), refuses=logits_needed),
    Function(("torch",), ("gradient of bce",), "F.binary_cross_entropy_with_logits(z, y), backward", (of.NATS, of.BINARY_GRADIENT_ROUNDING, of.OVER_SAMPLES), ("label_smoothing", "sample_weights"), refuses=logits_needed),
    Function(("optax",), ("gradient of xent",), "jax.grad of optax.softmax_cross_entropy(z, Y)", (of.NATS, of.GRADIENT_FLOAT32), ("label_smoothing",), refuses=logits_needed),
    Function(("optax",), ("gradient of mse",), "jax.grad of optax.squared_error(softmax(z), Y)", (of.SQUARED_GRADIENT_FLOAT32, of.OVER_ENTRIES), ("label_smoothing",), refuses=logits_needed),
    Function(("optax",), ("gradient of bce",), "jax.grad of optax.sigmoid_binary_cross_entropy(z, y)", (of.NATS, of.BINARY_GRADIENT_FLOAT32), ("label_smoothing",), refuses=logits_needed),
    # metrics of compare, beside the cross-entropy
    Function(SKLEARN, ("mse",), "sklearn.metrics.brier_score_loss(y, p)", (of.PROBABILITIES, of.SQUARED_ROUNDING, of.HALF), ("sample_weights",), has_two_classes, soft_refused),
    Function(("sklearn",), ("mse",), "sklearn.metrics.brier_score_loss(y, p, labels=[0, …, K−1]), 1.7 and later", (of.PROBABILITIES, of.SQUARED_ROUNDING), ("sample_weights",), refuses=soft_refused),
    Function(("torch",), ("mse",), "F.mse_loss(p, Y)", (of.SQUARED_ROUNDING, of.OVER_CLASSES)),
    Function(("keras",), ("mse",), "keras.losses.MeanSquaredError()(Y, p)", (of.SQUARED_FLOAT32, of.OVER_CLASSES, of.OVER_SAMPLES), ("sample_weights",)),
    Function(("optax",), ("mse",), "optax.squared_error(p, Y).mean()", (of.SQUARED_FLOAT32, of.OVER_CLASSES)),
    Function(SKLEARN, ("error_rate",), "sklearn.metrics.zero_one_loss(y, p.argmax(1))", (), ("sample_weights", "ignore_index"), refuses=soft_refused, is_ours=True),
    Function(SKLEARN, ("errors",), "sklearn.metrics.zero_one_loss(y, p.argmax(1), normalize=False)", (), ("ignore_index",), refuses=soft_refused, is_ours=True),
    Function(SKLEARN, ("accuracy",), "sklearn.metrics.accuracy_score(y, p.argmax(1))", (), ("sample_weights", "ignore_index"), refuses=soft_refused, is_ours=True),
    Function(SKLEARN, ("balanced_accuracy",), "sklearn.metrics.balanced_accuracy_score(y, p.argmax(1))", (), ("sample_weights", "ignore_index"), refuses=soft_refused, is_ours=True),
    Function(SKLEARN, ("macro_f1",), "sklearn.metrics.f1_score(y, p.argmax(1), average='macro')", (), ("sample_weights", "ignore_index"), refuses=weights_refused, is_ours=True),
    Function(SKLEARN, ("roc_auc",), "sklearn.metrics.roc_auc_score(y, p[:, 1])", (), ("sample_weights", "ignore_index"), refuses=soft_refused, is_ours=True),
    Function(SKLEARN, ("average_precision",), "sklearn.metrics.average_precision_score(y, p[:, 1])", (), ("sample_weights", "ignore_index"), refuses=soft_refused, is_ours=True),
    Function(("keras",), ("accuracy",), "keras.metrics.SparseCategoricalAccuracy()(y, p)", (), ("sample_weights", "ignore_index"), lambda w: w.has_labels, is_ours=True),
)
# fmt: on
"""In the order of search: the first one for a framework, a quantity and a call is its function."""
