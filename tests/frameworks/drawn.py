"""Calls drawn at random, over options and odd inputs, as words for the command line and as arrays for a framework."""

from dataclasses import dataclass, field

import numpy as np

from cecli.comparing.metrics import metric_of

COMMANDS = ("xent", "bce", "kl", "entropy", "softmax", "grad", "compare")


@dataclass
class Drawn:
    """A call: what is typed, and the same as arrays and options."""

    command: str
    target: np.ndarray | None
    prediction: np.ndarray
    options: dict = field(default_factory=dict)

    def words(self, folder=None):
        """The command line; float32 arrays are files in a folder."""
        sources = [] if self.target is None else [typed(self.target)]
        if self.prediction.dtype == np.float32:
            path = folder / "prediction.npy"
            np.save(path, self.prediction)
            sources.append(str(path))
        else:
            sources.append(typed(self.prediction))
        return [self.command, *sources, *(word for name, value in self.options.items() for word in flag(name, value))]

    def __str__(self):
        return " ".join(self.words()) if self.prediction.dtype == np.float64 else f"{self} in float32"


def typed(values):
    """An array as it is typed, all digits."""
    if values.ndim == 2:
        return ";".join(typed(row) for row in values)
    return ",".join(repr(value) for value in values.tolist())


def flag(name, value):
    """An option as it is typed."""
    if value is True:
        return [f"--{name.replace('_', '-')}"]
    text = typed(value) if isinstance(value, np.ndarray) else str(value)
    return [f"--{name.replace('_', '-')}={text}"]


def draw(rng, command):
    """A call of a command."""
    return DRAWS[command](rng)


def often(rng, share):
    """True so often."""
    return bool(rng.random() < share)


def logits(rng, rows, classes):
    """Ordinary, confident, equal, huge."""
    scale = rng.choice([1.0, 3.0, 10.0, 40.0])
    z = np.round(rng.normal(size=(rows, classes)) * scale, int(rng.integers(1, 5)))
    if often(rng, 0.1):
        z[0] = z[0, 0]
    if often(rng, 0.08) and classes > 2:
        z[0, int(rng.integers(classes))] = -np.inf
    return z


def distributions(rng, rows, classes):
    """Ordinary, with 0 and 1, rounded so that they sum to nearly 1."""
    p = rng.dirichlet(np.full(classes, rng.choice([0.3, 1.0, 5.0])), size=rows)
    if often(rng, 0.15):
        p[0] = np.eye(classes)[int(rng.integers(classes))]
    if often(rng, 0.1) and classes > 2:
        p[-1] = [*(0.5, 0.5), *[0.0] * (classes - 2)]
    if often(rng, 0.25):
        digits = int(rng.integers(2, 5))
        p = np.round(p, digits)
        if np.any(np.abs(p.sum(axis=1) - 1) > min(classes / 2 * 10.0**-digits, 0.05) * 0.99):
            p = np.exp(p) / np.exp(p).sum(axis=1, keepdims=True)
    return p


def some(rng, share, **options):
    """An option, so often."""
    return options if often(rng, share) else {}


def drawn_xent(rng):
    """A cross-entropy: labels, one-hot or soft rows."""
    rows, classes = int(rng.choice([1, 2, 3, 6, 25])), int(rng.integers(2, 6))
    is_logits = often(rng, 0.5)
    prediction = (logits if is_logits else distributions)(rng, rows, classes)
    labels = rng.integers(classes, size=rows)
    kind = rng.choice(["labels", "one-hot", "soft"], p=[0.55, 0.2, 0.25])
    target = {"labels": labels, "one-hot": np.eye(classes)[labels], "soft": distributions(rng, rows, classes)}[kind]
    if kind != "labels" and rows == 1:
        target, prediction = target[0], prediction[0]
    options = {"reduction": str(rng.choice(["mean", "mean", "sum", "none"]))}
    options |= {"logits": True} if is_logits else {}
    options |= some(rng, 0.2, class_weights=np.round(rng.uniform(0.2, 5, classes), 2))
    options |= some(rng, 0.15, sample_weights=np.round(rng.uniform(0.1, 3, rows), 2))
    options |= some(rng, 0.2, label_smoothing=float(np.round(rng.uniform(0.01, 0.5), 2)))
    options |= some(rng, 0.1, focal=float(rng.integers(1, 4)))
    options |= some(rng, 0.1, base=2)
    if kind == "labels" and rows > 2:
        options |= some(rng, 0.2, ignore_index=int(labels[0]))
        if set(labels.tolist()) == {labels[0]}:
            options.pop("ignore_index", None)
    if rng.random() < 0.15 and rows > 1 and (is_logits or np.all(np.abs(prediction.sum(axis=-1) - 1) < 1e-6)):
        prediction = prediction.astype(np.float32)
    return Drawn("xent", target, prediction, options)


