"""What is found for a wrong claim: the simplest mistakes, pairs, rounding on the way, and mostly nothing."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from cecli.mistakes.claims import read_claim
from cecli.mistakes.diagnose import MOST, ROUNDED, Diagnosis, diagnose
from cecli.mistakes.rounding import rounded_sum
from cecli.mistakes.verdict import verdict
from tests.mistakes.test_known_mistakes import FOUND

A = [[0.3, 0.3, 0.4], [0.3, 0.4, 0.3], [0.1, 0.2, 0.7]]
B = [[0.1, 0.2, 0.7], [0.1, 0.7, 0.2], [0.3, 0.4, 0.3]]


def found(call, text) -> Diagnosis:
    """The diagnosis of a claim."""
    value = call.right()
    assert not read_claim(text).holds(value)
    return diagnose(call.question(), value, read_claim(text))


def names(diagnosis) -> list[str]:
    """What is found, by name."""
    return [finding.mistake for finding in diagnosis.findings]


# --- must show ----------------------------------------------------------------------------------------------------


def test_another_base_comes_first(asked) -> None:
    """-log10 0.5 for -ln 0.5."""
    diagnosis = found(asked("xent", [0.5, 0.2, 0.3], 0), "0.30")

    assert names(diagnosis)[0] == "logarithm to base 10"
    assert not diagnosis.findings[0].likely


def test_the_articles_own_slip(asked) -> None:
    """0.15 + 0.15 + 0.397: sample 3 has the predicted class's probability, and all terms are cut."""
    diagnosis = found(asked("xent", B, [2, 1, 0], {"base": 10, "reduction": "sum"}), "0.697")
    named = {finding.mistake: finding for finding in diagnosis.findings}

    slip = named[f"for sample 3 the predicted class's probability in place of the true class's, {ROUNDED}"]
    assert slip.likely
    assert slip.value == pytest.approx(0.697)


def test_terms_rounded_on_the_way(asked) -> None:
    """0.0224 + 0.094 for 0.11612."""
    diagnosis = found(asked("entropy", [63 / 64, 1 / 64], None, {"base": 2}), "0.1164")

    assert names(diagnosis) == [ROUNDED]
    assert diagnosis.findings[0].likely


def test_it_is_silent_far_more_often_than_it_talks(asked) -> None:
    """Random claims of four digits."""
    rng = np.random.default_rng(7)
    call = asked("xent", A, [2, 1, 0])
    claims = [f"{rng.uniform(0, 3):.4f}" for _ in range(60)]
    talks = [text for text in claims if diagnose(call.question(), call.right(), read_claim(text)).findings]

    assert len(talks) <= 6


@pytest.mark.parametrize("name", sorted(FOUND["problems"]))
def test_nonsense_is_not_explained(asked, name) -> None:
    """A number that nothing gives."""
    call = asked(**FOUND["problems"][name])
    value = call.right()
    nonsense = ";".join(",".join(["8.3614297"] * len(row)) for row in _rows(value))

    assert diagnose(call.question(), value, read_claim(nonsense)).findings == ()


def _rows(value) -> list[list[float]]:
    """An answer as rows."""
    value = value if isinstance(value, list) else [value]
    return value if isinstance(value[0], list) else [value]


CLAIMS = [
    "inf",
    "-inf",
    "nan",
    "1/3",
    "0.5±0.1",
    "0.1,0.2",
    "0.1,nan,0.3",
    "1,2;3,4",
    "0.12345",
    "0.000",
    "-1e300",
    "100",
    "1e-9",
]


@pytest.mark.parametrize("more", [{}, {"reduction": "none"}, {"reduction": "sum"}], ids=str)
@pytest.mark.parametrize("name", sorted(FOUND["problems"]))
def test_any_claim_of_any_problem_is_taken(asked, name, more) -> None:
    """Of another shape, infinite, no number: at worst nothing is found, and what is found is what was claimed."""
    problem = FOUND["problems"][name]
    more = more if problem["command"] not in {"softmax", "compare"} else {}
    call = asked(**problem | {"options": problem.get("options", {}) | more})
    for text in CLAIMS:
        claim = read_claim(text)
        for finding in diagnose(call.question(), call.right(), claim).findings:
            assert claim.holds(finding.value)


# --- singles ------------------------------------------------------------------------------------------------------


