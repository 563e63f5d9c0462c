"""Tests of reruns: what is remade after a change, and what is not."""

import pytest
import yaml

# Figures of curves with bands, and figures of scores.
CURVES = {"plot_roc", "compare_rocs", "plot_ams"}
SCORES = {"plot_scores", "plot_reliability", "plot_sculpting"}
PUBLISHING = {"publish", "all"}
EXPLAINING = {"explain_model", "plot_importance", "plot_partial_dependence"}
RELATING = {"relate_features", "plot_dependence"}
INSIGHT_PLOTS = {"plot_importance", "plot_partial_dependence", "plot_dependence"}
STUDYING = {"compare_study", "plot_study"}
TRAINING_ON = {
    *EXPLAINING,
    *STUDYING,
    "compare_models",
    "train_fold",
    "apply_model",
    "plot_history",
    "export_model",
    "evaluate",
    "fit_workspace",
    "plot_workspace",
    *CURVES,
    *SCORES,
    *PUBLISHING,
}
DESCRIBING = {"describe_data", "plot_features", "plot_correlations"}
FIGURES = {
    *CURVES,
    *SCORES,
    *INSIGHT_PLOTS,
    "plot_history",
    "plot_study",
    "plot_workspace",
    *DESCRIBING - {"describe_data"},
}
ALL = {"make_toys", "ingest", *DESCRIBING, *RELATING, *TRAINING_ON}
# The published folder tells the whole configuration.
APPLIED_ON = {"apply_model", "publish", "all"}
NOT_EVALUATION = {
    "train_fold",
    "apply_model",
    "plot_history",
    "export_model",
    *EXPLAINING,
}
EVALUATION_ON = TRAINING_ON - NOT_EVALUATION
INFERENCE_ON = {"fit_workspace", "plot_workspace", "publish", "all"}


def test_second_run_has_nothing_to_do(finished):
    run = finished.run("--dry-run")
    assert "Nothing to be done" in run.stdout + run.stderr


def test_touching_redoes_nothing(finished):
    for name in ("scripts", "workflow"):
        for path in (finished.folder / name).rglob("*"):
            path.touch()
    (finished.folder / "results/folds/higgsml/train.h5").touch()
    assert finished.would_run() == set()


@pytest.mark.parametrize(
    ("module", "rules"),
    [
        ("figures/cut_curves", CURVES | PUBLISHING),
        (
            "figures/score_distributions",
            {"plot_scores", "plot_reliability", *PUBLISHING},
        ),
        ("figures/masses", {"plot_sculpting", *PUBLISHING}),
        ("figures/style", FIGURES | PUBLISHING),
        ("publish/results_folder", {"publish", "all"}),
        ("figures/limits", {"plot_workspace", "publish", "all"}),
        ("analysis/score_bins", INFERENCE_ON),
        ("analysis/limits", INFERENCE_ON),
        (
            "publish/table_formats",
            {*DESCRIBING, "compare_models", *STUDYING, *PUBLISHING},
        ),
        (
            "analysis/literature",
            {"compare_models", "plot_sculpting", *STUDYING, *PUBLISHING},
        ),
        ("core/metrics", EVALUATION_ON | EXPLAINING),
        ("analysis/feature_importance", {*EXPLAINING, "publish", "all"}),
        ("analysis/feature_relations", {*RELATING, "publish", "all"}),
        ("figures/importance", {*INSIGHT_PLOTS, "publish", "all"}),
        ("analysis/bootstrap", EVALUATION_ON),
        ("analysis/score_tables", EVALUATION_ON),
        ("analysis/feature_statistics", {*DESCRIBING, "publish", "all"}),
        ("figures/features", {"plot_features", "plot_correlations", "publish", "all"}),
        ("figures/training", {"plot_history", "publish", "all"}),
        ("models/onnx_export", {"export_model", "publish", "all"}),
        ("analysis/higgsml_submission", set()),
        ("training/fit", TRAINING_ON),
        ("training/loop", TRAINING_ON),
        ("models/feature_preparation", TRAINING_ON),
        ("data/fold_file", ALL - {"make_toys"}),
        ("data/readers", ALL - {"make_toys"}),
        ("data/sources", ALL - {"make_toys"}),
        ("toys/derived_features", ALL),
        ("toys/registry", ALL),
        ("data/downloads", set()),
    ],
)
def test_an_edited_module_redoes_the_steps_that_import_it(finished, module, rules):
    path = finished.folder / f"scripts/hepfold/{module}.py"
    text = path.read_text()
    try:
        path.write_text(text + "\n# A comment means nothing.\n")
        assert finished.would_run() == set()
        path.write_text(text + "\nEDITED = True\n")
        assert finished.would_run() == rules
    finally:
        path.write_text(text)


@pytest.mark.parametrize(
    ("name", "value", "rules"),
    [
        ("ams.b_reg", 5.0, EVALUATION_ON),
        ("inference.n_bins", 5, INFERENCE_ON),
        ("figures.style", "cms", FIGURES | PUBLISHING),
        ("evaluation.cut", "plain", EVALUATION_ON),
        ("datasets.higgsml.apply", {"more": "again.csv"}, APPLIED_ON),
        ("range_test.last_rate", 2.0, {"publish", "all"}),
        ("models.mlp.network.width", 9, TRAINING_ON),
        ("models.mlp.n_members", 3, TRAINING_ON),
        ("models.mlp.network.embedding_size", 2, TRAINING_ON | {"plot_embeddings"}),
        ("insight.n_repeats", 4, {*EXPLAINING, "publish", "all"}),
        ("datasets.higgsml.n_toy", 5001, ALL),
        ("seed", 5, ALL),
    ],
)
def test_a_changed_setting_redoes_what_depends_on_it(finished, name, value, rules):
    overlay = yaml.safe_load((finished.folder / "tests.yaml").read_text())
    part = overlay
    *parents, last = name.split(".")
    for parent in parents:
        part = part.setdefault(parent, {})
    part[last] = value
    (finished.folder / "changed.yaml").write_text(
        yaml.safe_dump(overlay, sort_keys=False)
    )
    assert finished.would_run(overlay="changed.yaml") == rules


def test_another_number_of_folds_makes_other_folds(finished):
    text = (finished.folder / "tests.yaml").read_text()
    (finished.folder / "changed.yaml").write_text(
        text.replace("n_folds: 3", "n_folds: 4")
    )
    rules = finished.would_run(overlay="changed.yaml")
    assert rules == ALL - {"make_toys"}


def test_a_deleted_result_is_made_again(finished):
    published = finished.folder / "results/publish/figures/higgsml/mlp/roc.pdf"
    kept = published.read_bytes()
    published.unlink()
    try:
        assert finished.would_run() == {"publish", "all"}
    finally:
        published.write_bytes(kept)
