"""Plot the binned score that the workspace holds."""

from hepfold.core import files, logs
from hepfold.figures import limits, style


def plot_workspace(
    inference_path: str, settings: dict, pdf_path: str, png_path: str, csv_path: str
) -> None:
    """Write the figure of one model and the numbers that it shows."""
    style.use(settings["style"])
    record = files.read_json(inference_path)
    table = limits.bins_table(record)
    figure = limits.workspace_figure(table, record)
    files.write_figure(figure, pdf_path, png_path)
    files.write_csv(csv_path, table)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    plot_workspace(
        inference_path=snakemake.input.inference,
        settings=snakemake.params.settings,
        pdf_path=snakemake.output.pdf,
        png_path=snakemake.output.png,
        csv_path=snakemake.output.csv,
    )
