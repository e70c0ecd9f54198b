"""`compare --plot`: the numbers of the picture, the file that appears whole, and the same in characters."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from functools import reduce
from itertools import pairwise
from operator import add
from types import SimpleNamespace

import numpy as np
import pytest

from cecli.comparing.batch_samples import BatchSamples
from cecli.comparing.model_batches import model_batch
from cecli.comparing.picture_totals import PictureTotals, fine_width
from cecli.comparing.request import MetricRequest
from cecli.maths.units import Base
from cecli.render.curve import curve_lines
from cecli.render.figure import COLORS, LINES, MARKS, draw
from cecli.report import Bin, Figure, ModelFigure
from cecli.running.batches import Batch
from cecli.running.options import Options

PNG = b"\x89PNG\r\n\x1a\n"
NAME = 'a $x_1$ & <b>"c"</b> \\frac{1}{2} [red]'


@pytest.fixture
def models(tmp_path, monkeypatch):
    """Labels and three models of 500 samples in files, and the arrays."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(11)
    logits = rng.normal(size=(500, 4)) * 2
    q = np.exp(logits)
    q /= q.sum(axis=-1, keepdims=True)
    labels = (q.cumsum(axis=-1) > rng.random((500, 1))).argmax(axis=-1)
    sharp = np.eye(4)[labels]
    sharp[:7] = np.eye(4)[(labels[:7] + 1) % 4]
    np.save("y.npy", labels)
    np.save("q.npy", q)
    np.save("sharp.npy", sharp)
    np.save("z.npy", logits * 3)
    return {"labels": labels, "q": q, "sharp": sharp}


def picture(cecli, *words):
    """The picture's member of the JSON."""
    result = cecli("compare", *words, "--plot", "terminal", "-f", "json", "-q")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)["picture"]


# --- numbers -------------------------------------------------------------------------------------------------------


def test_the_reliability_diagram(cecli, models):
    """15 bins (a, b], counted here one by one."""
    found = picture(cecli, "y.npy", "q=q.npy")[0]["reliability"]
    sure, right = models["q"].max(axis=-1), models["q"].argmax(axis=-1) == models["labels"]
    assert len(found) == 15
    assert sum(each["samples"] for each in found) == 500
    for k, each in enumerate(found):
        inside = (sure > k / 15) & (sure <= (k + 1) / 15)
        assert (each["low"], each["high"], each["samples"]) == (k / 15, (k + 1) / 15, inside.sum())
        if inside.any():
            assert each["confidence"] == pytest.approx(sure[inside].mean(), rel=1e-13)
            assert each["accuracy"] == pytest.approx(right[inside].mean(), rel=1e-13)
        else:
            assert each["confidence"] is each["accuracy"] is None


def test_its_weighted_gaps_are_the_ece(cecli, models):
    """Beside the expected calibration error written out in one line."""
    found = picture(cecli, "y.npy", "q.npy")[0]["reliability"]
    ece = sum(each["samples"] * abs(each["accuracy"] - each["confidence"]) for each in found if each["samples"]) / 500
    sure, right = models["q"].max(axis=-1), models["q"].argmax(axis=-1) == models["labels"]
    which = np.ceil(sure * 15)
    assert ece == pytest.approx(sum(abs((right - sure.astype(float))[which == k].sum()) for k in range(16)) / 500)


@pytest.mark.parametrize(("p", "k"), [("0.4", 5), ("0.6", 8), ("0.8", 11), ("0.5", 7), ("1", 14), ("0.99", 14)])
def test_an_edge_belongs_to_the_bin_below(cecli, p, k):
    """0.4 = 6/15 is in (5/15, 6/15], and 1 in the last bin."""
    rest = f"{(1 - float(p)) / 2:.12f}"
    found = picture(cecli, "0", f"{p},{rest},{rest}")[0]["reliability"]
    assert [i for i, each in enumerate(found) if each["samples"]] == [k]


