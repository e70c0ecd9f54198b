"""CSV, TSV, Markdown, LaTeX, SVG and HTML: every number in each, read back where it can be, and nothing comes alive."""

import csv
import html.parser
import io
import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET

import pyarrow as pa
import pyarrow.parquet
import pytest

from tests.every import every

CALLS = {
    "softmax": ["softmax", "2,1,0.1"],
    "softmax rows": ["softmax", "1,2,3;0,0,-inf", "--classes", "cat,dog,bird"],
    "softmax log": ["softmax", "0,0,-800", "--log"],
    "entropy": ["entropy", "63/64,1/64"],
    "entropy rows": ["entropy", "0.5,0.5;1,0"],
    "xent": ["xent", "1,0,0", "0.5,0.2,0.3"],
    "xent none": ["xent", "2,1,9", "0.0,0.3,0.7;0.3,0.4,0.3;0.1,0.2,0.7", "--ignore-index", "9", "-r", "none"],
    "xent infinite": ["xent", "0", "0.0,1.0"],
    "xent tiny": ["xent", "0", "100,0,0", "-l"],
    "kl": ["kl", "0.5,0.5", "0.75,0.25", "-b", "2"],
    "kl js": ["kl", "1.0,0.0;0.5,0.5", "0.0,1.0;0.5,0.5", "--js"],
    "bce": ["bce", "1,0,1", "0.9,0.2,0.6"],
    "bce rows": ["bce", "1,0;0,1", "1.0,0.2;0.0,0.7", "-r", "none"],
    "compare": ["compare", "--example"],
    "compare metric": ["compare", "0,1", "a=1.0,0.0;0.5,0.5", "b=0.0,1.0;0.0,1.0", "--metric", "mse"],
    "grad": ["grad", "0", "2,1,0.1", "--logits"],
    "grad all": ["grad", "0,1", "0.5,0.5,0.0;0.2,0.7,0.1", "--x", "1,0.0;0,2", "--jacobian"],
    "grad bce": ["grad", "1,0", "1.0,0.25", "--loss", "bce"],
}
TEXTS = ("csv", "tsv", "markdown", "latex")
FILES = ("svg", "html")
NASTY = [
    "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "|x|", "[a](http://x)", "![i](http://x/i.png)", "$x_1$", r"\input{x}", r"\write18{id}", "<script>alert(1)</script>", "<img src=x onerror=y>", "&lt;b&gt;", "&amp;",
    "\x1b[31m", "a\tb", "a\nb", "a\r\nb", "`code`", "**bold**", "_it_", "~~x~~", "# x", "- x", "1. x", "> x", "%", "^", "~", "{", "}", "\\", "''", "``", "--", "---", ",,", "<<", ">>", "?`", "!`", "[opt]", "*", "\\\\", "\\\\[1cm]",
    "&", "#", "http://x.org", "www.x.org", "x@y.org", ":smile:", "@user", "a  b", "日本", "é", "\u202eevil", "\U0001f600", "ﬁ", "Ω", "'=x", "'", '"', '"a","b"', ";", "]]>", "<!--", "-->", "{{x}}", "${x}", "e\u0301", "\u00a0", "\\begin{document}", "[red]x[/red]", "|", "||", "a|b", "\\|",
]  # fmt: skip


def header_file(folder, names, rows):
    """A file with these names exactly, whatever is in them."""
    columns = [pa.array([float(row[k]) for row in rows]) for k in range(len(names))]
    pa.parquet.write_table(pa.Table.from_arrays(columns, names=list(names)), folder / "in.parquet")
    return "in.parquet"


def numbers(value):
    """All numbers of a JSON value."""
    if isinstance(value, list):
        return [entry for each in value for entry in numbers(each)]
    return [] if value is None else [float(value)]


# --- content ------------------------------------------------------------------------------------------------------


@every("form", ["csv", "tsv"])
@every("name", CALLS)
def test_delimited_text_has_every_number(cecli, name, form):
    """A header, then all digits of what JSON calls the value (for compare: of all metrics)."""
    result, found = cecli(*CALLS[name], "-f", form), json.loads(cecli(*CALLS[name], "-f", "json").stdout)
    assert result.exit_code == 0, result.stderr
    header, *rows = csv.reader(io.StringIO(result.stdout), delimiter="\t" if form == "tsv" else ",")
    assert len({len(row) for row in [header, *rows]}) == 1
    assert all(header)
    assert "\r" not in result.stdout
    shown = [float(cell) for row in rows for cell in row if cell != "nan" and re.fullmatch(r"-?(\d.*|inf)", cell)]
    if name == "compare":
        wanted = [
            model[metric]
            for metric in ("error_rate", "errors", "mse", "cross_entropy", "cross_entropy_sum", "perplexity")
            for model in found["models"]
        ]
    elif name.startswith("xent") and "none" not in name:
        wanted = [found["value"], *[found[key] for key in ("entropy", "kl", "perplexity")]]
    elif name == "kl js":
        wanted = [entry for pair in zip(found["value"], found["distance"], strict=True) for entry in pair]
    else:
        wanted = numbers(found["value"])
    assert set(map(float, wanted)) <= set(shown)


@every("form", TEXTS)
@every("name", CALLS)
def test_class_and_model_names_head_the_columns(cecli, name, form):
    """By name where there are names."""
    words = CALLS[name]
    if words[0] in ("softmax", "compare") and ("--classes" in words or words[0] == "compare"):
        names = (
            words[words.index("--classes") + 1].split(",")
            if "--classes" in words
            else ["model 1", "model 2"]
            if "--example" in words
            else ["a", "b"]
        )
        text = cecli(*words, "-f", form).stdout
        assert all(name in text for name in names)
    precise = cecli(*words, "-f", form, "-p", "2")
    assert precise.exit_code == 0
    assert not re.search(r"\d\.\d{3,}(?!\d*e)", precise.stdout) or form in ("latex", "markdown")


@pytest.mark.parametrize("form", ["markdown", "latex", *FILES])
@pytest.mark.parametrize("name", CALLS)
def test_tables_show_what_the_terminal_shows(folder, cecli, name, form):
    """The same rounded numbers, none cut."""
    table = cecli(*CALLS[name], "-f", "table", COLUMNS="300").stdout
    wanted = set(re.findall(r"\d+\.\d+(?:e[-+]\d+)?", table))
    if form in FILES:
        assert cecli(*CALLS[name], "-o", f"out.{form}").exit_code == 0
        text = shown_text(folder / f"out.{form}")
    else:
        text = cecli(*CALLS[name], "-f", form).stdout.replace("{}", "")
        text = re.sub(r"\$\\cdot 10\^\{(-?\d+)\}\$", r"e\1", text)
    assert wanted
    assert {number for number in wanted if number not in text} == set()


class Page(html.parser.HTMLParser):
    """The text, the tags and the attributes of a page."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.text, self.tags, self.attributes, self.open = "", set(), [], []

    def handle_starttag(self, tag, attrs):
        """Begins an element."""
        self.tags.add(tag)
        self.attributes += attrs
        if tag not in ("meta", "br", "link", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        """Ends the element that was begun last."""
        assert self.open.pop() == tag

    def handle_data(self, data):
        """Text."""
        self.text += data


def parsed_xml(source):
    """The root of a picture, which must be well-formed."""
    return ET.fromstring(source)  # noqa: S314 - cecli wrote it


def shown_text(path):
    """The text of an SVG picture (whose lines are pieces side by side) or of an HTML page."""
    source = path.read_text("utf-8")
    if path.suffix == ".svg":
        return "\n".join(
            "".join(element.itertext()) for element in parsed_xml(source).iter() if element.tag.endswith("text")
        ).replace("\u00a0", " ")
    page = Page()
    page.feed(source)
    page.close()
    assert page.open == []
    return page.text


@pytest.mark.parametrize("name", CALLS)
def test_pictures_fetch_nothing(folder, cecli, name):
    """No script, no address that a viewer would load, no font from elsewhere."""
    for form in FILES:
        assert cecli(*CALLS[name], "-o", f"out.{form}").exit_code == 0
        source = (folder / f"out.{form}").read_text("utf-8")
        assert "<script" not in source.lower()
        assert "@font-face" not in source
        assert "@import" not in source
        assert not re.search(r"(?:src|href)\s*=\s*[\"']?(?!#|url\(#)", source)
        assert [
            address
            for address in re.findall(r"https?://[^\"'\s)<]+", source)
            if "www.w3.org" not in address and "textualize" not in address
        ] == []
        assert not re.search(r"url\((?!#)", source)


@pytest.mark.parametrize("name", CALLS)
def test_markdown_tables_are_tables(cecli, name):
    """As many cells in every line, a ruler under the header."""
    lines = [line for line in cecli(*CALLS[name], "-f", "markdown").stdout.splitlines() if line.startswith("|")]
    assert len(lines) >= 3
    widths = [len(re.findall(r"(?<!\\)\|", line)) for line in lines]
    rulers = [i for i, line in enumerate(lines) if re.fullmatch(r"\|( :?-+:? \|)+", line)]
    assert rulers
    for a, b in zip([0, *(i - 1 for i in rulers[1:])], [*(i - 1 for i in rulers[1:]), len(lines)], strict=True):
        assert len(set(widths[a:b])) == 1


# --- read back ----------------------------------------------------------------------------------------------------

READ_BACK = [["a", "b", "c"], ["a,b", 'say "c"', "d"], ["=x", "+y", "-z"], ["@q", "'r", "''s"], ["日本", "é", "\U0001f600"], ["a;b", "c;d", "e f"], ["|", "$x$", "\\n"], ["1x", "2", "inf "], [" a", "b ", " c "], ["[b]", "(c", "# d"],
             ["1", "2", "3"], ["0.5", "1/2", "50%"], ["-1", "+1", "1"], ["=1", "-1", "'1"], ["nan", "inf", "x"], ["p0", "p1", "p2"], ["# a", "b", "c"], ["#", "", "x"], ["{", "}", "x"], ["[a", "b", "c]"], ["(a", "b", "c)"], ["-", "a", "b"], ["a\"", "b", "\"c"], ["'-", "'+1", "'"]]  # fmt: skip


@pytest.mark.parametrize("names", READ_BACK, ids=ascii)
@pytest.mark.parametrize("form", ["csv", "tsv"])
def test_what_is_written_is_read_back(folder, cecli, names, form):
    """softmax into a file, entropy and xent from it: the same numbers, the same names."""
    path = header_file(folder, names, [[1, 2, 3], [0.5, -1, 0]])
    first = cecli("softmax", path, "-o", f"p.{form}")
    assert first.exit_code == 0, first.stderr
    direct = json.loads(cecli("softmax", path, "-f", "json").stdout)
    stripped = [name.strip() for name in names]
    assert direct["settings"]["classes"] == names
    again = json.loads(cecli("softmax", f"p.{form}", "--header", "-f", "json", "-q").stdout)
    assert again["settings"]["classes"] == stripped
    assert (
        cecli("entropy", f"p.{form}", "--header").stdout
        == cecli("entropy", ";".join(",".join(map(repr, row)) for row in direct["value"])).stdout
    )
    piped = cecli("entropy", "-", "--header", stdin=(folder / f"p.{form}").read_bytes())
    assert piped.stdout == cecli("entropy", f"p.{form}", "--header").stdout


@pytest.mark.parametrize(
    "names",
    [names for names in READ_BACK if not all(re.fullmatch(r"[-+]?[\d./%]+", name) for name in names)],
    ids=ascii,
)
def test_a_header_that_was_written_is_seen_as_one(folder, cecli, names):
    """Without --header, as long as one name is not a number."""
    path = header_file(folder, names, [[1, 2, 3], [0.5, -1, 0]])
    assert cecli("softmax", path, "-o", "p.csv").exit_code == 0
    result = cecli("entropy", "p.csv")
    assert result.exit_code == 0, result.stderr
    assert len(result.stdout.splitlines()) == 2


@pytest.mark.parametrize(
    "name", ["softmax", "softmax rows", "entropy rows", "xent none", "kl js", "bce rows", "grad all", "softmax log"]
)
@pytest.mark.parametrize("form", ["csv", "tsv"])
def test_every_command_writes_what_can_be_read(folder, cecli, name, form):
    """Digits enough for the very same numbers; a sample that was left out is nan, which no command takes for a number."""
    assert cecli(*CALLS[name], "-o", f"x.{form}").exit_code == 0
    rows = list(
        csv.reader(io.StringIO((folder / f"x.{form}").read_text("utf-8")), delimiter="\t" if form == "tsv" else ",")
    )
    result = cecli("softmax", f"x.{form}:1-{len(rows[0])}", "-q")
    if any(cell == "nan" for row in rows for cell in row):
        assert result.exit_code == 2
        return
    assert result.exit_code == 0, result.stderr
    typed = ";".join(",".join(row) for row in rows[1:])
    assert (
        result.stdout
        == cecli(
            "softmax", f"[[{typed.replace(';', '],[')}]]" if len(rows) > 2 or len(rows[0]) == 1 else typed, "-q"
        ).stdout
    )


@pytest.mark.parametrize("form", [*TEXTS, *FILES, "table"])
def test_a_class_without_a_name_keeps_its_column(folder, cecli, form):
    """An index column that pandas wrote has an empty name; where it is asked for, its numbers are shown like any others."""
    (folder / "in.csv").write_text(",b,c\n1,2,4\n0,0,0\n")
    words = ["-o", f"out.{form}"] if form in FILES else ["-f", form]
    result = cecli("softmax", "in.csv:1-", *words)
    assert result.exit_code == 0, result.stderr
    text = shown_text(folder / f"out.{form}") if form in FILES else result.stdout
    for number in ("0.0420", "0.1142", "0.8438"):
        assert number[:-1] in text


# --- nothing comes alive ------------------------------------------------------------------------------------------


@every("name", NASTY, ids=ascii)
@every("form", ["csv", "tsv"])
def test_no_spreadsheet_takes_a_name_for_a_formula(folder, cecli, name, form):
    """No cell begins with a sign of one, no control gets through, and the name is whole."""
    path = header_file(folder, [name, "other"], [[1, 2]])
    result = cecli("softmax", path, "-f", form)
    assert result.exit_code == 0, result.stderr
    rows = list(csv.reader(io.StringIO(result.stdout), delimiter="\t" if form == "tsv" else ","))
    assert len(rows) == 2
    assert len(rows[0]) == 2
    assert not rows[0][0].startswith(("=", "+", "-", "@", "\t", "\r"))
    assert not any(ord(character) < 32 for cell in rows[0] for character in cell)
    models = cecli("compare", "0", f"{name.replace('=', ':')}=0.5,0.5", "-f", form)
    if models.exit_code == 0:
        for row in csv.reader(io.StringIO(models.stdout), delimiter="\t" if form == "tsv" else ","):
            assert not row[1].startswith(("=", "+", "@", "\t"))


MARKDOWN_ALIVE = [
    r"(?<!\\)\[", r"(?<!\\)\]", r"(?<!\\)`", r"(?<!\\)<", r"(?<!\\)(?<!\*)\*(?!\*)", r"(?<!\\)\$", r"(?<!\\)_", r"(?<!\\)~", r"(?<!\\)&(?=[#\w]+;)", r"https?://", r"(?<!\\)www\.",
]  # fmt: skip


@every("name", NASTY, ids=ascii)
def test_no_markdown_in_a_name_is_read(folder, cecli, name):
    """Links, images, HTML, code, mathematics: signs that begin them are escaped, and the cells stay as many."""
    path = header_file(folder, [name, "other"], [[1, 2], [3, 5]])
    result = cecli("softmax", path, "-f", "markdown")
    assert result.exit_code == 0, result.stderr
    header = next(line for line in result.stdout.splitlines() if line.startswith("|"))
    unescaped = re.sub(r"\\\\", "", header)
    assert len(re.findall(r"(?<!\\)\|", unescaped)) == 4
    for alive in MARKDOWN_ALIVE:
        assert not re.search(alive, unescaped), (alive, header)
    assert "\x1b" not in result.stdout
    title = cecli("compare", "0", f"{name.replace('=', ':')}=0.5,0.5", "-f", "markdown").stdout
    assert not re.search(r"(?<!\\)[<`\[\]$]", re.sub(r"\\\\", "", title))


@pytest.mark.parametrize("form", FILES)
@every("name", NASTY, ids=ascii)
def test_no_markup_in_a_name_is_read(folder, cecli, name, form):
    """SVG parses as XML and HTML as HTML, with the same tags as for a plain name, and the name is there as text."""
    tags = {}
    for title, text in (("plain", "plain"), ("nasty", name)):
        path = header_file(folder, [text, "other"], [[1, 2]])
        assert cecli("softmax", path, "-o", f"{title}.{form}").exit_code == 0
        source = (folder / f"{title}.{form}").read_text("utf-8")
        if form == "svg":
            tags[title] = {element.tag for element in parsed_xml(source).iter()}
        else:
            page = Page()
            page.feed(source)
            tags[title] = page.tags
            assert not [
                attribute
                for attribute, _ in page.attributes
                if attribute.startswith("on") or attribute in ("src", "href")
            ]
        assert "\x1b" not in source
        assert "0.7311" in shown_text(folder / f"{title}.{form}").replace(" ", "")
    assert tags["plain"] == tags["nasty"]
    squeezed = "".join(shown_text(folder / f"nasty.{form}").split())
    visible = name.encode("unicode_escape").decode() if any(ord(c) < 32 or c == "\u202e" for c in name) else name
    assert "".join(visible.split()) in squeezed


@every("name", NASTY, ids=ascii)
def test_no_latex_in_a_name_is_read(folder, cecli, name):
    """Every sign that TeX would act on is written as what prints it."""
    path = header_file(folder, [name, "other"], [[1, 2], [3, 5]])
    result = cecli("softmax", path, "-f", "latex")
    assert result.exit_code == 0, result.stderr
    body = result.stdout.partition("\\begin{document}")[2]
    header = body.partition("\\toprule\n")[2].partition("\n\\midrule")[0]
    known = {
        "textbackslash",
        "textasciicircum",
        "textasciitilde",
        "textless",
        "textgreater",
        "textbar",
        "textquotedbl",
        "textasciigrave",
        "textquotesingle",
        "ldots",
        "approx",
        "infty",
        "cdot",
        "surd",
        "Vert",
        "Sigma",
        "sigma",
        "varepsilon",
        "gamma",
        "times",
    }
    assert set(re.findall(r"(?<!\\)\\([A-Za-z]+)", header)) <= known
    assert len(re.findall(r"(?<!\\){", header)) == len(re.findall(r"(?<!\\)}", header))
    assert len(re.findall(r"(?<!\\)&", header)) == 2
    assert not re.search(r"(?<!\\)[%#]", header)
    assert header.endswith(r" \\")
    assert "\n" not in header


needs_latex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")


def compiled(folder, name):
    """The text of a LaTeX file's pages, which must compile without a complaint."""
    result = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", name],
        cwd=folder,
        capture_output=True,
        timeout=100,
    )
    log = result.stdout.decode("utf-8", "replace")
    assert result.returncode == 0, log[-1500:]
    assert "Missing character" not in log
    assert "Undefined control sequence" not in log
    return log


