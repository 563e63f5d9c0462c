"""Publication: everything that goes into a paper, in one folder."""

OF_DATASET = [
    *rules.describe_data.output,
    *rules.plot_features.output,
    *rules.plot_correlations.output,
]
OF_MODEL = [
    *rules.plot_roc.output,
    *rules.plot_ams.output,
    *rules.plot_scores.output,
    *rules.plot_history.output,
    *rules.export_model.output,
]
COPIED = [
    *expand(rules.evaluate.output.metrics, dataset=DATASETS, model=MODELS),
    *expand(OF_DATASET, dataset=DATASETS),
    *expand(OF_MODEL, dataset=DATASETS, model=MODELS),
]


rule publish:
    """Collect tables, figures and provenance in one folder that goes into a paper."""
    input:
        metrics=expand(rules.evaluate.output.metrics, dataset=DATASETS, model=MODELS),
        copied=COPIED,
    output:
        readme="results/publish/README.md",
        table="results/publish/metrics.csv",
        provenance="results/publish/provenance.json",
        copied=[path.replace("results/", "results/publish/", 1) for path in COPIED],
    log:
        "results/logs/publish.log",
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
        gpu=0,
    params:
        settings=settings("publish.py", config=""),
    script:
        "../../scripts/publish.py"
