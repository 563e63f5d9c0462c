"""Plot the shape of a mass in background before and after cuts on the score."""

from hepfold import (
    datasets,
    evaluation,
    foldfile,
    logs,
    masses,
    massplots,
    store,
    style,
)


def plot_sculpting(
    scores_path: str,
    metrics_path: str,
    train_path: str,
    settings: dict,
    pdf_path: str,
    png_path: str,
    csv_path: str,
) -> None:
    """Write the figure of one model and the numbers that it shows."""
    style.use(settings["style"])
    record = store.read_json(metrics_path)
    definition = datasets.DATASETS[record["dataset"]]
    scores = masses.of_train_events(store.read_table(scores_path))
    i_mass = foldfile.read_layout(train_path).features.index(definition.mass)
    scores = evaluation.with_mass(scores, foldfile.read_parts(train_path), i_mass)
    table = masses.shapes(scores, definition, record["cut"], settings["seed"])
    figure = massplots.sculpting_figure(table, record, definition.mass_name)
    store.write_figure(figure, pdf_path, png_path)
    store.write_csv(csv_path, table)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    plot_sculpting(
        scores_path=snakemake.input.scores,
        metrics_path=snakemake.input.metrics,
        train_path=snakemake.input.train,
        settings=snakemake.params.settings,
        pdf_path=snakemake.output.pdf,
        png_path=snakemake.output.png,
        csv_path=snakemake.output.csv,
    )
