"""`--fail-if` of `compare`: which conditions stop a script, and what is said of them."""

import json
import shlex

import pytest


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ('"model 2".cross_entropy > "model 1".cross_entropy * 1.02', False),
        ("'model 1'.cross_entropy>'model 2'.cross_entropy*1.02", True),
        ('"model 1".errors == "model 2".errors', True),
        ('"model 1".mse - "model 2".mse > 0.46 and "model 1".errors < 2', True),
        ('"model 1".mse < 0.1 or ("model 2".mse < 0.5 and 1 <= 1)', True),
        ('("model 2".mse + 1) * 2 >= 2.68', True),
        ("-1 < -(2 - 4) / 2", True),
        ("1 − 2 − 3 == −4", True),
        ("8 / 2 / 2 == 2 and 2 + 3 * 4 == 14", True),
        ("1e3 > 50%", True),
        ("1 != 1", False),
        ('"model 1".error_rate > 34%', False),
    ],
)  # fmt: skip
def test_a_condition_decides_the_exit_code(cecli, condition, holds):
    """1 where it is true, with a note; the answer is printed all the same."""
    result = cecli("compare", "--example", "--fail-if", condition)

    assert result.exit_code == holds, result.stderr
    assert (f"--fail-if: {condition} is true" in result.stderr) == holds
    assert result.stdout.startswith("model 1\t0.333")


def test_the_note_names_the_numbers(cecli):
    """Each once."""
    result = cecli("compare", "--example", "--fail-if", '"model 1".mse > "model 2".mse * 2')

    assert "is true: model 1.mse = 0.8066666666666666, model 2.mse = 0.34\n" in result.stderr


@pytest.mark.parametrize(
    ("condition", "message", "carets", "hint"),
    [
        ("b.mse > 1", "no model is called 'b'", "^", "the models are a, model 2"),
        ("model.mse > 1", "no model is called 'model'", "^^^^^", "did you mean model 2?"),
        ("a.msee > 1", "'msee' is not a metric", "  ^^^^", "did you mean mse?"),
        ("a.mse", "a comparison is expected", "     ^", ""),
        ("a.mse > ", "a number or model.metric is expected", "       ^", ""),
        ("a > 1", "a is a model: name one of its metrics", "^", "as in a.cross_entropy"),
        ("model 2.mse > 1", "no model is called 'model'", "^^^^^", 'write "model 2", with quotes'),
        ('"model 2" mse > 1', "model 2 is a model", "^^^^^^^^^", 'as in "model 2".cross_entropy'),
        ("a.skill > 1", "skill is more than one number", "  ^^^^^", "name one of skill_uniform"),
        ("a.mse.ci > 1", "'ci' is not a statistic", "      ^^", "difference, ci_low, ci_high, p_value"),
        ("a.mse.p_value.x > 1", "'p_value.x' is not a statistic", "      ^^^^^^^^^", ""),
        ("a.'mse' > 1", "the metric stands without quotes", "  ^^^^^", "as in a.mse"),
        ("a.mse.difference > 1", "a is the baseline", "^^^^^^^^^^^^^^^^", "--baseline"),
        ("a.mse > 1 1", "unexpected 1", "          ^", ""),
        ("(a.mse > 1", "')' is expected", "          ^", ""),
        ("a.mse > $", "'$' is not allowed here", "        ^", ""),
        ("1/0 > 1", "1 / 0 is not a number", " ^", ""),
        ("1e999 > 1", "too large", "^^^^^", ""),
        ("__import__('os') > 1", "no model is called '__import__'", "^^^^^^^^^^", ""),
        ("", "a number or model.metric is expected", "^", ""),
        ("(" * 99 + "1" + ")" * 99 + " > 1", "brackets", "", ""),
        ("-" * 99 + "1 > 1", "signs", "", ""),
    ],
)  # fmt: skip
def test_wrong_conditions_are_underlined(cecli, condition, message, carets, hint):
    """Exit 2, nothing on stdout, and the place."""
    result = cecli("compare", "0", "a=0.5,0.5", "0.4,0.6", "--fail-if", condition)

    assert (result.exit_code, result.stdout) == (2, "")
    assert f"--fail-if: {message}" in result.stderr or message in result.stderr
    assert not carets or f"\n    {carets}\n" in result.stderr
    assert hint in result.stderr


