"""Tests of publish.methods_text: the whole text, for every kind of model."""

import method_samples
import pytest
import records

from hepfold.core import parsing, settings_models
from hepfold.publish import bibliography, methods_text


def trained(name: str, model: settings_models.Model, parts=None) -> dict:
    made_by = {"model": parsing.as_dict(model), "packages": {}}
    if parts:
        made_by["parts"] = {n: parsing.as_dict(part) for n, part in parts.items()}
    return records.record(model=name, trained_with=made_by)


def text(repo, *metrics: dict) -> str:
    search = {
        "max_epochs": 9,
        "factor": 3,
        "merit": "auc",
        "validation_fraction": 0.2,
        "space": {"network.width": [50, 100]},
    }
    config = records.ORIGIN["config"] | {"search": {"mlp": search}}
    packages = {"torch": "2.13.0", "xgboost": "3.2.0", "snakemake": "9.27.1"}
    origin = records.ORIGIN | {"config": config, "packages": packages}
    return methods_text.text([*metrics], origin, records.citation(repo))


@pytest.fixture
def every_model(repo) -> str:
    models = dict(enumerate(method_samples.options()))
    blend = settings_models.Blend(("m0", "m6"))
    parts = {"m0": models[0], "m6": models[6]}
    return text(
        repo,
        *(trained(f"m{i}", model) for i, model in models.items()),
        trained("blend", blend, parts),
    )


def test_every_cited_work_is_in_the_bibliography(repo, every_model):
    references = (repo / "workflow/references.bib").read_text()
    cited = bibliography.cited_keys([every_model])
    assert "@" in bibliography.text(cited, references, records.citation(repo), "abc")


def test_the_bibliography_has_no_work_that_no_text_cites(repo, every_model):
    references = (repo / "workflow/references.bib").read_text()
    of_model_card = {"araz2023"}
    cited = bibliography.cited_keys([every_model]) | of_model_card
    assert set(bibliography.entries(references)) - cited == set()


def test_the_text_has_all_sections_once(every_model):
    for title in ("Data", "Features", "Folds", "Uncertainties", "Software"):
        assert every_model.count(f"\n## {title}\n") == 1
    assert "None" not in every_model and "{" not in every_model


def test_trainings_that_differ_in_the_name_alone_have_one_text(repo):
    seeds = [settings_models.MLP(seed=seed) for seed in range(2)]
    described = text(repo, trained("mlp", seeds[0]), trained("mlp_seed2", seeds[1]))
    assert "### `mlp` and `mlp_seed2`" in described
    assert described.count("multilayer perceptrons") == 1


def test_parts_of_a_blend_are_described_too(repo):
    parts = {"a": settings_models.Residual(), "b": settings_models.XGBoost()}
    blend = settings_models.Blend(("a", "b"))
    described = text(repo, trained("blend", blend, parts))
    for heading in ("### `a`", "### `b`", "### `blend`"):
        assert described.count(f"\n{heading}\n") == 1


def test_a_part_with_searched_settings_is_not_described_by_its_old_ones(repo):
    parts = {"a": settings_models.MLP(tuned="mlp"), "b": settings_models.XGBoost()}
    blend = settings_models.Blend(("a", "b"))
    described = text(repo, trained("blend", blend, parts))
    assert "`a`, a part of a blend, were chosen by a Hyperband" in described
    assert "multilayer perceptrons" not in described
    itself = trained("a", settings_models.MLP(n_members=7, tuned="mlp"))
    described = text(repo, trained("blend", blend, parts), itself)
    assert "7 multilayer perceptrons" in described
