"""Plot the models of a study beside published figures, and what they took."""

from hepfold import logs, store, studies, studyplots, style


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
    record, title = store.read_json(metrics_path), settings["study"]["title"]
    table = store.read_csv(table_path, studies.NUMBERS)
    store.write_figure(studyplots.merits_figure(table, record, title), *merits_paths)
    costs = store.read_csv(costs_path, ())
    store.write_figure(studyplots.costs_figure(costs, record, title), *costs_paths)


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
