"""What is found for a wrong claim: the simplest mistakes, pairs, rounding on the way, and mostly nothing."""

from __future__ import annotations

import json
import math
import shlex
import time
from typing import Any

import numpy as np
import pytest

from tests.benchmarks.wrong_claims import is_pair
from tests.mistakes.conftest import FOUND, agrees, numbers

A_ROWS = "0.3,0.3,0.4; 0.3,0.4,0.3; 0.1,0.2,0.7"
B_ROWS = "0.1,0.2,0.7; 0.1,0.7,0.2; 0.3,0.4,0.3"
A = f"xent 2,1,0 '{A_ROWS}'"
B = f"xent 2,1,0 '{B_ROWS}'"
ONE = "xent 0 0.5,0.2,0.3"
ROUNDED = "terms rounded on the way"
MOST = 5
"""Findings that are named."""


@pytest.fixture
def found(judged):
    """The findings for a claim that does not hold."""

    def run(call: str, claim: str) -> list[dict[str, Any]]:
        answer = judged(call, claim)
        assert not answer["holds"]
        return answer["diagnosis"]

    return run


def names(findings: list[dict[str, Any]]) -> list[str]:
    """What is found, by name."""
    return [finding["mistake"] for finding in findings]


# --- must show ----------------------------------------------------------------------------------------------------


def test_another_base_comes_first(found) -> None:
    """-log10 0.5 for -ln 0.5."""
    first = found(ONE, "0.30")[0]

    assert (first["mistake"], first["likely"]) == ("logarithm to base 10", False)
    assert first["value"] == pytest.approx(math.log10(2), rel=1e-14)


def test_the_articles_own_slip(found) -> None:
    """0.15 + 0.15 + 0.397: sample 3 has the predicted class's probability, and all terms are cut."""
    named = {finding["mistake"]: finding for finding in found(f"{B} -b 10 -r sum", "0.697")}

    slip = named[
        f"for sample 3 the predicted class's probability in place of the true class's, {ROUNDED}, each cut to its own digits"
    ]
    assert slip["likely"]
    assert slip["value"] == pytest.approx(0.697)


def test_terms_rounded_on_the_way(found) -> None:
    """0.0224 + 0.094 for 0.11612: two terms with digits of their own. Logarithms rounded to three digits give it too."""
    findings = found("entropy 63/64,1/64 -b 2", "0.1164")

    assert names(findings)[0] == f"{ROUNDED}, each to its own digits"
    assert findings[0]["likely"]


def test_it_is_silent_far_more_often_than_it_talks(found) -> None:
    """Random claims of four digits."""
    rng = np.random.default_rng(7)
    claims = [f"{rng.uniform(0, 3):.4f}" for _ in range(20)]
    talks = [claim for claim in claims if found(A, claim)]

    assert len(talks) <= 2


@pytest.mark.parametrize("name", sorted(FOUND["problems"])[::8])
def test_nonsense_is_not_explained(cecli, found, name) -> None:
    """A number that nothing gives, in the answer's shape."""
    call = FOUND["problems"][name]
    value = json.loads(cecli(*shlex.split(call), "-f", "json").stdout)["value"]
    rows = value if isinstance(value, list) and isinstance(value[0], list) else [value]

    assert found(call, ";".join(",".join(["8.3614297"] * len(numbers(row))) for row in rows)) == []


CLAIMS = [
    "inf", "-inf", "nan", "1/3", "0.5±0.1", "0.1,0.2", "0.1,nan,0.3", "1,2;3,4", "0.12345", "0.000", "-1e300", "100", "1e-9",
]  # fmt: skip


@pytest.mark.parametrize("more", ["", " -r none", " -r sum"])
@pytest.mark.parametrize("name", sorted(FOUND["problems"])[::36])
def test_any_claim_of_any_problem_is_taken(judged, name, more) -> None:
    """Of another shape, infinite, no number: at worst nothing is found, and what is found holds when it is claimed itself."""
    call = FOUND["problems"][name]
    if more and (" -r " in call or call.split()[0] in {"softmax", "compare"}):
        return
    for claim in CLAIMS:
        findings = judged(call + more, claim).get("diagnosis", [])
        assert len(findings) <= MOST
        for finding in findings:
            assert within(claim, finding["value"])


def within(claim: str, value: Any) -> bool:
    """Whether a value is what one of the claims above says."""
    special = {"1/3": lambda x: abs(x - 1 / 3) < 1e-15, "0.5±0.1": lambda x: abs(x - 0.5) <= 0.1 + 1e-15}
    return special[claim](*numbers(value)) if claim in special else agrees(claim, value)


