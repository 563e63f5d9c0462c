"""Plot the AUC at each mass hypothesis of all models of a data set over each other."""

from hepfold.analysis import literature, mass_hypotheses
from hepfold.core import files, logs
from hepfold.figures import masses, style


def compare_mass_aucs(
    metrics_paths: list[str],
    settings: dict,
    pdf_path: str,
    png_path: str,
    csv_path: str,
) -> None:
    """Write the figure of one data set and the numbers that it shows."""
    style.use(settings["style"])
    records = [files.read_json(path) for path in metrics_paths]
    table = mass_hypotheses.table(records)
    quoted = literature.beside(records[0], mass_hypotheses.NAME)
    figure = masses.compared_auc_figure(table, records, quoted)
    files.write_figure(figure, pdf_path, png_path)
    files.write_csv(csv_path, table)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    compare_mass_aucs(
        metrics_paths=snakemake.input.metrics,
        settings=snakemake.params.settings,
        pdf_path=snakemake.output.pdf,
        png_path=snakemake.output.png,
        csv_path=snakemake.output.csv,
    )