def drawn_bce(rng):
    """Binary predictions: a vector, or rows of labels."""
    shape = (
        (int(rng.choice([1, 2, 5, 24])),) if often(rng, 0.6) else (int(rng.choice([2, 3, 7])), int(rng.integers(2, 5)))
    )
    is_logits = often(rng, 0.5)
    prediction = (
        np.round(rng.normal(size=shape) * rng.choice([1, 5, 40]), 3)
        if is_logits
        else np.round(rng.uniform(0, 1, shape), int(rng.integers(1, 6)))
    )
    if not is_logits and often(rng, 0.15):
        prediction.flat[0] = rng.choice([0.0, 1.0, 1e-60])
    target = np.round(rng.uniform(0, 1, shape), 2) if often(rng, 0.2) else rng.integers(0, 2, shape).astype(float)
    options = {"reduction": str(rng.choice(["mean", "mean", "sum", "none"]))} | ({"logits": True} if is_logits else {})
    options |= some(rng, 0.2, sample_weights=np.round(rng.uniform(0.1, 3, shape[0]), 2))
    options |= some(rng, 0.2, label_smoothing=float(np.round(rng.uniform(0.01, 0.5), 2)))
    options |= some(rng, 0.2, pos_weight=float(np.round(rng.uniform(1.1, 4), 1)))
    options |= some(rng, 0.15, focal=float(rng.integers(1, 4)))
    if shape[0] > 1 and rng.random() < 0.15:
        prediction = prediction.astype(np.float32)
    return Drawn("bce", target, prediction, options)


def drawn_kl(rng):
    """Two distributions, or rows of them."""
    rows, classes = int(rng.choice([1, 1, 2, 3, 22])), int(rng.integers(2, 6))
    p = distributions(rng, rows, classes)
    is_logits = often(rng, 0.25)
    q = logits(rng, rows, classes) if is_logits else distributions(rng, rows, classes)
    if not is_logits and often(rng, 0.15) and np.all(np.abs(p.sum(axis=-1) - 1) < 1e-12):
        q = p + 1e-9 * np.array([1, -1, *[0] * (classes - 2)])
        q = np.where((q < 0) | (q > 1), p, q)
    options = {"logits": True} if is_logits else {}
    options |= some(rng, 0.6, reduction=str(rng.choice(["mean", "sum", "none"])))
    options |= some(rng, 0.15, base=2)
    options |= some(rng, 0.25, js=True)
    if rows == 1:
        return Drawn("kl", p[0], q[0], options)
    return Drawn("kl", p, q, options)


def drawn_entropy(rng):
    """A distribution, or rows of them."""
    rows, classes = int(rng.choice([1, 1, 2, 4])), int(rng.integers(2, 7))
    is_logits = often(rng, 0.25)
    p = (logits if is_logits else distributions)(rng, rows, classes)
    options = {"logits": True} if is_logits else {}
    options |= some(rng, 0.3, reduction=str(rng.choice(["mean", "sum"])))
    options |= some(rng, 0.2, base=10)
    return Drawn("entropy", None, p[0] if rows == 1 else p, options)


def drawn_softmax(rng):
    """Raw scores."""
    rows = int(rng.choice([1, 2, 3]))
    z = logits(rng, rows, int(rng.integers(2, 6)))
    options = some(rng, 0.3, temperature=float(rng.choice([0.5, 2.0, 3.0]))) | some(rng, 0.4, log=True)
    return Drawn("softmax", None, z[0] if rows == 1 else z, options)


