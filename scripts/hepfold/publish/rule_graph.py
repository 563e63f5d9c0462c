"""Which rule makes what another rule reads, for the files of a run."""

from collections.abc import Callable, Iterable

Edges = list[tuple[str, str]]
# The rule that makes a file, and what it reads for that; none makes a raw file.
Maker = Callable[[str], tuple[str, Iterable[str]] | None]


def edges(targets: dict[str, Iterable[str]], maker: Maker) -> Edges:
    """Pairs of a rule and one that reads its files.

    `targets` are the files that the last rules read; all that these need is followed.
    """
    found, seen = set(), set()
    unread = [(path, rule) for rule, paths in targets.items() for path in paths]
    while unread:
        path, reader = unread.pop()
        made = maker(path)
        if made is None:
            continue
        rule, inputs = made
        found.add((rule, reader))
        if path not in seen:
            seen.add(path)
            unread += [(needed, rule) for needed in inputs]
    return sorted(found)


def dot(edges: Edges) -> str:
    """The graph in the language of Graphviz."""
    lines = [f'  "{maker}" -> "{reader}";' for maker, reader in edges]
    return "\n".join(["digraph rules {", "  node [shape=box];", *lines, "}", ""])


def mermaid(edges: Edges) -> str:
    """The graph in the language of Mermaid, which many viewers of Markdown draw."""
    # A rule may be called as a word of that language.
    lines = [f"  r_{a}[{a}] --> r_{b}[{b}]" for a, b in edges]
    return "\n".join(["flowchart TD", *lines])
