"""Entry point: settings, rules and targets. `snakemake -n` lists what would be done."""

from snakemake.utils import min_version

min_version("9.0")


report: "workflow/report/workflow.rst"


configfile: Path(workflow.basedir) / "config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/trainings.smk"
include: "workflow/rules/datasets.smk"
include: "workflow/rules/systematics.smk"
include: "workflow/rules/resources.smk"
include: "workflow/rules/parts.smk"
include: "workflow/rules/draw.smk"
include: "workflow/rules/fetch.smk"
include: "workflow/rules/prepare.smk"
include: "workflow/rules/describe.smk"
include: "workflow/rules/search.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/blend.smk"
include: "workflow/rules/learning_curves.smk"
include: "workflow/rules/apply.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/vary.smk"
include: "workflow/rules/infer.smk"
include: "workflow/rules/export.smk"
include: "workflow/rules/plot.smk"
include: "workflow/rules/plot_classes.smk"
include: "workflow/rules/explain.smk"
include: "workflow/rules/study.smk"
include: "workflow/rules/publish.smk"


rule all:
    """Everything the publication needs, and the scores of further events."""
    default_target: True
    input:
        rules.publish.input,
        rules.publish.output,
        APPLIED,
    localrule: True


onsuccess:
    readme = Path(rules.publish.output.readme)
    # Nothing is said where only other targets were made.
    if readme.exists() and readme.stat().st_mtime > STARTED:
        table = Path(rules.compare_models.output.metrics).read_text()
        figures = expand(rules.compare_rocs.output.png, dataset=DATASETS)
        paths = {
            "readme": readme,
            "methods": rules.publish.output.methods,
            "card": rules.publish.output.model_card,
        }
        print(run_summary.text(table, paths, figures))
