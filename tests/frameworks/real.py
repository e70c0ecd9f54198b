"""What the real functions of the frameworks give for a drawn call. `Missing` is raised where a framework has no such function."""

import math
import warnings
from functools import partial

import numpy as np


class MissingFunctionError(Exception):
    """The framework has no function, or no argument, for the call."""


CROSS_ENTROPIES = ("cross_entropy", "cross_entropy_sum", "log_loss")


def need(condition):
    """What a call must not ask for."""
    if not condition:
        raise MissingFunctionError


def without(call, *names):
    """No such option may be asked for."""
    need(not set(names) & set(call.options))


def softmaxed(call):
    """Probabilities: of logits their softmax, or sigmoid."""
    p = call.prediction
    if not call.options.get("logits"):
        return p
    if call.command == "bce":
        return 1 / (1 + np.exp(-p))
    from scipy.special import softmax

    return softmax(p, axis=-1)


def kept(call):
    """Labels, predictions and weights without the ignored samples."""
    labels, p, s = call.target, call.prediction, call.options.get("sample_weights")
    if "ignore_index" in call.options:
        use = labels != call.options["ignore_index"]
        labels, p, s = labels[use], p[use], None if s is None else s[use]
    return labels, p, s


def refilled(losses, call):
    """Losses of samples with NaN where a sample was ignored."""
    losses = np.asarray(losses)
    if losses.ndim == 0 or "ignore_index" not in call.options:
        return losses
    whole = np.full(len(call.target), np.nan, losses.dtype)
    whole[call.target != call.options["ignore_index"]] = losses
    return whole


def reduced(losses, how):
    """Losses of samples, reduced by hand where a function does not."""
    return {"none": lambda v: v, "mean": lambda v: v.mean(), "sum": lambda v: v.sum()}[how](losses)


def rows(array):
    """A vector as one row."""
    return array[None] if array.ndim == 1 else array


def listed(call, array):
    """A vector as one row where a value for each row is asked for."""
    return rows(array) if call.options.get("reduction") == "none" else array


# --- torch --------------------------------------------------------------------------------------------------------


def tensor(array):
    """An array as torch has it."""
    import torch

    return torch.as_tensor(np.asarray(array))


def torch_softmax(call):
    """Probabilities, or their logarithms."""
    import torch

    z = tensor(call.prediction) / call.options.get("temperature", 1)
    return torch.log_softmax(z, -1) if call.options.get("log") else torch.softmax(z, -1)


def torch_entropy(call):
    """Of probabilities or logits."""
    import torch

    kind = "logits" if call.options.get("logits") else "probs"
    found = torch.distributions.Categorical(**{kind: tensor(call.prediction)}).entropy()
    return reduced(found, call.options.get("reduction") or "none")


def torch_kl(call):
    """The truth comes second."""
    import torch
    from torch.nn import functional

    q = tensor(listed(call, call.prediction))
    if call.options.get("js"):
        from torchmetrics.functional.regression import jensen_shannon_divergence

        p, q = rows(tensor(call.target)), rows(tensor(softmaxed(call)))
        how = call.options.get("reduction") or ("mean" if len(p) == 1 else "none")
        return jensen_shannon_divergence(p, q, reduction=how)
    log_q = torch.log_softmax(q, -1) if call.options.get("logits") else q.log()
    how = call.options.get("reduction") or ("mean" if q.ndim == 1 else "none")
    return functional.kl_div(log_q, tensor(listed(call, call.target)).to(q.dtype), reduction=how)


