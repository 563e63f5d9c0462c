"""Compare the models of a study with published results."""

import logging
from pathlib import Path

from hepfold.core import files, logs, parsing, settings
from hepfold.publish import studies


def compare_study(
    metrics_paths: list[str], cost_paths: list[str], params: dict, folder: str
) -> None:
    """Write tables of figures of merit, and of time, in all formats."""
    records = [files.read_json(path) for path in metrics_paths]
    costs = [files.read_json(path) for path in cost_paths]
    study = parsing.parse(params["study"], settings.Study)
    compared = studies.table(study, records)
    cost_table = studies.cost_table(study, costs)
    files.write_csv(f"{folder}/study.csv", compared)
    files.write_csv(f"{folder}/study_costs.csv", cost_table)
    texts = studies.texts(study, compared, cost_table)
    for name, text in texts.items():
        files.write_text(f"{folder}/{name}", text)
    logging.info("%s\n%s", study.title, texts["study.md"])


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    compare_study(
        metrics_paths=snakemake.input.metrics,
        cost_paths=snakemake.input.costs,
        params=snakemake.params.settings,
        folder=str(Path(snakemake.output.markdown).parent),
    )