@pytest.mark.parametrize("options", [[], ["-b", "2"], ["-b", "10"]])
def test_the_histogram(cecli, models, options):
    """Bars a power of two wide that reach over 99 % of the finite losses; every sample is in one of them, above, or infinite."""
    base = float(options[1]) if options else math.e
    found = picture(cecli, "y.npy", "q=q.npy", "sharp=sharp.npy", *options)
    for each, name in zip(found, ("q", "sharp"), strict=True):
        with np.errstate(divide="ignore"):
            losses = -np.log(models[name][np.arange(500), models["labels"]]) / math.log(base)
        edges, histogram = each["losses"]["edges"], each["losses"]
        assert histogram["samples"] == np.histogram(losses[losses < edges[-1]], edges)[0].tolist()
        assert histogram["above"] == np.sum(np.isfinite(losses) & (losses >= edges[-1]))
        assert histogram["infinite"] == np.sum(np.isinf(losses))
    assert found[1]["losses"]["infinite"] == 7
    assert math.frexp(edges[1])[0] == 0.5
    assert len(edges) <= 21


@pytest.mark.parametrize("base", [math.e, 2, 10, 1.0001, 1e300])
def test_the_width_of_a_bin_follows_the_unit(base):
    """About 1/64 nat, as a power of two."""
    width = fine_width(Base(base))
    assert math.frexp(width)[0] == 0.5
    assert 0.5 / 64 < width * math.log(base) * 1.01 < 2.1 / 64


def test_huge_losses_are_counted_above(cecli):
    """A loss of 1e308 has no bar; an infinite one is told apart."""
    found = picture(cecli, "0,0,0", "-1e308,1e307;0,0;-inf,0", "-l")[0]["losses"]
    assert (sum(found["samples"]), found["above"], found["infinite"]) == (1, 1, 1)


@pytest.mark.parametrize("rows", ["0,1;0,1", "1,0;1,0"])
def test_probabilities_of_0_and_1(cecli, rows):
    """All infinite, or all 0: there is a bar all the same."""
    found = picture(cecli, "0,0", rows)[0]
    infinite = 2 if rows.startswith("0") else 0
    assert found["losses"]["infinite"] == infinite
    assert found["losses"]["samples"] == [2 - infinite]
    assert [each["samples"] for each in found["reliability"]] == [0] * 14 + [2]
    assert cecli("compare", "0,0", rows, "--plot", "terminal", "-f", "table").exit_code == 0


def test_samples_that_do_not_count_are_not_drawn(cecli):
    """Left out, or of weight 0; the other weights weigh the bins, and the histogram counts."""
    rows = "0.9,0.1;0.95,0.05;0.3,0.7;0,1"
    found = picture(cecli, "0,1,9,0", rows, "--ignore-index", "9", "--sample-weights", "3,1,5,0")[0]
    last = found["reliability"][13]
    assert last["samples"] == 1
    assert found["reliability"][14]["samples"] == 1
    assert sum(found["losses"]["samples"]) == 2
    assert found["losses"]["infinite"] == 0
    one = picture(cecli, "0,1", "0.94,0.06;0.95,0.05", "--sample-weights", "3,1")[0]["reliability"][14]
    assert one["confidence"] == pytest.approx((3 * 0.94 + 0.95) / 4)
    assert one["accuracy"] == 0.75


def test_any_cut_into_blocks_gives_the_same(models):
    """Bins merge; the points are the first samples in order."""
    options = Options()
    labels, q = models["labels"], models["sharp"]

    def of(a, b):
        batch = Batch(q[a:b], None, labels=labels[a:b], first=a, seen=SimpleNamespace(where=str))
        return PictureTotals.of(BatchSamples(batch, options, model_batch(batch, options), MetricRequest()))

    whole = of(0, 500)
    for cuts in ([0, 250, 500], [0, 1, 2, 499, 500]):
        merged = reduce(add, [of(a, b) for a, b in pairwise(cuts)])
        for a, b in zip(merged, whole, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-13)


@pytest.mark.usefixtures("models")
def test_points_are_the_first_samples(cecli):
    """As many as are kept, and the picture says how many."""
    for name in ("y", "q"):
        np.save(f"{name}5.npy", np.concatenate([np.load(f"{name}.npy")] * 5))
    text = cecli("compare", "y5.npy", "q5.npy", "--plot", "terminal", "-f", "table").stdout
    assert "the first 2000 of 2500 samples" in text
    assert "the first" not in cecli("compare", "--example", "--plot", "terminal", "-f", "table").stdout


@pytest.mark.usefixtures("models")
def test_threads_change_nothing(cecli, block_values):
    """Blocks come back in order."""
    block_values(64)
    words = ("y.npy", "q=q.npy", "sharp=sharp.npy")
    assert picture(cecli, *words, "--threads", "3") == picture(cecli, *words, "--threads", "1")


