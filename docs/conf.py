"""How Sphinx builds the site: python -m sphinx -W -b html docs site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml

from cecli.version import VERSION

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "cecli"
author = "The cecli developers"
release = version = VERSION
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_copybutton"]
exclude_patterns = ["data", "worksheets"]

myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
suppress_warnings = ["myst.header"]  # a page may begin at any level

smartquotes = False  # -- and quotes are what is typed
default_role = "code"  # single backticks in docstrings
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
maximum_signature_line_length = 80
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = f"cecli {VERSION}"
html_copy_source = False
html_show_sphinx = html_show_copyright = False
html_static_path = ["assets"]
html_css_files = ["site.css"]
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b6e4f", "color-brand-content": "#0b6e4f"},
    "dark_css_variables": {"color-brand-primary": "#5fd3a5", "color-brand-content": "#5fd3a5"},
}
html_math_renderer = "mathml"
copybutton_prompt_text = r"\$ |>>> |\.\.\. "
copybutton_prompt_is_regexp = True


def inline_formula(writer: Any, node: Any) -> None:
    """A formula in a line, as MathML: browsers draw it, and nothing is fetched from elsewhere."""
    writer.body.append(tex2mathml(node.astext()))
    raise nodes.SkipNode


def formula(writer: Any, node: Any) -> None:
    """A formula of its own, as MathML."""
    writer.body.append(f'<div class="math">{tex2mathml(node.astext(), as_block=True)}</div>')
    raise nodes.SkipNode


PARTS = ("Parameters", "Returns", "Raises", "Stable form", "Source", "Options")


def in_parts(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """A paragraph for each part of a docstring."""
    for i in reversed(range(len(lines))):
        title, colon, rest = lines[i].partition(":")
        if colon and title in PARTS:
            lines[i : i + 1] = ["", f"**{title}:**{rest}"]


def setup(app: Sphinx) -> None:
    """What is added to Sphinx."""
    app.add_html_math_renderer("mathml", (inline_formula, None), (formula, None))
    app.connect("autodoc-process-docstring", in_parts)
