"""Parts of sentences for texts that are generated from settings."""

import textwrap
from collections.abc import Iterable, Sequence

# Lines of a text in Markdown.
WIDTH = 88


def listing(words: Iterable[str], last: str = "and") -> str:
    """Words with commas and, before the last one, a conjunction."""
    words = list(words)
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def code(text: str) -> str:
    """Text as inline code in Markdown."""
    return f"`{text}`"


def names(words: Iterable[str]) -> str:
    """Names as inline code, with commas and a conjunction."""
    return listing(map(code, words))


def count(n: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun: `1 fold`, `5 folds`, `10,000 events`."""
    return f"{n:,} {noun if n == 1 else plural or f'{noun}s'}"


def cite(*keys: str) -> str:
    """A citation of works in references.bib, as Pandoc reads it."""
    return f"[{'; '.join(f'@{key}' for key in keys)}]"


def paragraph(sentences: Sequence[str]) -> str:
    """Sentences as a paragraph in lines of Markdown; empty sentences are left out."""
    return textwrap.fill(
        " ".join(filter(None, sentences)),
        WIDTH,
        break_long_words=False,
        break_on_hyphens=False,
    )
