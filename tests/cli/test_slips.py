"""What students type first: each slip, what is said of it, and the call that this leads to, which works."""

from __future__ import annotations

import shlex

import pytest

from tests.every import every

Q = "0.5,0.2,0.3"

NAMES = [
    *((name, "cecli xent", f"xent 1,0,0 {Q}", f"1,0,0 {Q}") for name in (
        "crossentropy", "cross_entropy", "cross-entropy", "CrossEntropyLoss", "log_loss", "logloss", "nll", "nll_loss", "ce", "loss",
        "categorical_crossentropy",
    )),
    *((name, "cecli kl", "kl 0.5,0.5 0.75,0.25", "0.5,0.5 0.75,0.25") for name in ("kl_divergence", "kldiv", "kl-div", "relative_entropy")),
    *((name, "cecli kl --js", "kl 0.5,0.5 0.75,0.25 --js", "0.5,0.5 0.75,0.25") for name in ("js", "jsd", "jensenshannon", "js_divergence")),
    *((name, "cecli compare --metric mse", f"compare --metric mse 0 {Q}", f"0 {Q}") for name in ("mse", "MSE", "mean_squared_error", "brier")),
    ("perplexity", "cecli compare --metric perplexity", f"compare --metric perplexity 0 {Q}", f"0 {Q}"),
    ("accuracy", "cecli compare --metric accuracy", f"compare --metric accuracy 0 {Q}", f"0 {Q}"),
    ("error_rate", "cecli compare --metric error_rate", f"compare --metric error_rate 0 {Q}", f"0 {Q}"),
    *((name, "cecli bce", "bce 1,0 0.9,0.2", "1,0 0.9,0.2") for name in ("binary_cross_entropy", "BCELoss", "bce_loss")),
    ("BCEWithLogitsLoss", "cecli bce", "bce -l 1,0 2,-1", "1,0 2,-1"),
    *((name, "grad", f"grad 0 {Q}", f"0 {Q}") for name in ("gradient", "grads", "backprop")),
    *((name, "softmax", "softmax 1,2,3", "1,2,3") for name in ("softmx", "soft_max", "Softmax")),
    *((name, "cecli softmax --log", "softmax --log 1,2,3", "1,2,3") for name in ("log_softmax", "logsoftmax")),
    *((name, "cecli softmax 0,z", "softmax 0,0.3", "0.3") for name in ("sigmoid", "logistic")),
    *((name, "entropy", "entropy 0.5,0.5", "0.5,0.5") for name in ("shannon", "H", "entropi")),
    *((name, "cecli xent 0 0.5,0.5", "xent 0 0.5,0.5 -b 2", "0.5") for name in ("log2", "ln", "log")),
    ("xen", "xent", f"xent 1,0,0 {Q}", f"1,0,0 {Q}"),
    ("focal_loss", "cecli xent --focal 2", f"xent --focal 2 0 {Q}", f"0 {Q}"),
    ("cecli softmax", "cecli softmax 1,2,3, with cecli once", "softmax 1,2,3", "1,2,3"),
]  # fmt: skip
"""What the command is called elsewhere: the name, what it leads to, the call that works, what was typed behind the name."""

