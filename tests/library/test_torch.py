"""Beside torch in float64: losses and gradients with every option that both have."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cecli

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch", reason="torch is installed by hand: pip install torch")

REDUCTIONS = ["none", "mean", "sum"]
CLOSE = {"rtol": 1e-12, "atol": 1e-15}


@pytest.fixture(params=[2, 5])
def data(request: pytest.FixtureRequest) -> dict[str, np.ndarray]:
    """Random logits, labels, soft targets and weights."""
    rng = np.random.default_rng(request.param)
    classes = request.param
    return {
        "logits": rng.normal(size=(20, classes)) * 3,
        "labels": rng.integers(0, classes, 20),
        "soft": rng.dirichlet([0.5] * classes, 20),
        "class_weights": rng.uniform(0.1, 4, classes),
    }


def tensor(values: Any, grad: bool = False) -> Any:
    """A tensor of its own memory."""
    return torch.tensor(values, requires_grad=grad)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("ignoring", [False, True])
def test_cross_entropy_of_labels(
    data: dict[str, np.ndarray], reduction: str, smoothing: float, weighted: bool, ignoring: bool
) -> None:
    """Class weights, smoothing and ignored labels, alone and together; the loss and its gradient."""
    labels = data["labels"].copy()
    if ignoring:
        labels[[1, 4]] = -100
    z = tensor(data["logits"], grad=True)
    weights = data["class_weights"] if weighted else None
    expected = torch.nn.functional.cross_entropy(
        z,
        tensor(labels),
        weight=None if weights is None else tensor(weights),
        label_smoothing=smoothing,
        reduction=reduction,
    )
    expected.sum().backward()
    options = {
        "logits": True,
        "class_weights": weights,
        "label_smoothing": smoothing,
        "ignore_index": -100,
        "reduction": reduction,
    }
    found = cecli.cross_entropy(labels, data["logits"], **options)

    np.testing.assert_allclose(np.nan_to_num(found), expected.detach().numpy(), **CLOSE)
    np.testing.assert_allclose(
        cecli.gradient(labels, data["logits"], **options), z.grad.numpy(), rtol=1e-11, atol=1e-14
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_cross_entropy_of_soft_targets(data: dict[str, np.ndarray], reduction: str, smoothing: float) -> None:
    """Distributions as targets, where the two divide a mean alike."""
    z = tensor(data["logits"], grad=True)
    expected = torch.nn.functional.cross_entropy(
        z, tensor(data["soft"]), label_smoothing=smoothing, reduction=reduction
    )
    expected.sum().backward()
    options = {"logits": True, "label_smoothing": smoothing, "reduction": reduction}

    np.testing.assert_allclose(
        cecli.cross_entropy(data["soft"], data["logits"], **options), expected.detach().numpy(), **CLOSE
    )
    np.testing.assert_allclose(
        cecli.gradient(data["soft"], data["logits"], **options), z.grad.numpy(), rtol=1e-11, atol=1e-14
    )


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_weighted_soft_targets_divide_by_their_weights(data: dict[str, np.ndarray], smoothing: float) -> None:
    """Under class weights torch divides the mean of rows by N, cecli by the weights of the targets: the sums agree."""
    total = torch.nn.functional.cross_entropy(
        tensor(data["logits"]),
        tensor(data["soft"]),
        weight=tensor(data["class_weights"]),
        label_smoothing=smoothing,
        reduction="sum",
    ).item()
    options = {"logits": True, "class_weights": data["class_weights"], "label_smoothing": smoothing}

    assert cecli.cross_entropy(data["soft"], data["logits"], reduction="sum", **options) == pytest.approx(
        total, rel=1e-12
    )
    whole = (data["soft"] * data["class_weights"]).sum()
    assert cecli.cross_entropy(data["soft"], data["logits"], **options) == pytest.approx(total / whole, rel=1e-12)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_nll_loss(data: dict[str, np.ndarray], reduction: str) -> None:
    """nll_loss of log-probabilities is cross-entropy of probabilities."""
    q = cecli.softmax(data["logits"])
    expected = torch.nn.functional.nll_loss(tensor(np.log(q)), tensor(data["labels"]), reduction=reduction)

    np.testing.assert_allclose(cecli.cross_entropy(data["labels"], q, reduction=reduction), expected.numpy(), **CLOSE)


@pytest.mark.parametrize("temperature", [1.0, 0.7])
def test_softmax_and_log_softmax(data: dict[str, np.ndarray], temperature: float) -> None:
    """softmax and log_softmax over the last axis."""
    z = tensor(data["logits"]) / temperature

    np.testing.assert_allclose(cecli.softmax(data["logits"], temperature=temperature), z.softmax(-1).numpy(), **CLOSE)
    np.testing.assert_allclose(
        cecli.log_softmax(data["logits"], temperature=temperature), z.log_softmax(-1).numpy(), rtol=1e-12, atol=1e-14
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("pos_weight", [1.0, 3.0])
@pytest.mark.parametrize("soft", [False, True])
def test_binary_cross_entropy(data: dict[str, np.ndarray], reduction: str, pos_weight: float, soft: bool) -> None:
    """With logits and pos_weight; hard and soft targets; the gradient too where cecli offers it."""
    y = data["soft"] if soft else (data["soft"] > 0.5).astype(float)
    z = tensor(data["logits"], grad=True)
    expected = torch.nn.functional.binary_cross_entropy_with_logits(
        z, tensor(y), pos_weight=torch.tensor(pos_weight), reduction=reduction
    )
    expected.sum().backward()
    found = cecli.binary_cross_entropy(y, data["logits"], logits=True, pos_weight=pos_weight, reduction=reduction)

    np.testing.assert_allclose(found, expected.detach().numpy(), **CLOSE)
    if pos_weight == 1.0 and reduction != "mean":
        gradient = cecli.gradient(y, data["logits"], "bce", logits=True, reduction=reduction)
        np.testing.assert_allclose(gradient, z.grad.numpy(), rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_binary_cross_entropy_of_a_vector(data: dict[str, np.ndarray], reduction: str) -> None:
    """One prediction per sample; the gradient of the mean is what backward of the mean loss gives."""
    y, logits = (data["labels"] > 0).astype(float), data["logits"][:, 0]
    z = tensor(logits, grad=True)
    expected = torch.nn.functional.binary_cross_entropy_with_logits(z, tensor(y), reduction=reduction)
    expected.sum().backward()

    np.testing.assert_allclose(
        cecli.binary_cross_entropy(y, logits, logits=True, reduction=reduction), expected.detach().numpy(), **CLOSE
    )
    np.testing.assert_allclose(
        cecli.gradient(y, logits, "bce", logits=True, reduction=reduction), z.grad.numpy(), rtol=1e-11, atol=1e-14
    )


def test_the_gradient_of_a_multilabel_mean_is_that_of_the_loss(data: dict[str, np.ndarray]) -> None:
    """The mean of a matrix averages all its entries, and so does its gradient."""
    y = (data["soft"] > 0.5).astype(float)
    z = tensor(data["logits"], grad=True)
    torch.nn.functional.binary_cross_entropy_with_logits(z, tensor(y)).backward()

    np.testing.assert_allclose(
        cecli.gradient(y, data["logits"], "bce", logits=True, reduction="mean"), z.grad.numpy(), rtol=1e-11, atol=1e-14
    )


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_kl_div(data: dict[str, np.ndarray], reduction: str) -> None:
    """kl_div takes log q first and p second; batchmean is cecli's mean."""
    q = cecli.softmax(data["logits"])
    expected = torch.nn.functional.kl_div(
        tensor(np.log(q)), tensor(data["soft"]), reduction="batchmean" if reduction == "mean" else reduction
    ).item()

    assert cecli.kl_divergence(data["soft"], q, reduction=reduction) == pytest.approx(expected, rel=1e-12)
    assert cecli.kl_divergence(data["soft"], data["logits"], logits=True, reduction=reduction) == pytest.approx(
        expected, rel=1e-12
    )


