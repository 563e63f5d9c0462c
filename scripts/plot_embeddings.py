"""Plot how far apart a model puts the values of categorical features."""

import polars as pl

from hepfold import foldfile, insight, insightplots, logs, store, style, tables


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
    simulated = foldfile.is_simulated(train_path)
    categorical = foldfile.read_layout(train_path).categorical
    parts = []
    for fold, path in enumerate(model_paths):
        tensors, made_by = store.read_tensors(path)
        seen = {
            n: v for n, v in categorical.items() if n in made_by["schema"]["features"]
        }
        found = insight.embedding_distances(tensors, seen)
        parts.append(tables.named_rows(found, {**names, "fold": fold}))
    distances = pl.concat(parts)
    summary = insight.distance_summary(distances)
    record = {**names, "simulated": simulated}
    figure = insightplots.embeddings_figure(summary, distances, record)
    store.write_figure(figure, pdf_path, png_path)
    store.write_csv(csv_path, distances)


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
