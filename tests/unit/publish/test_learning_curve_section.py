"""Tests of publish.learning_curve_section: numbers, or why there are none."""

from records import markdown_rows

from hepfold.publish import learning_curve_section

NAMES = {"dataset": "higgsml", "model": "mlp", "is_weighted": True}
FITTED = {
    **NAMES,
    "reason": "",
    "a": 0.93,
    "a_low": 0.928,
    "a_high": 0.934,
    "c": 0.35,
    "extrapolated": {
        "n_training_events": 1e5,
        "auc": 0.9251,
        "auc_low": 0.9233,
        "auc_high": 0.9271,
    },
}
UNFITTED = {**NAMES, "model": "trees", "is_weighted": False, "reason": "3 points"}


def test_without_learning_curves_there_is_no_section():
    assert learning_curve_section.section([]) == ""


def test_extrapolations_have_their_interval_or_a_reason():
    text = learning_curve_section.section([FITTED, UNFITTED])
    assert text.startswith("\n## Learning curves\n")
    *_, fitted, unfitted = markdown_rows(text)
    assert fitted == [
        "higgsml",
        "mlp",
        "weighted",
        "0.9300 +0.0040 -0.0020",
        "0.35",
        "extrapolated: 0.9251 +0.0020 -0.0018 at 100,000",
    ]
    assert unfitted == [
        "higgsml",
        "trees",
        "unweighted",
        "-",
        "-",
        "not extrapolated: 3 points",
    ]
