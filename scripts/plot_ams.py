"""Plot the AMS against the cut."""

from hepfold.analysis import curves
from hepfold.core import files, logs
from hepfold.data import datasets
from hepfold.figures import cut_curves, style


def plot_ams(
    scores_path: str,
    metrics_path: str,
    settings: dict,
    threads: int,
    pdf_path: str,
    png_path: str,
    csv_path: str,
) -> None:
    """Write the figure of one model and the numbers that it shows."""
    style.use(settings["style"])
    record = files.read_json(metrics_path)
    table = curves.ams_curves(
        files.read_table(scores_path),
        datasets.DATASETS[record["dataset"]],
        record["settings"]["ams"]["b_reg"],
        record["cut"],
        settings["n_replicas"],
        settings["seed"],
        threads,
    )
    files.write_figure(cut_curves.ams_figure(table, record), pdf_path, png_path)
    files.write_csv(csv_path, table)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    plot_ams(
        scores_path=snakemake.input.scores,
        metrics_path=snakemake.input.metrics,
        settings=snakemake.params.settings,
        threads=snakemake.threads,
        pdf_path=snakemake.output.pdf,
        png_path=snakemake.output.png,
        csv_path=snakemake.output.csv,
    )
