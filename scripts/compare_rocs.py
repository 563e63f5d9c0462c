"""Plot the ROC curves of all models of a data set over each other."""

import polars as pl

from hepfold.core import files, logs
from hepfold.figures import cut_curves, style


def compare_rocs(
    curve_paths: list[str],
    metrics_paths: list[str],
    settings: dict,
    roc_paths: tuple[str, str],
    rates_paths: tuple[str, str],
    csv_path: str,
) -> None:
    """Write both figures of one data set and the numbers that they show."""
    style.use(settings["style"])
    records = [files.read_json(path) for path in metrics_paths]
    table = pl.concat(
        files.read_csv(path, cut_curves.ROC_NUMBERS) for path in curve_paths
    )
    files.write_figure(cut_curves.compared_roc_figure(table, records), *roc_paths)
    files.write_figure(cut_curves.compared_rates_figure(table, records), *rates_paths)
    files.write_csv(csv_path, table)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    compare_rocs(
        curve_paths=snakemake.input.curves,
        metrics_paths=snakemake.input.metrics,
        settings=snakemake.params.settings,
        roc_paths=(snakemake.output.pdf, snakemake.output.png),
        rates_paths=(snakemake.output.rates_pdf, snakemake.output.rates_png),
        csv_path=snakemake.output.csv,
    )