def torch_grad(call):
    """By automatic differentiation."""
    from torch.nn import functional

    without(call, "sample_weights")
    o = call.options
    z = rows(tensor(call.prediction)).clone().requires_grad_()
    how = "mean" if o.get("reduction") == "mean" else "sum"
    y, e = tensor(call.target), o.get("label_smoothing", 0)
    if o["loss"] == "bce":
        functional.binary_cross_entropy_with_logits(z, (1 - e) * rows(y) + e / 2, reduction=how).backward()
    elif o["loss"] == "mse":
        one_hot = (
            functional.one_hot(y, z.shape[-1]).to(z.dtype) if y.ndim == 1 and not y.is_floating_point() else rows(y)
        )
        functional.mse_loss(z.softmax(-1), (1 - e) * one_hot + e / z.shape[-1], reduction=how).backward()
    else:
        more = {"weight": tensor(o["class_weights"])} if "class_weights" in o else {}
        more |= {"ignore_index": o["ignore_index"]} if "ignore_index" in o else {}
        functional.cross_entropy(
            z, y if not y.is_floating_point() else rows(y), reduction=how, label_smoothing=e, **more
        ).backward()
    return z.grad[0] if len(z) == 1 else z.grad


def torch_compare(call):
    """Cross-entropy, or squared error."""
    from torch.nn import functional

    without(call, "sample_weights")
    p, y = tensor(call.prediction), tensor(call.target)
    if call.options["metric"] == "mse":
        return [functional.mse_loss(p, functional.one_hot(y, p.shape[-1]).to(p.dtype)).item()]
    if call.options["metric"] not in CROSS_ENTROPIES:
        return [torchmetrics_(call, p, y).numpy()]
    how = "sum" if call.options["metric"] == "cross_entropy_sum" else "mean"
    return [functional.nll_loss(p.log(), y, reduction=how).item()]


def torchmetrics_(call, p, y):
    """A metric that torchmetrics has."""
    from torchmetrics import functional
    from torchmetrics.functional import classification as of

    metric, classes, bins = call.options["metric"], p.shape[-1], call.options.get("bins", 15)
    if metric.startswith("top"):
        k = int(metric[3:])
        own = p.gather(1, y[:, None])
        need(k == 1 or not ((p > own).sum(1) < k).logical_and(k < (p >= own).sum(1)).any())
        return of.multiclass_accuracy(p, y, classes, average="micro", top_k=k)
    if metric.startswith("roc_auc_ovr"):
        if len(set(y.tolist())) < classes:
            raise MissingFunctionError
        return of.multiclass_auroc(p, y, classes, average="weighted" if metric.endswith("weighted") else "macro")
    functions = {
        "accuracy": lambda: of.multiclass_accuracy(p.argmax(1), y, classes, average="micro"),
        "balanced_accuracy": lambda: of.multiclass_accuracy(p.argmax(1), y, classes, average="macro"),
        "macro_f1": lambda: of.multiclass_f1_score(p.argmax(1), y, classes, average="macro"),
        "ece": lambda: of.multiclass_calibration_error(p, y, classes, n_bins=bins),
        "mce": lambda: of.multiclass_calibration_error(p, y, classes, n_bins=bins, norm="max"),
        "perplexity": lambda: functional.text.perplexity(p.log()[None], y[None]),
        "roc_auc": lambda: of.binary_auroc(p[:, 1], y),
        "average_precision": lambda: of.binary_average_precision(p[:, 1], y),
    }
    need(metric in functions)
    return functions[metric]()


def torch_bce(call):
    """Of probabilities or logits."""
    from torch.nn import functional

    without(call, "focal")
    o, p = call.options, tensor(call.prediction)
    e = o.get("label_smoothing", 0)
    y = ((1 - e) * tensor(call.target) + e / 2).to(p.dtype)
    weight = tensor(o["sample_weights"]).to(p.dtype) if "sample_weights" in o else None
    weight = weight[:, None] if weight is not None and p.ndim == 2 else weight
    if o.get("logits"):
        pos = tensor(o["pos_weight"]).to(p.dtype) if "pos_weight" in o else None
        return functional.binary_cross_entropy_with_logits(p, y, weight, reduction=o["reduction"], pos_weight=pos)
    without(call, "pos_weight")
    return functional.binary_cross_entropy(p, y, weight, reduction=o["reduction"])


