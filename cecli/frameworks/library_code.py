"""How each library's own functions compute the losses of a call, as lines of a program."""

from __future__ import annotations

from collections.abc import Callable

from cecli.frameworks.functions import LOSSES
from cecli.frameworks.metric_code import expected_classes, predicted_classes
from cecli.frameworks.numpy_code import Dialect, is_by_label
from cecli.frameworks.refusals import sums_warned
from cecli.frameworks.value_code import base_line
from cecli.frameworks.work import Work
from cecli.record import Record


class Call(Record):
    """The lines of a call of a library, and what the last of them is called."""

    lines: tuple[str, ...]
    gives_value: bool = False
    """Whether it is the value, and not the losses of the samples."""


UNREDUCED = ', reduction="none")'
"""How a call ends whose function reduces the losses itself where it is asked to."""


def reduced(call: Call, work: Work) -> Call:
    """The call with the function's own mean, or sum."""
    how = ")" if work.reduction == "mean" else f', reduction="{work.reduction}")'
    last = call.lines[-1].replace("losses = ", "value = ").replace(UNREDUCED, how)
    base = [line.replace("losses", "value") for line in base_line(work, "np")]
    return Call((*call.lines[:-1], last, *base), gives_value=True)


def nothing(_: Work) -> Call | None:
    """No function of its own."""
    return None


class Library(Record):
    """A library that programs are written for."""

    name: str
    title: str
    imports: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    """Lines after the imports."""
    framework: str = ""
    """What `--like` calls it."""
    call: Callable[[Work], Call | None] = nothing
    convert: str = ""
    """What makes its arrays of NumPy's."""
    fetch: str = ""
    """What makes NumPy's arrays of its losses."""
    dialect: Dialect = Dialect()
    always: bool = False
    """Whether all that NumPy computes it computes too."""


# --- torch --------------------------------------------------------------------------------------------------------


def _torch(work: Work) -> Call | None:
    options = work.state.options
    if options.eps is not None or options.focal or (options.pos_weight != 1 and not options.logits):
        return None
    function = {"xent": _torch_cross_entropy, "bce": _torch_binary, "kl": _torch_divergence, "entropy": _torch_entropy}
    if work.quantity == "softmax":
        scaled = f"z / {options.temperature!r}" if options.temperature != 1 else "z"
        base = f" / np.log({options.base.value!r})" if options.log and options.base.ln != 1 else ""
        return Call((f"losses = torch.{'log_softmax' if options.log else 'softmax'}({scaled}, dim=-1){base}",))
    quantity = "xent" if work.quantity in LOSSES else work.quantity
    if quantity == "gradient of xent" and options.logits:
        loss = _torch_cross_entropy(work)[-1].removeprefix("losses = ").replace('"none"', '"sum"')
        return Call(("z.requires_grad_()", f"{loss}.backward()", "g = z.grad"))
    if quantity not in function or (quantity == "kl" and work.has_labels):
        return None
    return Call(tuple(function[quantity](work)))


def _torch_cross_entropy(work: Work) -> list[str]:
    options, target = work.state.options, "y" if work.has_labels else "p"
    weight = ", weight=w" if work.state.class_weights is not None else ""
    smoothing = f", label_smoothing={options.label_smoothing!r}" if options.label_smoothing else ""
    kept = ["targets = p"] if smoothing and not work.has_labels else []
    if is_by_label(work) and not options.logits:
        return [f'losses = F.nll_loss(torch.log(q), y{weight}, reduction="none")']
    z = "z" if options.logits else "torch.log(q)"
    return [*kept, f'losses = F.cross_entropy({z}, {target}{weight}{smoothing}, reduction="none")']


def _torch_binary(work: Work) -> list[str]:
    options = work.state.options
    smoothed = (
        [f"y = (1 - {options.label_smoothing!r}) * y + {options.label_smoothing!r} / 2"]
        if options.label_smoothing
        else []
    )
    if not options.logits:
        return [*smoothed, 'losses = F.binary_cross_entropy(q, y, reduction="none")']
    positive = (
        f", pos_weight=torch.tensor({options.pos_weight!r}, dtype=torch.float64)" if options.pos_weight != 1 else ""
    )
    return [*smoothed, f'losses = F.binary_cross_entropy_with_logits(z, y{positive}, reduction="none")']