SLIPS = [
    *((f"{name} {rest}", said, call) for name, said, call, rest in NAMES),
    ("entropy 1/2,1/2 -base 2", "--base", "entropy 1/2,1/2 --base 2"),
    ("entropy 1/2,1/2 —base 2", "--base", "entropy 1/2,1/2 --base 2"),
    ("entropy 1/2,1/2 –base 2", "--base", "entropy 1/2,1/2 --base 2"),
    ("entropy 1/2,1/2 --Base 2", "--base", "entropy 1/2,1/2 --base 2"),
    ("entropy 1/2,1/2 -B 2", "did you mean -b?", "entropy 1/2,1/2 -b 2"),
    ("entropy 1/2,1/2 --log2", "--base 2", "entropy 1/2,1/2 --base 2"),
    ("entropy 1/2,1/2 --bits", "--base 2", "entropy 1/2,1/2 --base 2"),
    ("entropy 1/2,1/2 --base bits", "--base 2", "entropy 1/2,1/2 --base 2"),
    ("entropy 1/2,1/2 -b log2", "--base 2", "entropy 1/2,1/2 --base 2"),
    ("entropy 1/2,1/2 -b ln", "--base e", "entropy 1/2,1/2 --base e"),
    ("softmax 1,2,3 --temp 2", "--temperature", "softmax 1,2,3 --temperature 2"),
    ("softmax 1,2,3 --tau 2", "--temperature", "softmax 1,2,3 --temperature 2"),
    ("softmax 1,2,3 -T 2", "did you mean -t?", "softmax 1,2,3 -t 2"),
    ("softmax 1,2,3 -t 2,5", "did you mean 2.5?", "softmax 1,2,3 -t 2.5"),
    ("softmax 1,2,3 -p=2", "did you mean 2?", "softmax 1,2,3 -p 2"),
    ("softmax 1,2,3 --round 2", "--precision", "softmax 1,2,3 --precision 2"),
    ("softmax 1,2,3 --json", "--format json", "softmax 1,2,3 --format json"),
    ("softmax 1 2 3", "cecli softmax '1 2 3'", "softmax '1 2 3'"),
    ("softmax 1, 2, 3", "cecli softmax '1, 2, 3'", "softmax '1, 2, 3'"),
    ("softmax [1, 2, 3] --log", "cecli softmax '[1, 2, 3]' --log", "softmax '[1, 2, 3]' --log"),
    ("softmax -1 0 3", "cecli softmax '-1 0 3'", "softmax '-1 0 3'"),
    ("softmax", "cecli softmax 1,2,3", "softmax 1,2,3"),
    ("entropy 0.5", "write the probabilities of all classes, as in 0.5,0.5", "entropy 0.5,0.5"),
    ("entropy .5 .5", "cecli entropy '.5 .5'", "entropy '.5 .5'"),
    ("entropy 50,50", "--normalize", "entropy 50,50 --normalize"),
    ("entropy '0,5;0,5'", "--decimal-comma", "entropy '0,5;0,5' --decimal-comma"),
    ("xent 1,0,0 '0,5 0,2 0,3'", "hint: a comma separates values here: --decimal-comma", "xent '1;0;0' '0,5 0,2 0,3' --decimal-comma"),
    ("xent 1,0,0 '0,5 0,2 0,3' --decimal-comma", "a semicolon separates values: 1;0;0", "xent '1;0;0' '0,5 0,2 0,3' --decimal-comma"),
    ("xent 1,0,0 '0,5 0,2 0,3' -l", "hint: a comma separates values here", "xent '1;0;0' '0,5 0,2 0,3' -l --decimal-comma"),
    ("xent '0,5 0,2 0,3' 1,0,0", "hint: a comma separates values here", "xent '0,5 0,2 0,3' '0,5 0,2 0,3' --decimal-comma"),
    ("xent 2,1 '0,5 0,2 0,3' --decimal-comma", "2,1 is not a label", "xent 2 '0,5 0,2 0,3' --decimal-comma"),
    (f"xent {Q} 0", "look swapped", f"xent 0 {Q}"),
    (f"xent {Q}", "PREDICTION is missing", f"xent 1,0,0 {Q}"),
    (f"xent 0 {Q} 0.1,0.8,0.1", f"cecli compare 0 {Q} 0.1,0.8,0.1", f"compare 0 {Q} 0.1,0.8,0.1"),
    (f"xent 3 {Q}", "labels count from 0", f"xent 2 {Q}"),
    (f"xent cat {Q}", "--classes cat,dog,bird", f"xent cat {Q} --classes cat,dog,bird"),
    ("xent 0 2,1,0.1", "--logits", "xent 0 2,1,0.1 --logits"),
    ("xent 0 0.5,0.2,0.2", "--normalize", "xent 0 0.5,0.2,0.2 --normalize"),
    ("xent 0 '0.5;0.2;0.3'", "; begins a new row", f"xent 0 {Q}"),
    (f"xent “1,0,0” {Q}", "'1,0,0'", f"xent '1,0,0' {Q}"),
    (f"xent ‘1,0,0’ {Q}", "'1,0,0'", f"xent '1,0,0' {Q}"),
    (f"xent --target 1,0,0 --prediction {Q}", f"cecli xent 1,0,0 {Q}", f"xent 1,0,0 {Q}"),
    (f"xent -y 1,0,0 -q {Q}", f"cecli xent 1,0,0 {Q}", f"xent 1,0,0 {Q}"),
    (f"xent 0 {Q} --mean", "--reduction mean", f"xent 0 {Q} --reduction mean"),
    (f"xent 0 {Q} --sum", "--reduction sum", f"xent 0 {Q} --reduction sum"),
    (f"xent 0 {Q} --reduce sum", "did you mean --reduction?", f"xent 0 {Q} --reduction sum"),
    (f"xent 0 {Q} -r average", "did you mean mean?", f"xent 0 {Q} -r mean"),
    ("xent 0 2,1,0.1 --from_logits", "--logits", "xent 0 2,1,0.1 --logits"),
    (f"xent 0 {Q} --weight 1,2,3", "--class-weights", f"xent 0 {Q} --class-weights 1,2,3"),
    (f"xent 0 {Q} --label_smoothing 0.1", "--label-smoothing", f"xent 0 {Q} --label-smoothing 0.1"),
    (f"xent 0 {Q} --step", "--steps", f"xent 0 {Q} --steps"),
    (f"xent 0 {Q} --explain", "--steps", f"xent 0 {Q} --steps"),
    (f"xent 0 {Q} --expected 0.69", "--expect", f"xent 0 {Q} --expect 0.69"),
    (f"xent 0 {Q} = 0.69", f"cecli xent 0 {Q} --expect 0.69", f"xent 0 {Q} --expect 0.69"),
    (f"xent 0 {Q} -b 2 == 1", f"cecli xent 0 {Q} -b 2 --expect 1", f"xent 0 {Q} -b 2 --expect 1"),
    (f"check xent 0 {Q} = 0.69", f"cecli xent 0 {Q} --expect 0.69", f"xent 0 {Q} --expect 0.69"),
    (f"check 'xent 0 {Q} = 0.69'", f"cecli xent 0 {Q} --expect 0.69", f"xent 0 {Q} --expect 0.69"),
    ("bce 1,0 2,-1", "--logits", "bce 1,0 2,-1 --logits"),
    ("bce 1,2 0.9,0.2", "class indices belong to xent", "xent 1,0 '0.1,0.9; 0.8,0.2'"),
    ("kl 0.5,0.5", "Q is missing", "kl 0.5,0.5 0.75,0.25 -b 2"),
    ("compare 0.5,0.5", "cecli compare --example", "compare --example"),
    (f"grad 1,0,0 {Q} --bce", "--loss bce", "grad 1,0 0.9,0.2 --loss bce"),
    (f"grad 0 {Q} --loss ce", "did you mean xent?", f"grad 0 {Q} --loss xent"),
    (f"grad 0 {Q} --loss cross_entropy", "did you mean xent?", f"grad 0 {Q} --loss xent"),
    ("grad 1 0.9", "label 0 or 1 goes to bce", "grad 1 0.9 --loss bce"),
    ("grad 0 2,1,0.1", "--logits", "grad 0 2,1,0.1 --logits"),
    ("help xnt", "did you mean cecli help xent?", "help xent"),
    ("-v", "--version", "--version"),
]  # fmt: skip
"""What was typed, what is said of it, and the call that this leads to."""