def test_mistakes_that_coincide_are_told_together(asked) -> None:
    """With as many samples as classes L/K and L/N are one number."""
    diagnosis = found(asked("xent", A, [2, 1, 0]), "0.459463")

    assert names(diagnosis) == ["averaged over classes too", "divided by the number of samples twice"]
    assert diagnosis.notes == (
        "these give the same number here; with another number of samples than classes they would differ",
    )


def test_a_mistake_of_one_sample_alone(asked) -> None:
    """Sample 1 of three has the next class."""
    losses = [-math.log(p) for p in (0.3, 0.4, 0.1)]
    diagnosis = found(asked("xent", A, [2, 1, 0]), f"{sum(losses) / 3:.6f}")

    assert "for sample 1 the class index off by one" in names(diagnosis)


def test_a_mistake_of_one_model_alone(asked) -> None:
    """The second's MSE is averaged over the classes."""
    diagnosis = found(asked("compare", [A, B], [2, 1, 0], {"metric": "mse"}), "0.8067,0.1133")

    assert names(diagnosis)[0] == "for model 2: MSE averaged over classes"


def test_a_sum_for_a_value_each(asked) -> None:
    """A claim of another shape may be another reduction."""
    diagnosis = found(asked("xent", A, [2, 1, 0], {"reduction": "none"}), "4.1352")

    assert names(diagnosis) == ["sum instead of a value for each sample"]


def test_the_base_in_use_is_no_mistake(asked) -> None:
    """And the others are, whatever the base."""
    call = asked("xent", [0.5, 0.2, 0.3], 0, {"base": 2})

    assert names(found(call, "0.693147"))[0] == "natural logarithm"
    assert names(found(call, "0.301030"))[0] == "logarithm to base 10"
    assert not any("base 2" in name for name in names(found(call, "2.000000")))


def test_a_row_of_labels(asked) -> None:
    """Its entries are named by sample and label."""
    call = asked("bce", [[0.9, 0.2], [0.3, 0.6]], [[1, 0], [0, 1]])
    losses = [-math.log(p) for p in (0.9, 0.8, 0.3, 0.6)]

    assert "for sample 2, label 1, y and 1−y swapped" in names(found(call, f"{sum(losses) / 4:.6f}"))


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
def test_two_mistakes_at_once(asked, text, pair) -> None:
    """Where no single one gives the claim."""
    diagnosis = found(asked("xent", A, [2, 1, 0]), text)

    assert {frozenset(name.split(" and ")) for name in names(diagnosis)} >= {frozenset(pair.split(" and "))}
    assert all(len(finding.codes) == 2 for finding in diagnosis.findings if not finding.likely)


def test_no_pairs_for_two_digits(asked) -> None:
    """They would fit nearly anything."""
    diagnosis = found(asked("xent", A, [2, 1, 0]), "1.8")

    assert all(len(finding.codes) == 1 for finding in diagnosis.findings)


def test_no_pairs_where_a_single_one_fits(asked) -> None:
    """The simplest comes alone."""
    assert names(found(asked("xent", A, [2, 1, 0]), "4.135")) == ["sum instead of mean"]


# --- rounding -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "scale", "claimed", "decimals", "fits"),
    [
        ([0.1549, 0.1549, 0.39794], 1.0, 0.697, 3, True),
        ([0.02236, 0.09375], 1.0, 0.1164, 4, True),
        ([0.02236, 0.09375], 1.0, 0.1264, 4, False),
        ([0.9163, 0.9163, 2.3026], 1 / 3, 1.373, 3, True),
        ([0.5], 1.0, 0.51, 2, False),
        ([0.5] * 13, 1.0, 6.51, 2, False),
        ([-0.1549, -0.39794], 1.0, -0.547, 3, True),
        ([math.inf, 0.3], 1.0, 0.3, 2, False),
    ],
)
def test_sums_of_rounded_terms(terms, scale, claimed, decimals, fits) -> None:
    """Each to its own number of digits, two at least."""
    unit = 10.0**-decimals
    value = rounded_sum(terms, scale, claimed, unit, decimals, lambda x: abs(x - claimed) <= unit / 2 + 1e-12)

    assert (value is not None) == fits


