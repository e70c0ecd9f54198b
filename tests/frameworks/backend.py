"""Which backend Keras runs on, and which seed calls are drawn with: `KERAS_BACKEND` and `CECLI_DRAWS`, both as the environment has them."""

import os

os.environ.setdefault("KERAS_BACKEND", "torch")

SEED = int(os.environ.get("CECLI_DRAWS", "0"))
"""Added to the seeds of drawn calls: another number draws others."""


def backend():
    """Its name as functions of the table have it; Keras on torch has none."""
    return {"torch": "", "numpy": "NumPy", "jax": "JAX"}[os.environ["KERAS_BACKEND"]]


def on_backend(like):
    """The answer of the function on this backend, where the table has one of its own."""
    own = [other for other in like["others"] if backend() in other["function"].partition(" on ")[2].split(" or ")]
    return {**like, **own[0]} if backend() and own else like
