"""Tests of publish.folder_contents: only files that exist are described."""

import records

from hepfold.publish import folder_contents


def test_optional_files_are_listed_where_there_are_any():
    table = folder_contents.file_table(["tables/blends.csv", "search/best.yaml"])
    present = {row[0] for row in records.markdown_rows(table)}
    assert present > {"`tables/blends.*`", "`search/`", "`metrics.csv`"}
    without = {row[0] for row in records.markdown_rows(folder_contents.file_table([]))}
    assert present - without == {"`tables/blends.*`", "`search/`"}
    assert {"`methods.md`", "`references.bib`", "`model_card.md`"} <= without


def test_figures_have_their_captions():
    table = folder_contents.figure_table({"figures/*/*/roc.*": "A curve."})
    assert ["`figures/*/*/roc.*`", "A curve."] in records.markdown_rows(table)
