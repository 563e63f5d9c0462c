"""Publication: everything that goes into a paper, in one folder."""


rule publish:
    """Collect tables, figures and provenance in one folder that goes into a paper."""
    input:
        metrics=expand(rules.evaluate.output.metrics, dataset=DATASETS, model=MODELS),
        figures=expand(
            [
                *rules.plot_roc.output,
                *rules.plot_ams.output,
                *rules.plot_scores.output,
            ],
            dataset=DATASETS,
            model=MODELS,
        ),
    output:
        folder=directory("results/publish"),
    log:
        "results/logs/publish.log",
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings=settings("publish.py", config=""),
    script:
        "../../scripts/publish.py"
