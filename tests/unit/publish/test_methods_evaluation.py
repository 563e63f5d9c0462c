"""Tests of publish.methods_evaluation: cuts, uncertainties, calibration, software."""

import records

from hepfold.core import settings
from hepfold.publish import methods_evaluation


def flat(text: str) -> str:
    return " ".join(text.split())


def test_the_choice_of_the_cut_is_that_of_the_settings():
    plain = settings.Evaluation(cut="plain", figure_of_merit="significance")
    text = flat(methods_evaluation.of_cut(plain, [10.0]))
    assert "the one with the largest value." in text
    assert "Figures showed the cut of the significance." in text
    smoothed = flat(methods_evaluation.of_cut(settings.Evaluation(), [10.0, 0.0, 0.0]))
    assert "power of -1/7" in smoothed and "b_reg = 10 or 0 background" in smoothed


def test_uncertainties_name_replicas_and_what_is_left_out():
    evaluation = settings.Evaluation(n_replicas=250)
    text = flat(methods_evaluation.of_uncertainties([records.FULL], evaluation))
    assert "250 bootstrap replicas" in text and "Systematic uncertainties" in text


def test_the_part_of_the_training_has_its_source():
    one = records.record()
    alone = records.record(model="single", oof=one["oof"] | {"training_from": None})
    seeds = records.record(model="many", oof=one["oof"] | {"training_from": "seeds"})
    text = " ".join(methods_evaluation.training([one, alone, seeds]))
    assert "events of `mlp`, was estimated by a jackknife" in text
    assert "events of `single`, was not known" in text
    assert "`many`, was estimated as the standard deviation" in text


def test_calibrations_are_described_where_there_are_any():
    assert methods_evaluation.of_calibration([records.FULL]) == ""
    platt = records.record(calibration={"kind": "platt"})
    assert "`mlp` were calibrated" in methods_evaluation.of_calibration([platt])


def test_only_software_that_was_used_is_cited(repo):
    citation = records.citation(repo)
    text = methods_evaluation.of_software({"torch": "2.13.0"}, citation)
    assert "PyTorch 2.13.0 [@paszke2019]" in flat(text) and "[@hepfold]" in text
    assert "XGBoost" not in text
