"""The examples of the help, with their output; the tests run them."""

from __future__ import annotations

EXAMPLES: dict[str, list[tuple[str, str]]] = {
    "softmax": [
        ("cecli softmax 1,2,3", "0.09003057317038046,0.24472847105479764,0.6652409557748218"),
        ("cecli softmax -1,0,3 -t 2 -p 3", "0.1,0.2,0.7"),
        ("cecli softmax 1,2,3 | cecli entropy -", "0"),
    ],
    "entropy": [
        ("cecli entropy 63/64,1/64 -b 2", "0.11611507530476972"),
        ("cecli entropy 3,5,2 --normalize", "0"),
    ],
    "xent": [
        ("cecli xent 1,0,0 0.5,0.2,0.3", "0.6931471805599453"),
        ("cecli xent 0 2,1,0.1 --logits", "0"),
        ('cecli xent 2,1,0 "0.3,0.3,0.4; 0.3,0.4,0.3; 0.1,0.2,0.7" -r none', "0"),
        ("cecli xent dog 0.5,0.2,0.3 --classes cat,dog,bird -b 2", "0"),
    ],
    "kl": [
        ("cecli kl 0.5,0.5 0.75,0.25 -b 2", "0"),
        ("cecli kl 0.5,0.5 0.75,0.25 -b 2 --js", "0"),
    ],
    "bce": [
        ("cecli bce 1,0,1 0.9,0.2,0.6", "0"),
        ("cecli bce 1,0 0.3,-1.2 --logits --pos-weight 3", "0"),
        ('cecli bce "1,0;0,1" "0.9,0.2;0.4,0.7" -r none', "0"),
    ],
    "compare": [
        ("cecli compare --example", "0"),
        ('cecli compare 2,1 small="0.3,0.3,0.4; 0.3,0.4,0.3" big="0.1,0.2,0.7; 0.1,0.7,0.2" --metric mse', "0"),
    ],
    "grad": [
        ("cecli grad 0 2,1,0.1 --logits", "0"),
        ("cecli grad 0 2,1,0.1 --logits --loss mse --verify", "0"),
        ("cecli grad 0 2,1,0.1 --logits --x 1,2 -f json", "0"),
    ],
}
"""(call, what it prints into a pipe) for each command."""

EXIT_CODES = (
    ("0", "done, and what was asked to hold holds"),
    ("1", "it does not hold (--fail-above, grad --verify)"),
    ("2", "bad usage, bad input, or something missing"),
)
