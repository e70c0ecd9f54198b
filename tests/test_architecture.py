"""The shape of the code: who imports whom, how long things are, what a call loads, and that everything is described."""

import ast
import os
import re
import statistics
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

import cecli
from cecli.render import CHOICES, TABLE
from tests.every import every

ROOT = Path(cecli.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
MODULES = {
    path.relative_to(ROOT.parent).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__"): path
    for path in FILES
}
LINE = re.compile(r"^(\S+) +->(.*)$", re.MULTILINE)
DRAWING = dict(LINE.findall((Path(__file__).parent.parent / "docs" / "explanation" / "design.md").read_text("utf-8")))
"""Of each folder, and each file beside the folders, what it imports from, as the page on the design draws it."""

MOST_LINES = 400

THREADS = {"Thread", "ThreadPoolExecutor", "ProcessPoolExecutor", "start_new_thread", "Timer", "Popen", "fork"}

ARRAY_LIBRARIES = {"numpy", "cupy", "array_api_compat", "torch", "scipy"}


@cache
def tree_of(name):
    """The code of a module."""
    return ast.parse(MODULES[name].read_text("utf-8"))


@cache
def functions():
    """All functions, each with the name of its module."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return [(name, node) for name in MODULES for node in ast.walk(tree_of(name)) if isinstance(node, kinds)]


@cache
def imports(name):
    """The modules that a module imports by name, wherever in it and also for type checking alone; `from x import y` counts as x.y where that is one."""
    found = set()
    for node in ast.walk(tree_of(name)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {
                f"{node.module}.{alias.name}" if f"{node.module}.{alias.name}" in MODULES else node.module
                for alias in node.names
            }
    return found - {name}


def circles():
    """Every set of modules that import one another, directly or through others."""
    graph = {name: {found for found in imports(name) if found in MODULES} for name in MODULES}
    reach = {name: set(found) for name, found in graph.items()}
    for middle in graph:
        for name in graph:
            if middle in reach[name]:
                reach[name] |= reach[middle]
    return {frozenset(other for other in reach[name] if name in reach[other]) for name in graph if name in reach[name]}


def family(name):
    """The folder (or file) of a module below the package."""
    return name.split(".")[1] if "." in name else "__init__"


def drawn(name):
    """The same as the drawing has it: a file with its ending."""
    part = family(name)
    return part if (ROOT / part).is_dir() else f"{part}.py"


def test_no_class_is_compiled_when_a_process_begins():
    """`Record` does for what `dataclass` and `NamedTuple` would write code for."""
    compiled = {"dataclass", "NamedTuple", "namedtuple"}
    used = {
        name: compiled & {node.id for node in ast.walk(tree_of(name)) if isinstance(node, ast.Name)} for name in MODULES
    }
    assert {name for name, found in used.items() if found} == set()


def test_the_drawing_is_the_code():
    """Who imports whom, also for type checking; only what stands in the lines above, without exception."""
    found = {drawn(name): set() for name in MODULES}
    for name in MODULES:
        found[drawn(name)] |= {drawn(other) for other in imports(name) if other in MODULES} - {drawn(name)}
    assert {name: set(others.replace(",", " ").split()) for name, others in DRAWING.items()} == found
    order = [*DRAWING]
    assert [name for i, name in enumerate(order) if not found[name] <= {*order[:i]}] == []


def test_no_modules_import_one_another():
    """Within a folder neither."""
    assert circles() == set()


@every("name", MODULES)
def test_only_who_may_imports_a_third_party(name):
    """typer: cli. rich: cli, and render's drawers of tables and their console. matplotlib: render's figure. cupy: device. Array libraries: neither render (but for files of arrays) nor working nor report."""
    tops = {imported.partition(".")[0] for imported in imports(name)}
    part = family(name)
    assert "typer" not in tops or part == "cli"
    assert (
        "rich" not in tops
        or part == "cli"
        or name in {"cecli.render.terminal", "cecli.render.console", "cecli.render.picture"}
    )
    assert "cupy" not in tops or name == "cecli.running.devices"
    assert "matplotlib" not in tops or name == "cecli.render.figure"
    assert (
        not tops & ARRAY_LIBRARIES
        or part not in {"render", "working", "report", "errors", "cli"}
        or name == "cecli.render.array_files"
    )
    assert not tops & {"scipy", "pydantic", "click"}


@every("name", MODULES)
def test_everything_public_has_a_docstring(name):
    """Modules, classes, functions and methods; the private ones of more than a few lines too."""
    assert ast.get_docstring(tree_of(name)), name
    missing = []
    for parent in ast.walk(tree_of(name)):
        for node in ast.iter_child_nodes(parent):
            if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
                continue
            protocol = isinstance(parent, ast.ClassDef) and any("Protocol" in ast.dump(base) for base in parent.bases)
            nested = isinstance(parent, ast.FunctionDef)
            if not (protocol or nested or ast.get_docstring(node)):
                missing.append(node.name)
    assert not missing


def length(node):
    """The lines of a function's body without its docstring."""
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def test_functions_are_short():
    """Half of them have at most eight lines."""
    assert statistics.median(length(node) for _, node in functions()) <= 8


def test_no_function_is_long():
    """Forty lines at most."""
    assert {f"{name}.{node.name}": length(node) for name, node in functions() if length(node) > 40} == {}


def test_no_file_is_long():
    """Split by subject at about three hundred lines."""
    lines = {path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines()) for path in FILES}
    assert {name: n for name, n in lines.items() if n > MOST_LINES} == {}