def test_what_is_expected_and_what_fails_go_together(cecli):
    """Either gives exit code 1."""
    words = ["compare", "--example", "--metric", "mse", "--expect", "0.81,0.34"]

    assert cecli(*words).exit_code == 0
    assert cecli(*words, "--fail-if", "1 > 0").exit_code == 1
    assert cecli(*words[:-1], "0.9,0.3", "--fail-if", "1 < 0").exit_code == 1


# --- names --------------------------------------------------------------------------------------------------------

NAMED = ["compare", "0", "v1.2=0.5,0.5", "gpt-4=0.4,0.6", "7b=0.3,0.7", "mse=0.2,0.8", "a=0.1,0.9", "a.mse=0.6,0.4"]


@pytest.mark.parametrize(
    ("condition", "number"),
    [
        ("v1.2.mse > 0", "v1.2.mse = 0.5"),
        ('"v1.2".mse > 0', "v1.2.mse = 0.5"),
        ("7b.error_rate == 1", "7b.error_rate = 1"),
        ("mse.mse > 1", "mse.mse = 1.28"),
        ("mse.mse.difference > 0.7", "mse.mse.difference = 0.78"),
        ('"gpt-4".accuracy == 0', "gpt-4.accuracy = 0"),
        ("a.mse > 1.6", "a.mse = 1.62"),
        ("a.mse.mse > 0", "a.mse.mse = 0.32"),
        ("a . mse > 1.6", "a.mse = 1.62"),
        ("a.MSE > 1.6", "a.mse = 1.62"),
        ("a.brier_score > 1.6", "a.mse = 1.62"),
        ("a.top2 == 1", "a.top2 = 1"),
    ],
)  # fmt: skip
def test_the_metric_is_the_last_part_that_is_one(cecli, condition, number):
    """Of names with dots, digits in front, or the name of a metric; a metric need not be asked for elsewhere."""
    result = cecli(*NAMED, "--fail-if", condition)

    assert result.exit_code == 1, result.stderr
    assert f"{condition} is true: {number}" in result.stderr
    assert result.stdout == cecli(*NAMED).stdout


def test_a_name_with_a_sign_stands_between_quotes(cecli):
    """Else the error says so."""
    result = cecli(*NAMED, "--fail-if", "gpt-4.mse > 0")

    assert (result.exit_code, result.stdout) == (2, "")
    assert 'write "gpt-4", with quotes' in result.stderr


# --- against the baseline -----------------------------------------------------------------------------------------

LABELS = ",".join(["0", "1"] * 20)
BASE = ";".join(["0.6,0.4", "0.3,0.7"] * 19 + ["0.4,0.6", "0.9,0.1"])
WORSE = ";".join(["0.55,0.45", "0.35,0.65"] * 19 + ["0.3,0.7", "0.95,0.05"])
PAIR = ["compare", LABELS, f"base={BASE}", f"cand={WORSE}"]


def test_statistics_are_those_of_the_candidate_minus_the_baseline(cecli):
    """In whichever order the models stand, with the numbers of the JSON object and their signs turned where it must be."""
    found = json.loads(cecli(*PAIR, "-f", "json").stdout)["differences"][0]
    sign = 1 if found["a"] == "cand" else -1
    ends = [found["ci_low"], found["ci_high"]][::sign]
    conditions = {
        "difference": f"== {sign * found['difference']!r}",
        "ci_low": f"== {sign * ends[0]!r}",
        "ci_high": f"== {sign * ends[1]!r}",
        "p_value": f"== {found['p_value']!r}",
    }
    assert 0 < sign * ends[0] < sign * found["difference"] < sign * ends[1]
    for words in (PAIR, [*PAIR[:2], PAIR[3], PAIR[2], "--baseline", "base"]):
        for name, value in conditions.items():
            result = cecli(*words, "--fail-if", f"cand.cross_entropy.{name} {value}")
            assert result.exit_code == 1, (name, result.stderr)
            assert f"cand.cross_entropy.{name} = " in result.stderr


