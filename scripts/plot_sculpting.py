"""Plot the shape of a mass in background before and after cuts on the score."""

from hepfold.analysis import mass_sculpting, score_tables
from hepfold.core import files, logs
from hepfold.data import datasets, fold_file
from hepfold.figures import masses, style


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
    record = files.read_json(metrics_path)
    definition = datasets.DATASETS[record["dataset"]]
    scores = mass_sculpting.of_train_events(files.read_table(scores_path))
    i_mass = fold_file.read_layout(train_path).features.index(definition.mass)
    scores = score_tables.with_mass(scores, fold_file.read_parts(train_path), i_mass)
    table = mass_sculpting.shapes(scores, definition, record["cut"], settings["seed"])
    figure = masses.sculpting_figure(table, record, definition.mass_name)
    files.write_figure(figure, pdf_path, png_path)
    files.write_csv(csv_path, table)


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
