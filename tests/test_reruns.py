"""What is made again after a change, as Snakemake sees it.

The tables of docs/explanation/reruns.md say it of every module and setting, and
tests/test_rerun_tables.py holds them against the rules. Here a dry run of each kind of
change shows that the steps that follow run again too, and no other.
"""

import pytest
import yaml

pytestmark = pytest.mark.workflow

PUBLISHING = {"publish", "all"}
EXPLAINING = {"explain_model", "plot_importance", "plot_partial_dependence"}
EVALUATION_ON = {
    "evaluate",
    "plot_roc",
    "plot_ams",
    "plot_scores",
    "plot_reliability",
    "plot_sculpting",
    "compare_rocs",
    "compare_models",
    "compare_pairs",
    "compare_study",
    "plot_study",
    "fit_workspace",
    "plot_workspace",
    *PUBLISHING,
}
TRAINING_ON = {
    "train_fold",
    "blend_fold",
    "tabulate_blends",
    "apply_model",
    "plot_history",
    "export_model",
    *EXPLAINING,
    *EVALUATION_ON,
}


def test_touching_redoes_nothing(finished):
    """Nor does a comment."""
    for name in ("scripts", "workflow"):
        for path in (finished.folder / name).rglob("*"):
            path.touch()
    (finished.folder / "results/folds/higgsml/train.h5").touch()
    path = finished.folder / "scripts/hepfold/core/metrics.py"
    text = path.read_text()
    path.write_text(f"{text}\n# A comment means nothing.\n")
    rules = finished.would_run()
    path.write_text(text)
    assert rules == set()


def test_an_edited_module_redoes_the_steps_that_import_it(finished):
    """Those of the figures of merit, which training does not see."""
    path = finished.folder / "scripts/hepfold/core/metrics.py"
    text = path.read_text()
    path.write_text(f"{text}\nEDITED = True\n")
    rules = finished.would_run()
    path.write_text(text)
    assert rules == EVALUATION_ON | EXPLAINING


def test_a_changed_setting_redoes_what_depends_on_it(finished):
    """A model that learns vectors of categories has a figure of them."""
    overlay = yaml.safe_load((finished.folder / "tests.yaml").read_text())
    overlay["models"]["mlp"]["network"]["embedding_size"] = 2
    changed = yaml.safe_dump(overlay, sort_keys=False)
    (finished.folder / "changed.yaml").write_text(changed)
    rules = finished.would_run(overlay="changed.yaml")
    assert rules == TRAINING_ON | {"plot_embeddings"}


def test_published_learning_curves_train_on_fractions_alone(finished):
    """The full trainings and all else that is finished stay."""
    overlay = yaml.safe_load((finished.folder / "tests.yaml").read_text())
    overlay["learning_curve"] = {"publish": True, "fractions": [0.1, 0.3, 0.5]}
    (finished.folder / "curves.yaml").write_text(yaml.safe_dump(overlay))
    assert finished.would_run(overlay="curves.yaml") == PUBLISHING | {
        "train_fraction",
        "fit_learning_curve",
        "plot_learning_curve",
        "compare_learning_curves",
    }


def test_learning_curves_are_published_next_to_models_that_have_none(finished):
    overlay = yaml.safe_load((finished.folder / "tests.yaml").read_text())
    overlay["run"] = {"models": ["mlp", "blend"], "compared": ["single"]}
    overlay["learning_curve"] = {"publish": True, "fractions": [0.3]}
    (finished.folder / "curves.yaml").write_text(yaml.safe_dump(overlay))
    assert "fit_learning_curve" in finished.would_run(overlay="curves.yaml")


def test_a_deleted_result_is_made_again(finished):
    published = finished.folder / "results/publish/figures/higgsml/mlp/roc.pdf"
    kept = published.read_bytes()
    published.unlink()
    rules = finished.would_run()
    published.write_bytes(kept)
    assert rules == PUBLISHING
