"""Plot loss, AUC and learning rate of the trainings of all folds of a model."""

import polars as pl

from hepfold.core import files, logs
from hepfold.data import fold_file
from hepfold.figures import style, training


def plot_history(
    history_paths: list[str],
    train_path: str,
    settings: dict,
    pdf_path: str,
    png_path: str,
    csv_path: str,
) -> None:
    """Write the figure of one model and the numbers that it shows."""
    style.use(settings["style"])
    simulated = fold_file.is_simulated(train_path)
    record = {**settings["wildcards"], "simulated": simulated}
    numbers = training.HISTORY_NUMBERS
    table = pl.concat(files.read_csv(path, numbers) for path in history_paths)
    files.write_figure(training.history_figure(table, record), pdf_path, png_path)
    files.write_csv(csv_path, table)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    plot_history(
        history_paths=snakemake.input.histories,
        train_path=snakemake.input.train,
        settings=snakemake.params.settings,
        pdf_path=snakemake.output.pdf,
        png_path=snakemake.output.png,
        csv_path=snakemake.output.csv,
    )
