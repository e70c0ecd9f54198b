"""`--like` beside the real functions: scipy and scikit-learn always, torch, Keras and optax where they are installed by hand.

Keras runs on torch, or on what KERAS_BACKEND says:

    KERAS_BACKEND=torch python -m pytest -m frameworks tests/frameworks
    KERAS_BACKEND=numpy python -m pytest -m frameworks tests/frameworks -k keras

CECLI_DRAWS=1 (or 2, …) draws other calls.
"""

import numpy as np
import pytest

from tests.frameworks.agreement import assert_alike
from tests.frameworks.backend import SEED, backend
from tests.frameworks.drawn import COMMANDS, draw

DRAWS = {"scipy": 12, "sklearn": 12, "torch": 40, "keras": 40, "optax": 40}


def cases(*frameworks):
    """Each framework with each command."""
    return [(framework, command) for framework in frameworks for command in (*COMMANDS, "metrics")]


def check(cecli, framework, command, folder):
    """As many drawn calls as the table says."""
    rng = np.random.default_rng([17 + SEED, *map(ord, framework + command)])
    with np.errstate(all="ignore"):
        for _ in range(DRAWS[framework]):
            assert_alike(cecli, framework, draw(rng, command), folder)


@pytest.mark.parametrize(("framework", "command"), cases("scipy", "sklearn"))
def test_drawn_calls(cecli, framework, command, tmp_path):
    check(cecli, framework, command, tmp_path)


@pytest.mark.frameworks
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("framework", "command"), cases("torch", "keras", "optax"))
def test_drawn_calls_of_large_frameworks(cecli, framework, command, tmp_path):
    if (framework, command) == ("keras", "grad") and backend():
        pytest.skip("the gradients are those of torch")
    check(cecli, framework, command, tmp_path)
