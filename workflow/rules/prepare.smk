"""Events: read, checked, and split into the folds of cross-validation."""


rule ingest:
    """Read a raw file, check every value, and keep its events in a typed table."""
    input:
        raw=raw_files,
    output:
        events="results/events/{dataset}.h5",
    log:
        "results/logs/ingest/{dataset}.log",
    conda:
        "../../envs/cpu.yaml"
    threads: 2
    resources:
        mem_mb=2000,
        runtime=60,
        gpu=0,
    params:
        settings=settings("ingest.py", dataset="datasets/{dataset}"),
        simulated=rules.simulate.output.raw,
        downloaded=rules.download.output.folder,
    script:
        "../../scripts/ingest.py"


rule split_folds:
    """Put train events into folds, and test events into a file of their own."""
    input:
        events=rules.ingest.output.events,
    output:
        train="results/folds/{dataset}/train.h5",
        test="results/folds/{dataset}/test.h5",
    log:
        "results/logs/split_folds/{dataset}.log",
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
        gpu=0,
    params:
        settings=settings("split_folds.py", n_folds="folds/n_folds", seed="seed"),
    script:
        "../../scripts/split_folds.py"