@needs_latex
@pytest.mark.parametrize("name", CALLS)
def test_latex_compiles(folder, cecli, name):
    """As it is."""
    assert cecli(*CALLS[name], "-o", "out.tex").exit_code == 0
    compiled(folder, "out.tex")


@needs_latex
@pytest.mark.parametrize("start", range(0, len(NASTY), 8))
def test_latex_compiles_with_names_like_these(folder, cecli, start):
    """Names that would break it, or run something."""
    names = NASTY[start : start + 8]
    path = header_file(folder, [*names, "other"], [[0] * (len(names) + 1)])
    assert cecli("softmax", path, "-o", "out.tex").exit_code == 0
    compiled(folder, "out.tex")
    models = [
        f"{name.replace('=', ':')}=0.5,0.5"
        for name in dict.fromkeys(names)
        if name.strip() and not re.search(r"[\[\](){}/:\\]", name)
    ]
    result = cecli("compare", "-o", "models.tex", "--", "0", *models)
    assert result.exit_code == 0, result.stderr
    compiled(folder, "models.tex")


@needs_latex
def test_latex_prints_the_very_characters(folder, cecli):
    """What stands on the page is the name (where pdftotext can tell)."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    names = [r"a\b{c}", "$x_1$ & y", "50% #1", "<s> ~^", "a--b,,c", "'q' \"r\"", "[x]*|`"]
    path = header_file(folder, names, [[0] * len(names)])
    assert cecli("softmax", path, "-o", "out.tex").exit_code == 0
    compiled(folder, "out.tex")
    text = "".join(
        subprocess.run(
            ["pdftotext", "-layout", "out.pdf", "-"], cwd=folder, capture_output=True, text=True
        ).stdout.split()
    )
    for name in names:
        assert "".join(name.split()) in text


@pytest.mark.parametrize(
    "env",
    [
        {"CECLI_FORMAT": "csv"},
        {"CECLI_FORMAT": "markdown", "CECLI_PRECISION": "2"},
        {"CECLI_FORMAT": "latex"},
        {"CECLI_FORMAT": "tsv", "CECLI_PRECISION": "0"},
    ],
)
def test_the_environment_chooses_these_formats_too(cecli, env):
    """As -f and -p do; the command line wins."""
    words = ["softmax", "1,2"]
    options = ["-f", env["CECLI_FORMAT"], *(["-p", env["CECLI_PRECISION"]] if "CECLI_PRECISION" in env else [])]
    assert cecli(*words, **env).stdout == cecli(*words, *options).stdout
    assert cecli(*words, "-f", "json", **env).stdout.startswith("{")


@pytest.mark.parametrize(
    "env", [{"CECLI_FORMAT": "svg"}, {"CECLI_FORMAT": "xml"}, {"CECLI_PRECISION": "x"}, {"CECLI_PRECISION": "-1"}]
)
def test_a_wrong_setting_is_named(refused, env):
    """The message names the option, or the variable."""
    said = refused("softmax", "1,2", **env)
    assert "--format" in said or "--precision" in said or next(iter(env)) in said


@pytest.mark.parametrize("form", ["csv", "tsv", "markdown", "latex", "plain", "table"])
def test_precision_in_every_format(cecli, form):
    """-p 2 is two digits after the point."""
    text = cecli("softmax", "1,2", "-f", form, "-p", "2").stdout
    assert "0.27" in text
    assert "0.268" not in text
