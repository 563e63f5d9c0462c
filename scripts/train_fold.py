"""Train an ensemble on every fold but one; score that one and the test events."""

import torch

from hepfold import foldfile, folds, logs, store, training


def train_fold(
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
    ensemble, history = training.train_ensemble(
        foldfile.read(train_path, train_folds),
        foldfile.read_layout(train_path).n_values(),
        settings["model"],
        folds.fold_seed(settings["seed"], i_fold),
        settings["device"],
    )
    names = {**settings["wildcards"], "fold": i_fold}
    scored = [foldfile.read(train_path, [i_fold]), foldfile.read(test_path)]
    scores = [folds.score_table(e, ensemble.score(e.inputs), names) for e in scored]
    store.write_tensors(model_path, ensemble.arrays(), {"settings": settings})
    store.write_csv(history_path, folds.named_rows(history, names))
    store.write_table(scores_path, scores, {"settings": settings})


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    train_fold(
        train_path=snakemake.input.train,
        test_path=snakemake.input.test,
        i_fold=int(snakemake.wildcards.fold),
        settings=snakemake.params.settings,
        threads=snakemake.threads,
        model_path=snakemake.output.model,
        history_path=snakemake.output.history,
        scores_path=snakemake.output.scores,
    )
