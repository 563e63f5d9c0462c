"""Application: trained models score further events, without labels."""


rule apply_model:
    """Score unlabeled events of a file with the models of all folds."""
    input:
        models=expand(rules.train_fold.output.model, fold=FOLDS, allow_missing=True),
        raw=lambda wildcards: applied_file(
            wildcards.dataset, wildcards.name
        ).partition("!")[0],
    output:
        scores="results/scores/{dataset}/{model}/apply_{name}.parquet",
    log:
        "results/logs/apply_model/{dataset}/{model}/{name}.log",
    wildcard_constraints:
        name="[a-z0-9_]+",
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
            "apply_model.py",
            model_module,
            columns="datasets/{dataset}/columns",
            trees="datasets/{dataset}/trees",
            device="training/device",
        ),
        path=lambda wildcards: applied_file(wildcards.dataset, wildcards.name),
    script:
        "../../scripts/apply_model.py"


APPLIED = [
    path
    for dataset in DATASETS
    for path in expand(
        rules.apply_model.output.scores,
        dataset=dataset,
        model=MODELS,
        name=config["datasets"][dataset]["apply"],
    )
]