# --- singles ------------------------------------------------------------------------------------------------------


def test_mistakes_that_coincide_are_told_together(found, said) -> None:
    """With as many samples as classes L/K and L/N are one number."""
    assert names(found(A, "0.459463")) == ["averaged over classes too", "divided by the number of samples twice"]
    assert said(A, "0.459463") == [
        "✗ 0.459463 does not hold: the answer is 1.37838885 nats.",
        "This is what one gets with: averaged over classes too (0.45946295).",
        "Sum over the classes; the mean is over the samples alone.",
        "This is what one gets with: divided by the number of samples twice (0.45946295).",
        "Divide by the number of samples once.",
        "These give the same number here; with another number of samples than classes they would differ.",
    ]


def test_a_mistake_of_one_sample_alone(found) -> None:
    """Sample 1 of three has the next class."""
    losses = [-math.log(p) for p in (0.3, 0.4, 0.1)]

    assert "for sample 1 the class index off by one" in names(found(A, f"{sum(losses) / 3:.6f}"))


def test_a_mistake_of_one_model_alone(found) -> None:
    """The second's MSE is averaged over the classes."""
    findings = found(f"compare 2,1,0 '{A_ROWS}' '{B_ROWS}' --metric mse", "0.8067,0.1133")

    assert names(findings)[0] == "for model 2: MSE averaged over classes"
    assert findings[0]["value"] == pytest.approx([0.806666666666, 0.34 / 3])


def test_a_sum_for_a_value_each(found) -> None:
    """A claim of another shape may be another reduction."""
    assert names(found(f"{A} -r none", "4.1352")) == ["sum instead of a value for each sample"]


def test_the_base_in_use_is_no_mistake(found) -> None:
    """And the others are, whatever the base."""
    call = f"{ONE} -b 2"

    assert names(found(call, "0.693147"))[0] == "natural logarithm"
    assert names(found(call, "0.301030"))[0] == "logarithm to base 10"
    assert not any("base 2" in name for name in names(found(call, "2.000000")))


def test_a_row_of_labels(found) -> None:
    """Its entries are named by sample and label."""
    losses = [-math.log(p) for p in (0.9, 0.8, 0.35, 0.6)]
    findings = found("bce '1,0; 0,1' '0.9,0.2; 0.35,0.6'", f"{sum(losses) / 4:.6f}")

    assert "for sample 2, label 1, y and 1−y swapped" in names(findings)


# --- pairs --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("1.7959", "logarithm to base 10 and sum instead of mean"),
        ("-4.1352", "sum instead of mean and missing minus sign"),
        ("-0.59863", "logarithm to base 10 and missing minus sign"),
        (
            "2.1893",
            "sum instead of mean and for sample 3 the predicted class's probability in place of the true class's",
        ),
        ("5.9658", "logarithm to base 2 and sum instead of mean"),
    ],
)
def test_two_mistakes_at_once(found, text, pair) -> None:
    """Where no single one gives the claim."""
    findings = found(A, text)

    assert {frozenset(name.split(" and ")) for name in names(findings)} >= {frozenset(pair.split(" and "))}
    assert all(is_pair(finding["mistake"]) for finding in findings if not finding["likely"])


def test_no_pairs_for_two_digits(found) -> None:
    """They would fit nearly anything."""
    assert not any(map(is_pair, names(found(A, "1.8"))))


def test_no_pairs_where_a_single_one_fits(found) -> None:
    """The simplest comes alone."""
    assert names(found(A, "4.135")) == ["sum instead of mean"]


# --- rounding -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "how", "claimed", "fits"),
    [
        ([0.1549, 0.1549, 0.39794], "sum", "0.697", True),
        ([0.02236, 0.09375], "sum", "0.1164", True),
        ([0.02236, 0.09375], "sum", "0.1264", False),
        ([0.9163, 0.9163, 2.3026], "mean", "1.373", True),
        ([0.9163, 0.9163, 2.3026], "mean", "1.393", False),
        ([0.5], "sum", "0.51", False),
        ([0.5] * 13, "sum", "6.51", False),
        ([0.505] * 12, "sum", "6.12", True),
        ([0.505] * 13, "sum", "6.63", True),
        ([0.505] * 12 + [0.5], "sum", "6.59", False),
        ([0.3333, 0.4444, 0.5555, 0.6666], "sum", "1.98", False),
        ([0.3333, 0.4444, 0.5555, 0.6666], "sum", "1.9677", False),
        ([0.3333, 0.4444, 0.5555], "sum", "1.3299", True),
        ([math.inf, 0.3], "sum", "0.3", False),
    ],
)
def test_sums_of_rounded_terms(found, terms, how, claimed, fits) -> None:
    """All rounded, or all cut, to one number of digits, two at least; up to three terms each to its own. A mean has the terms of its sum."""
    assert any(name.startswith(ROUNDED) for name in names(found(summing(terms, how), claimed))) == fits


