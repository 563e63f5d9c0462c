"""Compute the AMS as in the Higgs ML challenge, and with unscaled weights."""

import logging
from pathlib import Path

from hepfold.core import files, logs
from hepfold.publish import supertml_claim


def examine_claim(
    score_paths: list[str], metrics_paths: list[str], csv_path: str
) -> None:
    """Write the table of all models and of published results in all formats."""
    records = list(map(files.read_json, metrics_paths))
    rows = [
        supertml_claim.hepfold_row(files.read_table(scores), record)
        for scores, record in zip(score_paths, records, strict=True)
        if supertml_claim.has_test_events(record)
    ]
    texts = supertml_claim.texts(supertml_claim.table(rows))
    for extension, text in texts.items():
        files.write_text(str(Path(csv_path).with_suffix(extension)), text)
    logging.info("AMS with and without scaled weights:\n%s", texts[".md"])


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    examine_claim(
        score_paths=snakemake.input.scores,
        metrics_paths=snakemake.input.metrics,
        csv_path=snakemake.output.csv,
    )
