"""Tests of publish.model_card: what others need to use a model."""

import public_sets
import records

from hepfold.core import parsing, settings_models
from hepfold.models import onnx_export
from hepfold.publish import bibliography, model_card

PATH = "models/higgsml/mlp/ensemble.onnx"
ROW = {"minimum": 0.0, "maximum": 1.0, "n_events": 10, "n_missing": 0}
CARD = {
    "dataset": "higgsml",
    "categories": {},
    "features": [
        {"feature": name, **ROW} for name in public_sets.DATASETS["higgsml"].features
    ],
}


def text(*metrics: dict, paths=(PATH,), **changes) -> str:
    origin = records.ORIGIN | {"config": records.ORIGIN["config"] | changes}
    return model_card.text([*metrics], [CARD], origin, "A statement.", set(paths))


def of_images() -> dict:
    model = parsing.as_dict(settings_models.SuperTML())
    return records.record(trained_with={"model": model})


def test_names_and_tolerance_are_those_of_the_export():
    assert model_card.INPUT == onnx_export.INPUT
    assert model_card.OUTPUT == onnx_export.OUTPUT
    assert model_card.TOLERANCE == onnx_export.TOLERANCE
    assert model_card.OPSET == onnx_export.OPSET


def test_the_example_has_the_file_and_the_number_of_inputs():
    card = text(records.FULL)
    assert f'InferenceSession("{PATH}")' in card and "numpy.zeros((1, 30)" in card
    assert "differ by more than 1e-06" in card


def test_models_of_images_have_no_example():
    card = text(of_images(), paths=())
    assert "no ONNX file" in card and "InferenceSession" not in card
    assert "cannot be run from this folder" in card
    assert "cannot be run" not in text(records.FULL)


def test_limits_are_those_of_the_events():
    assert "no physical meaning: higgsml" in text(records.record(toy=True))
    assert "no physical meaning" not in text(records.FULL)
    title = public_sets.DECLARED["higgsml"].spectrum
    assert ("sculpting" in text(records.FULL)) == (title is not None)


def test_ranked_scores_need_another_cut():
    assert "choose\na new cut" not in text(records.FULL)
    ranked = {"fold_scores": "rank"}
    assert "choose\na new cut" in text(records.FULL, evaluation=ranked)


def test_subjects_refer_to_sections_of_the_card():
    card = text(records.FULL)
    titles = [line[3:] for line in card.splitlines() if line.startswith("## ")]
    for place in model_card.SUBJECTS.values():
        named = [part for part in place.split(", ") if "`" not in part]
        assert set(named) <= set(titles)
    assert bibliography.cited_keys([card]) == {"araz2023"}
