"""Write the table of the weights of all blends of a run."""

import logging

from hepfold.core import files, logs
from hepfold.publish import blend_tables


def tabulate_blends(weight_paths: list[str], paths: dict[str, str]) -> None:
    """Write the weights in each fold as CSV, Markdown and HTML; `paths` by format."""
    table = blend_tables.table([files.read_json(path) for path in weight_paths])
    text = blend_tables.text(table)
    files.write_csv(paths["csv"], table)
    files.write_text(paths["markdown"], text)
    files.write_text(paths["page"], blend_tables.page(table))
    logging.info("Weights of blends:\n%s", text)


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    tabulate_blends(
        weight_paths=snakemake.input.weights,
        paths=dict(snakemake.output.items()),
    )
