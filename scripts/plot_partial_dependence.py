"""Plot the mean score of a model against its most important features."""

from hepfold.analysis import importance_summary
from hepfold.core import files, logs
from hepfold.data import fold_file
from hepfold.figures import importance, style


def plot_partial_dependence(
    table_path: str,
    train_path: str,
    settings: dict,
    pdf_path: str,
    png_path: str,
    csv_path: str,
) -> None:
    """Write the figure of one model and the means over folds."""
    style.use(settings["style"])
    simulated = fold_file.is_simulated(train_path)
    record = {**settings["wildcards"], "simulated": simulated}
    curves = files.read_csv(table_path, ("value", "score"))
    summary = importance_summary.dependence_summary(curves)
    figure = importance.partial_dependence_figure(summary, curves, record)
    files.write_figure(figure, pdf_path, png_path)
    files.write_csv(csv_path, summary)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    plot_partial_dependence(
        table_path=snakemake.input.table,
        train_path=snakemake.input.train,
        settings=snakemake.params.settings,
        pdf_path=snakemake.output.pdf,
        png_path=snakemake.output.png,
        csv_path=snakemake.output.csv,
    )