def _torch_divergence(work: Work) -> list[str]:
    log_q = "torch.log_softmax(z, dim=-1)" if work.state.options.logits else "torch.log(q)"
    return [f'losses = F.kl_div({log_q}, p, reduction="none").sum(dim=-1)  # the truth comes second']


def _torch_entropy(work: Work) -> list[str]:
    given = "logits=z" if work.state.options.logits else "probs=p"
    return [f"losses = torch.distributions.Categorical({given}).entropy()"]


# --- Keras --------------------------------------------------------------------------------------------------------


ACCURACIES = {"accuracy": "{kind}categorical_accuracy", "top_k": "{kind}top_k_categorical_accuracy"}
"""Its accuracies of each sample."""


def _keras(work: Work) -> Call | None:
    options = work.state.options
    if options.eps is not None or options.focal or work.state.class_weights is not None:
        return None
    scores = "z" if options.logits else "q"
    logits = "from_logits=True, " if options.logits else ""
    if work.quantity in ACCURACIES and not work.predicts_labels:
        function = ACCURACIES[work.quantity].format(kind="sparse_" if work.has_labels else "")
        k = f", k={work.size}" if work.quantity == "top_k" else ""
        return Call((f"losses = keras.metrics.{function}({'y' if work.has_labels else 'p'}, {scores}{k})",))
    if work.quantity == "softmax" and not options.log and options.temperature == 1:
        return Call(("losses = keras.ops.softmax(z, axis=-1)",))
    if work.quantity in LOSSES:
        smoothing = f"label_smoothing={options.label_smoothing!r}, " if options.label_smoothing else ""
        kind, target = ("SparseCategoricalCrossentropy", "y") if work.has_labels else ("CategoricalCrossentropy", "p")
        if work.has_labels and smoothing:
            kind, target = "CategoricalCrossentropy", f"np.eye({work.classes})[y]"
        given = f'{logits}{smoothing}reduction=None, dtype="float64"'
        return Call((f"losses = keras.losses.{kind}({given})({target}, {scores})",))
    if work.quantity == "bce" and not options.label_smoothing and options.pos_weight == 1:
        return Call((f"losses = keras.ops.binary_crossentropy(y, {scores}, from_logits={options.logits})",))
    return None


# --- scikit-learn -------------------------------------------------------------------------------------------------


SCORES = {
    "accuracy": ("accuracy_score", ""),
    "error_rate": ("zero_one_loss", ""),
    "errors": ("zero_one_loss", ", normalize=False"),
    "balanced_accuracy": ("balanced_accuracy_score", ""),
    "macro_f1": ("f1_score", ', average="macro"'),
}
"""Its functions of true and predicted classes, each with its own arguments."""

OF_PROBABILITIES = {
    "roc_auc": "roc_auc_score({y}, q[:, 1]",
    "average_precision": "average_precision_score({y}, q[:, 1]",
    "roc_auc_ovr": 'roc_auc_score({y}, q, multi_class="ovr", labels=range({classes})',
    "roc_auc_ovr_weighted": 'roc_auc_score({y}, q, multi_class="ovr", average="weighted", labels=range({classes})',
    "skill_prior": "d2_log_loss_score({y}, q, labels=range({classes})",
    "mse": "brier_score_loss({y}, q, labels=range({classes}), scale_by_half=False",
    "top_k": "top_k_accuracy_score({y}, q, k={k}, labels=range({classes})",
}
"""Its functions of probabilities, up to the weights."""


def _sklearn(work: Work) -> Call | None:
    weight = ", sample_weight=s" if work.state.weights is not None else ""
    if work.state.options.eps is not None:
        return None
    if work.quantity in SCORES:
        return _sklearn_of_classes(work, weight)
    if work.quantity in OF_PROBABILITIES:
        return _sklearn_of_probabilities(work, weight)
    return _sklearn_log_loss(work, weight) if work.quantity in ("bce", *LOSSES) else None


