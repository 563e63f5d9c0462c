"""Plot the models of a study beside published figures, and what they took."""

from hepfold.core import files, logs
from hepfold.figures import study_comparison, style
from hepfold.publish import studies


def plot_study(
    table_path: str,
    costs_path: str,
    metrics_path: str,
    settings: dict,
    merits_paths: tuple[str, str],
    costs_paths: tuple[str, str],
) -> None:
    """Write both figures, whose numbers are in the tables of the study."""
    style.use(settings["style"])
    record, title = files.read_json(metrics_path), settings["study"]["title"]
    table = files.read_csv(table_path, studies.NUMBERS)
    files.write_figure(
        study_comparison.merits_figure(table, record, title), *merits_paths
    )
    costs = files.read_csv(costs_path, ())
    files.write_figure(
        study_comparison.costs_figure(costs, record, title), *costs_paths
    )


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    plot_study(
        table_path=snakemake.input.table,
        costs_path=snakemake.input.costs,
        metrics_path=snakemake.input.metrics,
        settings=snakemake.params.settings,
        merits_paths=(snakemake.output.pdf, snakemake.output.png),
        costs_paths=(snakemake.output.costs_pdf, snakemake.output.costs_png),
    )
