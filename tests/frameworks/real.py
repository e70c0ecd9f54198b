"""What the real functions of the frameworks give for a drawn call. `Missing` is raised where a framework has no such function."""

import math
import warnings

import numpy as np


class MissingFunctionError(Exception):
    """The framework has no function, or no argument, for the call."""


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

    without(call, "js")
    q = tensor(listed(call, call.prediction))
    log_q = torch.log_softmax(q, -1) if call.options.get("logits") else q.log()
    how = call.options.get("reduction") or ("mean" if q.ndim == 1 else "none")
    return functional.kl_div(log_q, tensor(listed(call, call.target)).to(q.dtype), reduction=how)


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


def sklearn_(call):
    """scikit-learn, 1.5 and later."""
    from sklearn.metrics import log_loss
    from sklearn.utils.extmath import softmax

    o = call.options
    if call.command == "softmax":
        without(call, "log")
        return softmax(rows(call.prediction) / o.get("temperature", 1)).reshape(call.prediction.shape)
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
    return plain(value.astype(np.float64).tolist()), np.float32 if value.dtype == np.float32 else np.float64


def plain(value):
    """None in the place of NaN."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    return None if math.isnan(value) else value
