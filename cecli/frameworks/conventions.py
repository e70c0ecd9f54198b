"""The table of conventions: what frameworks do otherwise, each a change of our own stages.

The page `docs/explanation/frameworks.md` is made from these rows.
"""

from __future__ import annotations

from cecli.frameworks import area_stages as of_area
from cecli.frameworks import changed_terms as terms
from cecli.frameworks import changes as make
from cecli.frameworks import metric_stages as of_metric
from cecli.frameworks.changes import at, instead_of
from cecli.frameworks.convention import Convention
from cecli.maths.clips import TORCH_BCE

TORCH = "pytorch.org/docs/stable: "
SKLEARN = "scikit-learn.org/stable: "
KERAS = "keras.io/api: "
SCIPY = "docs.scipy.org: "
OPTAX = "optax.readthedocs.io: "
TORCHMETRICS = "lightning.ai/docs/torchmetrics: "

# fmt: off
NATS = Convention(
    "base", "natural logarithm: nats", "the base asked for",
    (at("inputs", make.in_nats),), "all of them; only scipy.stats.entropy and jensenshannon take a base",
)

# --- precision: the type of the numbers, and the formula ----------------------------------------------------------

_SOFTMAX = (instead_of("prediction", make.plainly_predicted), instead_of("terms", terms.plain_terms), at("counts", make.plain_sums))
ROUNDING = Convention(
    "rounding", "z − max − ln Σe^(z − max): a loss near 0 keeps few digits, below 1e-16 none", "all digits",
    _SOFTMAX, TORCH + "issue 113708; " + SCIPY + "issue 19521",
)
FLOAT32 = Convention(
    "float32", "computes in float32: about 7 digits", "float64",
    (at("inputs", make.in_float32), *_SOFTMAX), KERAS + "config, floatx; docs.jax.dev: default dtypes and the X64 flag",
)
LABEL_ROUNDING = ROUNDING.replace(
    theirs="ln p as it is, and a plain sum", changes=(*_SOFTMAX, at("counts", make.weighted_in_float64)), source=SKLEARN + "sklearn.metrics.log_loss",
)
ENTROPY_ROUNDING = Convention(
    "rounding", "−Σ p·ln p as it is added", "all digits",
    (instead_of("prediction", make.plainly_predicted), instead_of("terms", terms.plain_entropy_terms), at("counts", make.plain_sums)),
    SCIPY + "scipy.stats.entropy; " + TORCH + "torch.distributions",
)
LOGSUMEXP_ROUNDING = ENTROPY_ROUNDING.replace(
    theirs="ln p = z − ln Σe^z: a confident row keeps few digits",
    changes=(instead_of("prediction", make.predicted_by_logsumexp), *ENTROPY_ROUNDING.changes[1:]),
)
PLAIN_SUMS = ENTROPY_ROUNDING.replace(theirs="a plain sum", changes=(at("counts", make.plain_sums),))
DIVERGENCE_ROUNDING = Convention(
    "rounding", "p·ln p − p·ln q, class by class: KL of nearly equal rows loses its digits, and may be below 0", "all digits, never below 0",
    (instead_of("prediction", make.plainly_predicted), instead_of("terms", terms.plain_divergence_terms), at("counts", make.plain_sums)),
    TORCH + "issue 80488",
)
DIVERGENCE_FLOAT32 = FLOAT32.replace(changes=(at("inputs", make.in_float32), *DIVERGENCE_ROUNDING.changes))
RATIO_ROUNDING = Convention(
    "rounding", "Σ p·ln(p/q), class by class: KL of nearly equal rows loses its digits, and may be below 0", "all digits, never below 0",
    (instead_of("prediction", make.plainly_predicted), instead_of("terms", terms.scipy_terms), at("counts", make.plain_sums)),
    SCIPY + "issues 20779 and 20083",
)
RATIO_FLOAT32 = FLOAT32.replace(
    changes=(
        at("inputs", make.in_float32), instead_of("prediction", make.plainly_predicted),
        instead_of("terms", terms.ratio_terms), at("counts", make.plain_sums),
    ),
)
MIXTURE_ROUNDING = RATIO_ROUNDING.replace(
    theirs="½·Σ [p·ln(p/m) + q·ln(q/m)], class by class",
    changes=(instead_of("prediction", make.plainly_predicted), instead_of("terms", terms.scipy_mixture_terms), at("counts", make.plain_sums)),
)
VALUES_ROUNDING = Convention(
    "rounding", "z − max − ln Σe^(z − max): the logarithm of a probability near 1 keeps few digits", "all digits",
    (instead_of("probability", make.plain_values(-1)),), SCIPY + "issue 19521",
)
VALUES_FLOAT32 = FLOAT32.replace(changes=(at("inputs", make.in_float32), *VALUES_ROUNDING.changes))
WHOLE_ARRAY = Convention(
    "axis", "axis=None: the softmax of the whole array, whose values sum to 1 together", "each row on its own",
    (instead_of("probability", make.plain_values(None)),), SCIPY + "scipy.special.softmax",
)
BINARY_ROUNDING = Convention(
    "rounding", "both terms as they are, and a plain sum", "all digits",
    (instead_of("terms", terms.plain_binary_terms), at("counts", make.plain_sums)), TORCH + "BCELoss",
)
BINARY_LOGARITHM_ROUNDING = BINARY_ROUNDING.replace(
    theirs="ln(1 − p) of the rounded 1 − p, and a plain sum",
    changes=(
        instead_of("prediction", make.plainly_predicted_binary), *BINARY_ROUNDING.changes, at("counts", make.weighted_in_float64),
    ),
    source=SKLEARN + "sklearn.metrics.log_loss",
)
BINARY_LOGIT_ROUNDING = Convention(
    "rounding", "(1 − y)·z − ln σ(z): the loss of a confident sample with y = 0 loses its digits", "all digits",
    (instead_of("terms", terms.torch_logit_terms), at("counts", make.plain_sums)), TORCH + "BCEWithLogitsLoss",
)
BINARY_FLOAT32 = FLOAT32.replace(
    changes=(at("inputs", make.in_float32), *BINARY_ROUNDING.changes),
)
BINARY_LOGARITHM_FLOAT32 = FLOAT32.replace(
    changes=(at("inputs", make.in_float32), instead_of("prediction", make.plainly_predicted_binary), *BINARY_ROUNDING.changes),
)
BINARY_LOGIT_FLOAT32 = FLOAT32.replace(changes=(at("inputs", make.in_float32), *BINARY_LOGIT_ROUNDING.changes))
SQUARED_ROUNDING = Convention(
    "rounding", "a plain sum", "all digits", (at("counts", make.plain_sums),), TORCH + "MSELoss",
)
SQUARED_FLOAT32 = FLOAT32.replace(changes=(at("inputs", make.in_float32), *SQUARED_ROUNDING.changes))

