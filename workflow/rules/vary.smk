"""Systematic variations: newly scored events, or weights of scored events."""


rule score_variation:
    """Score the events of a systematic variation with the models of all folds."""
    input:
        models=expand(rules.train_fold.output.model, fold=FOLDS, allow_missing=True),
        scores=COMPARED_SCORES,
        train=rules.ingest.output.train,
        raw=raw_files,
        varied=varied_files,
    output:
        scores="results/scores/{dataset}/{model}/varied/{systematic}_{direction}.parquet",
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
        runtime=scoring_minutes(),
        gpu=GPU,
    params:
        settings=settings(
            "score_variation.py",
            model_modules,
            dataset=varied_part,
            device="training/device",
            fold_scores="evaluation/fold_scores",
            n_folds="folds/n_folds",
            seed="seed",
        ),
        toys=rules.make_toys.output.raw,
        downloaded=rules.download.output.folder,
        varied=rules.download_variation.output.folder,
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
