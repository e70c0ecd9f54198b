"""The examples of the help, with their output; the tests run them."""

from __future__ import annotations

EXAMPLES: dict[str, list[tuple[str, str]]] = {
    "softmax": [
        ("cecli softmax 1,2,3", "0.09003057317038046,0.24472847105479764,0.6652409557748218"),
        ("cecli softmax -1,0,3 -t 2 -p 3", "0.100,0.164,0.736"),
        ("cecli softmax 1,2,3 | cecli entropy -", "0.8323955818399389"),
    ],
    "entropy": [
        ("cecli entropy 63/64,1/64 -b 2", "0.11611507530476972"),
        ("cecli entropy 3,5,2 --normalize", "1.0296530140645737"),
    ],
    "xent": [
        ("cecli xent 1,0,0 0.5,0.2,0.3", "0.6931471805599453"),
        ("cecli xent 0 2,1,0.1 --logits", "0.41703001627783354"),
        (
            'cecli xent 2,1,0 "0.3,0.3,0.4; 0.3,0.4,0.3; 0.1,0.2,0.7" -r none',
            "0.916290731874155\n0.916290731874155\n2.3025850929940455",
        ),
        ("cecli xent dog 0.5,0.2,0.3 --classes cat,dog,bird -b 2", "2.321928094887362"),
    ],
    "kl": [
        ("cecli kl 0.5,0.5 0.75,0.25 -b 2", "0.2075187496394219"),
        ("cecli kl 0.5,0.5 0.75,0.25 -b 2 --js", "0.04879494069539854"),
    ],
    "bce": [
        ("cecli bce 1,0,1 0.9,0.2,0.6", "0.2797765635793423"),
        ("cecli bce 1,0 0.3,-1.2 --logits --pos-weight 3", "0.9631741003718063"),
        (
            'cecli bce "1,0;0,1" "0.9,0.2;0.4,0.7" -r none',
            "0.10536051565782628,0.22314355131420976\n0.5108256237659907,0.35667494393873245",
        ),
    ],
    "compare": [
        (
            "cecli compare --example",
            "model 1\t0.3333333333333333\t0.8066666666666666\t1.3783888522474517\nmodel 2\t0.3333333333333333\t0.34\t0.6391075640678003",
        ),
        (
            'cecli compare 2,1 small="0.3,0.3,0.4; 0.3,0.4,0.3" big="0.1,0.2,0.7; 0.1,0.7,0.2" --metric mse',
            "0.54,0.14000000000000004",
        ),
        (
            "cecli compare 0,1,1,0,1 sure=0.1,0.9,0.99,0.6,0.8 shy=0.4,0.6,0.7,0.3,0.55 --metric ece",
            "0.20199999999999996,0.37",
        ),
    ],
    "grad": [
        ("cecli grad 0 2,1,0.1 --logits", "-0.3409988611140321,0.24243297070471392,0.09856589040931818"),
        (
            "cecli grad 0 10,0,0 --logits --loss mse --verify",
            "-2.4727107204066028e-08,1.2363553602033012e-08,1.2363553602033012e-08",
        ),
        (
            'cecli grad 2,1 "0.1,0.2,0.7; 0.1,0.7,0.2" -r mean',
            "0.05,0.1,-0.15000000000000002\n0.05,-0.15000000000000002,0.1",
        ),
    ],
    "calibrate": [
        ('cecli calibrate 0,1,1 "4,0,1; 1,3,0; 2,0,1"', "1.6260675356407333"),
        ('cecli softmax 4,0,1 -t "$(cecli calibrate 0,1,1 "4,0,1; 1,3,0; 2,0,1")" -p 3', "0.804,0.069,0.127"),
    ],
    "check": [
        (
            "echo 'xent 1,0,0 0.5,0.2,0.3 = 0.69' | cecli check -",
            "1\tholds\t0.69\t0.6931471805599453\txent 1,0,0 0.5,0.2,0.3",
        ),
        (
            "printf '%s\\n' 'softmax 1,2,3 = 0.09,0.24,0.67' 'entropy 1/2,1/2 -b 2 = 1' | cecli check -",
            "1\tholds\t0.09,0.24,0.67\t0.09003057317038046,0.24472847105479764,0.6652409557748218\tsoftmax 1,2,3\n2\tholds\t1\t1\tentropy 1/2,1/2 -b 2",
        ),
    ],
    "devices": [
        ("cecli devices | cut -f 1 | grep cpu", "cpu"),
        ("cecli devices -f csv | grep model", "device,model,threads,memory,free"),
    ],
}
"""(call, what it prints into a pipe) for each command."""

EXIT_CODES = (
    ("0", "done, and what was asked to hold holds"),
    ("1", "it does not hold (--expect, --fail-above, check, grad --verify)"),
    ("2", "bad usage, bad input, or something missing"),
)