GRADIENT_ROUNDING = Convention(
    "rounding", "p − y at every class: where p is nearly 1 the gradient of its class keeps few digits, or is 0", "−Σ of the other classes: all digits",
    (instead_of("prediction", make.plainly_predicted), instead_of("gradient", terms.plain_gradient), at("counts", make.plain_sums)),
    TORCH + "issue 113708",
)
GRADIENT_FLOAT32 = FLOAT32.replace(changes=(at("inputs", make.in_float32), *GRADIENT_ROUNDING.changes))
SQUARED_GRADIENT_ROUNDING = GRADIENT_ROUNDING.replace(
    theirs="2·p·[(p − y) − Σ(p − y)·p] as it is",
    changes=(instead_of("prediction", make.plainly_predicted), instead_of("gradient", terms.plain_squared_gradient), at("counts", make.plain_sums)),
)
SQUARED_GRADIENT_FLOAT32 = FLOAT32.replace(changes=(at("inputs", make.in_float32), *SQUARED_GRADIENT_ROUNDING.changes))
BINARY_GRADIENT_ROUNDING = GRADIENT_ROUNDING.replace(
    theirs="σ(z) − y as it is", changes=(instead_of("gradient", terms.plain_binary_gradient), at("counts", make.plain_sums)),
)
BINARY_GRADIENT_FLOAT32 = FLOAT32.replace(changes=(at("inputs", make.in_float32), *BINARY_GRADIENT_ROUNDING.changes))

