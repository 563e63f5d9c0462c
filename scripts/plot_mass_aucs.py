"""Plot the AUC at each mass hypothesis."""

from hepfold import hypotheses, logs, massplots, store, style


def plot_mass_aucs(
    metrics_path: str, settings: dict, pdf_path: str, png_path: str, csv_path: str
) -> None:
    """Write the figure of one model and the numbers that it shows."""
    style.use(settings["style"])
    record = store.read_json(metrics_path)
    table = hypotheses.table([record])
    store.write_figure(massplots.auc_figure(table, record), pdf_path, png_path)
    store.write_csv(csv_path, table)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    plot_mass_aucs(
        metrics_path=snakemake.input.metrics,
        settings=snakemake.params.settings,
        pdf_path=snakemake.output.pdf,
        png_path=snakemake.output.png,
        csv_path=snakemake.output.csv,
    )
