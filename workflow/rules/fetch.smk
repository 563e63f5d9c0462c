"""Raw data: downloads, and toy events in the official format."""


rule download:
    """Download the raw files of a data set and verify their checksums."""
    output:
        folder=directory("results/raw/{dataset}/downloaded"),
    log:
        "results/logs/download/{dataset}.log",
    cache: CACHE
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(500),
        runtime=minutes(240),
        gpu=0,
    params:
        settings=settings(
            "download.py",
            files=lambda wildcards: raw_entries(wildcards.dataset),
            mirrors="datasets/{dataset}/mirrors",
            data_folder="data_folder",
        ),
    script:
        "../../scripts/download.py"


use rule download as download_further with:
    output:
        folder=directory("results/raw/{dataset}/further/{name}/downloaded"),
    log:
        "results/logs/download_further/{dataset}/{name}.log",
    wildcard_constraints:
        name="[A-Za-z0-9_]+",
    params:
        settings=settings(
            "download.py",
            files=further_entries,
            mirrors="datasets/{dataset}/mirrors",
            data_folder="data_folder",
        ),


use rule download as download_variation with:
    output:
        folder=directory(
            "results/raw/{dataset}/varied/{systematic}_{direction}/downloaded"
        ),
    log:
        "results/logs/download_variation/{dataset}/{systematic}_{direction}.log",
    wildcard_constraints:
        systematic="[A-Za-z0-9_]+",
        direction="up|down",
    params:
        settings=settings(
            "download.py",
            files=varied_entries,
            mirrors="datasets/{dataset}/mirrors",
            data_folder="data_folder",
        ),


rule make_toys:
    """Generate toy events in the official raw format of a data set."""
    output:
        raw="results/raw/{dataset}/toys.csv.gz",
    log:
        "results/logs/make_toys/{dataset}.log",
    cache: CACHE
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
        runtime=minutes(10, 0.05),
        gpu=0,
    params:
        settings=settings(
            "make_toys.py",
            toy="datasets/{dataset}/toy",
            n_toy="datasets/{dataset}/n_toy",
            toy_seed="datasets/{dataset}/toy_seed",
            header="datasets/{dataset}/header",
            seed="seed",
        ),
    script:
        "../../scripts/make_toys.py"


rule make_ntuples:
    """Generate toy ntuples: a ROOT file per process, and recorded toy events."""
    output:
        multiext(
            "results/raw/{dataset}/",
            "signal.root",
            "ttbar_a.root",
            "ttbar_b1.root",
            "ttW.root",
            "ttZ.root",
            "other.root",
            "ttbar_herwig.root",
            "data.root",
        ),
    log:
        "results/logs/make_ntuples/{dataset}.log",
    cache: CACHE
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
        runtime=minutes(10, 0.05),
        gpu=0,
    params:
        settings=settings(
            "make_ntuples.py",
            n_toy="datasets/{dataset}/n_toy",
            toy_seed="datasets/{dataset}/toy_seed",
            seed="seed",
        ),
    script:
        "../../scripts/make_ntuples.py"
