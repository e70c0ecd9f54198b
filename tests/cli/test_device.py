"""`--device` and `cecli devices`, without a GPU.

The device is a stand-in: array-api-strict's second device, whose arrays mix with no others and can't be converted unless asked by name, as
CuPy's can't. CuPy itself is a stand-in too, which raises what CuPy 14.2 was seen to raise on a machine without a driver; where
the real one is installed, it is asked as well.
"""

import csv
import io
import json
import re
import sys
from pathlib import Path

import array_api_strict
import numpy as np
import pytest

import cecli as package

ROWS, CLASSES = 120, 7
BYTES_EACH = 256
"""Free memory that each number of a block is to find on a device."""
M = "0.3,0.3,0.4; 0.3,0.4,0.3; 0.1,0.2,0.7"


@pytest.fixture
def stand_in(fake_cupy, monkeypatch):
    """Makes `--device cuda` a device on which an array of more than `most` numbers does not fit; the sizes that were tried are in its list."""

    def make(most=10**9, free=2**30):
        tried = []

        def place(array):
            tried.append(array.size)
            if array.size > most:
                raise fake_cupy.OutOfMemoryError
            return array_api_strict.asarray(np.ascontiguousarray(array), device=array_api_strict.Device("device1"))

        fake_cupy(free=free, place=place)
        monkeypatch.setattr(
            array_api_strict._array_object.Array, "get", lambda array: array._array.copy(), raising=False
        )
        return tried

    return make


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder with predictions, targets and weights, to work in."""
    rng = np.random.default_rng(7)
    logits = rng.normal(size=(ROWS, CLASSES)) * 5
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.save(tmp_path / "z.npy", logits)
    np.save(tmp_path / "p.npy", p)
    np.save(tmp_path / "q.npy", np.roll(p, 1, axis=0))
    np.save(tmp_path / "y.npy", rng.integers(0, CLASSES, ROWS))
    np.save(tmp_path / "w.npy", rng.random(ROWS))
    np.save(tmp_path / "b.npy", rng.integers(0, 2, ROWS))
    np.save(tmp_path / "s.npy", rng.random(ROWS))
    np.save(tmp_path / "t.npy", np.where(np.arange(ROWS) % 4 == 0, 1, logits.argmax(axis=1)))
    np.save(tmp_path / "x.npy", rng.normal(size=(ROWS, 2)))
    zeros = p.copy()
    zeros[[3, 77]] = np.eye(CLASSES)[0]
    np.save(tmp_path / "zeros.npy", zeros)
    monkeypatch.chdir(tmp_path)
    return tmp_path


CALLS = [
    "softmax z.npy", "softmax z.npy -t 3 --log -b 2", "softmax 1,2,3;0,-inf,1",
    "entropy p.npy", "entropy z.npy -l -r mean --sample-weights w.npy", "entropy p.npy -r sum -n",
    "xent y.npy p.npy", "xent y.npy z.npy -l -b 10", "xent y.npy zeros.npy -r none", "xent p.npy z.npy -l --label-smoothing 0.1",
    "xent y.npy z.npy -l --class-weights 1,2,3,4,5,6,7 --sample-weights w.npy --ignore-index 3", "xent y.npy z.npy -l --focal 2 --eps 1e-3",
    "kl p.npy q.npy -r mean", "kl p.npy zeros.npy", "kl p.npy q.npy --js", "kl p.npy z.npy -l --sample-weights w.npy -r sum",
    "bce b.npy s.npy", "bce b.npy s.npy -r none --pos-weight 2 --focal 1", "bce b.npy s.npy -l --ignore-index 1 --label-smoothing 0.1",
    "bce p.npy q.npy -r none",
    "compare y.npy p.npy q.npy", "compare y.npy z.npy z.npy -l --sample-weights w.npy --ignore-index 2", "compare y.npy zeros.npy q.npy --eps 1e-9",
    "compare --example", "calibrate t.npy z.npy", "calibrate p.npy z.npy", "calibrate t.npy z.npy --sample-weights w.npy --ignore-index 2", "compare y.npy p.npy q.npy --plot terminal",
    "grad y.npy z.npy -l --x x.npy", "grad y.npy p.npy -r mean --class-weights 1,2,3,4,5,6,7 --ignore-index 1", "grad p.npy q.npy --label-smoothing 0.1",
    "grad y.npy z.npy -l --loss mse --jacobian --sample-weights w.npy", "grad b.npy s.npy --loss bce -r none --jacobian",
]  # fmt: skip


def close(found, expected):
    """The same members, every number within 1e-12."""
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(close(found[name], expected[name]) for name in expected)
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(close, found, expected))
    if isinstance(expected, float):
        return found == pytest.approx(expected, rel=1e-12, abs=1e-15)
    return found == expected


def answer(cecli, call, *more):
    """The JSON of a call, and its notes."""
    result = cecli(*call.split(), "-f", "json", *more)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout), result.stderr


@pytest.mark.parametrize("call", CALLS)
def test_the_device_gives_what_the_processor_gives(cecli, stand_in, call):
    """And says where it was computed: in one block; in blocks that are cut until they fit, no size tried twice; in small ones where little memory is free."""
    expected, expected_notes = answer(cecli, call)
    assert "device" not in expected["settings"]
    sizes = []
    for device in ({}, {"most": 64}, {"free": 40 * BYTES_EACH}):
        sizes.append(stand_in(**device))
        found, notes = answer(cecli, call, "--device", "cuda")
        assert found["settings"].pop("device") == "cuda:0"
        assert close(found, expected)
        assert notes == expected_notes
    whole, cut, small = sizes
    assert whole
    if "npy" in call:
        passes = 10 if call.startswith("calibrate") else 1  # each pass over the kept blocks tries anew
        assert sum(size > 64 for size in cut) <= 9 * passes  # 120 samples are halved as often until they fit
        assert sum(size <= 64 for size in cut) > 3
    assert max(small) <= 40


@pytest.mark.parametrize(
    "call",
    ["softmax z.npy", "entropy p.npy", "xent y.npy p.npy -r none", "kl p.npy q.npy --js", "bce b.npy s.npy -r none"],
)
@pytest.mark.parametrize("most", [10**9, 64])
def test_rows_come_in_order(cecli, stand_in, call, most):
    """As plain text, block by block."""
    stand_in(most)
    found = [cecli(*call.split(), *more).stdout.splitlines() for more in (["--device", "cuda"], [])]
    rows = [[[float(entry) for entry in line.split(",")] for line in lines] for lines in found]
    assert len(rows[0]) == ROWS
    assert close(*rows)


@pytest.mark.parametrize("call", [call for call in CALLS if "npy" in call and "b.npy" not in call])
def test_where_not_even_one_sample_fits(cecli, stand_in, call):
    """One error, exit 2, nothing on stdout."""
    stand_in(most=CLASSES - 1)
    result = cecli(*call.replace("--class-weights 1,2,3,4,5,6,7", "").split(), "--device", "cuda")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "error: the memory of cuda:0 is too small for a single sample\nhint: use --device cpu\n" in result.stderr


def test_a_fault_of_the_device_is_an_error(cecli, fake_cupy, raised_while_computing):
    """What CuPy raises while it computes has no traceback."""
    said = "cudaErrorIllegalAddress: an illegal memory access was encountered"
    raised_while_computing(fake_cupy.CudaError(said))
    result = cecli("xent", "y.npy", "p.npy", "--device", "cuda")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: cuda:0 failed: cudaErrorIllegalAddress")


def test_the_stand_in_refuses_what_cupy_refuses(stand_in):
    """Its arrays don't become NumPy's unasked, and don't mix with others."""
    stand_in()
    there = sys.modules["cupy"].asarray(np.ones(3))
    with pytest.raises(RuntimeError):
        np.asarray(there)
    with pytest.raises(TypeError):
        _ = there + np.ones(3)
    with pytest.raises(ValueError, match="device"):
        _ = there + array_api_strict.ones(3)


