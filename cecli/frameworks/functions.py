"""The table of functions: which function of a framework answers which call, and the conventions that it follows, in order."""

from __future__ import annotations

from cecli.frameworks import conventions as of
from cecli.frameworks.calls import (
    has_logits,
    has_many_classes,
    has_masked_logits,
    has_plain_labels,
    has_probabilities,
    has_two_classes,
    is_focal,
    is_k_too_large,
    is_matrix,
    is_mean_of_probabilities,
)
from cecli.frameworks.convention import Framework, Function
from cecli.frameworks.refusals import (
    few_classes,
    few_samples,
    infinite_refused,
    k_warned,
    labels_needed,
    logits_needed,
    mean_warned,
    missing_class_counted,
    missing_class_left_out,
    missing_class_warned,
    soft_refused,
    sums_refused,
    sums_warned,
    sums_warned_before,
    ties_undefined,
    truth_second,
    weights_refused,
)

FRAMEWORKS = {
    row.name: row
    for row in (
        Framework("torch", "torch", "2.x, compared with 2.13; torchmetrics 1.x, with 1.9"),
        Framework("sklearn", "scikit-learn", "1.5 and later, compared with 1.9"),
        Framework("sklearn-1.4", "scikit-learn 1.4", "1.3 and 1.4"),
        Framework("keras", "Keras", "3.x, compared with 3.15 on torch and on NumPy"),
        Framework("scipy", "SciPy", "1.10 and later, compared with 1.17"),
        Framework("optax", "optax", "0.2.5 and later, compared with 0.2.8"),
    )
}  # fmt: skip
"""By the names that `--like` takes."""

OTHER_NAMES = {"pytorch": "torch", "scikit-learn": "sklearn"}
"""What else people call them."""

FOUND_UNDER = {
    "tensorflow": "keras",
    "tf": "keras",
    "torchmetrics": "torch",
    "jax": "optax",
    "flax": "optax",
    "optax": "jax",
}
"""Under which name the functions of others are found, for `--like` or `--code`."""

SKLEARN = ("sklearn", "sklearn-1.4")

LOSSES = ("xent", "cross_entropy", "cross_entropy_sum", "log_loss")
"""The cross-entropy, as a command and as metrics of `compare`."""

OF_SAMPLES = ("sample_weights", "ignore_index")
METRICS = "torchmetrics.functional.classification.multiclass_"
BINARY_METRICS = METRICS.replace("multiclass", "binary")