def test_squared_error_and_its_gradient(data: dict[str, np.ndarray]) -> None:
    """mse_loss of the softmax, summed over classes and averaged over samples; back-propagated through the softmax."""
    y = np.eye(data["logits"].shape[1])[data["labels"]]
    z = tensor(data["logits"], grad=True)
    expected = torch.nn.functional.mse_loss(z.softmax(-1), tensor(y), reduction="sum") / len(y)
    expected.backward()

    assert cecli.mse(data["labels"], data["logits"], logits=True) == pytest.approx(expected.item(), rel=1e-12)
    found = cecli.gradient(data["labels"], data["logits"], "mse", logits=True, reduction="mean")
    np.testing.assert_allclose(found, z.grad.numpy(), rtol=1e-9, atol=1e-15)


def test_sample_weights_are_a_weighted_mean(data: dict[str, np.ndarray]) -> None:
    """The weighted mean of torch's losses, and its gradient by autograd."""
    weights = np.random.default_rng(9).uniform(0, 3, 20)
    z = tensor(data["logits"], grad=True)
    each = torch.nn.functional.cross_entropy(z, tensor(data["labels"]), reduction="none")
    expected = (each * tensor(weights)).sum() / tensor(weights).sum()
    expected.backward()
    options = {"logits": True, "sample_weights": weights, "reduction": "mean"}

    assert cecli.cross_entropy(data["labels"], data["logits"], **options) == pytest.approx(expected.item(), rel=1e-12)
    np.testing.assert_allclose(
        cecli.gradient(data["labels"], data["logits"], **options), z.grad.numpy(), rtol=1e-11, atol=1e-14
    )


