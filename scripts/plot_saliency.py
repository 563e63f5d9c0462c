"""Plot which cells of its images matter to a model, beside what another one uses."""

import numpy as np
import torch

from hepfold.core import files, logs, tables
from hepfold.data import event_arrays, fold_file, folds
from hepfold.figures import images, style
from hepfold.models import image_ensembles, zoo


def plot_saliency(
    train_path: str,
    model_paths: list[str],
    importance_paths: list[str],
    settings: dict,
    threads: int,
    pdf_path: str,
    png_path: str,
    csv_path: str,
) -> None:
    """Write the figure of one model; every fold has a model that has not seen it."""
    torch.set_num_threads(threads)
    style.use(settings["style"])
    names, n_events = settings["wildcards"], settings["n_events"]
    loaded = [zoo.load(path, "cpu") for path in model_paths]
    features = loaded[0].preparation.schema.features
    positions = fold_file.read_layout(train_path).positions(features)
    found = []
    for fold, model in enumerate(loaded):
        events = fold_file.read(train_path, [fold]).with_features(positions)
        seed = folds.fold_seed(settings["seed"], fold)
        inputs = event_arrays.draw(events, n_events, seed).inputs
        found.append(image_ensembles.saliency(model.network, model.prepared(inputs)))
    # There is one, of the first other model of the run, or none.
    others = [files.read_csv(p, ("auc", "importance")) for p in importance_paths]
    importance = others[0] if others else None
    table = images.saliency_table(np.array(found), features, importance)
    record = {
        **names,
        "simulated": fold_file.is_simulated(train_path),
        "other": importance["model"][0] if others else None,
    }
    figure = images.saliency_figure(table, record)
    files.write_figure(figure, pdf_path, png_path)
    files.write_csv(csv_path, tables.named_rows(table, names))


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    plot_saliency(
        train_path=snakemake.input.train,
        model_paths=snakemake.input.models,
        importance_paths=snakemake.input.importance,
        settings=snakemake.params.settings,
        threads=snakemake.threads,
        pdf_path=snakemake.output.pdf,
        png_path=snakemake.output.png,
        csv_path=snakemake.output.csv,
    )
