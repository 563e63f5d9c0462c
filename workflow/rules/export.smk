"""Export: models that run without the workflow, and a challenge submission."""


rule export_model:
    """Export the models of all folds as one ONNX model, and validate its scores."""
    input:
        models=expand(rules.train_fold.output.model, fold=FOLDS, allow_missing=True),
        train=rules.ingest.output.train,
    output:
        onnx="results/models/{dataset}/{model}/ensemble.onnx",
    log:
        "results/logs/export_model/{dataset}/{model}.log",
    conda:
        "../../envs/gpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(3000, 5),
        runtime=minutes(60, 0.05),
        gpu=0,
    params:
        settings=settings(
            "export_model.py", model_modules, title="datasets/{dataset}/title"
        ),
    script:
        "../../scripts/export_model.py"


rule write_submission:
    """Rank public and private events for a submission to the Higgs ML challenge."""
    input:
        scores=rules.evaluate.output.scores,
        metrics=rules.evaluate.output.metrics,
    output:
        csv="results/submissions/{dataset}/{model}.csv",
    log:
        "results/logs/write_submission/{dataset}/{model}.log",
    wildcard_constraints:
        dataset="higgsml",
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(500, 4),
        runtime=minutes(10, 0.05),
        gpu=0,
    params:
        settings=settings("write_submission.py"),
    script:
        "../../scripts/write_submission.py"


use rule write_submission as write_submission_of_file with:
    input:
        scores=rules.apply_model.output.scores,
        metrics=rules.evaluate.output.metrics,
    output:
        csv="results/submissions/{dataset}/{model}/{name}.csv",
    log:
        "results/logs/write_submission_of_file/{dataset}/{model}/{name}.log",
