"""Rank test events for a submission to the Higgs ML challenge."""

import logging

from hepfold.analysis import higgsml_submission
from hepfold.core import files, logs


def write_submission(scores_path: str, metrics_path: str, csv_path: str) -> None:
    """Write the submission for merged scores, or for those of a file without labels.

    The cut is the one chosen on out-of-fold scores.
    """
    cut = files.read_json(metrics_path)["cuts"]["ams"]
    table = higgsml_submission.ranked(files.read_table(scores_path), cut)
    files.write_csv(csv_path, table)
    n_selected = (table["Class"] == "s").sum()
    logging.info("Ranked %d events, %d of them selected.", len(table), n_selected)


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    write_submission(
        scores_path=snakemake.input.scores,
        metrics_path=snakemake.input.metrics,
        csv_path=snakemake.output.csv,
    )
