"""Tests of publish.uncertainty_section: the README says what uncertainties hold."""

import records

from hepfold.publish import uncertainty_section


def section(*all_records: dict, table=None) -> str:
    of_pairs = records.pairs().clear() if table is None else table
    return uncertainty_section.section(list(all_records), of_pairs)


def test_each_part_and_what_is_left_out_is_named():
    text = section(records.FULL)
    for words in ("**events**", "1000\nbootstrap", "**training**", "**cut**", "N_eff"):
        assert words.replace("\n", " ") in " ".join(text.split()), words
    assert "Systematic uncertainties and the effect of other training events" in text


def test_the_source_of_the_part_from_the_training_is_named():
    oof = records.record()["oof"] | {"training_from": None}
    single = records.record(model="single", oof=oof)
    text = " ".join(section(records.record(), single).split())
    members = "for out-of-fold events of mlp it is estimated from the members"
    assert members in text
    assert "events of single it is not known, since there is one network only" in text


def test_folds_that_differ_are_named():
    assert "scores of folds differ" not in section(records.record())
    folds = records.FOLDS | {
        "signal_efficiency": [0.32, 0.52],
        "signal_efficiency_chi2": 200.0,
        "signal_efficiency_p_value": 1e-40,
    }
    text = section(records.record(folds=folds))
    assert "scores of folds differ" in text
    assert "`mlp` on higgsml: signal efficiency at the cut from 0.32 to 0.52" in text


def test_pairs_of_models_and_the_number_of_trials_are_given():
    assert "in pairs" not in section(records.FULL)
    text = section(records.FULL, table=records.pairs())
    assert "2 models were tried." in text
    assert any("worse" in row for row in records.markdown_rows(text))


def test_searches_are_trials_too():
    """Also those for a part of a blend."""
    model = {"features": "all", "tuned": "mlp"}
    blend = {"model": {"kind": "blend"}, "parts": {"other": {}, "mlp": model}}
    for trained_with in ({"model": model}, blend):
        tuned = records.record(trained_with=trained_with | {"packages": {}})
        assert "the trials of the searches for `mlp`" in section(
            tuned, table=records.pairs()
        )