def summing(terms: list[float], how: str) -> str:
    """A call whose losses are these: −log q of q = e^−loss, each with its complement."""
    rows = "; ".join("0,1" if term == math.inf else f"{math.exp(-term)!r},{1 - math.exp(-term)!r}" for term in terms)
    return f"xent {','.join('0' * len(terms))} '{rows}' -r {how}"


def test_losses_of_samples_may_be_rounded_too(found) -> None:
    """Of soft targets the terms are per class; here each sample's loss is cut to two digits."""
    soft, rows = [[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]], [[0.3, 0.3, 0.4], [0.3, 0.4, 0.3]]
    losses = [-sum(y * math.log(q) for y, q in zip(*pair, strict=True)) for pair in zip(soft, rows, strict=True)]
    cut = sum(math.floor(100 * loss) / 100 for loss in losses) / 2

    named = names(found("xent '0.7,0.2,0.1; 0.1,0.3,0.6' '0.3,0.3,0.4; 0.3,0.4,0.3'", f"{cut:.4f}"))
    assert any(name.startswith(ROUNDED) for name in named)


def test_no_rounding_inside_a_power(found) -> None:
    """A perplexity is no sum of terms."""
    findings = found(f"compare 2,1,0 '{A_ROWS}' --metric perplexity", "3.9737")

    assert not any(finding["likely"] for finding in findings)


def test_a_claim_that_holds_has_no_diagnosis(judged) -> None:
    """There is nothing to explain."""
    answer = judged(A, "1.378")

    assert answer["holds"]
    assert "diagnosis" not in answer


# --- few digits, many values --------------------------------------------------------------------------------------


def test_a_claim_of_one_digit_says_little(found, said) -> None:
    """It is judged, not explained."""
    assert found(A, "4") == []
    assert "says little" in said(A, "4")[1]


def test_two_digits_fit_by_accident(said) -> None:
    """Said so where something is found."""
    assert any("two digits" in line for line in said(A, "4.1"))
    assert said(A, "8.8") == ["✗ 8.8 does not hold: the answer is 1.378 nats."]


def test_large_questions_are_not_searched(found, said, tmp_path) -> None:
    """Said so."""
    path = tmp_path / "rows.csv"
    path.write_text("0.25,0.25,0.5\n" * 7000)
    labels = tmp_path / "labels.csv"
    labels.write_text("0\n" * 7000)
    call = f"xent {labels} {path}"

    assert found(call, "0.60") == []
    assert any("20,000" in line for line in said(call, "0.60"))


def test_there_is_an_end(found) -> None:
    """Not more than a few are named."""
    call = "xent 0,1,0,1,0,1 '0.5,0.5; 0.5,0.5; 0.5,0.5; 0.5,0.5; 0.5,0.5; 0.5,0.5'"

    for text in ("0.30", "0.116", "4.16", "0.35", "0.5776"):
        assert len(found(call, text)) <= MOST


def test_it_is_quick(found) -> None:
    """A claim that nothing explains, pairs and all, of homework size."""
    found(A, "1.23456")
    start = time.process_time()
    for _ in range(5):
        found(A, "1.23456")

    assert (time.process_time() - start) / 5 < 0.25


# --- the verdict --------------------------------------------------------------------------------------------------


def test_a_verdict_that_holds(said) -> None:
    """In a sentence."""
    assert said("xent 0 0.5,0.5", "0.69") == ["✓ 0.69 holds: the answer is 0.6931 nats."]


def test_a_verdict_that_does_not_hold(said) -> None:
    """With the mistake, its value, and what to do."""
    assert said(ONE, "0.301") == [
        "✗ 0.301 does not hold: the answer is 0.69315 nats.",
        "This is what one gets with: logarithm to base 10 (0.30103).",
        "Name the base: nats are ln, bits are log₂, dits are log₁₀.",
        "A claim of three digits fits some mistake by accident about one time in thirty; four digits would say more.",
    ]


def test_a_verdict_of_a_vector(said) -> None:
    """The wrong entries are named."""
    assert said("softmax 1,2,3", "0.09,0.25,0.67") == [
        "✗ 0.09,0.25,0.67 does not hold: 2 of 3 entries are right.",
        "Entry 2: 0.25 is claimed, the answer is 0.2447.",
    ]