SOFTMAX_LOGARITHM = ROUNDING.replace(
    theirs="the logarithm of the softmax: infinite for a class of probability below 1e-308",
    changes=(instead_of("prediction", make.logarithm_of_softmax), *_SOFTMAX[1:]), source=TORCHMETRICS + "Perplexity",
)
LOGARITHM_OF_RATIO = RATIO_ROUNDING.replace(
    changes=(instead_of("prediction", make.plainly_predicted), instead_of("terms", terms.ratio_terms), at("counts", make.plain_sums)),
    source=TORCHMETRICS + "KLDivergence",
)
VALUE_FLOAT32 = FLOAT32.replace(
    theirs="the value is in float32: about 7 digits", changes=(at("reduced", of_metric.value_in_float32),),
    source=TORCHMETRICS + "classification; " + KERAS + "metrics",
)
SCORES_FLOAT32 = FLOAT32.replace(changes=(at("inputs", make.in_float32), *VALUE_FLOAT32.changes), source=KERAS + "AUC")
CONFIDENCE_FLOAT32 = FLOAT32.replace(
    changes=(at("confidence", of_metric.confidence_in_float32), at("reduced", of_metric.value_in_float32)),
    source=TORCHMETRICS + "MulticlassCalibrationError",
)

# --- what is clipped ----------------------------------------------------------------------------------------------

CLIP_SKLEARN = Convention(
    "clip", "clips probabilities to [ε, 1 − ε], ε = {epsilon}, the epsilon of their type: no loss above {largest}", "not clipped",
    make.clipped(None), SKLEARN + "sklearn.metrics.log_loss (not to be set since 1.5)",
)
CLIP_FREQUENCIES = CLIP_SKLEARN.replace(
    theirs="clips the class frequencies too: where all samples have one class their loss is 2.2e-16, not 0", ours="no value where their loss is 0",
    changes=(instead_of("skill", make.over_clipped_frequencies),), source=SKLEARN + "sklearn.metrics.d2_log_loss_score",
)
CLIP_KERAS = Convention(
    "clip", "clips probabilities to [1e-7, 1 − 1e-7]: no loss above 16.118, none below 1e-7", "not clipped",
    make.clipped(1e-7), KERAS + "config, epsilon; issue 17634",
)
CLIP_KERAS_BOTH = Convention(
    "clip", "clips P and Q to [1e-7, 1]", "not clipped",
    (at("inputs", make.clipped_target), *make.clipped(1e-7, 1.0)), KERAS + "KLDivergence",
)
CLIP_KERAS_LOGARITHM = CLIP_KERAS.replace(
    theirs="clips p to [1e-7, 1 − 1e-7] in the logarithms, not in the focal factor",
    changes=(at("prediction", make.binary_logarithms_clipped),), source=KERAS + "BinaryFocalCrossentropy",
)
FLOOR_TORCH = Convention(
    "clip", "no logarithm below −100: no term above 100", "not clipped",
    (at("prediction", make.surprisal_up_to(TORCH_BCE.nats)),), TORCH + "BCELoss; issue 103316",
)
CLIP_CATEGORICAL = Convention(
    "clip", "clips p to [ε, 1 − ε] in the logarithm, ε = {epsilon}: the entropy of (1, 0) is ε", "not clipped",
    (at("prediction", make.logarithm_clipped),), TORCH + "torch.distributions, clamp_probs",
)
NOT_A_NUMBER = Convention(
    "0·∞", "0·(−∞) is nan, where a class has probability 0 and target 0", "0·log 0 is 0",
    (instead_of("terms", terms.unmasked_terms),), OPTAX + "issues 896 and 1762",
)
NOT_A_NUMBER_KL = NOT_A_NUMBER.replace(
    theirs="0·(−∞) is nan, where P and Q are both 0", changes=(instead_of("terms", terms.unmasked_divergence_terms),),
)

# --- rows that do not sum to 1 ------------------------------------------------------------------------------------

