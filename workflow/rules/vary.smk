"""Systematic variations: events scored anew, or weights of events that have a score."""


def varied_part(wildcards):
    """What the declaration says about reading the events of one systematic."""
    systematics = config["datasets"][wildcards.dataset]["systematics"]
    name = wildcards.systematic
    return reading_part(wildcards) | {"systematics": {name: systematics[name]}}


def varied_files(wildcards):
    """Files that only a variation has."""
    systematic = SETTINGS.datasets[wildcards.dataset].systematics[wildcards.systematic]
    by_process = getattr(systematic, wildcards.direction).files
    paths = [p for files in by_process.values() for p in sources.local_files(files)]
    return [sources.archive_of(path) for path in paths]


rule score_variation:
    """Score the events of a systematic variation with the models of all folds."""
    input:
        models=expand(rules.train_fold.output.model, fold=FOLDS, allow_missing=True),
        train=rules.ingest.output.train,
        raw=raw_files,
        varied=varied_files,
    output:
        scores="results/scores/{dataset}/{model}/{systematic}_{direction}.parquet",
    log:
        "results/logs/score_variation/{dataset}/{model}/{systematic}_{direction}.log",
    wildcard_constraints:
        systematic="[A-Za-z0-9_]+",
        direction="up|down",
    cache: CACHE
    conda:
        "../../envs/gpu.yaml"
    threads: 2
    resources:
        mem_mb=memory(3000, 4),
        runtime=minutes(240, 0.05),
        gpu=GPU,
    params:
        settings=settings(
            "score_variation.py",
            model_module,
            dataset=varied_part,
            device="training/device",
            n_folds="folds/n_folds",
            seed="seed",
        ),
        toys=rules.make_toys.output.raw,
        downloaded=rules.download.output.folder,
    script:
        "../../scripts/score_variation.py"


rule read_varied_weights:
    """Read the weights of a systematic variation, for events that have a score."""
    input:
        raw=raw_files,
    output:
        weights="results/weights/{dataset}/{systematic}_{direction}.parquet",
    log:
        "results/logs/read_varied_weights/{dataset}/{systematic}_{direction}.log",
    wildcard_constraints:
        systematic="[A-Za-z0-9_]+",
        direction="up|down",
    cache: CACHE
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(1500),
        runtime=minutes(60, 0.05),
        gpu=0,
    params:
        settings=settings("read_varied_weights.py", dataset=varied_part),
        toys=rules.make_toys.output.raw,
        downloaded=rules.download.output.folder,
    script:
        "../../scripts/read_varied_weights.py"


def variation_paths(wildcards):
    """Tables of all variations of a data set, in the order of `variations_of`."""
    scored = rules.score_variation.output.scores
    weighted = rules.read_varied_weights.output.weights
    return [
        (scored if about["has_scores"] else weighted).format(**wildcards, **about)
        for about in variations_of(wildcards)
    ]


def variations_of(wildcards):
    """Systematic, direction and processes of each variation of a data set."""
    return variations.records(SETTINGS.datasets[wildcards.dataset])


def mirrored_in(wildcards):
    """Systematics of a data set that are declared up alone."""
    return variations.mirrored(SETTINGS.datasets[wildcards.dataset])


def recorded_scores(wildcards):
    """Scores of recorded collisions, if a data set has any."""
    if SETTINGS.datasets[wildcards.dataset].data is None:
        return []
    names = {**wildcards, "name": "data"}
    return [rules.apply_model.output.scores.format(**names)]
