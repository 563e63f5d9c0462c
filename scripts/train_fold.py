"""Train an ensemble on every fold but one; score that one and the test events."""

from pathlib import Path

import torch

from hepfold import datasets, foldfile, folds, logs, provenance, store, tables, training


def train_fold(
    dataset: str,
    train_path: str,
    test_path: str,
    i_fold: int,
    settings: dict,
    threads: int,
    model_path: str,
    history_path: str,
    scores_path: str,
) -> None:
    """Write the ensemble of one fold, its history and its scores."""
    torch.set_num_threads(threads)
    train_folds = [i for i in range(settings["n_folds"]) if i != i_fold]
    layout = foldfile.read_layout(train_path)
    chosen = datasets.DATASETS[dataset].feature_sets[settings["model"]["features"]]
    positions = layout.positions(chosen)
    ensemble, history = training.train_ensemble(
        foldfile.read(train_path, train_folds).with_features(positions),
        layout.n_values(chosen),
        settings["model"],
        folds.fold_seed(settings["seed"], i_fold),
        settings["device"],
    )
    names = {**settings["wildcards"], "fold": i_fold}
    scores = [
        folds.score_table(part, ensemble.score(part.inputs[:, positions]), names)
        for part in (foldfile.read(train_path, [i_fold]), foldfile.read(test_path))
    ]
    # As the job finds them: in a conda environment they may differ from those that
    # the settings tell.
    packages = provenance.package_versions(Path(__file__))
    made_by = {**settings, "packages": packages, "threads": threads}
    store.write_tensors(model_path, ensemble.arrays(), made_by)
    store.write_csv(history_path, tables.named_rows(history, names))
    store.write_table(scores_path, scores, made_by)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    train_fold(
        dataset=snakemake.wildcards.dataset,
        train_path=snakemake.input.train,
        test_path=snakemake.input.test,
        i_fold=int(snakemake.wildcards.fold),
        settings=snakemake.params.settings,
        threads=snakemake.threads,
        model_path=snakemake.output.model,
        history_path=snakemake.output.history,
        scores_path=snakemake.output.scores,
    )
