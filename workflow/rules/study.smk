"""Studies: comparison of a run with published results."""


rule compare_study:
    """Compare the models of a study with published results, and their costs."""
    input:
        metrics=expand(
            rules.evaluate.output.metrics, dataset=DATASETS, model=ALL_MODELS
        ),
        costs=expand(
            rules.train_fold.output.cost,
            dataset=DATASETS,
            model=ALL_MODELS,
            fold=FOLDS,
        ),
    output:
        csv="results/tables/study.csv",
        markdown="results/tables/study.md",
        latex="results/tables/study.tex",
        costs="results/tables/study_costs.csv",
        costs_markdown="results/tables/study_costs.md",
        page=in_report(
            "results/tables/study.html", "Performance", "published and ours", "study"
        ),
    log:
        "results/logs/compare_study.log",
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(500, 4),
        runtime=minutes(10, 0.05),
        gpu=0,
    params:
        settings=settings("compare_study.py", study="study"),
    script:
        "../../scripts/compare_study.py"


use rule draw as plot_study with:
    """Plot the models of a study and published results, and their costs."""
    input:
        table=rules.compare_study.output.csv,
        costs=rules.compare_study.output.costs,
        metrics=rules.compare_study.input.metrics[0],
    output:
        figure(
            "results/figures/study",
            "Performance",
            "published and ours",
            pdf=".pdf",
            png=".png",
        ),
        figure(
            "results/figures/study_costs",
            "Training",
            "time of each row",
            costs_pdf=".pdf",
            costs_png=".png",
        ),
    log:
        "results/logs/plot_study.log",
    params:
        settings=figure_settings("plot_study", title="study/title"),


STUDY = (
    [*rules.compare_study.output, *rules.plot_study.output] if config["study"] else []
)