RESCALE = Convention(
    "rescaling", "divides every row by its sum, without a word", "the values as they are",
    (at("inputs", make.rescaled),), KERAS + "CategoricalCrossentropy; " + SCIPY + "issues 11388 and 23064; " + SKLEARN + "issue 24515",
)
RESCALE_WARNED = RESCALE.replace(theirs="divides every row by its sum, with a warning", source=SKLEARN + "issue 24515")
RESCALE_BOTH = RESCALE.replace(theirs="divides every row of P and of Q by its sum, without a word", changes=(at("inputs", make.both_rescaled),))
LOG_PROBABILITIES = Convention(
    "rescaling", "takes logits: ln p is given, whose softmax divides every row by its sum", "the probabilities as they are",
    (at("inputs", make.as_logits),), TORCH + "CrossEntropyLoss; " + OPTAX + "losses",
)
PROBABILITIES = Convention(
    "input", "takes probabilities: those of the logits are given, in which the digits of a confident sample are lost", "logits as they are",
    (at("inputs", make.as_probabilities),), SKLEARN + "sklearn.metrics.log_loss",
)

SIGMOID = PROBABILITIES.replace(
    theirs="computes σ(z) first, in which the digits of a confident sample are lost", source=KERAS + "BinaryCrossentropy; keras/src/backend/numpy/nn.py",
)

# --- what a mean divides by, and of what it is --------------------------------------------------------------------

OVER_SAMPLES = Convention(
    "denominator", "the mean divides by the number of samples, N = {samples}, whatever they weigh", "by the sum of the weights",
    (at("counts", make.counting_samples),), TORCH + "issues 25571, 54843, 107680; " + KERAS + "Loss, sum_over_batch_size",
)
PER_CLASS = Convention(
    "denominator", "the mean divides by N·K = {entries}; none gives a value for each class", "by N; each sample has one value",
    (at("counts", make.one_for_each_class),), TORCH + "KLDivLoss, MSELoss",
)
MEAN_OF_ROW = Convention(
    "denominator", "the mean over the last axis first: a value for each row", "a value for each entry",
    (at("counts", make.mean_of_row),), KERAS + "BinaryCrossentropy",
)
OVER_ENTRIES = PER_CLASS.replace(theirs="the mean divides by N·K = {entries}", ours="by N", changes=(at("counts", make.over_classes),))
ROW_MEANS = Convention(
    "denominator", "the mean over the K = {classes} entries of a row, whatever the reduction", "the sum, unless a mean is asked for",
    (at("counts", make.divided_with_counts),), KERAS + "BinaryCrossentropy",
)
OVER_CLASSES = Convention(
    "denominator", "the mean over the K = {classes} classes", "the sum over classes",
    (at("counts", make.divided_by_classes),), KERAS + "MeanSquaredError; " + TORCH + "MSELoss",
)
HALF = Convention(
    "half", "the squared error of class 1 alone where there are two: half of the sum (scale_by_half)", "the sum over classes, for any number of them",
    (instead_of("terms", terms.squared_error_of_class_1),), SKLEARN + "sklearn.metrics.brier_score_loss; issue 16055",
)
COLUMNS = Convention(
    "axis", "axis=0: goes down the columns, K = {classes} values", "along each row",
    (at("inputs", make.down_columns),), SCIPY + "scipy.stats.entropy, jensenshannon",
)
MULTILABEL = Convention(
    "one side", "takes rows of labels for one label each: Σ −y·ln p of a row, without the terms of (1 − y)", "both terms, a mean over all entries",
    (at("terms", terms.positive_terms_alone), at("counts", make.sum_of_row)), SKLEARN + "issue 10157",
)
DISTANCE = Convention(
    "distance", "the square root of the divergence", "the divergence",
    (at("counts", make.root),), SCIPY + "scipy.spatial.distance.jensenshannon",
)
ALPHA = Convention(
    "focal α", "every class times α = 0.25", "α only where it is asked for",
    (at("counts", make.times(0.25)),), KERAS + "CategoricalFocalCrossentropy",
)
FOCAL_FACTOR = Convention(
    "focal factor", "(1 − p_t)^γ with p_t = y·p + (1 − y)(1 − p), one factor for both terms of a soft target", "(1 − p)^γ and p^γ, each term its own",
    (instead_of("terms", terms.one_focal_factor),), KERAS + "BinaryFocalCrossentropy; " + OPTAX + "sigmoid_focal_loss",
)
EXTRA_TERMS = Convention(
    "extra terms", "p·ln(p/q) − p + q of each class: more where rows do not sum to the same", "p·ln(p/q)",
    (at("terms", terms.with_differences),), SCIPY + "scipy.special.kl_div",
)

