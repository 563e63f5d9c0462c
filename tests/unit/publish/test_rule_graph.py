"""Tests of publish.rule_graph."""

from hepfold.publish import rule_graph

# What makes each file, and from which others.
MADE = {
    "figure": ("plot", ["scores", "events"]),
    "table": ("plot", ["scores"]),
    "scores": ("train", ["events"]),
    "events": ("ingest", ["raw"]),
    "unused": ("apply", ["scores"]),
}


def test_edges_are_those_that_targets_need():
    edges = rule_graph.edges({"publish": ["figure", "table"], "all": []}, MADE.get)
    assert edges == [
        ("ingest", "plot"),
        ("ingest", "train"),
        ("plot", "publish"),
        ("train", "plot"),
    ]


def test_each_edge_is_a_line_of_both_languages():
    edges = [("end", "plot"), ("plot", "publish")]
    dot = rule_graph.dot(edges).splitlines()
    assert dot[0] == "digraph rules {" and dot[-1] == "}"
    assert '  "end" -> "plot";' in dot
    mermaid = rule_graph.mermaid(edges).splitlines()
    assert mermaid[0] == "flowchart TD" and len(mermaid) == 3
    # `end` alone is a word of Mermaid.
    assert mermaid[1] == "  r_end[end] --> r_plot[plot]"