def drawn_grad(rng):
    """A gradient with respect to logits."""
    loss = str(rng.choice(["xent", "xent", "mse", "bce"]))
    rows, classes = int(rng.choice([1, 2, 4])), int(rng.integers(2, 5))
    z, labels = logits(rng, rows, classes), rng.integers(classes, size=rows)
    options = {"loss": loss, "logits": True} | some(rng, 0.5, reduction=str(rng.choice(["mean", "sum", "none"])))
    options |= some(rng, 0.2, label_smoothing=float(np.round(rng.uniform(0.01, 0.5), 2)))
    if loss == "bce":
        return Drawn("grad", rng.integers(0, 2, z.shape).astype(float), np.where(np.isinf(z), 0, z), options)
    options |= some(rng, 0.2, class_weights=np.round(rng.uniform(0.2, 5, classes), 2)) if loss == "xent" else {}
    if loss == "xent" and rows > 2:
        options |= some(rng, 0.2, ignore_index=int(labels[0])) if set(labels.tolist()) != {labels[0]} else {}
    kind = str(rng.choice(["labels", "one-hot", "soft"]))
    target = {"labels": labels, "one-hot": np.eye(classes)[labels], "soft": distributions(rng, rows, classes)}[kind]
    if kind != "labels":
        options.pop("ignore_index", None)
    return Drawn("grad", target, z, options)


def drawn_compare(rng):
    """One model's metric."""
    rows, classes = int(rng.choice([2, 3, 8])), int(rng.integers(2, 5))
    metric = str(rng.choice(["mse", "mse", "cross_entropy", "cross_entropy_sum", "log_loss", "error_rate", "accuracy"]))
    options = {"metric": metric} | some(rng, 0.2, sample_weights=np.round(rng.uniform(0.1, 3, rows), 2))
    return Drawn("compare", rng.integers(classes, size=rows), distributions(rng, rows, classes), options)


METRICS = (
    "top1",
    "top2",
    "top3",
    "accuracy",
    "balanced_accuracy",
    "macro_f1",
    "ece",
    "mce",
    "perplexity",
    "skill_prior",
    "roc_auc_ovr",
    "roc_auc_ovr_weighted",
)
OF_TWO = ("roc_auc", "average_precision")


def drawn_metrics(rng):
    """One model's metric that is no mean of losses, with ties and classes that never occur."""
    rows, metric = int(rng.choice([3, 5, 8])), str(rng.choice(METRICS + OF_TWO))
    classes = 2 if metric in OF_TWO else int(rng.integers(3 if "ovr" in metric else 2, 5))
    labels = rng.integers(rng.integers(1, classes + 1), size=rows)
    prediction = (
        rng.multinomial(10, np.full(classes, 1 / classes), size=rows) / 10
        if often(rng, 0.5)
        else distributions(rng, rows, classes)
    )
    options = {"metric": metric} | some(rng, 0.2, sample_weights=np.round(rng.uniform(0.1, 3, rows), 2))
    options |= some(rng, 0.3, bins=int(rng.integers(2, 20))) if metric in ("ece", "mce") else {}
    return Drawn("compare", labels, prediction, options)


def drawn_model_metric(rng, metric):
    """The words that compare two models by a metric. Logits are drawn without ties: whether log p of two rows is the same depends on rounding."""
    row = metric_of(metric)
    rows = int(rng.choice([3, 6, 12]))
    classes = 2 if row.classes == "two" else int(rng.integers(3 if row.classes == "many" else 2, 5))
    is_logits = often(rng, 0.4)
    models = [(logits if is_logits else distributions)(rng, rows, classes) for _ in range(2)]
    if often(rng, 0.5) and not is_logits:
        models[0] = rng.multinomial(10, np.full(classes, 1 / classes), size=rows) / 10
    target = rng.integers(rng.integers(1, classes + 1), size=rows)
    target = rng.dirichlet(np.ones(classes), size=rows) if often(rng, 0.3) else target
    options = (
        {"metric": metric} | ({"logits": True} if is_logits else {}) | some(rng, 0.4, bins=int(rng.integers(2, 20)))
    )
    if row.group not in ("ece", "mce", "brier"):
        options.pop("bins", None)
    if often(rng, 0.4):
        options["sample_weights"] = np.round(rng.uniform(0.1, 3, rows), 2) * (
            rng.random(rows) > 0.15 if often(rng, 0.5) else 1
        )
        options["sample_weights"][0] = 1
    return [
        "compare",
        *map(typed, (target, *models)),
        *(word for name, value in options.items() for word in flag(name, value)),
    ]


DRAWS = {
    name[6:]: value
    for name, value in globals().copy().items()
    if name.startswith("drawn_") and name != "drawn_model_metric"
}
