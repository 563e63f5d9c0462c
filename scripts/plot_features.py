"""Plot the distribution of every feature in signal and background."""

from hepfold.analysis import feature_distributions
from hepfold.core import files, logs
from hepfold.data import fold_file
from hepfold.figures import features, style


def plot_features(
    card_path: str,
    train_path: str,
    settings: dict,
    pdf_path: str,
    png_path: str,
    csv_path: str,
) -> None:
    """Write the figure of one data set and the numbers that it shows."""
    style.use(settings["style"])
    card = files.read_json(card_path)
    parts = fold_file.read_parts(train_path)
    table = feature_distributions.histogram_table(parts, card)
    files.write_figure(features.features_figure(table, card), pdf_path, png_path)
    files.write_csv(csv_path, table)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    plot_features(
        card_path=snakemake.input.card,
        train_path=snakemake.input.train,
        settings=snakemake.params.settings,
        pdf_path=snakemake.output.pdf,
        png_path=snakemake.output.png,
        csv_path=snakemake.output.csv,
    )
