"""Preparation: raw events are read, checked and split into folds.

One job reads a data set of a few small files; larger ones are read in parts side by side.
"""


rule ingest:
    """Read raw files, check every value, and split the events into folds."""
    input:
        raw=raw_files,
    output:
        train="results/folds/{dataset}/train.h5",
        test="results/folds/{dataset}/test.h5",
    log:
        "results/logs/ingest/{dataset}.log",
    wildcard_constraints:
        dataset=one_of(name for name in config["datasets"] if not PARTS[name]),
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


rule read_part:
    """Read the raw files of one part of a large data set, and split them into folds."""
    input:
        raw=part_files,
    output:
        train="results/folds/{dataset}/parts/{part}_train.h5",
        test="results/folds/{dataset}/parts/{part}_test.h5",
    log:
        "results/logs/read_part/{dataset}/{part}.log",
    wildcard_constraints:
        part=r"\w+",
    cache: CACHE
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(1500),
        runtime=minutes(10, 0.02),
        gpu=0,
    params:
        settings=settings(
            "read_part.py",
            dataset=part_declaration,
            n_folds="folds/n_folds",
            seed="seed",
        ),
    script:
        "../../scripts/read_part.py"


# Its results refer to neighboring files, so a cache cannot hold them.
rule gather_parts:
    """Gather the parts of a large data set, and check their events together."""
    input:
        train=all_parts(rules.read_part.output.train),
        test=all_parts(rules.read_part.output.test),
    output:
        train="results/folds/{dataset}/train.h5",
        test="results/folds/{dataset}/test.h5",
    log:
        "results/logs/gather_parts/{dataset}.log",
    wildcard_constraints:
        dataset=one_of(name for name in config["datasets"] if PARTS[name]),
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000, 1),
        runtime=minutes(10, 0.02),
        gpu=0,
    params:
        settings=settings(
            "gather_parts.py",
            dataset=reading_part,
            samples=part_samples,
            n_folds="folds/n_folds",
            seed="seed",
        ),
    script:
        "../../scripts/gather_parts.py"
