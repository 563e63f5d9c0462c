"""Which models are trained, and what a training or a blend needs. No rules here."""

from hepfold.core import blend_parts

# Models that are trained: those of the run, and parts of its blends.
TRAINED = blend_parts.trained(SETTINGS)
BLENDS = [name for name in config["models"] if blend_parts.is_blend(name, SETTINGS)]
# Pattern of all models but blends, which have neither epochs nor learning rates.
TRAINABLE = "|".join(name for name in config["models"] if name not in BLENDS)
# Data set, model and fold of trainings that all folds of other models start from.
STARTS = [*map(starting_models.start_of, SETTINGS.models.values())]
SHARED_STARTS = {
    (start.dataset, start.model, str(start.fold))
    for start in STARTS
    if start is not None and start.fold is not None
}


def training_threads(wildcards):
    """Threads of a training: parallel jobs of one thread are the fastest.

    While all folds wait for a training, it runs alone.
    """
    names = wildcards.dataset, wildcards.model, wildcards.fold
    return max(N_DEVICES, 2 if names in SHARED_STARTS else 1)


def parts_of(model):
    """Names of the parts of a blend; none for other models."""
    return blend_parts.parts_of(SETTINGS.models[model])


def of_parts(pattern, folds=None):
    """Function that lists a file of each part of a blend, in one fold or in all `folds`."""

    def paths(wildcards):
        return [
            pattern.format(dataset=wildcards.dataset, model=part, fold=fold)
            for fold in (folds or [wildcards.fold])
            for part in config["models"][wildcards.model]["of"]
        ]

    return paths


def part_settings(wildcards):
    """Settings of the parts of a blend, by name."""
    return {part: config["models"][part] for part in parts_of(wildcards.model)}


def best_settings(wildcards):
    """File with the best settings of the search of a tuned model; none if not tuned."""
    searched = config["models"][wildcards.model]["tuned"]
    if searched is None:
        return []
    names = {**wildcards, "model": searched}
    return rules.pick_best.output.best.format(**names)


def starting_files(wildcards):
    """Model file of the training that a training starts from.

    It is that of the same fold: of one data set, it was trained without the same events.
    Of another data set, `start_from.fold` can name one for all, and there is also the fold
    file, with the values of its categories.
    """
    start = starting_models.start_of(SETTINGS.models[wildcards.model])
    if start is None:
        return []
    dataset = start.dataset or wildcards.dataset
    # The range test has no fold; it uses the events of the first one.
    names = {"fold": 0, **wildcards, "dataset": dataset, "model": start.model}
    if start.fold is not None:
        names["fold"] = start.fold
    paths = [rules.train_fold.output.model]
    if dataset != wildcards.dataset:
        paths.append(rules.ingest.output.train)
    return [path.format(**names) for path in paths]


def histories_of_model(wildcards):
    """Training histories of all folds of a model; none for a blend."""
    if wildcards.model in BLENDS:
        return []
    return expand(rules.train_fold.output.history, fold=FOLDS, **wildcards)
