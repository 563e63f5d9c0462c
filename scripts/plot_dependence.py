"""Plot how well each feature of a data set is predicted by the others."""

from hepfold.core import files, logs
from hepfold.data import fold_file
from hepfold.figures import importance, style


def plot_dependence(
    table_path: str, train_path: str, settings: dict, pdf_path: str, png_path: str
) -> None:
    """Write the figure of one data set."""
    style.use(settings["style"])
    simulated = fold_file.is_simulated(train_path)
    record = {**settings["wildcards"], "simulated": simulated}
    table = files.read_csv(table_path, ("r_squared", "r_squared_unc"))
    figure = importance.dependence_figure(table, record)
    files.write_figure(figure, pdf_path, png_path)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    plot_dependence(
        table_path=snakemake.input.table,
        train_path=snakemake.input.train,
        settings=snakemake.params.settings,
        pdf_path=snakemake.output.pdf,
        png_path=snakemake.output.png,
    )
