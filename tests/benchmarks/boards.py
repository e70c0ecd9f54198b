"""Forty workings as pictures, to be read line by line as on a board: in text, and in LaTeX that was compiled.

    python -m tests.benchmarks.boards FOLDER

Needs `pdflatex` and `pdftoppm`, and matplotlib for the text. FOLDER has 01.png, 01-text.png, and so on.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner

from cecli.cli.app import app

ROWS = "'0.3,0.3,0.4; 0.3,0.4,0.3; 0.1,0.2,0.7'"
BETTER = "'0.1,0.2,0.7; 0.1,0.7,0.2; 0.3,0.4,0.3'"
SCORES = "'2,1,0.1; 0,1,0'"

BOARDS = (
    "softmax 2,1,0.1",
    "softmax -1,0,3 -t 2",
    f"softmax {SCORES}",
    "softmax 2,1,0.1 --log -b 2",
    "softmax 1,2,3,4,5,6,7,8,9,10,11,12",
    "entropy 63/64,1/64 -b 2",
    "entropy '0.5,0.5; 1,0; 0.3,0.7' -r mean",
    "entropy 3,5,2 -n",
    "entropy 2,1,0.1 -l -b 10",
    "xent 1,0,0 0.5,0.2,0.3",
    f"xent 2,1,0 {ROWS} -b 10 -r sum",
    f"xent 2,1,0 {ROWS} -r none",
    f"xent 2,1,0 {ROWS} --class-weights 1,2,4 --sample-weights 1/2,2,3",
    "xent 0.7,0.2,0.1 0.6,0.3,0.1 --label-smoothing 0.1",
    f"xent 0,1 {SCORES} -l --label-smoothing 0.1 --class-weights 1,2,3",
    "xent 0 0.25,0.75 --focal 2",
    "xent 0 0,1 --eps 1e-3",
    "xent 0 0.0,1.0",
    "xent 0,9,1 '0.9,0.1; 0.5,0.5; 0.2,0.8' --ignore-index 9",
    "xent dog,owl '0.2,0.5,0.3; 0.1,0.2,0.7' --classes cat,dog,owl",
    "xent 0,1,0,1,0,1,0,1 '0.9,0.1; 0.2,0.8; 0.7,0.3; 0.4,0.6; 0.9,0.1; 0.3,0.7; 0.8,0.2; 0.1,0.9'",
    "xent '0.5,0.5; 0.2,0.8' '1,2; 3,4' -l",
    "kl 0.5,0.5 0.75,0.25 -b 2",
    "kl 0.5,0.3,0.2 0.75,0.15,0.1 --js",
    "kl '0.5,0.5; 1,0' '0.4,0.6; 0.9,0.1'",
    "kl 0.5,0.5 1,0",
    "bce 1,0,1 0.9,0.2,0.6",
    "bce 1,0 0.3,-1.2 -l --pos-weight 3",
    "bce '1,0; 0,1' '0.9,0.2; 0.4,0.7'",
    "bce 1,0 0.9,0.2 --label-smoothing 0.2 --focal 2",
    f"compare 2,1,0 small={ROWS} big={BETTER}",
    f"compare 2,1,0 {ROWS} --metric mse",
    "calibrate 0,1,1 '4,0,1; 1,3,0; 2,0,1'",
    "grad 0 2,1,0.1 -l",
    "grad 0 2,1,0.1 -l -b 2",
    f"grad 0,1 {SCORES} -l -r mean",
    "grad 0 2,1,0.1 -l --x 1,2",
    "grad 0 2,1,0.1 -l --loss mse",
    "grad 1,0 0.9,0.2 --loss bce",
    "grad 0 0.7,0.2,0.1 --label-smoothing 0.1 --class-weights 1,2,3",
)


def working(call: str, kind: str) -> str:
    """What a call prints with its steps."""
    words = [*shlex.split(call), "--steps", "-f", kind, "--color", "never"]
    return CliRunner().invoke(app, words, env={"COLUMNS": "100"}).stdout


def compiled(call: str, name: str, folder: Path) -> None:
    """The LaTeX of a working as a picture of each page."""
    (folder / f"{name}.tex").write_text(working(call, "latex"), "utf-8")
    for words in (
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", f"{name}.tex"],
        ["pdftoppm", "-png", "-r", "75", f"{name}.pdf", name],
    ):
        subprocess.run(words, cwd=folder, check=True, capture_output=True)


def drawn(call: str, name: str, folder: Path) -> None:
    """The text of a working as a picture."""
    from matplotlib.figure import Figure

    text = f"$ cecli {call} --steps\n{working(call, 'table')}"
    lines = text.count("\n") + 2
    figure = Figure(figsize=(11, 0.19 * lines))
    figure.text(0.01, 0.99, text.replace("$", r"\$"), family="DejaVu Sans Mono", size=10, va="top")
    figure.savefig(folder / f"{name}-text.png", dpi=75)


def main(folder: Path) -> None:
    """A picture or more for each call."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, call in enumerate(BOARDS, 1):
        compiled(call, f"{number:02d}", folder)
        drawn(call, f"{number:02d}", folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