def test_tensors_go_in_and_come_out(data: dict[str, np.ndarray]) -> None:
    """Tensors are arrays like others: tensors come back, and labels may be tensors too."""
    z, labels = tensor(data["logits"]), tensor(data["labels"])

    assert isinstance(cecli.softmax(z), torch.Tensor)
    assert isinstance(cecli.gradient(labels, z, logits=True), torch.Tensor)
    assert isinstance(cecli.cross_entropy(labels, z, logits=True, reduction="none"), torch.Tensor)
    assert cecli.cross_entropy(labels, z, logits=True) == pytest.approx(
        cecli.cross_entropy(data["labels"], data["logits"], logits=True)
    )


def test_tensors_of_every_floating_type(data: dict[str, np.ndarray]) -> None:
    """float16 and float32 tensors come back as they went in."""
    for dtype in (torch.float16, torch.float32, torch.float64):
        assert cecli.softmax(tensor(data["logits"]).to(dtype)).dtype == dtype


@pytest.mark.parametrize("kind", [list, np.asarray])
def test_lists_and_numpy_arrays_may_stand_beside_tensors(data: dict[str, np.ndarray], kind: Any) -> None:
    """Labels and weights may be lists or NumPy arrays where the prediction is a tensor."""
    labels, weights = kind(data["labels"].tolist()), kind(data["class_weights"].tolist())
    options = {"logits": True, "class_weights": weights}

    assert cecli.cross_entropy(labels, tensor(data["logits"]), **options) == cecli.cross_entropy(
        labels, data["logits"], **options
    )
    assert cecli.error_rate(labels, tensor(data["logits"]), logits=True) == cecli.error_rate(
        labels, data["logits"], logits=True
    )


def test_tensors_that_require_gradients(data: dict[str, np.ndarray]) -> None:
    """The output of a model in training goes in as it is: no warning, no error."""
    z, labels = tensor(data["logits"], grad=True), tensor(data["labels"])
    plain = cecli.cross_entropy(data["labels"], data["logits"], logits=True)

    assert cecli.cross_entropy(labels, z, logits=True) == pytest.approx(plain, rel=1e-14)
    assert cecli.mse(labels, z, logits=True) == pytest.approx(
        cecli.mse(data["labels"], data["logits"], logits=True), rel=1e-14
    )
    assert cecli.compare(labels, {"a": z}, logits=True)["models"][0]["cross_entropy"] == pytest.approx(plain, rel=1e-14)


@pytest.mark.filterwarnings("ignore:Sparse CSR tensor support")
def test_tensors_that_cannot_be_read_say_so() -> None:
    """Sparse and nested ones, and those without values."""
    ragged = torch.nested.nested_tensor([torch.ones(2), torch.ones(3)], layout=torch.jagged)
    for values, message in (
        (torch.eye(2).to_sparse(), r"sparse tensor.*to_dense\(\)"),
        (torch.eye(2).to_sparse_csr(), r"sparse tensor.*to_dense\(\)"),
        (torch.zeros(2, device="meta"), "without values"),
        (ragged, "nested tensor"),
        (torch.tensor([1j, 0]), "complex"),
    ):
        with pytest.raises(ValueError, match=message):
            cecli.softmax(values)


def test_narrow_types_and_unsigned_labels(data: dict[str, np.ndarray]) -> None:
    """bfloat16 comes back as it is; labels of every whole-number type are labels; float16 stands beside any library."""
    z, labels = tensor(data["logits"]), data["labels"]
    assert cecli.softmax(z.to(torch.bfloat16)).dtype == torch.bfloat16
    assert cecli.gradient(labels, z.to(torch.float16), logits=True).dtype == torch.float16
    expected = cecli.cross_entropy(labels, z, logits=True)
    for dtype in (torch.uint8, torch.uint16, torch.uint64, torch.int8, torch.int32):
        assert cecli.cross_entropy(tensor(labels).to(dtype), z, logits=True) == expected
    soft = data["soft"].astype(np.float16)
    assert cecli.cross_entropy(soft, z, logits=True) == pytest.approx(
        cecli.cross_entropy(soft, data["logits"], logits=True)
    )


def test_three_axes_and_several_libraries(data: dict[str, np.ndarray]) -> None:
    """(N, T, K) of tensors; weights as tensors beside NumPy; models of both in one comparison."""
    cube, labels = data["logits"].reshape(4, 5, -1), data["labels"].reshape(4, 5)
    expected = cecli.cross_entropy(data["labels"], data["logits"], logits=True, reduction="none").reshape(4, 5)
    found = cecli.cross_entropy(tensor(labels), tensor(cube), logits=True, reduction="none")
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-14)
    weights = np.arange(20.0)
    assert cecli.cross_entropy(
        data["labels"], data["logits"], logits=True, sample_weights=tensor(weights)
    ) == cecli.cross_entropy(data["labels"], data["logits"], logits=True, sample_weights=weights)
    models = {"torch": tensor(data["logits"]), "numpy": data["logits"]}
    for order in (models, dict(reversed(models.items()))):
        result = cecli.compare(data["labels"], order, logits=True)["models"]
        assert result[0]["cross_entropy"] == pytest.approx(result[1]["cross_entropy"], rel=1e-14)
