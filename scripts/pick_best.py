"""Select the best trial of a search."""

import logging

from hepfold.core import files, logs, overlays
from hepfold.training import candidates


def pick_best(
    result_paths: list[str], params: dict, table_path: str, best_path: str
) -> None:
    """Write a table of all trials, and the best settings as a configuration overlay."""
    results = [files.read_json(path) for path in result_paths]
    merit = params["search"]["merit"]
    best = candidates.best(results, merit)
    files.write_csv(table_path, candidates.table(results))
    files.write_yaml(
        best_path, {"models": {best["model"]: overlays.nested(best["values"])}}
    )
    logging.info("Best trial: %s = %.5f, %s.", merit, best[merit], best["values"])


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    pick_best(
        result_paths=snakemake.input.results,
        params=snakemake.params.settings,
        table_path=snakemake.output.csv,
        best_path=snakemake.output.best,
    )
