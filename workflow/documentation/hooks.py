"""Beyond Markdown: generated pages, and formulas without JavaScript."""

import html
import re
import sys
from pathlib import Path

from latex2mathml.converter import convert
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

sys.path.insert(0, str(Path(__file__).parent))
import pages

FORMULA = re.compile(
    r'<(span|div) class="arithmatex">\\[(\[](.*?)\\[)\]]</\1>', re.DOTALL
)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made from code, overlays and files of the repository."""
    for path, text in pages.generated().items():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_content(content: str, **_: object) -> str:
    """Formulas as MathML, which every browser of today draws itself."""
    return FORMULA.sub(mathml, content)


def mathml(match: re.Match) -> str:
    """MathML of one formula; those in a block of their own are displayed."""
    display = "block" if match[1] == "div" else "inline"
    return convert(html.unescape(match[2]), display=display)