def torch_xent(call):
    """Labels or rows; of probabilities the logarithms are given."""
    from torch.nn import functional

    without(call, "sample_weights", "focal")
    o, p = call.options, tensor(call.prediction)
    z = p if o.get("logits") else p.log()
    more = {"reduction": o["reduction"]}
    more |= {"weight": tensor(o["class_weights"]).to(p.dtype)} if "class_weights" in o else {}
    more |= {"ignore_index": o["ignore_index"]} if "ignore_index" in o else {}
    y, smoothing = tensor(call.target), o.get("label_smoothing", 0)
    if call.target.dtype.kind == "f":
        return functional.cross_entropy(rows(z), rows(y).to(p.dtype), label_smoothing=smoothing, **more)
    if o.get("logits") or smoothing:
        return functional.cross_entropy(z, y, label_smoothing=smoothing, **more)
    return functional.nll_loss(z, y, **more)


# --- scikit-learn -------------------------------------------------------------------------------------------------


def sklearn_metric(call):
    """A metric of `compare`."""
    from sklearn import metrics

    o, p, metric = call.options, call.prediction, call.options["metric"]
    y, said, classes, is_binary = call.target, p.argmax(axis=-1), range(p.shape[-1]), p.shape[-1] == 2
    own = {"sample_weight": o.get("sample_weights")}
    need(metric != "roc_auc_ovr_weighted" or len(set(y.tolist())) == p.shape[-1])
    of_two = (y, p[:, 1]) if is_binary else (y, p)
    labels = {} if is_binary else {"labels": classes}
    functions = {
        **dict.fromkeys(CROSS_ENTROPIES, lambda: metrics.log_loss(y, p, labels=classes, **own)),
        "cross_entropy_sum": lambda: metrics.log_loss(y, p, labels=classes, normalize=False, **own),
        "mse": lambda: metrics.brier_score_loss(*of_two, **({"pos_label": 1} if is_binary else labels), **own),
        "error_rate": lambda: metrics.zero_one_loss(y, said, **own),
        "accuracy": lambda: metrics.accuracy_score(y, said, **own),
        "balanced_accuracy": lambda: metrics.balanced_accuracy_score(y, said, **own),
        "macro_f1": lambda: metrics.f1_score(y, said, average="macro", **own),
        "skill_prior": lambda: metrics.d2_log_loss_score(y, p, labels=classes, **own),
        "roc_auc": lambda: metrics.roc_auc_score(*of_two, **own),
        "average_precision": lambda: metrics.average_precision_score(*of_two, **own),
        "roc_auc_ovr": lambda: metrics.roc_auc_score(y, p, multi_class="ovr", labels=classes, **own),
        "roc_auc_ovr_weighted": lambda: metrics.roc_auc_score(
            y, p, multi_class="ovr", average="weighted", labels=classes, **own
        ),
        **{f"top{k}": partial(metrics.top_k_accuracy_score, *of_two, k=k, labels=classes, **own) for k in range(1, 4)},
    }
    need(metric in functions)
    return [functions[metric]()]


