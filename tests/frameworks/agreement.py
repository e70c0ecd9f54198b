"""Whether what `--like` says of a call is what the framework gives."""

import json
import math

import numpy as np

from tests.frameworks.backend import on_backend
from tests.frameworks.real import MissingFunctionError, real

FEW = 20
"""Values up to which a framework's order of adding makes no difference that counts."""


def numbers(value):
    """A JSON value as floats, None where there is no number."""
    if isinstance(value, list):
        return [entry for part in value for entry in numbers(part)]
    return [value if value is None else float(value)]


def shape(value):
    """The lengths of nested lists."""
    return (len(value), *shape(value[0])) if isinstance(value, list) else ()


def tolerance(call, wanted, kind):
    """2 units in the last place of the largest number on the way; a millionth above 20 values."""
    finite = [abs(v) for v in [*wanted, *call.prediction.ravel().tolist()] if v is not None and math.isfinite(v)]
    largest = max(1.0, *finite)
    if call.options.get("metric") == "perplexity":
        largest *= max(1.0, math.log(largest))  # a power's relative error is the absolute one of its exponent
    return 2 * float(np.spacing(kind(largest))) if call.prediction.size <= FEW else 1e-6 * largest


def asked(framework, call):
    """The real value with its type, or the word for why there is none."""
    try:
        return *real(framework, call), ""
    except MissingFunctionError:
        return None, None, "no "
    except (ValueError, RuntimeError):
        return None, None, "raises"


def assert_alike(cecli, framework, call, folder):
    """The value of `--like` is the real one, or both have none; gives whether there was one."""
    result = cecli(*call.words(folder), "--like", framework, "-f", "json")
    assert result.exit_code == 0, result.stderr
    like = json.loads(result.stdout)["like"]
    like = on_backend(like) if framework == "keras" else like
    value, kind, why = asked(framework, call)
    if why:
        assert like["value"] is None
        assert why in like["message"]
        return False
    assert shape(like["value"]) == shape(value)
    got, wanted = numbers(like["value"]), numbers(value)
    allowed = tolerance(call, wanted, kind)
    for one, other in zip(got, wanted, strict=True):
        assert one == other or abs(one - other) <= allowed, (one, other, like)
    return True
