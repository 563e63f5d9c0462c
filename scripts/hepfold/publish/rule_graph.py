"""Graph of the rules of a run: which rule reads the files of which."""

from collections.abc import Callable, Iterable

Edges = list[tuple[str, str]]
# Gives the rule that makes a file and the inputs of that rule; None for raw files.
Maker = Callable[[str], tuple[str, Iterable[str]] | None]


def edges(targets: dict[str, Iterable[str]], maker: Maker) -> Edges:
    """Pairs of a rule and a rule that reads its files.

    `targets` are the files that the final rules read; their inputs are followed
    recursively.
    """
    pairs, seen = set(), set()
    unread = [(path, rule) for rule, paths in targets.items() for path in paths]
    while unread:
        path, reader = unread.pop()
        made = maker(path)
        if made is None:
            continue
        rule, inputs = made
        pairs.add((rule, reader))
        if path not in seen:
            seen.add(path)
            unread += [(needed, rule) for needed in inputs]
    return sorted(pairs)


def dot(edges: Edges) -> str:
    """The graph in the DOT language of Graphviz."""
    lines = [f'  "{maker}" -> "{reader}";' for maker, reader in edges]
    return "\n".join(["digraph rules {", "  node [shape=box];", *lines, "}", ""])


def mermaid(edges: Edges) -> str:
    """The graph in Mermaid, which many Markdown viewers render."""
    # The prefix keeps names of rules apart from keywords of Mermaid.
    lines = [f"  r_{a}[{a}] --> r_{b}[{b}]" for a, b in edges]
    return "\n".join(["flowchart TD", *lines])