KERAS_AREA = (of.SCORES_FLOAT32, of.PROBABILITIES, of.STEPS, of.UNDEFINED_AREA_IS_0)

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
    Function(("torch",), ("js",), "torchmetrics.functional.regression.jensen_shannon_divergence(P, Q)", (of.NATS, of.PROBABILITIES, of.RESCALE_BOTH, of.MIXTURE_ROUNDING), ("none",)),
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
    Function(("keras",), ("gradient of xent",), "gradient of keras.losses.CategoricalCrossentropy(from_logits=True)(Y, z)", (of.NATS, of.GRADIENT_FLOAT32, of.OVER_SAMPLES), ("label_smoothing", "sample_weights"), refuses=logits_needed),
    Function(("keras",), ("gradient of mse",), "gradient of keras.losses.MeanSquaredError()(Y, softmax(z))", (of.SQUARED_GRADIENT_FLOAT32, of.OVER_CLASSES, of.OVER_SAMPLES), ("label_smoothing", "sample_weights"), refuses=logits_needed),
    Function(("keras",), ("gradient of bce",), "gradient of keras.losses.BinaryCrossentropy(from_logits=True)(y, z)", (of.NATS, of.BINARY_GRADIENT_FLOAT32, of.OVER_SAMPLES, of.ROW_MEANS), ("label_smoothing", "sample_weights"), refuses=logits_needed),
    # metrics of compare, beside the cross-entropy
    Function(SKLEARN, ("mse",), "sklearn.metrics.brier_score_loss(y, p[:, 1])", (of.PROBABILITIES, of.SQUARED_ROUNDING, of.HALF), ("sample_weights",), has_two_classes, soft_refused),
    Function(("sklearn",), ("mse",), "sklearn.metrics.brier_score_loss(y, p, labels=[0, …, K−1]), 1.7 and later", (of.PROBABILITIES, of.SQUARED_ROUNDING), ("sample_weights",), refuses=soft_refused, says=sums_warned),
    Function(("torch",), ("mse",), "F.mse_loss(p, Y)", (of.SQUARED_ROUNDING, of.OVER_CLASSES)),
    Function(("keras",), ("mse",), "keras.losses.MeanSquaredError()(Y, p)", (of.SQUARED_FLOAT32, of.OVER_CLASSES, of.OVER_SAMPLES), ("sample_weights",)),
    Function(("optax",), ("mse",), "optax.squared_error(p, Y).mean()", (of.SQUARED_FLOAT32, of.OVER_CLASSES)),
    Function(("torch",), ("perplexity",), "torchmetrics.functional.text.perplexity(z[None], y[None])", (of.SOFTMAX_LOGARITHM,), ("ignore_index",), has_logits, labels_needed),
    Function(("torch",), ("perplexity",), "torchmetrics.functional.text.perplexity(log(p)[None], y[None])", (of.LOG_PROBABILITIES, of.SOFTMAX_LOGARITHM), ("ignore_index",), refuses=labels_needed),
    Function(("sklearn",), ("skill_prior",), "sklearn.metrics.d2_log_loss_score(y, p, labels=[0, …, K−1])", (of.PROBABILITIES, of.CLIP_SKLEARN, of.LABEL_ROUNDING, of.CLIP_FREQUENCIES),
             ("sample_weights",), refuses=few_samples, says=sums_warned),
    Function(SKLEARN, ("error_rate",), "sklearn.metrics.zero_one_loss(y, p.argmax(1))", (), OF_SAMPLES, refuses=soft_refused),
    Function(SKLEARN, ("errors",), "sklearn.metrics.zero_one_loss(y, p.argmax(1), normalize=False)", (), ("ignore_index",), refuses=soft_refused),
    Function(SKLEARN, ("accuracy",), "sklearn.metrics.accuracy_score(y, p.argmax(1))", (), OF_SAMPLES, refuses=soft_refused),
    Function(("torch",), ("accuracy",), METRICS + "accuracy(p.argmax(1), y, K, average='micro')", (of.VALUE_FLOAT32,), ("ignore_index",), refuses=labels_needed),
    Function(("keras",), ("accuracy",), "keras.metrics.Accuracy()(y, p.argmax(1))", (of.VALUE_FLOAT32,), OF_SAMPLES, lambda w: w.predicts_labels),
    Function(("keras",), ("accuracy",), "keras.metrics.SparseCategoricalAccuracy()(y, p)", (of.VALUE_FLOAT32,), OF_SAMPLES, lambda w: w.has_labels),
    Function(("keras",), ("accuracy",), "keras.metrics.CategoricalAccuracy()(Y, p)", (of.VALUE_FLOAT32,), OF_SAMPLES),
    Function(SKLEARN, ("top_k",), "sklearn.metrics.top_k_accuracy_score(y, p[:, 1], k=k)", (of.PROBABILITIES, of.THRESHOLD), OF_SAMPLES, has_two_classes, soft_refused, k_warned),
    Function(SKLEARN, ("top_k",), "sklearn.metrics.top_k_accuracy_score(y, p, k=k, labels=[0, …, K−1])", (of.TIES_LAST,), OF_SAMPLES, refuses=infinite_refused, says=k_warned),
    Function(("torch",), ("top_k",), METRICS + "accuracy(p, y, K, average='micro', top_k=k)", (of.VALUE_FLOAT32,), ("ignore_index",), refuses=ties_undefined),
    Function(("keras",), ("top_k",), "keras.metrics.SparseTopKCategoricalAccuracy(k)(y, p)", (of.TIES_RIGHT, of.VALUE_FLOAT32), OF_SAMPLES, lambda w: w.has_labels, few_classes),
    Function(("keras",), ("top_k",), "keras.metrics.TopKCategoricalAccuracy(k)(Y, p)", (of.TIES_RIGHT, of.VALUE_FLOAT32), OF_SAMPLES, refuses=few_classes),
    Function(SKLEARN, ("balanced_accuracy",), "sklearn.metrics.balanced_accuracy_score(y, p.argmax(1))", (), OF_SAMPLES, refuses=soft_refused),
    Function(("torch",), ("balanced_accuracy",), METRICS + "accuracy(p.argmax(1), y, K, average='macro')", (of.PREDICTED_CLASSES, of.VALUE_FLOAT32), ("ignore_index",), refuses=labels_needed),
    Function(SKLEARN, ("macro_f1",), "sklearn.metrics.f1_score(y, p.argmax(1), average='macro')", (), OF_SAMPLES, refuses=weights_refused),
    Function(("torch",), ("macro_f1",), METRICS + "f1_score(p.argmax(1), y, K, average='macro')", (of.VALUE_FLOAT32,), ("ignore_index",), refuses=labels_needed),
    Function(("keras",), ("macro_f1",), "keras.metrics.F1Score(average='macro')(Y, p)", (of.TIES_ALL, of.ALL_CLASSES, of.VALUE_FLOAT32), OF_SAMPLES),
    Function(SKLEARN, ("roc_auc",), "sklearn.metrics.roc_auc_score(y, p[:, 1])", (of.PROBABILITIES,), OF_SAMPLES, refuses=soft_refused, says=missing_class_warned),
    Function(("torch",), ("roc_auc",), BINARY_METRICS + "auroc(p[:, 1], y)", (of.PROBABILITIES, of.UNDEFINED_IS_0, of.VALUE_FLOAT32), ("ignore_index",), refuses=labels_needed),
    Function(SKLEARN, ("roc_auc_ovr",), "sklearn.metrics.roc_auc_score(y, p, multi_class='ovr', labels=[0, …, K−1])", (of.PROBABILITIES,), OF_SAMPLES, has_many_classes, sums_refused, missing_class_warned),
    Function(SKLEARN, ("roc_auc_ovr_weighted",), "sklearn.metrics.roc_auc_score(y, p, multi_class='ovr', average='weighted', labels=[0, …, K−1])", (of.PROBABILITIES,), OF_SAMPLES, has_many_classes, missing_class_left_out),
    Function(("torch",), ("roc_auc_ovr",), METRICS + "auroc(p, y, K, average='macro')", (of.PROBABILITIES, of.VALUE_FLOAT32), ("ignore_index",), has_many_classes, missing_class_counted),
    Function(("torch",), ("roc_auc_ovr_weighted",), METRICS + "auroc(p, y, K, average='weighted')", (of.PROBABILITIES, of.VALUE_FLOAT32), ("ignore_index",), has_many_classes, missing_class_counted),
    Function(SKLEARN, ("average_precision",), "sklearn.metrics.average_precision_score(y, p[:, 1])", (of.PROBABILITIES, of.UNDEFINED_IS_0), OF_SAMPLES, refuses=soft_refused),
    Function(("torch",), ("average_precision",), BINARY_METRICS + "average_precision(p[:, 1], y)", (of.PROBABILITIES, of.UNDEFINED_IS_0, of.VALUE_FLOAT32), ("ignore_index",), refuses=labels_needed),
    Function(("keras",), ("roc_auc",), "keras.metrics.AUC()(y, p[:, 1])", KERAS_AREA, OF_SAMPLES, refuses=labels_needed),
    Function(("keras",), ("roc_auc_ovr",), "keras.metrics.AUC(multi_label=True)(Y, p)", KERAS_AREA, OF_SAMPLES, has_many_classes, labels_needed),
    Function(("keras",), ("roc_auc_ovr_weighted",), "keras.metrics.AUC(multi_label=True, label_weights=Y.mean(0))(Y, p)", KERAS_AREA, ("ignore_index",), has_many_classes, labels_needed),
    Function(("keras",), ("average_precision",), "keras.metrics.AUC(curve='PR')(y, p[:, 1])", (*KERAS_AREA, of.INTERPOLATED), OF_SAMPLES, refuses=labels_needed),
    Function(("torch",), ("ece",), METRICS + "calibration_error(p, y, K, n_bins=bins)", (of.GUESS, of.CONFIDENCE_FLOAT32, of.BINS), ("ignore_index",), refuses=labels_needed),
    Function(("torch",), ("mce",), METRICS + "calibration_error(p, y, K, n_bins=bins, norm='max')", (of.GUESS, of.CONFIDENCE_FLOAT32, of.BINS), ("ignore_index",), refuses=labels_needed),
    # shown beside the first
    Function(("torch",), LOSSES, "F.cross_entropy(log(p), y)", (of.NATS, of.LOG_PROBABILITIES, of.ROUNDING, of.LEFT_OUT_IS_0),
             ("class_weights", "ignore_index", "none"), lambda w: has_plain_labels(w) and has_probabilities(w), is_second=True),
    Function(("torch",), ("kl",), "F.kl_div(log(Q), P, reduction='batchmean')", (of.NATS, of.DIVERGENCE_ROUNDING, of.NOT_A_NUMBER_KL), (), lambda w: has_probabilities(w) and w.reduction == "mean", is_second=True),
    Function(("torch",), ("kl",), "torchmetrics.functional.kl_divergence(P, Q)", (of.NATS, of.PROBABILITIES, of.RESCALE_BOTH, of.LOGARITHM_OF_RATIO), ("none",), is_second=True),
    Function(("scipy",), ("kl",), "scipy.special.rel_entr(P, Q).sum(-1)", (of.NATS, of.PROBABILITIES, of.RATIO_ROUNDING), ("none",), is_second=True),
    Function(("scipy",), ("kl",), "scipy.special.kl_div(P, Q).sum(-1)", (of.NATS, of.PROBABILITIES, of.RATIO_ROUNDING, of.EXTRA_TERMS), ("none",), is_second=True),
    Function(("scipy",), ("entropy",), "scipy.special.entr(P).sum(-1)", (of.NATS, of.PROBABILITIES, of.ENTROPY_ROUNDING), is_second=True),
    Function(("keras",), LOSSES, "keras.metrics.SparseCategoricalCrossentropy()(y, p)", (of.NATS, of.FLOAT32, of.RESCALE, of.CLIP_KERAS), ("sample_weights",), lambda w: has_plain_labels(w) and is_mean_of_probabilities(w), is_second=True),
    Function(("keras",), LOSSES, "keras.metrics.CategoricalCrossentropy()(Y, p)", (of.NATS, of.FLOAT32, of.RESCALE, of.CLIP_KERAS), ("sample_weights", "label_smoothing"), lambda w: not has_plain_labels(w) and is_mean_of_probabilities(w), is_second=True),
    Function(("keras",), ("kl",), "keras.metrics.KLDivergence()(P, Q)", (of.NATS, of.RATIO_FLOAT32, of.CLIP_KERAS_BOTH), ("sample_weights",), is_mean_of_probabilities, is_second=True),
    Function(("keras",), ("bce",), "keras.metrics.BinaryCrossentropy()(y, p)", (of.NATS, of.BINARY_FLOAT32, of.CLIP_KERAS, of.MEAN_OF_ROW), ("sample_weights", "label_smoothing"), is_mean_of_probabilities, is_second=True),
    Function(("keras",), LOSSES, "keras.losses.SparseCategoricalCrossentropy(from_logits=True)(y, z)", (of.NATS, of.FLOAT32, of.NOT_A_NUMBER, of.LEFT_OUT_IS_0, of.OVER_SAMPLES),
             ("sample_weights", "ignore_index", "none"), lambda w: has_plain_labels(w) and has_masked_logits(w)).on("NumPy", "JAX"),
    Function(("keras",), ("bce",), "keras.losses.BinaryCrossentropy(from_logits=True)(y, z)", (of.NATS, of.BINARY_LOGARITHM_FLOAT32, of.SIGMOID, of.CLIP_KERAS, of.MEAN_OF_ROW, of.OVER_SAMPLES),
             ("label_smoothing", "sample_weights", "none"), lambda w: has_logits(w) and not is_focal(w)).on("NumPy"),
    Function(("keras",), ("top_k",), "keras.metrics.SparseTopKCategoricalAccuracy(k)(y, p)", (of.TIES_RIGHT, of.VALUE_FLOAT32), OF_SAMPLES, lambda w: w.has_labels and is_k_too_large(w)).on("NumPy"),
    Function(("keras",), ("top_k",), "keras.metrics.TopKCategoricalAccuracy(k)(Y, p)", (of.TIES_RIGHT, of.VALUE_FLOAT32), OF_SAMPLES, lambda w: not w.has_labels and is_k_too_large(w)).on("NumPy"),
    Function(("keras",), ("mse",), "keras.metrics.MeanSquaredError()(Y, p)", (of.SQUARED_FLOAT32, of.OVER_CLASSES), ("sample_weights",), has_probabilities, is_second=True),
)
# fmt: on
"""In the order of search: the first one for a framework, a quantity and a call is its function."""
