"""Values as programs print them: NumPy, PyTorch, R; typed and piped."""

import math

import pytest

from .conftest import close

LOSS = -(math.log(0.7) + math.log(0.8)) / 2


@pytest.mark.parametrize(
    "text",
    [
        "[np.float64(0.7), np.float64(0.3)]",
        "[np.float32(0.7), np.float32(0.3)]",
        "(numpy.float64(0.7), 0.3)",
        "[tensor(0.7), tensor(0.3, device='cuda:0')]",
        "array([np.float64(0.7), np.float64(0.3)], dtype=object)",
        "[array(0.7), array(0.3)]",
        "c(cat=0.7, dog=0.3)",
        "c(cat = 0.7, dog = 0.3)",
    ],
)
def test_pasted_numbers_of_numpy_torch_and_r(value, text):
    close(value("entropy", text)[0], -(0.7 * math.log(0.7) + 0.3 * math.log(0.3)))
    close(value("entropy", "-", stdin=text)[0], -(0.7 * math.log(0.7) + 0.3 * math.log(0.3)))


@pytest.mark.parametrize(
    "text",
    [
        "[[np.float64(0.7), np.float64(0.3)], [np.float64(0.2), np.float64(0.8)]]",
        "[array([0.7, 0.3]), array([0.2, 0.8], dtype=float32)]",
        "[tensor([0.7, 0.3], dtype=torch.float64),\n tensor([0.2, 0.8], dtype=torch.float64)]",
        "[[0.7 0.3]\n [0.2 0.8]]",
        "[[0.7\n  0.3]\n [0.2\n  0.8]]",
    ],
)
def test_pasted_lists_of_arrays(value, text):
    for target, prediction in (("0,1", text), ("np.array([0, 1])", text), ("[np.int64(0), np.int64(1)]", text)):
        close(value("xent", target, prediction)[0], LOSS)
    close(value("xent", "0,1", "-", stdin=text)[0], LOSS)


def test_a_slip_among_pasted_numbers(refused):
    said = refused("entropy", "[np.float64(0.7), np.float64(o.3)]")
    assert "'o.3' is not a number" in said
    underlined, marks = said.splitlines()[2:4]
    assert underlined[marks.index("^") : marks.rindex("^") + 1] == "o.3"
    assert refused("softmax", "c(a = 1, b = x)")


@pytest.mark.parametrize("text", [",;", ";,", "(", "[", "[(", "c(", ",;\\n1;2"])
def test_marks_without_values_are_refused(cecli, text):
    assert cecli("softmax", "-", stdin=text).exit_code == 2
