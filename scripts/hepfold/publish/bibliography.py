"""The BibTeX file of the published folder: the works that its texts cite."""

import re
from collections.abc import Iterable

from hepfold.publish import citations

CITED = re.compile(r"@([A-Za-z][A-Za-z0-9_]*)")
ENTRY = re.compile(r"^@\w+\{(\w+),.*?^\}$", re.MULTILINE | re.DOTALL)
# Key of the workflow.
WORKFLOW = "hepfold"
SOFTWARE = """@software{{{key},
  author = {{{authors}}},
  title = {{{{{title}}}}},
  version = {{{version}}},
  note = {{commit {commit}}}
}}"""
DATA = """@misc{{{key},
  author = {{{authors}}},
  title = {{{{{title}}}}},
  publisher = {{{publisher}}},
  year = {{{year}}},
  doi = {{{doi}}}
}}"""


def cited_keys(texts: Iterable[str]) -> set[str]:
    """Keys of the works that texts in Markdown cite, as in `[@a; @b]`."""
    groups = (g for text in texts for g in re.findall(r"\[(@[^\]]*)\]", text))
    return {key for group in groups for key in CITED.findall(group)}


def entries(references: str) -> dict[str, str]:
    """The entries of a BibTeX file, by key."""
    return {match[1]: match[0] for match in ENTRY.finditer(references)}


def key_of_data(dataset: str) -> str:
    """The key of a public data set."""
    return f"data_{dataset}"


def text(cited: Iterable[str], references: str, citation: dict, commit: str) -> str:
    """A BibTeX file of the cited works.

    `references` is the BibTeX file of the workflow; the workflow and public data sets
    are described in `citation`, the content of CITATION.cff.
    """
    known = entries(references) | described(citation, commit)
    return "\n\n".join(known[key] for key in sorted(cited)) + "\n"


def described(citation: dict, commit: str) -> dict[str, str]:
    """Entries of the workflow and of the public data sets, by key."""
    workflow = SOFTWARE.format(
        key=WORKFLOW,
        authors=authors(citation),
        title=citation["title"],
        version=citation["version"],
        commit=commit,
    )
    of_data = {
        key_of_data(entry["abbreviation"]): DATA.format(
            key=key_of_data(entry["abbreviation"]),
            authors=authors(entry),
            title=entry["title"],
            publisher=entry["publisher"]["name"],
            year=entry["year"],
            doi=entry["doi"],
        )
        for entry in citation["references"]
    }
    return {WORKFLOW: workflow} | of_data


def authors(entry: dict) -> str:
    """Authors of a work in BibTeX: persons by name, others as they are."""
    by_name = zip(entry["authors"], citations.authors(entry), strict=True)
    return " and ".join(
        f"{{{name}}}" if "name" in author else name for author, name in by_name
    )