def _sklearn_of_classes(work: Work, weight: str) -> Call | None:
    """A metric of true and predicted classes."""
    if work.quantity == "errors" and weight:
        return None
    function, more = SCORES[work.quantity]
    pair = f"{expected_classes(work)}, {predicted_classes(work)}"
    return Call((f"value = metrics.{function}({pair}{more}{weight})",), gives_value=True)


def _sklearn_of_probabilities(work: Work, weight: str) -> Call | None:
    """A metric of probabilities; top-k accuracy takes logits as they are, but of two classes one probability."""
    if sums_warned(work) is not None:
        return None
    call = OF_PROBABILITIES[work.quantity].format(y=expected_classes(work), classes=work.classes, k=work.size)
    lines = ["q = special.softmax(z, axis=-1)"] if work.state.options.logits else []
    if work.quantity == "top_k" and work.classes == 2:
        call = call.replace(" q,", " q[:, 1],")
    elif work.quantity == "top_k" and lines:
        lines, call = [], call.replace(" q,", " z,")
    return Call((*lines, f"value = metrics.{call}{weight})"), gives_value=True)


def _sklearn_log_loss(work: Work, weight: str) -> Call | None:
    options, quantity = work.state.options, work.quantity
    is_shaped = (
        options.focal or options.label_smoothing or options.pos_weight != 1 or work.state.class_weights is not None
    )
    if work.reduction == "none" or is_shaped or (quantity == "bce" and not work.is_vector):
        return None
    whole = ", normalize=False" if work.reduction == "sum" else ""
    labels = "y" if work.has_labels or quantity == "bce" else "p.argmax(axis=-1)"
    lines = (
        [("q = special.expit(z)" if quantity == "bce" else "q = special.softmax(z, axis=-1)")] if options.logits else []
    )
    classes = 2 if quantity == "bce" else work.classes
    base = f" / np.log({options.base.value!r})" if options.base.ln != 1 and quantity != "log_loss" else ""
    call = f"value = metrics.log_loss({labels}, q, labels=range({classes}){whole}{weight}){base}"
    return Call((*lines, call), gives_value=True)


# --- SciPy --------------------------------------------------------------------------------------------------------


def _scipy(work: Work) -> Call | None:
    options = work.state.options
    if options.eps is not None:
        return None
    softmax = ["{} = special.softmax(z, axis=-1)"] if options.logits else []
    if work.quantity == "entropy":
        return Call((*(line.format("p") for line in softmax), "losses = stats.entropy(p, axis=-1)"))
    if work.quantity == "kl" and not work.has_labels:
        return Call((*(line.format("q") for line in softmax), "losses = stats.entropy(p, q, axis=-1)"))
    if work.quantity == "js":
        last = "losses = distance.jensenshannon(p, q, axis=-1) ** 2  # the divergence is the square of the distance"
        return Call((*(line.format("q") for line in softmax), last))
    if work.quantity == "softmax" and not options.log:
        scaled = f"z / {options.temperature!r}" if options.temperature != 1 else "z"
        return Call((f"losses = special.softmax({scaled}, axis=-1)",))
    return None


LIBRARIES = {
    library.name: library
    for library in (
        Library("numpy", "NumPy"),
        Library("scipy", "SciPy", ("from scipy import special", "from scipy import stats", "from scipy.spatial import distance"), (), "scipy", _scipy,
                dialect=Dialect(log_softmax="special.log_softmax(z, axis=-1)")),
        Library("sklearn", "scikit-learn", ("from scipy import special", "from sklearn import metrics"), (), "sklearn", _sklearn),
        Library("torch", "torch", ("import torch", "import torch.nn.functional as F"), (), "torch", _torch, "torch.from_numpy"),
        Library("jax", "jax", ("import jax", "import jax.numpy as jnp"), ('jax.config.update("jax_enable_x64", True)',),
                convert="jnp.asarray", fetch="np.asarray", dialect=Dialect("jnp", "jax.nn.log_softmax(z, axis=-1)"), always=True),
        Library("keras", "Keras", ("import keras",), ('keras.config.set_floatx("float64")  # some functions compute in float32 all the same on NumPy and JAX',), "keras", _keras, fetch="keras.ops.convert_to_numpy"),
    )
}  # fmt: skip
"""By the names that `--code` takes."""
