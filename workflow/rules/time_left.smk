"""Time left of a run, which the terminal shows after finished jobs. No rules here."""

import shutil
from functools import partial

from snakemake.logging import logger
from snakemake.settings.types import Quietness

from hepfold.core import time_left

# Seconds of jobs without a cost model: mostly figures and tables.
SHORT_JOB_SECONDS = 4
IS_QUIET = {Quietness.ALL, Quietness.PROGRESS} & set(
    workflow.output_settings.quiet or ()
)


class Names(dict):
    """Wildcards by name, as Snakemake passes them to functions."""

    __getattr__ = dict.__getitem__


# Whether trainings have a GPU: jobs of this machine, only if it has one.
HAS_GPU = bool(GPU and (workflow.non_local_exec or shutil.which("nvidia-smi")))


def training_seconds(wildcards):
    """Seconds of the training of a fold, by the cost model."""
    paths = {
        name: path.format(dataset=wildcards.dataset)
        for name, path in rules.ingest.output.items()
    }
    job = training_job(wildcards, paths)._replace(has_gpu=HAS_GPU)
    return cost_model.seconds(trained_model(wildcards), job)


def trainings_of_run():
    """Data set and model of each training of a fold, and of those they start from."""
    pairs = [(dataset, model) for dataset in DATASETS for model in TRAINED]
    of_folds = [pair for pair in pairs if pair[1] not in BLENDS for _ in FOLDS]
    shared = {(dataset, model) for dataset, model, _ in SHARED_STARTS}
    started = starting_models.trainings(SETTINGS)
    return of_folds + [
        pair for pair in started for _ in ([0] if pair in shared else FOLDS)
    ]


def explanations_of_run():
    """Data set and model of each model that has figures of its own."""
    return [(dataset, model) for dataset in DATASETS for model in MODELS]


# Estimate of a job of a long rule, and all of its jobs.
LONG_RULES = {
    "train_fold": (training_seconds, trainings_of_run()),
    "explain_model": (
        partial(explanation_seconds, has_gpu=HAS_GPU),
        explanations_of_run(),
    ),
}


def job_seconds(rule, wildcards):
    """Expected seconds of a job of a rule; without wildcards, the mean of all jobs."""
    # Rules that are imported as a module may have a prefix.
    name = next((name for name in LONG_RULES if rule.endswith(name)), None)
    if name is None:
        return SHORT_JOB_SECONDS
    seconds_of, jobs = LONG_RULES[name]
    if wildcards is not None:
        return seconds_of(Names(wildcards))
    names = [Names(dataset=dataset, model=model) for dataset, model in jobs]
    return sum(map(seconds_of, names)) / len(names)


if workflow.is_main_process and not workflow.dryrun and not IS_QUIET:
    logger.addHandler(time_left.TimeLeft(job_seconds, logger.info))