def test_a_verdict_of_another_shape(said) -> None:
    """Says what the answer has."""
    assert said("softmax 1,2,3", "0.09,0.24") == ["✗ 0.09,0.24 does not hold: the answer has 3 values, the claim 2."]


# --- what is said first, and what is not said ---------------------------------------------------------------------


SOFT = "xent '0.7,0.2,0.1; 0.1,0.3,0.6' '0.5,0.3,0.2; 0.2,0.2,0.6'"


@pytest.mark.parametrize(
    ("call", "claim", "part"),
    [
        (SOFT, "0.84988", "H(p), the entropy of the target"),
        (SOFT, "0.06872", "KL(p‖q), the divergence, in place of the cross-entropy"),
        (A, "2.3026", "sample 3 alone"),
        (f"compare 2,1,0 '{A_ROWS}' '{B_ROWS}' --metric mse", "0.34,0.8067", "models 1 and 2 exchanged"),
        (f"compare 2,1,0 '{A_ROWS}' '{B_ROWS}' --metric mse", "0.34,0.34", "for model 1 the value of model 2"),
        (f"compare 2,1,0 '{A_ROWS}' --metric mse", "1.3784", "the cross-entropy in place of the MSE"),
    ],
)
def test_another_part_of_the_call_is_said_first(found, said, call, claim, part) -> None:
    """Before any mistake, and in words of its own."""
    assert names(found(call, claim))[0] == part
    assert any(line.startswith(f"This is another part of the same call: {part}") for line in said(call, claim))


def test_a_claim_that_is_close_is_told_how_far_off_it_is(found, said) -> None:
    """And no more: digits of their own would explain nearly every slip of the last digit."""
    call = "xent 0,0,0 '0.37,0.63; 0.53,0.47; 0.71,0.29' -r sum"

    assert found(call, "1.9718") == []
    assert said(call, "1.9718")[1:] == ["It is close: too large by 0.00018."]


@pytest.mark.parametrize(
    ("claim", "is_named"), [("0.99", True), ("0.990", True), ("0.9900", True), ("1.02", False), ("1.003", False)]
)
def test_terms_of_a_sum_rounded_to_the_claims_own_digits_may_be_close(found, claim, is_named) -> None:
    """3·0.33 for 1.005; of four digits it is not close. Other sums that are close, as of cut terms, may as well be slips."""
    named = names(found(summing([0.3349, 0.3349, 0.3349], "sum"), claim))

    assert named == ([f"{ROUNDED}, each to 2 digits"] if is_named else [])


@pytest.mark.parametrize(
    ("claim", "mistake"),
    [
        ("2.57", "perplexity in place of the loss"),
        ("2.56", None),
        ("2.568", "perplexity in place of the loss"),
        ("0.943", "natural logarithm"),
        ("0.409", "logarithm to base 10"),
        ("0.410", "logarithm to base 10"),
    ],
)
def test_a_rare_mistake_of_three_digits_is_rounded(found, claim, mistake) -> None:
    """Cut it would fit half as many numbers again by accident; an everyday one may be cut."""
    assert names(found("entropy 0.5,0.4,0.1 -b 2", claim)) == ([mistake] if mistake else [])


@pytest.mark.parametrize(("claim", "is_said"), [("4.1", True), ("4.14", True), ("4.135", False), ("0.5986", False)])
def test_few_digits_come_with_a_caution(said, claim, is_said) -> None:
    """Two and three significant digits fit much by accident."""
    assert any("by accident" in line for line in said(A, claim)) == is_said


@pytest.mark.parametrize(("claim", "is_named"), [("1.71", False), ("1.707", True)])
def test_a_mistake_with_many_ways_needs_digits(found, claim, is_named) -> None:
    """Each of five terms may be left out: their numbers cover a tenth of those near a claim of three digits."""
    named = names(found("entropy 0.3,0.25,0.2,0.15,0.1 -b 2", claim))

    assert named == (["the term of class 0 left out"] if is_named else [])


def test_a_slipped_decimal_point_is_looked_for_alone(found) -> None:
    """log₁₀ and a slip would explain too much."""
    assert names(found(A, "13.784")) == ["decimal point slipped"]
    assert found(A, "5.9863") == []


def test_a_count_is_never_close(said) -> None:
    """It is right or wrong."""
    assert said(f"compare 2,1,0 '{A_ROWS}' --metric errors", "1.2") == ["✗ 1.2 does not hold: the answer is 1."]