def test_few_functions_start_threads_and_processes():
    """One for those that compute and one each for those that read; all others hand their work to them."""
    starts = [
        (module, function.name)
        for module, function in functions()
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and {getattr(node.func, "id", ""), getattr(node.func, "attr", "")} & THREADS
    ]
    assert starts == [
        ("cecli.reading.ahead", "_executor"),
        ("cecli.reading.by_processes", "_started"),
        ("cecli.running.driver", "_on_threads"),
    ]


def test_nothing_is_handed_on_unseen():
    """What a call needs is passed to it."""
    assert [name for name in MODULES if "contextvars" in imports(name)] == []


def test_no_file_has_a_name_that_says_nothing():
    """No utils, helpers, common, misc; no name more than twice; none hides a module of the standard library."""
    names = Counter(path.stem for path in FILES if not path.stem.startswith("__"))
    assert not names.keys() & {"utils", "helpers", "common", "misc", "base", "core"}
    assert [name for name, count in names.items() if count > 2] == []
    top = {path.stem for path in ROOT.glob("*.py") if not path.stem.startswith("__")}
    assert not top & sys.stdlib_module_names


def test_every_public_name_of_the_library_is_there_and_described():
    """What `__all__` promises."""
    for name in cecli.__all__:
        found = getattr(cecli, name)
        if callable(found):
            assert len(found.__doc__.splitlines()) > 3
            assert "Parameters" in found.__doc__ or "as in" in found.__doc__ or "Returns" in found.__doc__
            assert ">>>" in found.__doc__
            assert found.__annotations__
    assert set(dir(cecli)) == set(cecli.__all__)
    with pytest.raises(AttributeError):
        _ = cecli.nonsense


def test_every_format_has_a_renderer():
    """Which is there; some are for files."""
    names = {name for each in TABLE if not each.for_files for name in (each.name, *each.names)}
    assert {"auto", *names} == set(CHOICES)
    assert {each.name for each in TABLE if each.for_files} == {"svg", "html", "npy", "npz", "parquet"}
    for each in TABLE:
        module, _, function = each.renderer.partition(":")
        assert function in {node.name for node in tree_of(f"cecli.render.{module}").body if hasattr(node, "name")}


def test_no_option_begins_like_a_number():
    """A token that begins with a minus and a digit, a point or a bracket is always a value; so are -inf and -nan."""
    from cecli.cli.app import app, typer
    from cecli.cli.command import is_negative

    group = typer.main.get_command(app)
    names = [
        name
        for command in (group, *group.commands.values())
        for p in command.params
        for name in (*p.opts, *p.secondary_opts)
    ]
    assert len(names) > 100
    assert not [name for name in names if is_negative(name) or re.match(r"-+[\d.(\[]", name)]
    assert not [name for name in names if name.startswith("--no-") and name != "--no-header"]


# --- what a call loads ---------------------------------------------------------------------------------------------

STATE = """
import sys
from cecli.__main__ import command_line
from cecli.unused import UNUSED
sys.argv[1:] = {words!r}
try:
    command_line()
finally:
    print([name for name in UNUSED if type(sys.modules.get(name)).__name__ == 'module'])
    import numpy, pickle
    print(numpy.dtype('i4,f8').names, numpy.zeros(2).ctypes.data > 0, numpy.lib.npyio.NpzFile.__name__)
"""


@pytest.mark.parametrize(
    ("words", "used"),
    [
        (["xent", "1,0,0", "0.5,0.2,0.3", "-f", "plain"], []),
        (["xent", "1,0,0", "0.5,0.2,0.3", "-f", "table"], ["pickle"]),
        (["compare", "--example", "-f", "table"], ["pickle", "textwrap"]),
        (["grad", "0", "0.5,0.5", "--verify", "-f", "json"], []),
        (["xent", "9", "0.5,0.2,0.3"], []),
    ],
    ids=["plain", "table", "compare", "grad", "error"],
)
def test_what_is_left_for_later_is_not_run_by_a_call_and_still_works(words, used):
    """Modules that NumPy and Typer load without need are loaded once something asks for a name in them, as rich does."""
    result = subprocess.run(
        [sys.executable, "-c", STATE.format(words=words)], capture_output=True, text=True, timeout=60
    )
    assert result.stdout.splitlines()[-2:] == [str(used), "('f0', 'f1') True NpzFile"], result.stderr


def test_a_library_leaves_nothing_for_later():
    code = "import cecli, sys; cecli.softmax([1.0, 2.0]); print('cecli.unused' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60).stdout == "False\n"