# --- which device --------------------------------------------------------------------------------------------------


NO_DRIVER = "cudaErrorInsufficientDriver: CUDA driver version is insufficient for CUDA runtime version"
NO_DEVICE = "cudaErrorNoDevice: no CUDA-capable device is detected"
NO_NVRTC = 'Failure finding "libnvrtc.so.13 or libnvrtc.so.12": No such file: libnvrtc.so.13'
FAULTS = {
    "no CuPy": (None, "needs CuPy, which is not installed", "pip install cupy-cuda12x"),
    "no driver": ({"count": NO_DRIVER, "driver": 0}, "there is no NVIDIA driver here", "install NVIDIA's driver"),
    "an old driver": (
        {"count": NO_DRIVER, "driver": 11040},
        "the NVIDIA driver is made for CUDA 11.4, and CuPy needs 12.9",
        "update the driver",
    ),
    "no device": ({"count": NO_DEVICE}, "there is no CUDA device here", "CUDA_VISIBLE_DEVICES"),
    "none of them": ({"count": 0}, "there is no CUDA device here", "CUDA_VISIBLE_DEVICES"),
    "something else": ({"count": "cudaErrorUnknown: unknown error"}, "cudaErrorUnknown", "nvidia-smi"),
    "no compiler": ({"adds": NO_NVRTC}, "CUDA does not start: Failure finding", "cupy-cuda12x[ctk]"),
}


