"""Tests of publish.process_summary: the chosen cut, rounded, of each model."""

import process_samples
import records

from hepfold.analysis import process_rejection
from hepfold.publish import process_summary


def table():
    return process_rejection.rejection_table(
        process_samples.scores(),
        process_samples.EXPECTED,
        process_samples.DECLARED,
        0.7,
        [0.5],
    )


def test_without_tables_there_is_no_section():
    assert process_summary.section([]) == ""


def test_without_test_events_out_of_fold_events_are_shown():
    text = process_summary.section([table().filter(subset="oof")])
    assert "for out-of-fold events" in text and "oof" not in text


def test_each_process_has_a_row_with_its_class():
    text = process_summary.section([table()])
    assert "`mlp` on tth:" in text and "for test events" in text
    rows = {row[0]: row[1:] for row in records.markdown_rows(text)}
    for process in process_samples.DECLARED:
        kind, before, after, rejection = rows[process.name]
        assert kind == ("signal" if process.label else "background")
        assert " ± " in before and " ± " in after and " ± " in rejection
    assert rows["ttbar_light"][1].startswith("21")


def test_numbers_are_those_of_the_chosen_cut():
    row = table().filter(
        subset="test", working_point=process_rejection.CHOSEN, process="ttW"
    )
    value, unc = row["after"].item(), row["after_unc"].item()
    shown = process_summary.lines(table()).filter(process="ttW")["above the cut"]
    number, shown_unc = (float(part) for part in shown.item().split(" ± "))
    assert abs(number - value) <= 0.5 * unc and abs(shown_unc - unc) < 0.1 * unc
