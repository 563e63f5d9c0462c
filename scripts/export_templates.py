"""Write templates as ROOT histograms and CSV, and a table of systematic effects."""

from hepfold.core import files, logs
from hepfold.publish import fit_tables, template_files


def export_templates(
    inference_path: str,
    root_path: str,
    csv_path: str,
    effects_csv_path: str,
    effects_markdown_path: str,
) -> None:
    """Write the templates of one model in each format, and what became of effects."""
    record = files.read_json(inference_path)
    templates = template_files.table(record)
    summary = template_files.summary(record)
    template_files.write(root_path, templates)
    files.write_csv(csv_path, templates)
    files.write_csv(effects_csv_path, summary)
    files.write_text(effects_markdown_path, fit_tables.effects(summary) + "\n")


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    export_templates(
        inference_path=snakemake.input.inference,
        root_path=snakemake.output.root,
        csv_path=snakemake.output.csv,
        effects_csv_path=snakemake.output.effects_csv,
        effects_markdown_path=snakemake.output.effects_md,
    )
