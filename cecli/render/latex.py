r"""LaTeX: a document with a booktabs table for each table of the report; it compiles as it is.

With pdfLaTeX as well as with XeLaTeX and LuaLaTeX: characters that pdfLaTeX does not know are declared in the preamble, where
they stand as their code (the others draw them, if the font has them). To use a table elsewhere, copy its tabular.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cecli.render.cells import cell_text, columns_without_bars
from cecli.render.safe import visible
from cecli.report import Cell, Report, Step, Table

if TYPE_CHECKING:
    from cecli.render import Style

SHRUNK, SHRUNK_END = r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%" + "\n", "}"
"""A table wider than the page is shrunk to it."""

SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\textquotedbl{}", "`": r"\textasciigrave{}", "'": r"\textquotesingle{}",
    "[": r"{[}", "]": r"{]}", "*": r"{*}",
    "≈": r"$\approx$", "=": r"$=$", "∞": r"$\infty$", "−": r"$-$", "·": r"$\cdot$", "√": r"$\surd$", "‖": r"$\Vert$",
    "Σ": r"$\Sigma$", "σ": r"$\sigma$", "ε": r"$\varepsilon$", "δ": r"$\delta$", "γ": r"$\gamma$", "✓": r"$\surd$", "✗": r"$\times$",
    "…": r"\ldots{}", "′": r"$'$", "²": r"$^2$", "–": r"--",
}  # fmt: skip
KNOWN_TO_PDFLATEX = 0x17F
HEAD = r"""\documentclass{article}
\usepackage{iftex}
\ifPDFTeX\usepackage[T1]{fontenc}\usepackage[utf8]{inputenc}\usepackage{textcomp}\else\usepackage{fontspec}\fi
\usepackage{booktabs}
\usepackage{graphicx}
"""
MATHS = "\\usepackage{amsmath}\\allowdisplaybreaks\n"


def render(report: Report, style: Style) -> Iterator[str]:
    """The document."""
    body = _working(report.steps, style)
    body += ["\\medskip"] if report.steps and report.tables else []
    body += [_table(table, style) for table in report.tables]
    body += [escaped(sentence) + "\n" for sentence in (*report.sentences, *report.verdict)]
    text = "\n".join(body)
    yield (
        HEAD
        + (MATHS if report.steps else "")
        + _declarations(text)
        + "\\begin{document}\n\n"
        + text
        + "\n\\end{document}\n"
    )


def _working(steps: Sequence[Step], style: Style) -> list[str]:
    """The steps as aligned mathematics, under their titles; a long one may run on over the page."""
    from cecli.render.working import blocks

    parts = []
    for title, maths, remark in blocks(steps, style.precision):
        heading = rf"\paragraph{{{escaped(title)}}}\leavevmode" + "\n" if title else "\\noindent\n"
        note = f"\\noindent {escaped(remark)}\n" if remark else ""
        parts.append(f"{heading}\\begin{{align*}}\n{maths}\n\\end{{align*}}\n{note}")
    return parts


def escaped(text: str) -> str:
    """Text in which nothing is read as LaTeX."""
    plain = "".join(SPECIAL.get(character, character) for character in visible(text))
    return plain.replace("--", "-{}-").replace(",,", ",{},")


def _declarations(text: str) -> str:
    """The characters that pdfLaTeX must be told of, each as its code."""
    strange = sorted({character for character in text if ord(character) > KNOWN_TO_PDFLATEX})
    lines = [rf"\DeclareUnicodeCharacter{{{ord(c):04X}}}{{[U+{ord(c):04X}]}}" for c in strange]
    return "\\ifPDFTeX\n" + "\n".join(lines) + "\n\\fi\n" if lines else ""


def _table(table: Table, style: Style) -> str:
    """One tabular under its title; columns without a bar."""
    kept = columns_without_bars(table)
    alignment = "".join(table.columns[j].align[0] for j in kept)
    lines = [
        rf"{SHRUNK}\begin{{tabular}}{{{alignment}}}",
        r"\toprule",
        _line([escaped(table.columns[j].name) for j in kept]),
        r"\midrule",
    ]
    lines += [
        _line([_cell(row[j], (i, j) in table.best, table, style) for j in kept]) for i, row in enumerate(table.rows)
    ]
    lines += [r"\bottomrule", r"\end{tabular}" + SHRUNK_END]
    title = (
        [rf"\paragraph{{{escaped(table.title)}}}\leavevmode\par\medskip\noindent"] if table.title else [r"\noindent"]
    )
    more = [rf"\par {table.rest}"] if table.more else []
    note = [rf"\par {escaped(table.note)}"] if table.note else []
    return "\n".join([*title, *lines, *more, *note]) + "\n\\bigskip\n"


def _cell(cell: Cell, best: bool, table: Table, style: Style) -> str:
    """A cell, in bold where it is the best."""
    text = escaped(cell_text(cell, style.precision, table.signs))
    text = _numeral(text) if isinstance(cell, float) else text
    return rf"\textbf{{{text}}}" if best else text


def _numeral(text: str) -> str:
    """A number with a minus sign, and a power of ten for an exponent."""
    digits, _, power = text.partition("e")
    signed = digits.replace("-", SPECIAL["−"])
    return rf"{signed}$\cdot 10^{{{int(power)}}}$" if power else signed


def _line(cells: Sequence[str]) -> str:
    return " & ".join(cells) + r" \\"