def test_losses_of_samples_may_be_rounded_too(asked) -> None:
    """Of soft targets the terms are per class; here each sample's loss is cut to two digits."""
    soft = [[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]]
    call = asked("xent", A[:2], soft)
    losses = [-sum(y * math.log(q) for y, q in zip(*rows, strict=True)) for rows in zip(soft, A[:2], strict=True)]
    cut = sum(math.floor(100 * loss) / 100 for loss in losses) / 2

    assert ROUNDED in names(found(call, f"{cut:.4f}"))


def test_no_rounding_inside_a_power(asked) -> None:
    """A perplexity is no sum of terms."""
    diagnosis = found(asked("compare", [A], [2, 1, 0], {"metric": "perplexity"}), "3.9737")

    assert not any(finding.likely for finding in diagnosis.findings)


def test_a_claim_that_holds_has_no_diagnosis(asked) -> None:
    """There is nothing to explain."""
    call = asked("xent", A, [2, 1, 0])

    assert diagnose(call.question(), call.right(), read_claim("1.378")) == Diagnosis()


# --- few digits, many values --------------------------------------------------------------------------------------


def test_a_claim_of_one_digit_says_little(asked) -> None:
    """It is judged, not explained."""
    diagnosis = found(asked("xent", A, [2, 1, 0]), "4")

    assert diagnosis.findings == ()
    assert "says little" in diagnosis.notes[0]


def test_two_digits_fit_by_accident(asked) -> None:
    """Said so where something is found."""
    assert any("two digits" in note for note in found(asked("xent", A, [2, 1, 0]), "4.1").notes)
    assert found(asked("xent", A, [2, 1, 0]), "8.8").notes == ()


def test_large_questions_are_not_searched(asked) -> None:
    """Said so."""
    call = asked("xent", np.full((7000, 3), 1 / 3).tolist(), [0] * 7000)
    start = time.perf_counter()
    diagnosis = diagnose(call.question(), 1.0986122886681098, read_claim("0.4771"))

    assert diagnosis.findings == ()
    assert "20,000" in diagnosis.notes[0]
    assert time.perf_counter() - start < 1


def test_there_is_an_end(asked) -> None:
    """Not more than a few are named."""
    call = asked("xent", [[0.5, 0.5]] * 6, [0, 1, 0, 1, 0, 1])

    for text in ("0.30", "0.116", "4.16", "0.35", "0.5776"):
        assert len(found(call, text).findings) <= MOST


def test_it_is_quick(asked) -> None:
    """A claim that nothing explains, pairs and all, of homework size."""
    call, claim = asked("xent", A, [2, 1, 0]), read_claim("1.23456")
    question, value = call.question(), call.right()
    diagnose(question, value, claim)
    start = time.process_time()
    for _ in range(5):
        diagnose(question, value, claim)

    assert (time.process_time() - start) / 5 < 0.25


# --- the verdict --------------------------------------------------------------------------------------------------


def test_a_verdict_that_holds() -> None:
    """In a sentence."""
    assert verdict(read_claim("0.69"), 0.6931471805599453, "nats").sentences() == [
        "✓ 0.69 holds: the answer is 0.6931 nats."
    ]


def test_a_verdict_that_does_not_hold(asked) -> None:
    """With the mistake, its value, and what to do."""
    call = asked("xent", [0.5, 0.2, 0.3], 0)
    judged = verdict(read_claim("0.301"), call.right(), "nats", found(call, "0.301"))

    assert judged.sentences() == [
        "✗ 0.301 does not hold: the answer is 0.69315 nats.",
        "This is what one gets with: logarithm to base 10 (0.30103).",
        "Name the base: nats are ln, bits are log₂, dits are log₁₀.",
    ]
    assert not judged.holds


def test_a_verdict_of_a_vector() -> None:
    """The wrong entries are named."""
    judged = verdict(read_claim("0.09,0.25,0.67"), [0.09003, 0.24472, 0.66524], None)

    assert [entry.index for entry in judged.wrong] == [1]
    assert judged.sentences() == [
        "✗ 0.09,0.25,0.67 does not hold: 2 of 3 entries are right.",
        "Entry 2: 0.25 is claimed, the answer is 0.2447.",
    ]


def test_a_verdict_of_another_shape() -> None:
    """Says what the answer has."""
    assert verdict(read_claim("0.09,0.24"), [0.09, 0.24, 0.67], None).sentences() == [
        "✗ 0.09,0.24 does not hold: the answer has 3 values, the claim 2."
    ]
