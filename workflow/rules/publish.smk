"""Publication: everything that goes into a paper, in one folder."""

OF_DATASET = [
    *rules.describe_data.output,
    *rules.plot_features.output,
    *rules.plot_correlations.output,
    *rules.compare_rocs.output,
]
OF_MODEL = [
    *rules.plot_roc.output,
    *rules.plot_ams.output,
    *rules.plot_scores.output,
    *rules.plot_reliability.output,
    *rules.plot_sculpting.output,
    *rules.plot_history.output,
    *rules.fit_workspace.output,
    *rules.plot_workspace.output,
]
WITH_HYPOTHESES = [d for d in DATASETS if datasets.DATASETS[d].mass_hypothesis]
COPIED = [
    *expand(rules.evaluate.output.metrics, dataset=DATASETS, model=MODELS),
    *expand(OF_DATASET, dataset=DATASETS),
    *expand(OF_MODEL, dataset=DATASETS, model=MODELS),
    *expand(rules.plot_mass_aucs.output, dataset=WITH_HYPOTHESES, model=MODELS),
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
    localrule: True
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
        runtime=minutes(10),
        gpu=0,
    params:
        settings=settings("publish.py", config=""),
    script:
        "../../scripts/publish.py"