def words_of(call: str) -> list[str]:
    """A call as the shell splits it; curly quotes are none to it."""
    return shlex.split(call)


@every(("typed", "said", "call"), SLIPS)
def test_a_slip_leads_to_a_call_that_works(cecli, typed, said, call) -> None:
    """The message has the next step, and the step works."""
    result = cecli(*words_of(typed))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert said in result.stderr

    assert cecli(*words_of(call)).exit_code == 0


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (f"xent {Q} 1,0,0", "were they swapped?"),
        ("bce 0.9,0.2 1,0", "were they swapped?"),
        (
            "bce dump.csv dump.csv",
            "the target and the prediction are the same columns of dump.csv: dump.csv:COLUMN names",
        ),
        ("kl dump.csv:y dump.csv:y", "P and Q are the same columns of dump.csv"),
        ("compare 0 0.9,0.1 --metric ce", ""),
        ("softmax '1,5 2,5'", "note: the logits: a comma separates values here: --decimal-comma"),
        ("softmax '[1,5 2,5]'", "note: the logits: a comma separates values here: --decimal-comma"),
        ("compare 0 0.9,0.1 --metrics xent,acc,f1_score", ""),
    ],
)
def test_a_slip_that_has_an_answer(cecli, typed, said, tmp_path, monkeypatch) -> None:
    """It is answered, with a note where the answer is hardly meant."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dump.csv").write_text("y,p\n1,1\n1,1\n")
    result = cecli(*words_of(typed))

    assert result.exit_code == 0
    assert said in result.stderr


@pytest.mark.parametrize(
    "call",
    [
        "softmax 1,5",
        "softmax '1,5;2,5'",
        "softmax '1, 5 2, 5'",
        "softmax '1.5 2,5'",
        "softmax '1,5 2,5' --decimal-comma",
    ],
)
def test_commas_that_are_not_doubted(cecli, call) -> None:
    """One pair, blanks behind commas, points beside them, and decimal commas that were asked for."""
    result = cecli(*words_of(call))
    assert (result.exit_code, result.stderr) == (0, "")


def test_there_are_enough_of_them() -> None:
    """And none stands twice."""
    assert len({typed for typed, *_ in SLIPS}) == len(SLIPS) >= 90