def sklearn_(call):
    """scikit-learn, 1.5 and later."""
    from sklearn.metrics import log_loss
    from sklearn.utils.extmath import softmax

    o = call.options
    if call.command == "softmax":
        without(call, "log")
        return softmax(rows(call.prediction) / o.get("temperature", 1)).reshape(call.prediction.shape)
    if call.command == "compare":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            return sklearn_metric(call)
    need(call.command in ("xent", "bce"))
    without(call, "class_weights", "label_smoothing", "focal", "pos_weight")
    need(o["reduction"] != "none")
    p, more = softmaxed(call), {"normalize": o["reduction"] == "mean", "sample_weight": o.get("sample_weights")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        if call.command == "bce":
            return log_loss(call.target, p, **more | ({"labels": [0, 1]} if p.ndim == 1 else {}))
        labels, _, s = kept(call)
        if call.target.dtype.kind == "f":
            if not np.all(rows(labels) == np.eye(p.shape[-1])[rows(labels).argmax(-1)]):
                return log_loss(rows(labels), rows(p))
            labels = rows(labels).argmax(-1)
        if "ignore_index" in o:
            p = p[call.target != o["ignore_index"]]
        more["sample_weight"] = s
        return log_loss(labels, rows(p), labels=range(p.shape[-1]), **more)


# --- scipy --------------------------------------------------------------------------------------------------------


def scipy_(call):
    """SciPy."""
    from scipy import special, stats
    from scipy.spatial.distance import jensenshannon

    o, p = call.options, call.prediction
    without(call, "sample_weights")
    base = o.get("base")
    how = o.get("reduction") or "none"
    if call.command == "softmax":
        return (special.log_softmax if o.get("log") else special.softmax)(p / o.get("temperature", 1))
    need(call.command in ("entropy", "kl"))
    q = softmaxed(call)
    if call.command == "entropy":
        return reduced(np.asarray(stats.entropy(q, base=base)), how)
    function = jensenshannon if o.get("js") else stats.entropy
    found = reduced(np.asarray(function(call.target, q, base=base)), how)
    return found[None] if o.get("reduction") == "none" and p.ndim == 1 else found


# --- Keras --------------------------------------------------------------------------------------------------------


def keras_reduction(call):
    """What Keras calls it."""
    how = call.options.get("reduction") or ("mean" if call.prediction.ndim == 1 else "none")
    return {"mean": "sum_over_batch_size", "sum": "sum", "none": None}[how]


def keras_softmax(call):
    """Probabilities, or their logarithms."""
    import keras

    z = keras.ops.convert_to_tensor(call.prediction / call.options.get("temperature", 1), "float32")
    return keras.ops.log_softmax(z) if call.options.get("log") else keras.ops.softmax(z)


def keras_kl(call):
    """Of Q, or of the softmax of its logits."""
    import keras

    without(call, "js")
    q = call.prediction
    q = keras.ops.softmax(q.astype(np.float32)) if call.options.get("logits") else q
    return keras.losses.KLDivergence(reduction=keras_reduction(call))(rows(call.target), rows(q))


def keras_compare(call):
    """Cross-entropy, squared error, or accuracy."""
    import keras

    o, p = call.options, call.prediction
    if o["metric"].startswith("top") or o["metric"] in ("accuracy", "macro_f1"):
        of, k, y = keras.metrics, int(o["metric"].partition("top")[2] or 1), call.target
        if k > p.shape[-1] and keras.backend.backend() == "torch":
            raise RuntimeError("torch.topk refuses")
        made = of.SparseCategoricalAccuracy() if o["metric"] == "accuracy" else of.SparseTopKCategoricalAccuracy(k)
        if o["metric"] == "macro_f1":
            made, y = of.F1Score(average="macro"), np.eye(p.shape[-1])[y]
        made.update_state(y, p, o.get("sample_weights"))
        return [float(made.result())]
    if o["metric"].startswith("roc_auc_ovr"):
        y, weights = np.eye(p.shape[-1])[call.target], o.get("sample_weights")
        is_weighted = o["metric"].endswith("weighted")
        need(not (is_weighted and weights is not None))
        made = keras.metrics.AUC(multi_label=True, label_weights=y.mean(axis=0) if is_weighted else None)
        made.update_state(y, p, None if weights is None else weights[:, None])
        return [float(made.result())]
    if o["metric"] in ("roc_auc", "average_precision"):
        made = keras.metrics.AUC(curve="ROC" if o["metric"] == "roc_auc" else "PR")
        made.update_state(call.target, p[:, 1], o.get("sample_weights"))
        return [float(made.result())]
    need(o["metric"] in (*CROSS_ENTROPIES, "mse"))
    if o["metric"] == "mse":
        return [float(keras.losses.MeanSquaredError()(np.eye(p.shape[-1])[call.target], p, o.get("sample_weights")))]
    how = "sum" if o["metric"] == "cross_entropy_sum" else "sum_over_batch_size"
    return [float(keras.losses.SparseCategoricalCrossentropy(reduction=how)(call.target, p, o.get("sample_weights")))]


def keras_bce(call):
    """A sample is a row of one value where a vector is given."""
    import keras

    without(call, "pos_weight")
    o = call.options
    y, p = (each if each.ndim == 2 else each[:, None] for each in (call.target, call.prediction))
    more = {
        "from_logits": o.get("logits", False),
        "label_smoothing": o.get("label_smoothing", 0.0),
        "reduction": keras_reduction(call),
    }
    if "focal" in o:
        return keras.losses.BinaryFocalCrossentropy(gamma=o["focal"], **more)(y, p, o.get("sample_weights"))
    return keras.losses.BinaryCrossentropy(**more)(y, p, o.get("sample_weights"))


def keras_xent(call):
    """Labels, or rows where these are given or made by smoothing."""
    import keras

    without(call, "class_weights")
    o = call.options
    more = {"from_logits": o.get("logits", False), "reduction": keras_reduction(call)}
    has_labels = call.target.dtype.kind == "i"
    if has_labels and not {"focal", "label_smoothing"} & set(o):
        loss = keras.losses.SparseCategoricalCrossentropy(ignore_class=o.get("ignore_index"), **more)
        return loss(call.target, call.prediction, o.get("sample_weights"))
    labels, q, s = kept(call)
    y = np.eye(q.shape[-1])[labels] if has_labels else rows(labels)
    more["label_smoothing"] = o.get("label_smoothing", 0.0)
    if "focal" in o:
        return refilled(keras.losses.CategoricalFocalCrossentropy(gamma=o["focal"], **more)(y, rows(q), s), call)
    return refilled(keras.losses.CategoricalCrossentropy(**more)(y, rows(q), s), call)


def keras_grad(call):
    """By automatic differentiation of its backend, which is torch."""
    import keras
    import torch

    without(call, "class_weights")
    o = call.options
    labels, z, s = kept(call)
    z, e = torch.tensor(rows(z), dtype=torch.float32, requires_grad=True), o.get("label_smoothing", 0.0)
    y = np.eye(z.shape[-1])[labels] if call.target.dtype.kind == "i" else rows(labels)
    of, how = keras.losses, "sum_over_batch_size" if o.get("reduction") == "mean" else "sum"
    if o["loss"] == "bce":
        columns = (y.T, z.T) if len(y) == 1 else (y, z)
        of.BinaryCrossentropy(from_logits=True, label_smoothing=e, reduction=how)(*columns, s).backward()
    elif o["loss"] == "mse":
        of.MeanSquaredError(reduction=how)((1 - e) * y + e / z.shape[-1], z.softmax(-1), s).backward()
    else:
        of.CategoricalCrossentropy(from_logits=True, label_smoothing=e, reduction=how)(y, z, s).backward()
    found = z.grad.numpy()
    if "ignore_index" in o:
        whole = np.zeros(call.prediction.shape, np.float32)
        whole[call.target != o["ignore_index"]] = found
        found = whole
    return found[0] if len(found) == 1 else found


# --- optax --------------------------------------------------------------------------------------------------------


def float32(array):
    """An array as jax has it."""
    import jax.numpy as jnp

    return jnp.asarray(array, jnp.float32)


def optax_softmax(call):
    """Of jax."""
    import jax

    z = float32(call.prediction / call.options.get("temperature", 1))
    return jax.nn.log_softmax(z) if call.options.get("log") else jax.nn.softmax(z)


def optax_kl(call):
    """The truth comes second."""
    import jax
    import jax.numpy as jnp
    import optax

    without(call, "js")
    q = float32(listed(call, call.prediction))
    log_q = jax.nn.log_softmax(q) if call.options.get("logits") else jnp.log(q)
    return reduced(
        optax.kl_divergence(log_q, float32(listed(call, call.target))), call.options.get("reduction") or "none"
    )


def optax_grad(call):
    """By automatic differentiation."""
    import jax
    import optax

    without(call, "class_weights", "sample_weights")
    o = call.options
    labels, z, _ = kept(call)
    z, e = float32(rows(z)), o.get("label_smoothing", 0.0)
    y = float32(np.eye(z.shape[-1])[labels] if call.target.dtype.kind == "i" else rows(labels))
    losses = {
        "xent": lambda z: optax.softmax_cross_entropy(z, optax.smooth_labels(y, e)),
        "mse": lambda z: optax.squared_error(jax.nn.softmax(z), optax.smooth_labels(y, e)),
        "bce": lambda z: optax.sigmoid_binary_cross_entropy(z, (1 - e) * y + e / 2),
    }[o["loss"]]
    how = "mean" if o.get("reduction") == "mean" else "sum"
    found = np.asarray(jax.grad(lambda z: reduced(losses(z), how))(z))
    if "ignore_index" in o:
        whole = np.zeros(call.prediction.shape, np.float32)
        whole[call.target != o["ignore_index"]] = found
        found = whole
    return found[0] if len(found) == 1 else found


def optax_compare(call):
    """Cross-entropy, or squared error."""
    import jax.numpy as jnp
    import optax

    without(call, "sample_weights")
    p, metric = float32(call.prediction), call.options["metric"]
    if metric == "mse":
        return [float(optax.squared_error(p, float32(np.eye(p.shape[-1])[call.target])).mean())]
    need(metric in CROSS_ENTROPIES)
    losses = optax.softmax_cross_entropy_with_integer_labels(jnp.log(p), jnp.asarray(call.target))
    return [float(reduced(losses, "sum" if metric == "cross_entropy_sum" else "mean"))]


def optax_bce(call):
    """Of logits alone."""
    import optax

    without(call, "pos_weight", "sample_weights")
    o, z = call.options, float32(call.prediction)
    need(o.get("logits"))
    e = o.get("label_smoothing", 0)
    y = (1 - e) * float32(call.target) + e / 2
    if "focal" in o:
        return reduced(optax.sigmoid_focal_loss(z, y, gamma=o["focal"]), o["reduction"])
    return reduced(optax.sigmoid_binary_cross_entropy(z, y), o["reduction"])


def optax_xent(call):
    """Labels or rows; of probabilities the logarithms are given."""
    import jax.numpy as jnp
    import optax

    without(call, "class_weights", "sample_weights", "focal")
    o = call.options
    labels, q, _ = kept(call)
    z = float32(q) if o.get("logits") else jnp.log(float32(q))
    has_labels = call.target.dtype.kind == "i"
    if has_labels and "label_smoothing" not in o:
        losses = optax.softmax_cross_entropy_with_integer_labels(z, jnp.asarray(labels))
    else:
        y = float32(np.eye(q.shape[-1])[labels] if has_labels else rows(labels))
        losses = optax.softmax_cross_entropy(rows(z), optax.smooth_labels(y, o.get("label_smoothing", 0.0)))
    return refilled(reduced(losses, o["reduction"]), call)


def of_commands(framework):
    """The function of a framework for each command."""
    return {
        name.partition("_")[2]: function for name, function in globals().items() if name.startswith(f"{framework}_")
    }


FRAMEWORKS = {"sklearn": sklearn_, "scipy": scipy_}


def real(framework, call):
    """The real value, as plain lists of numbers; None for NaN."""
    function = FRAMEWORKS.get(framework) or of_commands(framework).get(call.command)
    need(function)
    value = np.asarray(function(call))
    is_single = value.dtype == np.float32 or framework in ("keras", "optax")
    return plain(value.astype(np.float64).tolist()), np.float32 if is_single else np.float64


def plain(value):
    """None in the place of NaN."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    return None if math.isnan(value) else value
