"""Preparation: raw events are read, checked and split into folds.

One job reads a data set of a few small files; larger ones are read in parts side by side.
"""

# Groups of files of each data set that are read side by side; none if one job reads all.
PARTS = {
    name: reading_parts.of(name, declared) if name in DATASETS else []
    for name, declared in SETTINGS.datasets.items()
}


def part_of(wildcards):
    """The part of a data set of that name."""
    return next(p for p in PARTS[wildcards.dataset] if p.name == wildcards.part)


def part_files(wildcards):
    """Raw files of a part; for members of an archive, the archive."""
    return [sources.archive_of(path) for path in part_of(wildcards).files]


def part_declaration(wildcards):
    """What the declaration of a data set says about reading a part."""
    return reading_parts.declared_part(reading_part(wildcards), part_of(wildcards))


def part_samples(wildcards):
    """Position of the sample of each part of a data set."""
    return [part.i_sample for part in PARTS[wildcards.dataset]]


def all_parts(path):
    """A function that gives the files of all parts of a data set, in order."""

    def of(wildcards):
        names = [part.name for part in PARTS[wildcards.dataset]]
        return expand(path, dataset=wildcards.dataset, part=names)

    return of


def one_of(names):
    """Pattern of the values of a wildcard; without names, it matches nothing."""
    return "|".join(names) or "(?!)"


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


# Its results refer to files beside them, so that a cache cannot hold them.
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
