"""Plot the loss of a range test against the learning rate."""

import logging

from hepfold.core import files, logs
from hepfold.data import fold_file
from hepfold.figures import style, training


def plot_learning_rates(
    table_path: str, train_path: str, settings: dict, pdf_path: str, png_path: str
) -> None:
    """Write the figure of one model, and tell the rate at which the loss falls most."""
    style.use(settings["style"])
    simulated = fold_file.is_simulated(train_path)
    record = {**settings["wildcards"], "simulated": simulated}
    table = files.read_csv(table_path, training.RATE_NUMBERS)
    rate = training.steepest_rate(table)
    figure = training.rates_figure(table, record, settings["learning_rate"])
    files.write_figure(figure, pdf_path, png_path)
    logging.info("The loss falls fastest at a learning rate of %s.", rate)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    plot_learning_rates(
        table_path=snakemake.input.table,
        train_path=snakemake.input.train,
        settings=snakemake.params.settings,
        pdf_path=snakemake.output.pdf,
        png_path=snakemake.output.png,
    )
