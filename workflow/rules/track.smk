"""Tracking: training curves and figures of merit, as other programs read them."""

from hepfold.publish import event_files

TRACKED_FORMATS = SETTINGS.tracking.formats
if "tensorboard" in TRACKED_FORMATS and workflow.is_main_process:
    try:
        event_files.check()
    except logs.InputError as error:
        raise WorkflowError(str(error))


rule export_event_files:
    """Write training curves and figures of merit as TensorBoard event files."""
    input:
        histories=histories_of_model,
        metrics=rules.evaluate.output.metrics,
    output:
        folder=directory("results/tracking/tensorboard/{dataset}/{model}"),
    log:
        "results/logs/export_event_files/{dataset}/{model}.log",
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(500, 4),
        runtime=minutes(10, 0.05),
        gpu=0,
    params:
        settings=settings("export_event_files.py"),
    script:
        "../../scripts/export_event_files.py"


rule export_json_lines:
    """Write training curves and figures of merit as JSON lines."""
    input:
        histories=histories_of_model,
        metrics=rules.evaluate.output.metrics,
    output:
        lines="results/tracking/json_lines/{dataset}/{model}.jsonl",
    log:
        "results/logs/export_json_lines/{dataset}/{model}.log",
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(500, 4),
        runtime=minutes(10, 0.05),
        gpu=0,
    params:
        settings=settings("export_json_lines.py"),
    script:
        "../../scripts/export_json_lines.py"


TRACKED_OUTPUTS = {
    "tensorboard": rules.export_event_files.output.folder,
    "json_lines": rules.export_json_lines.output.lines,
}
TRACKED = expand(
    [TRACKED_OUTPUTS[name] for name in TRACKED_FORMATS],
    dataset=DATASETS,
    model=ALL_MODELS,
)