@pytest.fixture(scope="module")
def loaded():
    """The modules that a process of its own loads, by their top names, with what it printed."""

    def run(*words, **env):
        clean = {name: text for name, text in os.environ.items() if not name.startswith(("CECLI", "_CECLI", "PYTHON"))}
        result = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "cecli", *words],
            capture_output=True,
            text=True,
            timeout=60,
            env=clean | env,
        )
        found = {
            line.rpartition("|")[2].strip().partition(".")[0]
            for line in result.stderr.splitlines()
            if line.startswith("import time:")
        }
        return found, result

    return run


HEAVY = {"pydantic", "scipy", "click", "torch", "pandas", "matplotlib", "cupy"}
POOL = "concurrent"
"""Threads are for a second block."""

CASES = [
    (["--version"], {"numpy", "rich", "typer"}),
    (["--help"], {"numpy", "rich"}),
    (["xent", "--help"], {"numpy", "rich"}),
    (["help", "softmax"], {"numpy", "rich"}),
    ([], {"numpy", "rich"}),
    (["sofmax", "1"], {"numpy", "rich"}),
    (["xent", "0", "--nonsense"], {"numpy", "rich"}),
    (["softmax", "1,2", "-f", "plain"], {"rich", "array_api_compat", POOL}),
    (["xent", "0", "0.5,0.5", "-f", "json"], {"rich", "array_api_compat", POOL}),
    (["compare", "--example"], {"rich", "array_api_compat", POOL}),
    (["grad", "0", "0.5,0.5", "--verify"], {"rich", "array_api_compat", POOL}),
    (["kl", "0.5,0.5", "0.4,0.7"], {"rich", "array_api_compat", POOL}),
    (["xent", "0", "0.5,0.5", "--device", "cpu", "--threads", "4"], {"rich", "array_api_compat", POOL}),
    (["xent", "0", "0.5,0.5", "-f", "table"], set()),
    (["calibrate", "0,0,1", "2,0;1,0;1,0"], {"rich", "array_api_compat", POOL}),
    (["compare", "--example", "--plot", "terminal", "-f", "table"], {"array_api_compat", POOL}),
]


@pytest.mark.parametrize(
    ("words", "unwanted"), CASES, ids=lambda part: " ".join(part) or "bare" if isinstance(part, list) else ""
)
def test_what_a_call_does_not_load(loaded, words, unwanted):
    """Start-up is what a calculator's user feels."""
    found, _ = loaded(*words)
    assert "cecli" in found
    assert not found & (unwanted | HEAVY)


def test_the_processor_needs_no_module_of_devices():
    """`--device cpu` is a comparison of two strings."""
    code = "import sys; from cecli.cli.app import app; app(standalone_mode=False); print('cecli.running.devices' in sys.modules)"
    for words, expected in ((["--device", "cpu"], "False"), ([], "False"), (["--device", "auto"], "True")):
        result = subprocess.run(
            [sys.executable, "-c", code, "softmax", "0,0", *words], capture_output=True, text=True, timeout=60
        )
        assert result.stdout.splitlines() == ["0.5,0.5", expected], result.stderr


def test_a_call_loads_one_command():
    """And the options of one."""
    code = "import sys; from cecli.__main__ import command_line\ntry: command_line()\nfinally: print([m for m in sys.modules if m.startswith(('cecli.cli.', 'cecli.quantities.'))])"
    result = subprocess.run(
        [sys.executable, "-c", code, "xent", "0", "0.5,0.5"], capture_output=True, text=True, timeout=60
    )
    assert "cecli.cli.calculations" in result.stdout, result.stderr
    assert "information" not in result.stdout
    assert "comparison" not in result.stdout


def test_a_table_loads_rich(loaded):
    """The measurement above can tell."""
    found, _ = loaded("softmax", "1,2", "-f", "table")
    assert {"rich", "numpy", "typer"} <= found


def test_a_picture_loads_matplotlib(loaded, tmp_path):
    """And nothing else does, but for rich where there is no table."""
    found, _ = loaded("compare", "--example", "--plot", str(tmp_path / "p.svg"), "-f", "plain")
    assert "matplotlib" in found
    assert not found & {"rich", "scipy", "pandas"}


def test_completing_columns_loads_neither_typer_nor_rich(loaded):
    """Tab has to be quick: nothing but the columns of a file is asked for."""
    page = Path(__file__).parent.parent / "docs" / "data" / "labels.csv"
    found, result = loaded(_CECLI_COLUMNS=str(page))
    assert result.stdout.split() == ["id", "label"]
    assert not found & ({"typer", "rich"} | HEAVY)


def test_the_library_loads_no_terminal_package():
    """`import cecli` is nearly free, and its functions load neither typer nor rich."""
    code = "import sys, cecli; a = set(sys.modules); cecli.softmax([1.0, 2.0]); print(sorted(a & {'numpy', 'typer', 'rich'}), sorted(set(sys.modules) & {'typer', 'rich'}))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert result.stdout == "[] []\n", result.stderr
