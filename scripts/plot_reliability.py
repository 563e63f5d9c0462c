"""Plot the fraction of signal against the score."""

from hepfold.analysis import score_histograms
from hepfold.core import files, logs
from hepfold.data import datasets
from hepfold.figures import score_distributions, style


def plot_reliability(
    scores_path: str,
    metrics_path: str,
    settings: dict,
    pdf_path: str,
    png_path: str,
    csv_path: str,
) -> None:
    """Write the figure of one model and the numbers that it shows."""
    style.use(settings["style"])
    record = files.read_json(metrics_path)
    definition = datasets.DATASETS[record["dataset"]]
    table = score_histograms.reliability(files.read_table(scores_path), definition)
    files.write_figure(
        score_distributions.reliability_figure(table, record), pdf_path, png_path
    )
    files.write_csv(csv_path, table)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    plot_reliability(
        scores_path=snakemake.input.scores,
        metrics_path=snakemake.input.metrics,
        settings=snakemake.params.settings,
        pdf_path=snakemake.output.pdf,
        png_path=snakemake.output.png,
        csv_path=snakemake.output.csv,
    )
