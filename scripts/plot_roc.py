"""Plot background rejection, and signal, against background efficiency."""

from hepfold.analysis import curves
from hepfold.core import files, logs
from hepfold.data import datasets
from hepfold.figures import cut_curves, style


def plot_roc(
    scores_path: str,
    metrics_path: str,
    settings: dict,
    threads: int,
    roc_paths: tuple[str, str],
    rates_paths: tuple[str, str],
    csv_path: str,
) -> None:
    """Write both figures of one model and the numbers that they show."""
    style.use(settings["style"])
    record = files.read_json(metrics_path)
    table = curves.roc_curves(
        files.read_table(scores_path),
        datasets.DATASETS[record["dataset"]],
        settings["n_replicas"],
        settings["seed"],
        threads,
    )
    files.write_figure(cut_curves.roc_figure(table, record), *roc_paths)
    files.write_figure(cut_curves.rates_figure(table, record), *rates_paths)
    files.write_csv(csv_path, table)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    plot_roc(
        scores_path=snakemake.input.scores,
        metrics_path=snakemake.input.metrics,
        settings=snakemake.params.settings,
        threads=snakemake.threads,
        roc_paths=(snakemake.output.pdf, snakemake.output.png),
        rates_paths=(snakemake.output.rates_pdf, snakemake.output.rates_png),
        csv_path=snakemake.output.csv,
    )
