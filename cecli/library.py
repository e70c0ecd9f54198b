r"""The calculations as functions on arrays: what `import cecli` offers.

Arguments may be lists, NumPy arrays, or arrays of any array API namespace; answers come back in the same one. Columns and tables of pandas,
polars and pyarrow become NumPy arrays; their columns are matched by name, as those of files are, and an index among them is left out. Classes are
the last axis, a row per sample; the target comes before the prediction. Labels have one dimension fewer than
predictions; (N, T, K) is N·T rows. How arguments were read is said by the logger `cecli`. A `mean` or `sum` is a Python float; `reduction="none"` and all that has a value per class is an array.

Every option has the name, the meaning and the default that it has in the terminal. Values that can't be what they are used
as raise `ValueError` with the message that the terminal shows.

Types: float64 is computed in float64, float32 in float32, float16 in float32 (and `softmax`, `log_softmax` and `gradient` return the type
they were given); every sum over samples is accumulated in float64. Integers become float64.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, Unpack

from cecli.comparing import comparison
from cecli.library_arguments import (
    begin,
    metric_request,
    named_sources,
    paired_options,
    prediction_source,
    read_keywords,
    target_beside,
    target_of,
    with_names,
)
from cecli.library_result import ModelComparison
from cecli.maths.namespace import Array, namespace, quiet
from cecli.quantities import binary, calibration, divergence
from cecli.quantities import cross_entropy as xent
from cecli.quantities import entropy as entropies
from cecli.quantities import gradient as gradients
from cecli.quantities import softmax as softmaxes
from cecli.quantities.summary import LossSummary
from cecli.reading.arrays import ArraySource, array_source, is_half
from cecli.running.driver import filled
from cecli.running.keywords import given, keywords
from cecli.running.options import Keywords, KeywordsOfLogits
from cecli.running.walk import walk

ONE_METRIC = (
    "logits",
    "normalize",
    "sample_weights",
    "ignore_index",
    "skip_missing",
    "eps",
    "classes",
    "device",
    "threads",
)


@keywords("softmax", without=("base",))
def softmax(logits: Any, **options: Unpack[KeywordsOfLogits]) -> Array:
    r"""Softmax: raw scores become probabilities. Also called normalised exponential, Boltzmann or Gibbs distribution.

    .. math:: \sigma_i(z) = e^{z_i/T} / \sum_j e^{z_j/T}

    Parameters: `logits` (K,), (N, K) or (N, T, K), any real; −inf masks a class, one +inf is certainty. `temperature` T > 0:
    above 1 flattens, below 1 sharpens.
    Returns: an array of the same shape and type, each row summing to 1.
    Raises: ValueError for NaN, two +inf or nothing but −inf in a row, T not above 0.
    Stable form: the largest logit is subtracted first, to twice the digits (`cecli.maths.softmax`); in large arrays only
    from rows whose exponentials would overflow (`cecli.maths.direct`).

    >>> softmax([0.0, 0.0]).tolist()
    [0.5, 0.5]

    Source: Bridle 1990, "Probabilistic interpretation of feedforward classification network outputs", eq. 7.
    """
    return _softmax(logits, options, log=False)


@keywords("softmax")
def log_softmax(logits: Any, **options: Unpack[KeywordsOfLogits]) -> Array:
    r"""Log-softmax: the logarithms of the softmax probabilities, exact where these are 1 or 0 to the last digit.

    .. math:: \log \sigma_i(z) = z_i/T - \log \sum_j e^{z_j/T}

    Parameters and errors as in `softmax`; `base` gives the unit (nats, bits, dits).
    Returns: an array of the same shape and type, all at most 0.
    Stable form: (z_i − m) − log1p(Σ e^{z_k − m} over the other classes), m the largest logit.

    >>> log_softmax([40.0, 0.0]).tolist()
    [-4.248354255291589e-18, -40.0]

    Source: Blanchard, Higham and Higham 2021, "Accurately computing the log-sum-exp and softmax functions", doi:10.1093/imanum/draa038.
    """
    return _softmax(logits, options, log=True)


def _softmax(logits: Any, options: Any, log: bool) -> Array:
    """softmax or its logarithm, in the shape and the type given."""
    source = array_source(logits, "the logits")
    taken, execution = read_keywords([source], options, log=log)
    begin([source], taken)
    steps = walk([source], taken, execution, kind="softmax")
    rows = filled(
        lambda batch, out: softmaxes.without_missing(softmaxes.softmax_of(batch, taken, out), batch),
        steps,
        source,
        execution,
    )
    return _as_given(rows, source)


@keywords("entropy")
def entropy(p: Any, **options: Unpack[Keywords]) -> Any:
    r"""Entropy: the mean information of an outcome, how uncertain a distribution is. Also called Shannon entropy.

    .. math:: H(p) = -\sum_k p_k \log p_k

    Parameters: `p` (K,) or (N, K), rows that sum to 1 (or raw scores with `logits=True`, or counts with
    `normalize=True`); `base` of the logarithm: "e" (nats), 2 (bits), 10 (dits).
    Returns: a float for one row; for several an array of one value per row, unless `reduction` is "mean" or "sum"; in nats, bits or dits.
    Raises: ValueError for a row that does not sum to 1, a value that is negative or above 1, NaN.
    Limits: 0·log 0 = 0. Between 0 and log K.

    >>> entropy([0.5, 0.25, 0.25], base=2)
    1.5

    Source: Shannon 1948, "A mathematical theory of communication", section 6.
    """
    return _evaluated(entropies.evaluate, [("p", p)], options)


@keywords("xent")
def cross_entropy(target: Any, prediction: Any, **options: Unpack[Keywords]) -> Any:
    r"""Cross-entropy of a prediction: the loss of a classifier. Also called log loss, or negative log-likelihood.

    .. math:: H(p, q) = -\sum_k p_k \log q_k

    Parameters: `target` labels (N,) or distributions (N, K); `prediction` (N, K) probabilities, or raw scores with `logits=True`; or both
    for one sample, without the N. `class_weights` (K,): the mean divides by Σₙ Σₖ wₖ·pₙₖ before smoothing. `sample_weights`
    (N,): the mean is the weighted mean. `label_smoothing` ε: the target becomes (1−ε)·p + ε/K. `focal` γ: each term
    times (1−q_k)^γ. `eps`: clip the probabilities to [ε, 1−ε] first.
    Returns: a float in nats, or in the unit of `base`; with `reduction="none"` an array of one value per sample (NaN where ignored).
    Raises: ValueError for a label out of range, rows that do not sum to 1, shapes that do not fit, nothing left.
    Limits: 0·log 0 = 0; inf where p > 0 and q = 0. Stable form: log1p of the other classes, so that a confident loss keeps its digits.

    >>> cross_entropy([1, 0, 0], [0.5, 0.25, 0.25], base=2)
    1.0
    >>> cross_entropy([0, 1], [[0.5, 0.5], [0.75, 0.25]], base=2, reduction="none").tolist()
    [1.0, 2.0]

    Source: Cover and Thomas, "Elements of Information Theory", section 2.3; focal: Lin et al. 2017, arXiv:1708.02002, eq. 4.
    """
    return _evaluated(xent.evaluate, [("the target", target), ("the prediction", prediction)], options)


@keywords("kl")
def kl_divergence(p: Any, q: Any, **options: Unpack[Keywords]) -> Any:
    r"""Kullback–Leibler divergence: what it costs to take q for p. Also called relative entropy.

    .. math:: KL(p \Vert q) = \sum_k p_k \log (p_k / q_k) = H(p, q) - H(p)

    Parameters: `p` the target and `q` (raw scores with `logits=True`), (K,) or (N, K). The target comes first, as in
    the formula and unlike `torch.nn.functional.kl_div`.
    Returns: a float for one row; for several one value per row, unless `reduction` says otherwise; in the unit of `base`.
    Raises: ValueError for rows that do not sum to 1, shapes that differ, NaN.
    Limits: inf where p > 0 and q = 0; never negative for rows that sum to 1. Stable form: terms
    p·log(p/q) + q − p ≥ 0, a series where p and q are close.

    >>> kl_divergence([0.5, 0.5], [0.5, 0.5])
    0.0

    Source: Kullback and Leibler 1951, doi:10.1214/aoms/1177729694, eq. 2.4.
    """
    return _evaluated(divergence.evaluate, [("p", p), ("q", q)], options)


@keywords("kl")
def js_divergence(p: Any, q: Any, **options: Unpack[Keywords]) -> Any:
    r"""Jensen–Shannon divergence: a symmetric divergence that is always finite. Its square root is a distance.

    .. math:: JS(p, q) = \tfrac12 KL(p \Vert m) + \tfrac12 KL(q \Vert m), \quad m = (p + q)/2

    Parameters, returns and errors as in `kl_divergence`. SciPy's `jensenshannon` returns the square root of this.
    Between 0 and log 2.

    >>> js_divergence([1, 0], [0, 1], base=2)
    1.0

    Source: Lin 1991, doi:10.1109/18.61115, eq. 4.1.
    """
    return _evaluated(divergence.evaluate, [("p", p), ("q", q)], options, js=True)


@keywords("bce")
def binary_cross_entropy(target: Any, prediction: Any, **options: Unpack[Keywords]) -> Any:
    r"""Binary cross-entropy: the log loss of yes-or-no predictions, entry by entry.

    .. math:: -[w\, y \log p + (1 - y) \log (1 - p)]

    Parameters: `target` and `prediction` of one shape: (N,) for one prediction per sample, (N, K) for a row of labels
    per sample (multi-label). `pos_weight` w: factor on the positive term; the mean still divides by the number of entries.
    `label_smoothing` ε: the target becomes (1−ε)·y + ε/2.
    Returns: a float in the unit of `base` (the mean is over all entries), or with `reduction="none"` an array of the prediction's shape.
    Raises: ValueError for a target or a probability outside [0, 1], shapes that differ, NaN, nothing left.
    Limits: 0·log 0 = 0; inf where the label has probability 0. Stable form of logits: log1p(e^−|z|) + max(z, 0) − y·z.

    >>> binary_cross_entropy([1, 0], [0.5, 0.75], base=2, reduction="none").tolist()
    [1.0, 2.0]

    Source: Bishop, "Pattern Recognition and Machine Learning", eq. 4.90.
    """
    return _evaluated(binary.evaluate, [("the target", target), ("the prediction", prediction)], options)


@keywords("compare", only=ONE_METRIC)
def mse(target: Any, prediction: Any, **options: Unpack[Keywords]) -> float:
    r"""Mean squared error of distributions: summed over the classes, averaged over the samples (multi-class Brier score).

    .. math:: \frac1N \sum_n \sum_k (q_{nk} - p_{nk})^2

    Parameters and errors as in `error_rate`.
    Returns: a float without a unit, between 0 and 2. Averaged over the classes too (as `torch.nn.MSELoss` does) it would be 1/K of this.

    >>> mse([0], [[0.5, 0.5]])
    0.5

    Source: Brier 1950, doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2, eq. 2.
    """
    return _metric("mse", target, prediction, options)


@keywords("compare", only=ONE_METRIC, without=("eps",))
def error_rate(target: Any, prediction: Any, **options: Unpack[Keywords]) -> float:
    r"""Error rate: the share of samples whose largest prediction is not the target class; ties go to the lowest index.

    .. math:: \frac1N \sum_n [\arg\max_k q_{nk} \ne y_n]

    Parameters as in `cross_entropy`; a prediction (N,) beside several labels 0 and 1 is the probability (or score) of 1, as in `compare`. The
    class of a soft target is its largest entry. A prediction (N,) of whole numbers or class names is predicted labels.
    Returns: a float without a unit, between 0 and 1.
    Raises: ValueError for a label out of range, rows that do not sum to 1, shapes that do not fit, nothing left.

    >>> error_rate([0, 1], [[0.9, 0.1], [0.6, 0.4]])
    0.5

    Source: Hastie, Tibshirani and Friedman, "The Elements of Statistical Learning", section 7.2 (0–1 loss).
    """
    return _metric("error_rate", target, prediction, options)


@keywords("compare")
def compare(target: Any, predictions: Mapping[str, Any], **options: Unpack[Keywords]) -> ModelComparison:
    """Models side by side on the same samples: what `cecli compare -f json` shows, as a dictionary that a notebook shows as its table.

    Parameters: `target` as in `cross_entropy`; `predictions` a mapping of names to arrays of one shape: (N, K), or (N,) beside several
    labels 0 and 1, of which each value is then the probability (or score) of 1. `confidence` of the intervals,
    and of what counts as more than chance; `bootstrap` resamples, if their intervals are wanted too; `seed` of these; `cluster` (N,):
    samples of the same number or name belong together; `by` (N,): all of it for each of these names or numbers too, in `slices`; `baseline`: compare all models with this one only.
    A prediction (N,) of whole numbers or class names is predicted labels: it has errors, and its losses are None. With `scores=True` the target is
    None, and each array is a score per sample, of which higher is better.
    `metrics` names what to add: "accuracy", "top2", "log_loss", "skill",
    "balanced_accuracy", "macro_f1", "ece" and "mce" (with `bins`), "brier", "kl", "roc_auc", "average_precision", "roc_auc_ovr", or "all". `worst` and `disagree`: how many
    samples to list. `by_class` and `confusion`: the table of classes, and the confusion matrix.
    Returns: a dictionary, whose members and their types `cecli.comparing.results.ComparisonResult` describes; `to_pandas()` makes it a
    DataFrame of models and metrics. Its members are `models` (each with `name`,
    `error_rate`, `errors`, `mse`, `cross_entropy`, `cross_entropy_sum`, `perplexity`), `best` (for each metric the names that share the
    best value) and `differences` (the paired statistics of each pair); losses are in the unit of `base`.
    Raises: ValueError for arrays of other lengths or numbers of classes, columns of other names, an unknown metric or baseline, and as in `cross_entropy`.

    >>> compare([0], {"a": [[0.5, 0.5]], "b": [[0.25, 0.75]]})["best"]["mse"]
    ['a']
    >>> compare([0, 1, 1, 0], {"a": [0.25, 0.75, 0.5, 0.625]}, metrics=["roc_auc"])["models"][0]["roc_auc"]
    0.75
    """
    sources, request = named_sources(predictions, **given(options, ("classes",))), metric_request(options)
    taken, execution = read_keywords([*sources.values()], options)
    labels = target_of(target, list(sources.values()), taken, request.scores)
    taken = with_names(taken, [*([] if labels is None else [labels]), *sources.values()])
    answer = comparison.compare(labels, sources, taken, execution, paired_options(options), request)
    return ModelComparison.of(answer.report)


@keywords("grad")
def gradient(
    target: Any, prediction: Any, loss: Literal["xent", "mse", "bce"] = "xent", **options: Unpack[Keywords]
) -> Array:
    r"""Gradient of a loss with respect to the logits.

    .. math:: dL/dz_j = \sum_i dL/dp_i \cdot p_i (\delta_{ij} - p_j), \quad \text{for the cross-entropy } p - y

    Parameters as in `cross_entropy`; `loss` is "xent", "mse" (summed over classes) or "bce" (entry by entry).
    Returns: an array of the shape and type of the prediction. With `reduction="sum"` (or "none") each row is that sample's own
    gradient; "mean" divides by the number of samples or the sum of weights. In the unit of the loss (`base`) per unit of a logit.
    Raises: ValueError as `cross_entropy` does, and for `class_weights` beside another loss than "xent".
    Stable form: the entry of the true class is minus the sum of the others, so that a confident sample keeps its digits.

    >>> gradient([1, 0, 0], [0.5, 0.25, 0.25]).tolist()
    [-0.5, 0.25, 0.25]

    Source: Bridle 1990; Bishop, "Pattern Recognition and Machine Learning", eq. 4.109.
    """
    source = array_source(prediction, "the prediction")
    taken, execution = read_keywords([source], options, loss=loss)
    labels = target_beside(target, "the target", [source], taken)
    if not gradients.is_by_rows(taken):
        found = gradients.evaluate(labels, source, taken, execution)
        return _as_given(softmaxes.without_missing(found.value, found.batch), source)
    steps = walk([source], taken, execution, labels)
    rows = filled(lambda batch, out: gradients.rows_of_gradient(batch, taken, out), steps, source, execution)
    return _as_given(rows / rows.shape[0] if taken.reduction_of("grad") == "mean" else rows, source)


@keywords("calibrate", without=("base",))
def calibrate(target: Any, logits: Any, **options: Unpack[KeywordsOfLogits]) -> float:
    r"""The temperature that calibrates a classifier: the T that minimises the cross-entropy of softmax(z/T). Also called temperature scaling.

    .. math:: T = \arg\min_T \frac1N \sum_n H\left(p_n, \sigma(z_n / T)\right)

    Parameters: `target` labels (N,) or distributions (N, K) and `logits` (N, K), raw scores as in `cross_entropy`; or both for one
    sample, without the N. `softmax(logits, temperature=T)` applies it.
    Returns: a float, above 0; above 1 where the model is too sure of itself. It is computed in float64 whatever the type of the logits.
    Raises: ValueError where no temperature is best: every target is the largest logit of its row (T → 0), the logits say
    nothing about the targets (T → ∞), each row is constant, or a class that is expected is masked.
    Stable form: the root of the derivative in β = 1/T, in which the loss is convex, by Newton's steps within a bracket (`cecli.maths.temperature`).

    >>> round(calibrate([2 / 3, 1 / 3], [2.0, 1.0]) * 0.6931471805599453, 12)
    1.0

    Source: Guo, Pleiss, Sun and Weinberger 2017, "On calibration of modern neural networks", arXiv:1706.04599, section 4.2.
    """
    source = array_source(logits, "the logits")
    taken, execution = read_keywords([source], options)
    labels = target_beside(target, "the target", [source], taken)
    return calibration.find_temperature(labels, source, taken, execution).temperature


# --- between arrays and quantities ----------------------------------------------------------------------------------


def _metric(name: str, target: Any, prediction: Any, options: Mapping[str, Any]) -> float:
    source = prediction_source(prediction, "the prediction", **given(options, ("classes",)))
    taken, execution = read_keywords([source], options)
    labels = target_beside(target, "the target", [source], taken)
    taken, may_be_labels = with_names(taken, [labels, source]), name == "error_rate"
    compared = comparison.compare(labels, {"model": source}, taken, execution, labels=may_be_labels).result
    return float(compared.models[0].number(name))


def _evaluated(
    evaluate: Callable[..., Iterator[LossSummary]],
    arguments: Sequence[tuple[str, Any]],
    options: Mapping[str, Any],
    **more: Any,
) -> Any:
    """A quantity of its named arguments, of which the last is the prediction, reduced."""
    *targets, (title, prediction) = arguments
    source = array_source(prediction, title)
    taken, execution = read_keywords([source], options, **more)
    others = [target_beside(value, name, [source], taken) for name, value in targets]
    if not others:
        begin([source], taken)
    return _reduced(next(evaluate(*others, source, taken, execution)), source)


def _reduced(summary: LossSummary, source: ArraySource) -> Any:
    """The reduced value as a float; under `none` an array like the input, NaN where a sample was left out."""
    if summary.reduction != "none":
        return summary.reduced("loss")
    array = summary.array("loss")
    if source.dimensions == 0 or (source.dimensions == 1 and not summary.stream.is_vector):
        return namespace(array).reshape(array, ())
    if len(source.shape) < 3:
        return array
    return namespace(array).reshape(array, source.shape if array.ndim == 2 else source.shape[:-1])


@quiet
def _as_given(values: Array, source: ArraySource) -> Array:
    """Values in the shape of the input, and in its type where that was a narrower float."""
    xp = namespace(values)
    values = xp.reshape(values, source.shape)
    return xp.astype(values, source.type_given) if is_half(source.type_given) else values


__all__ = [
    "binary_cross_entropy",
    "calibrate",
    "compare",
    "cross_entropy",
    "entropy",
    "error_rate",
    "gradient",
    "js_divergence",
    "kl_divergence",
    "log_softmax",
    "mse",
    "softmax",
]
