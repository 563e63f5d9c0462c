"""Plot the distribution of every feature in signal and background."""

from hepfold import dataplots, distributions, foldfile, logs, store, style


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
    card = store.read_json(card_path)
    parts = foldfile.read_parts(train_path)
    table = distributions.histogram_table(parts, card)
    store.write_figure(dataplots.features_figure(table, card), pdf_path, png_path)
    store.write_csv(csv_path, table)


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
