"""Preparation: raw events are read, checked and split into folds."""


rule ingest:
    """Read raw files, check every value, and split the events into folds."""
    input:
        raw=raw_files,
    output:
        train="results/folds/{dataset}/train.h5",
        test="results/folds/{dataset}/test.h5",
    log:
        "results/logs/ingest/{dataset}.log",
    cache: CACHE
    conda:
        "../../envs/cpu.yaml"
    threads: 2
    resources:
        mem_mb=memory(1500),
        runtime=minutes(10, 0.02),
        gpu=0,
    params:
        settings=settings(
            "ingest.py",
            dataset=reading_part,
            n_folds="folds/n_folds",
            seed="seed",
        ),
        toys=rules.make_toys.output.raw,
        downloaded=rules.download.output.folder,
    script:
        "../../scripts/ingest.py"