# --- metrics ------------------------------------------------------------------------------------------------------

TIES_LAST = Convention(
    "ties", "of equal scores the class of the highest index comes first", "of the lowest index",
    (instead_of("ranks", of_metric.ranked_from_the_last),), SKLEARN + "sklearn.metrics.top_k_accuracy_score",
)
TIES_RIGHT = Convention(
    "ties", "right where no more than k − 1 scores are larger: of equal scores all come first", "of equal scores the class of the lowest index comes first",
    (instead_of("ranks", of_metric.ranked_by_larger_scores),), KERAS + "TopKCategoricalAccuracy",
)
TIES_ALL = Convention(
    "ties", "every class of the largest score is predicted", "of the largest scores the class of the lowest index is predicted",
    (instead_of("decisions", of_metric.decided_for_all_largest),), KERAS + "F1Score",
)
THRESHOLD = Convention(
    "threshold", "class 1 where its probability is above 1/2", "the class of the largest probability",
    (instead_of("ranks", of_metric.ranked_by_threshold),), SKLEARN + "sklearn.metrics.top_k_accuracy_score",
)
PREDICTED_CLASSES = Convention(
    "classes", "a class that is predicted and has no sample counts with recall 0", "the mean over the classes that have samples",
    (instead_of("reduced", of_metric.recall_of_predicted_classes),), TORCHMETRICS + "MulticlassAccuracy, average='macro'",
)
ALL_CLASSES = Convention(
    "classes", "the mean over all classes, 0 for one that never occurs; 1e-7 is added to every denominator", "the mean over the classes that occur",
    (instead_of("reduced", of_metric.f1_of_all_classes),), KERAS + "F1Score",
)
BINS = Convention(
    "bins", "bins [a, b), with one of its own for a confidence of 1", "bins (a, b]",
    (instead_of("bins", of_metric.binned_from_the_left),), TORCHMETRICS + "MulticlassCalibrationError; issue 3510",
)
GUESS = Convention(
    "guess", "values that all lie in [0, 1] are taken for probabilities, others for logits", "logits are what --logits says",
    (at("inputs", make.guessed),), TORCHMETRICS + "issues 1604 and 2195",
)
UNDEFINED_IS_0 = Convention(
    "undefined", "0, with a warning, where one of the two classes has no sample", "no value",
    (at("reduced", of_metric.zero_where_undefined),), TORCHMETRICS + "BinaryAUROC; " + SKLEARN + "sklearn.metrics.average_precision_score",
)
STEPS = Convention(
    "thresholds", "200 thresholds: scores of one step of 1/199 are equal", "every score is a threshold",
    (instead_of("scores", of_area.scored_in_steps),), KERAS + "AUC, num_thresholds",
)
INTERPOLATED = Convention(
    "interpolation", "the area under the curve, with the precision interpolated between two thresholds (Davis and Goadrich 2006)", "a step at each score: no interpolation",
    (instead_of("areas", of_area.with_areas(of_area.interpolated_precision)),), KERAS + "AUC, curve='PR'",
)
UNDEFINED_AREA_IS_0 = Convention(
    "undefined", "0 for a class that has no sample, or no other sample", "no value",
    (at("areas", of_area.zero_where_undefined),), KERAS + "AUC",
)
LEFT_OUT_IS_0 = Convention(
    "ignored", "the loss of an ignored sample is 0", "it has none",
    (at("counts", make.zero_where_left_out),), TORCH + "CrossEntropyLoss, ignore_index",
)
# fmt: on