@pytest.fixture
def broken(fake_cupy, not_installed):
    """Has CuPy be as it is under a fault; the message, and what the hint says."""

    def make(name):
        options = FAULTS[name][0]
        if options is None:
            not_installed("cupy")
        else:
            fake_cupy(**{k: fake_cupy.CudaError(v) if isinstance(v, str) else v for k, v in options.items()})
        return FAULTS[name][1:]

    return make


@pytest.mark.parametrize("name", FAULTS)
def test_auto_computes_on_the_processor_and_says_so(cecli, broken, name):
    """A note on stderr, none with --quiet."""
    message, _ = broken(name)
    result = cecli("softmax", "0,0", "--device", "auto")
    assert (result.exit_code, result.stdout) == (0, "0.5,0.5\n")
    assert re.fullmatch(rf"note: --device auto: computed on the CPU: .*{re.escape(message)}.*\n", result.stderr)
    assert cecli("softmax", "0,0", "--device", "auto", "-q").stderr == ""
    assert "device" not in json.loads(cecli("softmax", "0,0", "--device", "auto", "-f", "json").stdout)["settings"]


@pytest.mark.parametrize("error", ["ImportError", "RuntimeError", "ModuleNotFoundError"])
def test_cupy_that_can_not_be_loaded(process, tmp_path, error):
    """A part of it is missing."""
    (tmp_path / "cupy.py").write_text(f"raise {error}('libcuda.so.1: cannot open shared object file')\n")
    result = process("softmax", "1,2", "--device", "cuda", PYTHONPATH=str(tmp_path))
    assert (result.returncode, result.stdout) == (2, "")
    message = "error: --device: CuPy can't be loaded: libcuda.so.1: cannot open shared object file\nhint: pip install"
    assert result.stderr.startswith(message)


@pytest.mark.parametrize(("text", "index"), [("cuda", 0), ("cuda:0", 0), ("cuda:1", 1), ("auto", 0)])
def test_the_device_that_is_meant(cecli, fake_cupy, text, index):
    """`cuda` and `auto` are the first."""
    chosen = fake_cupy(count=2)
    result = cecli("softmax", "0,0", "--device", text, "-f", "json")
    assert (result.exit_code, result.stderr, chosen) == (0, "", [index])
    assert json.loads(result.stdout)["settings"]["device"] == f"cuda:{index}"


