"""Plot the score distributions of signal and background."""

from hepfold import datasets, histograms, logs, scoreplots, store, style


def plot_scores(
    scores_path: str,
    metrics_path: str,
    settings: dict,
    pdf_path: str,
    png_path: str,
    csv_path: str,
) -> None:
    """Write the figure of one model and the numbers that it shows."""
    style.use(settings["style"])
    record = store.read_json(metrics_path)
    definition = datasets.DATASETS[record["dataset"]]
    table = histograms.score_histograms(store.read_table(scores_path), definition)
    store.write_figure(scoreplots.score_figure(table, record), pdf_path, png_path)
    store.write_csv(csv_path, table)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    plot_scores(
        scores_path=snakemake.input.scores,
        metrics_path=snakemake.input.metrics,
        settings=snakemake.params.settings,
        pdf_path=snakemake.output.pdf,
        png_path=snakemake.output.png,
        csv_path=snakemake.output.csv,
    )
