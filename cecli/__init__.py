"""The numbers behind classification: softmax, entropy, cross-entropy, comparing models, gradients.

>>> import cecli
>>> cecli.cross_entropy([1, 0, 0], [0.5, 0.2, 0.3])
0.6931471805599453

The functions are loaded when they are first used; neither Typer nor rich ever is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cecli.version import VERSION

if TYPE_CHECKING:
    from cecli.library import binary_cross_entropy as binary_cross_entropy
    from cecli.library import calibrate as calibrate
    from cecli.library import compare as compare
    from cecli.library import cross_entropy as cross_entropy
    from cecli.library import entropy as entropy
    from cecli.library import error_rate as error_rate
    from cecli.library import gradient as gradient
    from cecli.library import js_divergence as js_divergence
    from cecli.library import kl_divergence as kl_divergence
    from cecli.library import log_softmax as log_softmax
    from cecli.library import mse as mse
    from cecli.library import softmax as softmax

__all__ = [
    "__version__",
    "binary_cross_entropy",
    "calibrate",
    "compare",
    "cross_entropy",
    "entropy",
    "error_rate",
    "gradient",
    "js_divergence",
    "kl_divergence",
    "log_softmax",
    "mse",
    "softmax",
]


__version__ = VERSION


if not TYPE_CHECKING:  # a type checker knows the functions by the imports above, and that there are no others

    def __getattr__(name: str) -> Any:
        """A public function, loaded when it is first asked for."""
        if name not in __all__:
            raise AttributeError(f"module 'cecli' has no attribute {name!r}")
        from cecli import library

        return getattr(library, name)


def __dir__() -> list[str]:
    """The public names."""
    return __all__
