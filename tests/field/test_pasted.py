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


MATRIX = "[[0.1 0.2\n  0.7]\n [0.3 0.3\n  0.4]]\n"


@pytest.mark.parametrize(
    "text",
    [
        MATRIX,
        "[[0.1, 0.2, 0.7], [0.3, 0.3,\n 0.4]]\n",
        "[[0.1,0.2,0.7],[0.3,0.3,0.4]]",
        "[\n  [0.1, 0.2, 0.7],\n  [0.3, 0.3, 0.4]\n]\n",
        "array([[0.1, 0.2, 0.7],\n       [0.3, 0.3, 0.4]], dtype=float32)\n",
        "tensor([[0.1000, 0.2000, 0.7000],\n        [0.3000, 0.3000, 0.4000]], device='cuda:0')\n",
        "# printed\n\n" + MATRIX,
    ],
)
@pytest.mark.parametrize("name", ["p.txt", "p.csv", "p"])
def test_a_file_of_printed_values(files, value, text, name):
    files(**{name.replace(".", "__"): text})
    close(value("xent", "2,0", name)[0], -(math.log(0.7) + math.log(0.3)) / 2)
    close(value("entropy", name, "-r", "sum")[0], sum(-p * math.log(p) for p in (0.1, 0.2, 0.7, 0.3, 0.3, 0.4)))


def test_printed_names_and_labels(files, value):
    files(p__txt="c(cat = 0.7, dog = 0.3)\n", y__txt="['cat' 'dog'\n 'dog']\n", z__txt="[0.7 0.2\n 0.1]\n")
    close(value("xent", "dog", "p.txt")[0], -math.log(0.3))
    close(value("xent", "0", "z.txt")[0], -math.log(0.7))
    found = value("xent", "y.txt", "0.5,0.5;0.2,0.8;0.9,0.1", "--classes", "cat,dog", "-r", "sum")[0]
    close(found, -math.log(0.5) - math.log(0.8) - math.log(0.1))


def test_what_is_wrong_in_printed_values_is_found_by_its_line(files, refused):
    files(a__txt=MATRIX.replace("0.4", "9.4"), b__txt=MATRIX.replace("0.4", "o.4"), c__txt=MATRIX[:-2])
    assert "a.txt, line 3 (sample 2): 9.4 is above 1" in refused("entropy", "a.txt")
    assert "b.txt, line 3, column 3: 'o.4' is not a number" in refused("entropy", "b.txt")
    assert "'[' is never closed" in refused("entropy", "c.txt")


@pytest.mark.parametrize("dots", ["...", "…"])
def test_values_that_were_shortened_when_they_were_printed(files, refused, dots):
    text = f"[[0.1 0.2 {dots} 0.3\n  0.7]\n {dots}\n [0.3 0.3 {dots} \n  0.4]]\n"
    files(p__txt=text)
    for source in ("p.txt", "-", text):
        said = refused("softmax", source, stdin=text)
        assert f"'{dots}' is not a number" in said
        assert "numpy.save" in said


def test_rows_on_one_line_of_a_file(files, refused):
    files(p__txt="0.7,0.3; 0.2,0.8\n", q__csv="0.7,0.3;\n0.2,0.8;\n")
    for file in ("p.txt", "q.csv"):
        assert "line 1 has a semicolon among its values" in refused("entropy", file)


def test_a_list_in_the_first_field_is_no_printed_array(files, value):
    files(p__tsv="[0.7, 0.3]\tcat\n[0.2, 0.8]\tdog\n")
    close(value("xent", "p.tsv:2", "p.tsv:1", "--classes", "cat,dog")[0], LOSS)
