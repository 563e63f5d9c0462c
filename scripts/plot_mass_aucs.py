"""Plot the AUC at each mass hypothesis."""

from hepfold.analysis import mass_hypotheses
from hepfold.core import files, logs
from hepfold.figures import masses, style


def plot_mass_aucs(
    metrics_path: str, settings: dict, pdf_path: str, png_path: str, csv_path: str
) -> None:
    """Write the figure of one model and the numbers that it shows."""
    style.use(settings["style"])
    record = files.read_json(metrics_path)
    table = mass_hypotheses.table([record])
    files.write_figure(masses.auc_figure(table, record), pdf_path, png_path)
    files.write_csv(csv_path, table)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    plot_mass_aucs(
        metrics_path=snakemake.input.metrics,
        settings=snakemake.params.settings,
        pdf_path=snakemake.output.pdf,
        png_path=snakemake.output.png,
        csv_path=snakemake.output.csv,
    )
