"""`xent` and `bce`: losses sample by sample, folded into totals, reduced, reported."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from cecli.maths import information, losses
from cecli.maths.namespace import (
    Array,
    at_labels,
    class_major,
    is_finite,
    namespace,
    on_cpu,
    quiet,
    row_sum,
    safe_product,
)
from cecli.maths.softmax import softmax, softmax_terms
from cecli.quantities.evaluation import (
    Evaluation,
    Measures,
    all_notes,
    evaluations,
    ignored,
    matrix_table,
    quantity_data,
    quantity_tables,
)
from cecli.quantities.explaining import explained
from cecli.reading.sources import Source
from cecli.report import Data, Report
from cecli.running import batches as inputs
from cecli.running.blocks import Block
from cecli.running.options import Settings

# --- a block of samples, measured ---------------------------------------------------------------------------------


@quiet
def cross_entropy_block(
    block: Block,
    settings: Settings,
    weights: Array | None,
    rounding: float = 2.0**-52,
    predicted: losses.ClassPrediction | None = None,
) -> Measures:
    """Cross-entropy of a block, with the entropy of its targets and the divergence from them.

    `predicted` is what the block predicts of all classes, where that is known already.
    """
    labels = plain_labels(block, settings)
    if labels is not None:
        own = predict_labels(block, labels, settings) if predicted is None else predicted.at(labels)
    else:
        own = predicted or predict(block, settings)
    terms, denominator, entropy, divergence = cross_entropy_parts(block, own, settings, weights, rounding)
    xp = namespace(terms.loss)
    values, zero = {"loss": terms.loss}, tuple[str, ...]()
    if settings.class_weights is None and settings.focal == 0:
        values |= {"entropy": entropy, "kl": divergence} if entropy is not None else {"kl": divergence}
        zero = ("entropy",) if entropy is None else ()
    if block.weights is not None:
        sample_weight = xp.astype(block.weights, terms.loss.dtype)
        values = {name: safe_product(sample_weight, value) for name, value in values.items()}
        denominator = sample_weight * denominator
    infinite = partial(infinite_losses, terms, values["loss"], block)
    even = block.labels is not None and block.weights is None and weights is None
    return Measures(values, denominator, block.kept, infinite, even, zero)


def cross_entropy_parts(
    block: Block, predicted: losses.Prediction, settings: Settings, weights: Array | None, rounding: float
) -> tuple[losses.CrossEntropyTerms, Array, Array | None, Array]:
    """The terms, the class weight in the mean, H(p) (None where it is 0) and KL(p‖q) of each sample.

    Unsmoothed labels need the labelled class alone; all else is a distribution over the classes.
    """
    labels = plain_labels(block, settings)
    xp = namespace(block.prediction)
    weights = None if weights is None else xp.astype(weights, block.prediction.dtype)
    if labels is not None:
        of_labels = None if weights is None else xp.take(weights, labels)[:, None]
        terms = losses.label_terms(predicted, of_labels, settings.focal)
        denominator = xp.ones_like(terms.loss) if of_labels is None else of_labels[:, 0]
        return terms, denominator, None, terms.loss
    target = block.target_rows
    denominator = row_sum(xp.ones_like(target[:, :1]) if weights is None else target * weights)
    smoothed = losses.smooth(target, settings.label_smoothing)
    terms = losses.cross_entropy_terms(smoothed, predicted, weights, settings.focal)
    entropy = information.entropy_terms(smoothed, information.surprisal(smoothed, settings.base)).entropy
    return terms, denominator, entropy, divergence_of(smoothed, predicted, settings, rounding)


def plain_labels(block: Block, settings: Settings) -> Array | None:
    """The labels of a block, where they are not smoothed to distributions."""
    return block.labels if settings.label_smoothing == 0 else None


def predict(block: Block, settings: Settings) -> losses.ClassPrediction:
    """What a block predicts of every class, from logits or probabilities."""
    if not settings.logits:
        return losses.predicted_by_probabilities(clipped(block.prediction, settings), settings.base)
    terms = softmax_terms(class_major(block.prediction))
    if settings.eps is None:
        return losses.PredictedByLogits(terms, base=settings.base)
    return losses.predicted_by_probabilities(clipped(softmax(terms), settings), settings.base)


def predict_labels(block: Block, labels: Array, settings: Settings) -> losses.Prediction:
    """What a block predicts of the labelled classes alone."""
    if not settings.logits:
        return losses.predicted_by_probabilities(clipped(at_labels(block.prediction, labels), settings), settings.base)
    if block.is_large and settings.eps is None:
        from cecli.maths import direct  # loaded for large arrays alone

        return losses.PredictedByOdds(direct.label_odds(block.prediction, labels), settings.base)
    return predict(block, settings).at(labels)


def clipped(p: Array, settings: Settings) -> Array:
    """Probabilities clipped to [ε, 1 − ε], if `--eps` asks for it."""
    return p if settings.eps is None else namespace(p).clip(p, settings.eps, 1 - settings.eps)


def divergence_of(p: Array, predicted: losses.Prediction, settings: Settings, rounding: float = 2.0**-52) -> Array:
    """KL(p‖q) of each row, in the unit asked for."""
    by_logits = settings.logits and settings.eps is None
    nats = predicted.surprisal * settings.base.ln if by_logits else None
    return settings.base.of_nats(information.kl_terms(p, predicted.probability, nats, rounding).divergence)


def infinite_losses(terms: losses.CrossEntropyTerms, loss: Array, block: Block) -> list[tuple[int, int]]:
    """The samples (counted in the whole input) whose loss is infinite and counts, each with the class that makes it so."""
    xp = namespace(loss)
    if is_finite(loss):
        return []
    counts = xp.isinf(loss) if block.kept is None else xp.isinf(loss) & block.kept
    if terms.term.shape[-1] == 1 and block.labels is not None:
        column = block.labels
    else:
        column = xp.argmax(xp.astype(xp.isinf(terms.term), xp.int64), axis=-1)
    rows, columns = on_cpu(xp.nonzero(counts)[0]), on_cpu(column)
    return [(block.first + i, int(columns[i])) for i in rows.tolist()]


@quiet
def binary_block(block: Block, settings: Settings) -> Measures:
    """Binary cross-entropy of a block, entry by entry."""
    xp, values = namespace(block.prediction), block.prediction
    weight = xp.broadcast_to(xp.ones_like(values[:1, :1]), values.shape)
    if block.weights is None and block.kept is None and settings.reduction != "none" and _is_direct(block, settings):
        from cecli.maths import direct  # loaded for large arrays alone

        loss = settings.base.of_nats(direct.binary_loss_together(_plain_targets(block), values))
        return Measures({"loss": loss}, weight, None, partial(_infinite_entries, block, settings), even=True)
    loss = _binary_loss(block, settings)
    if block.weights is not None:
        weight = weight * xp.astype(block.weights, loss.dtype)[:, None]
        loss = safe_product(weight, loss)
    infinite = partial(_infinite_entries, block, settings)
    return Measures({"loss": loss}, weight, block.kept, infinite, even=block.weights is None)


def _infinite_entries(block: Block, settings: Settings) -> list[tuple[int, int]]:
    """The (sample, entry) pairs whose loss is infinite and counts."""
    loss = _binary_loss(block, settings)
    if block.weights is not None:
        loss = safe_product(namespace(loss).astype(block.weights, loss.dtype)[:, None], loss)
    xp = namespace(loss)
    counts = xp.isinf(loss) if block.kept is None else xp.isinf(loss) & block.kept
    rows, columns = (on_cpu(indexes).tolist() for indexes in xp.nonzero(counts))
    return [(block.first + i, j) for i, j in zip(rows, columns, strict=True)]


def _binary_loss(block: Block, settings: Settings) -> Array:
    """The loss of every entry: of large arrays of plain 0/1 labels by the shortest way."""
    if not _is_direct(block, settings):
        return binary_parts(block, settings)[2].loss
    from cecli.maths import direct

    return settings.base.of_nats(direct.binary_loss(_plain_targets(block), block.prediction))


def _is_direct(block: Block, settings: Settings) -> bool:
    """Whether a block is one of a large array of plain 0/1 labels and logits."""
    plain = settings.logits and settings.eps is None and settings.pos_weight == 1 and settings.focal == 0
    if not (block.is_large and plain and settings.label_smoothing == 0):
        return False
    y = block.target
    return bool(namespace(y).all((y == 0) | (y == 1)))


def _plain_targets(block: Block) -> Array:
    """The targets in the type of the predictions."""
    return namespace(block.target).astype(block.target, block.prediction.dtype, copy=False)


def binary_parts(block: Block, settings: Settings) -> tuple[Array, losses.BinaryPrediction, losses.BinaryTerms]:
    """The targets as they are used, what is predicted, and the terms of every entry."""
    y = losses.smooth_binary(block.target, settings.label_smoothing)
    y = namespace(y).astype(y, block.prediction.dtype)
    predicted = _binary_prediction(block.prediction, settings)
    return y, predicted, losses.binary_terms(y, predicted, settings.pos_weight, settings.focal)


def _binary_prediction(values: Array, settings: Settings) -> losses.BinaryPrediction:
    """What a block of binary predictions says, from logits or (clipped) probabilities."""
    if not settings.logits:
        return losses.binary_by_probabilities(clipped(values, settings), settings.base)
    predicted = losses.BinaryByLogits(values, settings.base)
    if settings.eps is None:
        return predicted
    return losses.binary_by_probabilities(clipped(predicted.probability, settings), settings.base)


# --- reports ------------------------------------------------------------------------------------------------------


def cross_entropy(target: Source, prediction: Source, settings: Settings) -> Iterator[Report]:
    """`xent`: the cross-entropy H(p, q), with H(p), KL(p‖q) and the perplexity."""
    for evaluation in evaluate_cross_entropy(target, prediction, settings, each=settings.streams):
        yield explained(_cross_entropy_report(evaluation, settings), settings, evaluation)


def _cross_entropy_report(evaluation: Evaluation, settings: Settings) -> Report:
    """The report of an evaluation."""
    unit = settings.base.unit
    values = {name: evaluation.reduced(name) for name in ("loss", "entropy", "kl")}
    fields = {
        "reduction": evaluation.reduction,
        "entropy": values["entropy"],
        "kl": values["kl"],
        "perplexity": perplexity(evaluation, settings),
        **ignored(evaluation, settings),
    }
    titles = {"loss": "cross-entropy H(p, q)", "entropy": "entropy H(p)", "kl": "divergence KL(p‖q)"}
    columns = {"loss": "cross_entropy", "entropy": "entropy", "kl": "kl"}
    given = {name: value for name, value in values.items() if value is not None}
    more = [("perplexity", fields["perplexity"], "")] if fields["perplexity"] is not None else []
    data = {columns[name]: value for name, value in given.items()}
    if more and evaluation.reduction != "none":
        data["perplexity"] = fields["perplexity"]
    return Report(
        "xent",
        values["loss"],
        evaluation.samples,
        settings.described(
            "logits",
            "base",
            "normalize",
            "class_weights",
            "sample_weights",
            "label_smoothing",
            "ignore_index",
            "focal",
            "eps",
            classes=evaluation.plan.classes,
        )
        | {"reduction": evaluation.reduction},
        unit=unit,
        fields=fields,
        tables=quantity_tables({titles[name]: value for name, value in given.items()}, evaluation, unit, more),
        data=quantity_data(data, evaluation),
        per_sample=evaluation.reduction == "none",
        last_notes=partial(all_notes, evaluation, settings),
    )


def evaluate_cross_entropy(
    target: Source, prediction: Source, settings: Settings, each: bool = False
) -> Iterator[Evaluation]:
    """The cross-entropy of every sample, folded."""
    weights = inputs.class_weights(settings, prediction.width)
    parts = (step[0] for step in inputs.steps([prediction], settings, target))
    rounding = max(target.rounding, prediction.rounding)
    work = partial(cross_entropy_block, settings=settings, weights=weights, rounding=rounding)
    return evaluations(work, parts, settings, settings.reduction or "mean", each)


def perplexity(evaluation: Evaluation, settings: Settings) -> float | None:
    """e to the mean cross-entropy in nats, one number whatever the base and the reduction."""
    if "kl" not in evaluation.totals or evaluation.totals["loss"].weights.value == 0:
        return None
    return settings.base.power(evaluation.totals["loss"].reduced("mean"))


def binary_cross_entropy(target: Source, prediction: Source, settings: Settings) -> Iterator[Report]:
    """`bce`: the binary cross-entropy, per entry, then reduced."""
    for evaluation in evaluate_binary(target, prediction, settings, each=settings.streams):
        yield explained(_binary_report(evaluation, settings), settings, evaluation)


def _binary_report(evaluation: Evaluation, settings: Settings) -> Report:
    """The report of an evaluation."""
    unit, reduced = settings.base.unit, evaluation.reduced("loss")
    if evaluation.reduction == "none" and not evaluation.plan.vector:
        tables = [matrix_table(f"binary cross-entropy, {unit}", reduced, evaluation.plan, evaluation.first)]
        data = Data(evaluation.plan.headings("bce"), reduced)
    else:
        tables = quantity_tables({"binary cross-entropy": reduced}, evaluation, unit, [])
        data = quantity_data({"binary_cross_entropy": reduced}, evaluation)
    return Report(
        "bce",
        reduced,
        evaluation.samples,
        settings.described(
            "logits",
            "base",
            "sample_weights",
            "label_smoothing",
            "ignore_index",
            "pos_weight",
            "focal",
            "eps",
            classes=evaluation.plan.classes,
        )
        | {"reduction": evaluation.reduction},
        unit=unit,
        fields={"reduction": evaluation.reduction, **ignored(evaluation, settings)},
        tables=tables,
        data=data,
        per_sample=evaluation.reduction == "none",
        last_notes=partial(all_notes, evaluation, settings),
    )


def evaluate_binary(target: Source, prediction: Source, settings: Settings, each: bool = False) -> Iterator[Evaluation]:
    """The binary cross-entropy of every entry, folded."""
    parts = inputs.binary_steps(target, prediction, settings)
    return evaluations(partial(binary_block, settings=settings), parts, settings, settings.reduction or "mean", each)
