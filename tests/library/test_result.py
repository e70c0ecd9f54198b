"""What `compare` returns: a dictionary, the table of a notebook, and a DataFrame."""

import copy
import gc
import html.parser
import json
import math
import pickle
import sys
import weakref

import numpy as np
import pandas as pd
import pytest

import cecli

Y = [0, 1, 1, 0]
MODELS = {"small": [[0.5, 0.5], [0.25, 0.75], [0.5, 0.5], [1.0, 0.0]], "large": [[0.75, 0.25], [0.5, 0.5], [0.25, 0.75], [1.0, 0.0]]}  # fmt: skip


class Page(html.parser.HTMLParser):
    """The cells and the tags of a page, every one of them closed."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.cells, self.styles = [], set(), [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        self.tags.add(tag)
        self.styles += [value for name, value in attributes if name == "style"]
        assert {name for name, _ in attributes} <= {"style"}
        if tag in ("td", "th", "p", "caption"):
            self.cells.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.cells and self.open[-1:] != ["div"]:
            self.cells[-1] += data


def test_a_dictionary_as_ever():
    found = cecli.compare(Y, MODELS)
    assert isinstance(found, dict)
    assert json.loads(json.dumps(found)) == found
    assert [*found] == ["models", "best", "differences", "verdict"]
    assert found["verdict"].endswith(".")


def test_the_table_of_a_notebook():
    """The tables and the sentence of the terminal, in the colours of the page."""
    found = cecli.compare(Y * 10, {name: rows * 10 for name, rows in MODELS.items()})
    page = Page(found._repr_html_())
    assert page.tags <= {"div", "table", "caption", "thead", "tbody", "tr", "th", "td", "p", "strong"}
    text = " ".join(page.cells)
    assert "small" in text
    assert "large" in text
    assert found["verdict"] in text
    assert "overflow-x: auto" in page.styles
    assert sum("white-space: nowrap" in style for style in page.styles) > 20
    assert not any("color:" in style or "background" in style for style in page.styles)
    wide = Page(cecli.compare(Y, MODELS, by=["u", "v", "u", "v"], metrics="all", confusion=True)._repr_html_())
    assert len(wide.cells) > len(page.cells)


def test_names_in_a_notebook_are_data():
    name = "<script>alert(1)</script>\x1b[31m & </td>"
    page = Page(cecli.compare(Y, {name: MODELS["small"], "b": MODELS["large"]})._repr_html_())
    assert "script" not in page.tags
    assert any(r"<script>alert(1)</script>\x1b[31m & </td>" in cell for cell in page.cells)


def test_copies_keep_the_table():
    found = cecli.compare(Y, MODELS)
    for other in (pickle.loads(pickle.dumps(found)), copy.copy(found), copy.deepcopy(found)):  # noqa: S301 - ours
        assert other == found
        assert other._repr_html_() == found._repr_html_()
        assert other.to_pandas().equals(found.to_pandas())


def test_a_result_keeps_no_array_in_memory():
    models = {name: np.array(rows) for name, rows in MODELS.items()}
    seen = [weakref.ref(array) for array in models.values()]
    found = cecli.compare(Y, models, metrics="all", by_class=True, worst=2)
    del models
    gc.collect()
    assert [ref() for ref in seen] == [None, None]
    assert "<table" in found._repr_html_()


def test_to_pandas():
    found = cecli.compare(Y, MODELS, metrics=["accuracy", "roc_auc"])
    frame = found.to_pandas()
    assert [*frame.index] == ["small", "large"]
    assert frame.index.name == "model"
    assert {"error_rate", "errors", "mse", "cross_entropy", "perplexity", "accuracy", "roc_auc"} <= {*frame.columns}
    assert frame["errors"].dtype == int
    for model in found["models"]:
        for name in ("mse", "cross_entropy", "accuracy"):
            assert frame.loc[model["name"], name] == model[name]
    assert all(dtype.kind in "if" for dtype in frame.dtypes)
    assert frame.sort_values("cross_entropy").index[0] == found["best"]["cross_entropy"][0]


def test_to_pandas_of_what_has_no_losses_and_of_scores():
    """Predicted labels have NaN; scores have one column."""
    frame = cecli.compare(Y, {"labels": [0, 1, 1, 1], **MODELS}).to_pandas()
    assert math.isnan(frame.loc["labels", "cross_entropy"])
    assert frame.loc["labels", "errors"] == 1
    only = cecli.compare(Y, {"labels": np.array([0, 1, 1, 1])}).to_pandas()
    assert only["mse"].dtype == float
    scores = cecli.compare(None, {"a": [1.0, 2.0, 4.0], "b": [2.0, 3.0, 3.5]}, scores=True).to_pandas()
    pd.testing.assert_series_equal(
        scores["score"], pd.Series({"a": 7 / 3, "b": 8.5 / 3}, name="score").rename_axis("model")
    )


def test_without_pandas(monkeypatch):
    found = cecli.compare(Y, MODELS)
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ValueError, match=r"to_pandas\(\) needs pandas, which is not installed; .*pandas"):
        found.to_pandas()
    assert "<table" in found._repr_html_()