@pytest.mark.usefixtures("models")
def test_bins_have_wilsons_interval(cecli):
    """Beside the formula, of the share of right answers of each bin."""
    for each in picture(cecli, "y.npy", "q=q.npy")[0]["reliability"]:
        if not each["samples"]:
            assert each["accuracy_low"] is each["accuracy_high"] is None
            continue
        n, p, z = each["samples"], each["accuracy"], 1.959963984540054
        middle, reach = p + z * z / 2 / n, z * math.sqrt(p * (1 - p) / n + (z / 2 / n) ** 2)
        bounds = (middle - reach) / (1 + z * z / n), (middle + reach) / (1 + z * z / n)
        assert (each["accuracy_low"], each["accuracy_high"]) == pytest.approx(bounds, abs=1e-9)


@pytest.mark.usefixtures("models")
def test_differences_are_drawn_where_they_have_intervals(cecli):
    """With the models' names and the reference; not of one model, nor of few samples."""
    for words, drawn in (
        (["y.npy", "q=q.npy", "z=z.npy", "-l"], True),
        (["y.npy", "q=q.npy"], False),
        (["--example"], False),
    ):
        assert cecli("compare", *words, "--plot", "a.svg", "-q").exit_code == 0
        texts = svg_texts("a.svg")
        titles = [text for text in texts if re.fullmatch("Difference to [qz], with 95 % intervals", text)]
        assert len(titles) == drawn
        assert ("difference in cross-entropy, nats" in texts) == drawn
        assert "samples (log scale)" in texts
        assert texts.count("z") == 2 * drawn
        assert not any("are drawn" in text for text in texts)


def svg_texts(file):
    """The texts of a picture."""
    root = ET.parse(file).getroot()  # noqa: S314 - ours
    return [text.text or "" for text in root.iter("{http://www.w3.org/2000/svg}text")]


def test_of_many_models_the_best_are_drawn_and_all_differences(cecli, models):
    """In the order of the ranking, with the baseline; the picture says how many; and JSON has all."""
    generator = np.random.default_rng(1)
    words = ["y.npy", "-l"]
    for i in range(12):
        np.save(f"m{i}.npy", np.log(models["q"]) + 0.2 * i * generator.normal(size=models["q"].shape))
        words.append(f"m{i}.npy")
    for more, told in (([], [f"m{i}" for i in range(6)]), (["--baseline", "m9"], [*(f"m{i}" for i in range(5)), "m9"])):
        result = cecli("compare", *words, *more, "--plot", "a.svg", "-f", "json", "-q")
        ranked = sorted(json.loads(result.stdout)["models"], key=lambda model: model["cross_entropy"])
        texts = svg_texts("a.svg")
        twice = {name for name in texts if texts.count(name) == 2}
        assert [model["name"] for model in ranked[:6]] == [f"m{i}" for i in range(6)]
        assert {f"m{i}" for i in range(12)} <= {*texts}
        assert twice & {f"m{i}" for i in range(12)} == {*told}
        assert [name for name in texts if re.fullmatch(r"m\d+", name)][-6:] == told
        assert "6 of 12 models are drawn; the differences have all" in texts
        assert len(json.loads(result.stdout)["picture"]) == 12


# --- files ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("models")
def test_svg_png_and_html(cecli):
    """By the ending; the answer itself is as without, and nothing else is left in the folder."""
    plain = cecli("compare", "y.npy", "q=q.npy", "sharp=sharp.npy", "-q").stdout
    before = set(os.listdir())
    for file in ("a.svg", "b.png", "c.HTML"):
        result = cecli("compare", "y.npy", "q=q.npy", "sharp=sharp.npy", "--plot", file, "-q")
        assert (result.exit_code, result.stdout, result.stderr) == (0, plain, "")
    assert set(os.listdir()) - before == {"a.svg", "b.png", "c.HTML"}
    texts = svg_texts("a.svg")
    for word in ("Reliability", "Losses", "The curve −log p", "q", "sharp", "loss, nats", "sharp: 7 infinite"):
        assert word in texts
    with open("b.png", "rb") as stream:
        assert stream.read(8) == PNG
    with open("c.HTML", encoding="utf-8") as stream:
        page = stream.read()
    assert page.startswith("<!DOCTYPE html>")
    assert page.count("<svg") == page.count("</svg>") == 1
    assert "http://www.w3.org/2000/svg" in page
    assert not re.search(r'(?:src|href)="https?:', page)


