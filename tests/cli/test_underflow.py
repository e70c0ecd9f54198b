"""Numbers that are 0 in float64 and are not 0 are shown as `< 1e-300`; exact zeros are 0."""

from tests.every import every

TINY = [
    ("softmax 800,0", 1),
    ("softmax 800,0;1,2", 1),
    ("softmax 800,0,-inf", 1),
    ("softmax inf,0", 0),
    ("softmax 800,0 --log", 0),
    ("xent 0 800,0 -l", 2),
    ("xent 0,1 800,0;0,800 -l", 2),
    ("xent 0,1 800,0;1,2 -l -r none", 2),
    ("xent 1,0 800,0 -l", 2),
    ("xent 0 800,-inf -l", 0),
    ("xent 0 1,0", 0),
    ("xent 0 800,0 -l --eps 1e-9", 0),
    ("xent 0,1 800,0;0,800 -l --ignore-index 1", 2),
    ("xent 0,1 800,0;0,800 -l --class-weights 0,1 -r none", 1),
    ("xent 0,1 800,0;0,1 -l --sample-weights 0,1", 0),
    ("entropy 800,0;1,2 -l", 1),
    ("entropy 1,0", 0),
    ("bce 1,0 800,-800 -l", 1),
    ("bce 1,0;1,0 800,0;0,-800 -l -r none", 2),
    ("bce 1,0 800,1 -l --pos-weight 0 -r none", 0),
    ("bce 1,0 1,0", 0),
    ("kl 0.5,0.5 0,0 -l", 0),
    ("kl 1,0 1000,0 -l", 1),
    ("kl 1,0;0.5,0.5 1000,0;0,0 -l -r none", 1),
    ("kl 1,0 1,0", 0),
    ("kl 1,0 1000,-inf -l", 0),
    ("grad 0 800,0 -l", 2),
    ("grad 0 1,0", 0),
    ("grad 0 800,0 -l --loss mse", 1),
]
GRADIENTS = [
    ("grad 0 800,0 -l", 1, 2),
    ("grad 0,1 800,0;1,2 -l", 1, 1),
    ("grad 0,2 800,0,-inf;0,0,900 -l", 2, 3),
    ("grad 1,0 800,0 -l -b 2", 1, 2),
    ("grad 0.5,0.5 0,900 -l", 0, 1),
    ("grad 0.5,0.5 0,0 -l", 0, 0),
    ("grad 0,0 inf,0,1;5,-inf,-inf -l", 0, 0),
    ("grad 0 5 -l", 0, 0),
    ("grad 0,1 800,0;0,800 -l --class-weights 0,1", 1, 1),
    ("grad 0,1 800,0;0,800 -l --sample-weights 0,1", 1, 1),
    ("grad 0,1 800,0;0,800 -l --ignore-index 0", 1, 1),
    ("grad 0 800,0 -l --label-smoothing 0.1", 0, 1),
    ("grad 0 1,0", 0, 0),
    ("grad 0 3,0 --normalize", 0, 0),
    ("grad 1,0 800,-800 --loss bce -l", 1, 2),
    ("grad 1,0,0 800,-inf,1 --loss bce -l", 1, 0),
    ("grad 1,0;1,0 800,-800;1,2 --loss bce -l", 1, 1),
    ("grad 1,0 800,-800 --loss bce -l --sample-weights 1,0", 1, 1),
]
"""How many entries of the gradient are just below 0; and just above, those of p with them."""
WORKINGS = [
    ("xent 0 800,0 -l --steps", ["≈ 1 + 0 ≈ 1.0000", "q₁ ≈ 0/1.00000 < 1e−300", "> −1e−300", "≈ −(−0) < 1e−300 nats"]),
    ("xent 0,1 800,0;0,800 -l --steps", ["≈ (0 + 0)/2 < 1e−300 nats"]),
    ("xent 1,0 800,0 -l --steps", ["≈ 0 + 0"]),
    ("bce 1,0 800,0 -l --steps", ["≈ 0 + 0 < 1e−300 nats"]),
    ("softmax 800,0;1,2 --steps", ["≈ (1, 0)/1.00000 ≈ (1, 0)"]),
    ("entropy 800,0 -l --steps", ["< 1e−300 nats"]),
    ("kl 1,0 1000,0 -l --steps", ["0 + 0 < 1e−300 nats"]),
    ("softmax 0,-inf --steps", ["σ₁ = 0/1 = 0", "σ(z) = (1, 0)"]),
]


@every(("call", "count"), TINY)
def test_what_underflowed_in_a_table(cecli, call, count):
    """Of finite logits, which make nothing certain; plain text has the float, which is 0."""
    result = cecli(*call.split(), "-f", "table")
    assert result.stdout.count("< 1e-300") == count, result.stdout
    assert "1e-300" not in cecli(*call.split(), "-f", "plain").stdout


@every(("call", "below", "above"), GRADIENTS)
def test_a_gradient_that_underflowed_in_a_table(cecli, call, below, above):
    """p − y of finite logits is not 0, and its sign is that of −y or p; what is masked, certain or left out is 0."""
    shown = cecli(*call.split(), "-f", "table").stdout
    assert (shown.count("> -1e-300"), shown.count("< 1e-300")) == (below, above), shown


@every(("call", "texts"), WORKINGS)
def test_what_underflowed_in_a_working(cecli, call, texts):
    """Neither exact nor rounded."""
    shown = " ".join(cecli(*call.split(), "-f", "table").stdout.split())
    assert [text for text in texts if text not in shown] == [], shown


def test_what_underflowed_in_latex(cecli):
    """As an inequality."""
    assert r"< 1 \cdot 10^{-300}" in cecli("xent", "0", "800,0", "-l", "--steps", "-f", "latex").stdout