def test_the_squared_error_has_them_too(cecli):
    """As `cand.mse`."""
    result = cecli(*PAIR, "--fail-if", "cand.mse.ci_low > 0 and cand.mse.p_value < 0.05")
    assert result.exit_code == 1, result.stderr


def test_worse_by_more_than_chance_and_not_shown_to_be_within(cecli):
    """The two gates of the documentation."""
    worse, within = "cand.cross_entropy.ci_low > 0", "cand.cross_entropy.ci_high > 0.01"
    assert cecli(*PAIR, "--fail-if", worse).exit_code == 1
    assert cecli(*PAIR, "--fail-if", within).exit_code == 1
    assert cecli(*PAIR[:3], f"cand={BASE}", "--fail-if", worse, "--fail-if", within).exit_code == 0


# --- what never passes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "condition", "message"),
    [
        ("compare --example", '"model 2".cross_entropy.ci_low > 0', "model 2.cross_entropy.ci_low is null"),
        ("compare --example", '1 > 0 or "model 2".mse.p_value < 1', "model 2.mse.p_value is null"),
        ("compare --example", '1 < 0 and "model 2".mse.p_value < 1', "model 2.mse.p_value is null"),
        ("compare 0 a=0.5,0.5", "a.roc_auc < 0.5", "a.roc_auc is null"),
        ("compare 0 a=0.0,1.0 b=0.0,1.0", "b.cross_entropy > a.cross_entropy*1.02", "inf > inf"),
        ("compare 0 a=0.0,1.0 b=0.0,1.0", "b.cross_entropy == a.cross_entropy", "inf == inf"),
        ("compare 0 a=0.0,1.0 b=0.0,1.0", "b.cross_entropy.difference > 0", "b.cross_entropy.difference is null"),
        ("compare 0 a=0.0,1.0 b=0.0,1.0", "b.cross_entropy - a.cross_entropy > 0", "inf - inf is not a number"),
    ],
)  # fmt: skip
def test_null_and_two_infinite_numbers_are_errors(cecli, words, condition, message):
    """Exit 2, nothing on stdout: never a pass, whatever stands beside it."""
    result = cecli(*shlex.split(words), "--fail-if", condition)

    assert (result.exit_code, result.stdout) == (2, ""), result.stderr
    assert message in result.stderr
    assert "fault of cecli" not in result.stderr
    if "difference is null" in message:
        assert "a difference needs a number of both models, and not two infinite ones" in result.stderr


def test_one_infinite_number_compares(cecli):
    """With a finite one."""
    words = ["compare", "0", "a=0.5,0.5", "b=0.0,1.0"]
    assert cecli(*words, "--fail-if", "b.cross_entropy > a.cross_entropy*1.02").exit_code == 1
    assert cecli(*words, "--fail-if", "a.cross_entropy > b.cross_entropy").exit_code == 0


def test_failures_are_told_however_many_notes_there_are(cecli):
    """The notes are cut after a dozen; conditions are not."""
    models = [f"m{i}=0.0,1.0" for i in range(9)]
    conditions = [word for i in range(9) for word in ("--fail-if", f"m{i}.mse > 0")]
    result = cecli("compare", "0,0", *[f"{model};0.5,0.5" for model in models], *conditions)

    assert result.exit_code == 1
    assert [f"m{i}.mse > 0 is true: m{i}.mse = 1.25" in result.stderr for i in range(9)] == [True] * 9