@pytest.mark.usefixtures("models")
def test_the_same_call_writes_the_same_bytes(cecli):
    """No date, no random name."""
    contents = []
    for _ in range(2):
        assert cecli("compare", "y.npy", "q.npy", "--plot", "a.svg", "-q").exit_code == 0
        with open("a.svg", "rb") as stream:
            contents.append(stream.read())
    assert contents[0] == contents[1]


def test_names_are_data(cecli, tmp_path):
    """In a page and the SVG within. No mathematics, no markup, no underscore that hides a name; a long one is shortened, an escape written out."""
    long = "long " * 60
    names = [NAME, "_hidden", "\x1b[31mred", long, "モデル"]
    file = tmp_path / "p.html"
    words = [f"{name}=0.5,0.3,0.2" for name in names]
    result = cecli("compare", "0", *words, "--plot", str(file), "-q")
    assert result.exit_code == 0, result.stderr
    text = file.read_text("utf-8")
    svg = text[text.index("<svg") : text.index("</svg>") + 6]
    texts = [each.text or "" for each in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314 - ours
    assert NAME.strip() in " ".join(texts)
    assert "_hidden" in texts
    assert "\\x1b[31mred" in texts
    assert "モデル" in texts
    assert any(each.endswith("…") for each in texts)
    assert "\x1b" not in text
    assert "<b>" not in text


def test_weights_and_steps_and_metric_go_with_it(cecli, tmp_path):
    """As does every format."""
    for more in (["--steps", "-f", "latex"], ["-f", "json"], ["--expect", "0.8067,0.34", "--metric", "mse"]):
        file = tmp_path / "p.svg"
        assert cecli("compare", "--example", *more, "--plot", str(file)).exit_code == 0
        assert file.stat().st_size > 10_000
        file.unlink()


def test_an_ending_that_is_none(cecli, tmp_path):
    """Before anything is computed."""
    result = cecli("compare", "0", "no-such-file.csv", "--plot", str(tmp_path / "p.pdf"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--plot" in result.stderr
    assert ".svg .png .html" in result.stderr


def test_a_folder_that_is_not_there(cecli, tmp_path):
    """An error that names the option; nothing on stdout."""
    result = cecli("compare", "--example", "--plot", str(tmp_path / "no" / "p.svg"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: --plot: ")


def test_an_error_leaves_the_old_file(cecli, tmp_path):
    """Whole or not at all."""
    file = tmp_path / "p.svg"
    file.write_text("old")
    assert cecli("compare", "0,1,5", "0.5,0.5;0.5,0.5;0.5,0.5", "--plot", str(file)).exit_code == 2
    assert file.read_text() == "old"


def test_without_matplotlib(cecli, tmp_path, not_installed):
    """The error names the extra, before anything is computed; the terminal needs none."""
    not_installed("matplotlib")
    result = cecli("compare", "0", "no-such-file.csv", "--plot", str(tmp_path / "p.svg"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "matplotlib" in result.stderr
    assert "pip install matplotlib" in result.stderr
    assert not (tmp_path / "p.svg").exists()
    assert cecli("compare", "--example", "--plot", "terminal", "-f", "table").exit_code == 0


def test_a_process_says_nothing_of_fonts_and_caches(environment, tmp_path):
    """Nothing on stderr, also where matplotlib runs for the first time."""
    env = environment | {"MPLCONFIGDIR": str(tmp_path / "config"), "PYTHONWARNINGS": "default"}
    command = [sys.executable, "-m", "cecli", "compare", "0", "日本=0.5,0.5", "--plot", "p.png", "-q"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, env=env, cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")


def test_a_claim_of_a_worksheet_takes_none(cecli, tmp_path, monkeypatch):
    """A worksheet writes no files."""
    monkeypatch.chdir(tmp_path)
    result = cecli("check", "-", stdin="compare --example --metric mse --plot p.svg = 0.81,0.34\n")
    assert result.exit_code == 2
    assert "a claim can't have --plot" in result.stdout + result.stderr
    assert os.listdir() == []


# --- what tells models apart ---------------------------------------------------------------------------------------


def test_the_colours_are_those_of_okabe_and_ito():
    """With a mark and a kind of line of its own for each."""
    assert set(COLORS) == {"#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7"}
    assert len(set(MARKS)) == len(set(LINES)) == len(COLORS)


def some(name="m", points=(), **more):
    """A model's part of a picture."""
    fields = {"losses": [1, 0], "above": 0, "infinite": 0, "mean": None} | more
    return ModelFigure(name, [Bin(k / 15, (k + 1) / 15, 0, None, None) for k in range(15)], points=points, **fields)


def drawn(*models, samples=3):
    curve = [(math.exp(-i / 10), i / 10) for i in range(20, -1, -1)]
    return Figure("nats", [0.0, 1.0, 2.0], curve, models, samples, samples)


@pytest.mark.parametrize("count", [1, 5, 11])
def test_any_number_of_models(count):
    """With every bin empty and no mean."""
    assert draw(drawn(*(some(f"m{i}") for i in range(count))), "png").startswith(PNG)
    lines = list(curve_lines(drawn(*(some(f"m{i}") for i in range(count))), 80, plain=False))
    assert sum(f"m{count - 1}" in line for line in lines) == 1


@pytest.mark.parametrize("count", [8, 9, 62])
def test_each_model_has_a_mark_of_its_own(count):
    """Shapes while they suffice, else letters and digits."""
    for plain in (False, True):
        lines = list(curve_lines(drawn(*(some(f"<{i}>") for i in range(count))), 80, plain))
        marks = [line.split()[0] for line in lines if line.endswith(">")]
        assert len(set(marks)) == count
        assert marks[0].isalnum() == (count > 8 or plain)  # the first mark of ASCII is an o


def test_the_curve_in_characters():
    """A mark per model where its samples lie, another where several do; what lies above is counted, not drawn."""
    a = some("a", [(math.exp(-1), 1.0), (math.exp(-0.1), 0.1)])
    b = some("b", [(math.exp(-1), 1.0), (math.exp(-5), 5.0)], above=1, infinite=2)
    lines = list(curve_lines(drawn(a, b), 60, plain=False))
    assert lines[0].strip().startswith("2 │")
    assert "◉" in lines[7]
    assert lines[7].strip().startswith("1 │")
    assert sum("●" in line for line in lines[:15]) == 1
    assert sum("▲" in line for line in lines[:15]) == 0
    assert "     ▲ b (1 above 2 and 2 infinite, not drawn)" in lines
    assert max(map(len, lines)) <= 60


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120, 100_000])
def test_the_curve_fits(width):
    """Down to a width below which nothing could be seen; in ASCII too."""
    for plain in (False, True):
        lines = list(curve_lines(drawn(some("a", [(0.5, math.log(2))])), width, plain))
        assert max(map(len, lines)) <= max(30, min(width, 72))
        assert not plain or "".join(lines).isascii()


# --- on the terminal -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", ["60", "80", "120"])
@pytest.mark.usefixtures("models")
def test_tables_and_curve_fit_the_terminal(cecli, columns):
    """Bars, counts and the curve of three models."""
    words = ["y.npy", "q=q.npy", "sharp=sharp.npy", "z=q.npy", "--plot", "terminal", "-f", "table", "-q"]
    text = cecli("compare", *words, COLUMNS=columns).stdout
    assert max(map(len, text.splitlines())) <= max(int(columns), 66)
    for word in ("q: reliability", "sharp: losses", "█", "the curve −log p, nats", "∞         7"):
        assert word in text
    assert "\x1b" not in text


def test_markdown_and_latex_have_the_tables(cecli):
    """Without bars, as elsewhere; names are data there too."""
    for format_ in ("markdown", "latex"):
        text = cecli("compare", "0", f"{NAME}=0.5,0.3,0.2", "--plot", "terminal", "-f", format_).stdout
        assert "reliability" in text
        assert "0.47" in text
        assert "█" not in text


@pytest.mark.parametrize("format_", ["plain", "csv", "tsv"])
def test_where_nothing_can_be_drawn_a_note_says_so(cecli, format_):
    """The numbers are as without; `-q` says nothing."""
    result = cecli("compare", "--example", "--plot", "terminal", "-f", format_)
    assert result.stdout == cecli("compare", "--example", "-f", format_).stdout
    assert "--plot terminal is drawn with tables" in result.stderr
    assert cecli("compare", "--example", "--plot", "terminal", "-f", format_, "-q").stderr == ""


def test_a_drawing_in_a_file_of_the_table(cecli, tmp_path):
    """`-o table.svg --plot terminal` has both."""
    file = tmp_path / "t.svg"
    assert cecli("compare", "--example", "--plot", "terminal", "-o", str(file)).exit_code == 0
    assert "reliability" in file.read_text("utf-8")