def test_the_environment_names_the_device_and_the_command_line_wins(cecli, not_installed):
    """CECLI_DEVICE; an empty one is none."""
    not_installed("cupy")
    assert cecli("softmax", "0,0", CECLI_DEVICE="cuda").stderr.startswith("error: CECLI_DEVICE: computing on a GPU")
    assert cecli("softmax", "0,0", CECLI_DEVICE="gpu").stderr.startswith("error: CECLI_DEVICE: 'gpu' is not a device")
    assert cecli("softmax", "0,0", CECLI_DEVICE="auto").stderr.startswith("note: CECLI_DEVICE auto: computed on the")
    assert cecli("softmax", "0,0", CECLI_DEVICE="").stdout == "0.5,0.5\n"
    assert cecli("softmax", "0,0", "--device", "cpu", CECLI_DEVICE="cuda").stdout == "0.5,0.5\n"


# --- the list ------------------------------------------------------------------------------------------------------


def test_devices_without_a_gpu(cecli, not_installed):
    """The processor with its threads, and why there is no other."""
    not_installed("cupy")
    result = cecli("devices")
    assert result.exit_code == 0
    assert re.fullmatch(r"cpu\t\S+\t\d+ threads?\n", result.stdout)
    assert result.stderr.startswith("note: no CUDA device: computing on a GPU needs CuPy, which is not installed; pip")
    found = json.loads(cecli("devices", "-f", "json", "-q").stdout)
    assert (found["command"], found["value"], len(found["devices"])) == ("devices", 1, 1)
    assert found["missing"]["cuda"].startswith("computing on a GPU needs CuPy")


FORMATS = ["table", "plain", "csv", "tsv", "markdown", "latex", "json"]


@pytest.mark.parametrize("format_", FORMATS)
def test_devices_with_two_gpus(cecli, fake_cupy, format_):
    """Each with its name and memory, in every format."""
    fake_cupy(count=2)
    result = cecli("devices", "-f", format_, COLUMNS="80")
    assert (result.exit_code, result.stderr) == (0, "")
    for index in range(2):
        line = next(line for line in result.stdout.splitlines() if f"cuda:{index}" in line)
        assert f"Imaginary {index}" in line
        assert ("8.0 GB, 3.0 GB free" in line) or ("8000000000" in line and "3000000000" in line)


def test_the_list_as_data(cecli, fake_cupy):
    """CSV reads back, and JSON has null where there is nothing to say."""
    fake_cupy()
    rows = list(csv.DictReader(io.StringIO(cecli("devices", "-f", "csv").stdout)))
    assert [row["device"] for row in rows] == ["cpu", "cuda:0"]
    assert (rows[0]["memory"], rows[1]["threads"]) == ("", "")
    assert int(rows[0]["threads"]) >= 1
    found = json.loads(cecli("devices", "-f", "json").stdout)
    assert (found["value"], found["missing"]) == (2, {})
    gpu = {"device": "cuda:0", "model": "Imaginary 0", "threads": None, "memory": 8 * 10**9, "free": 3 * 10**9}
    assert found["devices"][1] == gpu


# --- CuPy as it is -------------------------------------------------------------------------------------------------


def test_cupy_as_it_is(cecli):
    """Where it is installed without a GPU: the errors above are those that it raises; its namespace has all that the maths asks for."""
    pytest.importorskip("cupy", reason="CuPy is not installed")
    import array_api_compat.cupy as namespace

    sources = [path.read_text("utf-8") for path in Path(package.__file__).parent.rglob("*.py")]
    asked = {name for text in sources for name in re.findall(r"\bxp\.(\w+)", text)}
    assert len(asked) > 20
    assert [name for name in asked if not hasattr(namespace, name)] == []
    result = cecli("devices", "-f", "json")
    missing = json.loads(result.stdout)["missing"].get("cuda", "no device is missing")
    assert any(word in missing for word in ("driver", "device", "does not start"))
