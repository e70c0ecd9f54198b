"""Lines of the working that a teacher would look for."""

from __future__ import annotations

import shlex

import pytest


@pytest.mark.parametrize(
    ("call", "lines"),
    [
        ("grad 0 2,1,0.1 -l -b 2", ["∂L/∂pᵢ = (−yᵢ/pᵢ)/ln 2 ≈ (−1/0.65900, 0, 0)/ln 2 ≈ (−2.1892, 0, 0)", "∂L/∂zⱼ = (pⱼ·(Σᵢ yᵢ) − yⱼ)/ln 2 = (pⱼ − yⱼ)/ln 2"]),
        ("grad 1 0.8 --loss bce", ["∂L/∂p = −y/p + (1 − y)/(1 − p) = −1/0.8 + (1 − 1)/(1 − 0.8) = −1.25", "∂p/∂z = p·(1 − p) = 0.8·(1 − 0.8) = 0.16"]),
        ("grad 1,0 0.8,0.3 --loss bce", ["∂L/∂p₁ = −1/0.8 + (1 − 1)/(1 − 0.8) = −1.25", "∂L/∂p₂ = −0/0.3 + (1 − 0)/(1 − 0.3) ≈ 1.4286"]),
        ("grad 0,1 '2,1,0.1; 0,1,0' -l", ["p₁ ≈ (1, 0.36788, 0.14957)/1.51745 ≈ (0.6590, 0.2424, 0.0986)", "∂L/∂p₁ ≈ (−1/0.65900, 0, 0) ≈ (−1.5174, 0, 0)"]),
        ("xent 0,1 '2,1,0.1; 0,1,0' -l", ["Σⱼ e^(zⱼ − m) = e^(2 − 2) + e^(1 − 2) + e^(0.1 − 2) ≈ 1 + 0.36788 + 0.14957 ≈ 1.5174", "t is the true class: 0, 1."]),
        ("kl 0.333,0.333,0.334 0.3,0.3,0.4", ["≈ 0.03475 + 0.03475 − 0.06023", "≈ 0.0093 nats"]),
        ("kl 0.5,0.5 0.75,0.25 --js", ["mₖ = (pₖ + qₖ)/2", "√JS ≈ √0.03382 ≈ 0.1839"]),
        ("xent 0 0.7,0.2,0.1 --label-smoothing 0.1 --class-weights 1,2,3", ["H(p, q) = −Σₖ wₖ·p′ₖ·ln qₖ", "mean = Σₙ ℓₙ/(Σₙ Σₖ wₖ·pₙₖ) ≈ 0.67045/1 ≈ 0.6705 nats"]),
        ("softmax 1,2,3,4,5,6,7,8,9,10,11,12", ["σ₄ ≈ 0.00091/1.58197 ≈ 5.7642e−04", "… (6 more)", "σ₁₁ ≈ 1/1.58197 ≈ 0.6321"]),
        ("xent 1 0.2,0.5,0.3 --classes cat,dog,owl", ["t is the true class: dog."]),
        ("softmax '2,1,0.1; 0,1,0' -t 2", ["T is the temperature.", "sample 2", "Σⱼ e^((zⱼ − m)/T) = e^((0 − 1)/2) + e^((1 − 1)/2) + e^((0 − 1)/2)"]),
        ("xent 0,9 '0.9,0.1; 0.5,0.5' --ignore-index 9 --class-weights 1,2 --sample-weights 1,2", ["t is the true class: 0, left out. w is the weight of a class.", "ℓ₂ is left out", "s is the weight of a sample."]),
        ("xent 0 0.25,0.75 --focal 2", ["t is the true class: 0. γ is the focal exponent."]),
        ("bce 1,0 0.3,-1.2 -l --pos-weight 3", ["w is the weight of the positives.", "−ln p = ln(1 + e^(−z))", "−ln(1 − p) = ln(1 + e^z)"]),
        ("grad 1,0 0.8,0.3 --loss bce", ["Below, the index is the number of the sample, and g is ∂L/∂z.", "g₂ = 0.3 − 0 = 0.3"]),
        ("grad 0 0.7,0.2,0.1 --label-smoothing 0.1", ["y stands for y′ below."]),
    ],
)  # fmt: skip
def test_lines(cecli, call, lines) -> None:
    """As they stand on the board."""
    result = cecli(*shlex.split(call), "--steps", "-f", "table", "--color", "never")
    shown = [line.strip() for line in result.stdout.splitlines()]

    assert [line for line in lines if line not in shown] == []


def test_the_working_and_the_table_agree_whether_a_number_is_exact(cecli) -> None:
    """0.7 − 1 is −0.3, though float64 misses it."""
    shown = cecli("grad", "0", "0.7,0.2,0.1", "--steps", "-f", "table", "--color", "never").stdout

    assert "∂L/∂z₀ = 0.7 − 1 = −0.3" in shown
    assert "= -0.3000" in shown


def test_a_root_is_mathematics(cecli) -> None:
    """In LaTeX, on both sides."""
    shown = cecli("kl", "0.5,0.5", "0.75,0.25", "--js", "--steps", "-f", "latex").stdout

    assert r"\sqrt{\text{JS}} &\approx \sqrt{0.03382} \approx 0.1839" in shown
    assert "√" not in shown.partition("tabular")[0]


def test_numbers_of_a_latex_table_are_mathematics(cecli) -> None:
    """A minus sign, not a hyphen, and powers of ten; typed text and names stay as they are."""
    grad = cecli("grad", "0", "2,1,-9", "-l", "-f", "latex").stdout
    tiny = cecli("xent", "0", "100,0,0", "-l", "-f", "latex").stdout

    assert r"0 & 2 & $\approx$ 0.7310 & $=$ 1.0000 & $\approx$ $-$0.2690" in grad
    assert r"2 & -9 & $\approx$ 1.2210$\cdot 10^{-5}$" in grad
    assert r"$\approx$ 7.4402$\cdot 10^{-44}$" in tiny
