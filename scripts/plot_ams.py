"""Plot the AMS against the cut."""

from hepfold import datasets, evaluation, logs, plots, store


def plot_ams(
    scores_path: str, metrics_path: str, pdf_path: str, png_path: str, csv_path: str
) -> None:
    """Write the figure of one model and the numbers that it shows."""
    record = store.read_json(metrics_path)
    definition = datasets.DATASETS[record["dataset"]]
    table = evaluation.ams_curves(
        store.read_table(scores_path),
        definition,
        record["settings"]["ams"]["b_reg"],
        record["cut"],
    )
    store.write_figure(plots.ams_figure(table, record), pdf_path, png_path)
    store.write_csv(csv_path, table)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    plot_ams(
        scores_path=snakemake.input.scores,
        metrics_path=snakemake.input.metrics,
        pdf_path=snakemake.output.pdf,
        png_path=snakemake.output.png,
        csv_path=snakemake.output.csv,
    )
