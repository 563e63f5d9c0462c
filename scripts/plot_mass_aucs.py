"""Plot the AUC at each mass hypothesis."""

from itertools import chain

from hepfold import datasets, foldfile, logs, masses, massplots, store, style


def plot_mass_aucs(
    scores_path: str,
    metrics_path: str,
    fold_paths: list[str],
    settings: dict,
    threads: int,
    pdf_path: str,
    png_path: str,
    csv_path: str,
) -> None:
    """Write the figure of one model and the numbers that it shows."""
    style.use(settings["style"])
    record = store.read_json(metrics_path)
    definition = datasets.DATASETS[record["dataset"]]
    layout = foldfile.read_layout(fold_paths[0])
    scores = masses.with_mass(
        store.read_table(scores_path),
        chain.from_iterable(foldfile.read_parts(path) for path in fold_paths),
        layout.features.index(definition.mass_hypothesis),
    )
    table = masses.aucs(scores, settings["n_replicas"], settings["seed"], threads)
    store.write_figure(massplots.auc_figure(table, record), pdf_path, png_path)
    store.write_csv(csv_path, table)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    plot_mass_aucs(
        scores_path=snakemake.input.scores,
        metrics_path=snakemake.input.metrics,
        fold_paths=[snakemake.input.train, snakemake.input.test],
        settings=snakemake.params.settings,
        threads=snakemake.threads,
        pdf_path=snakemake.output.pdf,
        png_path=snakemake.output.png,
        csv_path=snakemake.output.csv,
    )
