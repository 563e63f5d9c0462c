"""Application: trained models score other events, without labels."""


rule apply_model:
    """Score unlabeled events of a file with the models of all folds."""
    input:
        models=expand(rules.train_fold.output.model, fold=FOLDS, allow_missing=True),
        scores=COMPARED_SCORES,
        train=rules.ingest.output.train,
        raw=further_files,
    output:
        scores="results/scores/{dataset}/{model}/apply_{name}.parquet",
    log:
        "results/logs/apply_model/{dataset}/{model}/{name}.log",
    wildcard_constraints:
        name="[A-Za-z0-9_]+",
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
            "apply_model.py",
            model_modules,
            dataset=reading_part,
            sample=further_part,
            device="training/device",
            fold_scores="evaluation/fold_scores",
            n_folds="folds/n_folds",
            seed="seed",
        ),
        downloaded=rules.download_further.output.folder,
    script:
        "../../scripts/apply_model.py"


rule export_scores:
    """Write scores of other events as a ROOT tree, which can be a friend tree."""
    input:
        scores=rules.apply_model.output.scores,
        raw=further_files,
    output:
        tree="results/scores/{dataset}/{model}/apply_{name}.root",
    log:
        "results/logs/export_scores/{dataset}/{model}/{name}.log",
    wildcard_constraints:
        name="[A-Za-z0-9_]+",
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
        runtime=minutes(30, 0.05),
        gpu=0,
    params:
        settings=settings("export_scores.py", dataset=reading_part, sample=further_part),
        downloaded=rules.download_further.output.folder,
    script:
        "../../scripts/export_scores.py"


APPLIED = [
    path
    for dataset in DATASETS
    for path in expand(
        rules.apply_model.output.scores,
        dataset=dataset,
        model=MODELS,
        name=further_samples(dataset),
    )
]
