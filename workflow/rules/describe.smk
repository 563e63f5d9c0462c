"""Description of the data: data card, feature distributions and correlations."""


rule describe_data:
    """Count events and weights, and describe the features of training events."""
    input:
        train=rules.ingest.output.train,
        test=rules.ingest.output.test,
    output:
        card="results/datacards/{dataset}.json",
        text="results/datacards/{dataset}.md",
        events="results/datacards/{dataset}_events.csv",
        features="results/datacards/{dataset}_features.csv",
        page=in_report(
            "results/datacards/{dataset}.html", "Data", "data card", "datacard"
        ),
    log:
        "results/logs/describe_data/{dataset}.log",
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000, 4),
        runtime=minutes(30, 0.05),
        gpu=0,
    params:
        settings=settings(
            "describe_data.py",
            title="datasets/{dataset}/title",
            normalization="datasets/{dataset}/normalization",
            is_public=is_public,
        ),
    script:
        "../../scripts/describe_data.py"


use rule draw as plot_features with:
    """Plot the distribution of every feature in signal and background."""
    input:
        card=rules.describe_data.output.card,
        train=rules.ingest.output.train,
    output:
        figure("results/figures/{dataset}/features", "Data", "features"),
    log:
        "results/logs/plot_features/{dataset}.log",
    resources:
        mem_mb=memory(1000, 4),
        runtime=minutes(30, 0.05),
        gpu=0,
    params:
        settings=figure_settings("plot_features"),


use rule draw as plot_correlations with:
    """Plot linear correlations between features in signal and background."""
    input:
        card=rules.describe_data.output.card,
        train=rules.ingest.output.train,
    output:
        figure("results/figures/{dataset}/correlations", "Data", "correlations"),
    log:
        "results/logs/plot_correlations/{dataset}.log",
    resources:
        mem_mb=memory(1000, 4),
        runtime=minutes(30, 0.05),
        gpu=0,
    params:
        settings=figure_settings("plot_correlations"),
