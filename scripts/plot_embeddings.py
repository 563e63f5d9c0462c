"""Plot how far apart a model puts the values of categorical features."""

import polars as pl

from hepfold.analysis import importance_summary
from hepfold.core import files, logs, tables
from hepfold.data import fold_file
from hepfold.figures import importance, style


def plot_embeddings(
    train_path: str,
    model_paths: list[str],
    settings: dict,
    pdf_path: str,
    png_path: str,
    csv_path: str,
) -> None:
    """Write the figure of one model and the distances in every fold and member."""
    style.use(settings["style"])
    names = settings["wildcards"]
    simulated = fold_file.is_simulated(train_path)
    categorical = fold_file.read_layout(train_path).categorical
    parts = []
    for fold, path in enumerate(model_paths):
        tensors, made_by = files.read_tensors(path)
        seen = {
            n: v for n, v in categorical.items() if n in made_by["schema"]["features"]
        }
        found = importance_summary.embedding_distances(tensors, seen)
        parts.append(tables.named_rows(found, {**names, "fold": fold}))
    distances = pl.concat(parts)
    summary = importance_summary.distance_summary(distances)
    record = {**names, "simulated": simulated}
    figure = importance.embeddings_figure(summary, distances, record)
    files.write_figure(figure, pdf_path, png_path)
    files.write_csv(csv_path, distances)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    plot_embeddings(
        train_path=snakemake.input.train,
        model_paths=snakemake.input.models,
        settings=snakemake.params.settings,
        pdf_path=snakemake.output.pdf,
        png_path=snakemake.output.png,
        csv_path=snakemake.output.csv,
    )
