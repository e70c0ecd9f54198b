"""Files as other programs write them: Spark, lm-evaluation-harness, Kaggle, a table of predicted labels and probabilities."""

import json
import math

import pytest

from .conftest import close

LOSS = -(math.log(0.7) + math.log(0.8)) / 2


def test_nested_lists_beside_the_columns_in_use(files, value, refused):
    """lm-evaluation-harness writes `resps`, lists of lists, beside its scores."""
    resps = [[[["-1.5", "False"]], [["-0.5", "True"]]], [[["-2.5", "False"]]]]
    rows = [{"doc_id": i, "resps": resps[i], "p": [[0.5], [0.5]], "acc": i, "q": [0.5, 0.5]} for i in range(2)]
    files(a__jsonl=rows, b__json=rows[::-1])
    found = value("compare", "--scores", "a=a.jsonl:acc", "b=b.json:acc", "--id", "doc_id", "--metric", "score")[0]
    close(found, 0.5, 0.5)
    close(value("xent", "0,1", "a.jsonl:q")[0], math.log(2))
    for file in ("a.jsonl", "b.json"):
        for column in ("resps", "p"):
            assert "three deep" in refused("xent", "0,1", f"{file}:{column}")
        assert f"as in {file}:q" in refused("entropy", file)


def test_json_lines_with_the_ending_json(files, value, refused):
    rows = [
        {"label": 0.0, "probability": {"values": [0.7, 0.3]}},
        {"label": 1.0, "probability": {"values": [0.2, 0.8]}},
    ]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    files(part__json=text, bad__json=text + "{\n")
    close(value("xent", "part.json:label", "part.json:probability.values")[0], LOSS)
    assert "not valid JSON" in refused("entropy", "bad.json")


def test_a_folder(files, refused):
    files(
        run_S_part1__csv="a,b\n",
        run_S_part2__csv="a,b\n",
        run_S__SUCCESS="",
        mixed_S_a__csv="1\n",
        mixed_S_b__npy="2\n",
    )
    assert "'run/*.csv'" in refused("entropy", "run")
    assert "name a file in it" in refused("entropy", "mixed")
    assert "*" not in refused("entropy", "mixed")


def test_a_truth_of_labels_beside_other_columns(files, refused, value):
    files(truth__csv="id,label,Usage\n1,cat,Public\n2,dog,Private\n", sub__csv="id,dog,cat\n1,.3,.7\n2,.8,.2\n")
    assert "as in truth.csv:label" in refused("xent", "truth.csv", "sub.csv", "--id", "id")
    close(value("xent", "truth.csv:label", "sub.csv", "--id", "id")[0], LOSS)


@pytest.mark.parametrize("columns", [("pred", "p_*"), ("p_*", "pred")])
def test_predicted_labels_before_the_first_probabilities(files, value, columns):
    files(f__csv="true,pred,p_cat,p_dog\ncat,cat,0.7,0.3\ndog,cat,0.2,0.8\ndog,dog,0.6,0.4\n")
    models = [f"f.csv:{column}" for column in columns]
    found, said = value("compare", "f.csv:true", *models, "--metric", "error_rate")
    close(found, 1 / 3, 1 / 3)
    assert "the classes p_cat, p_dog are called cat, dog, as the labels are" in said
