"""Blends and the models that are trained for them. No rules here."""

from hepfold.core import blend_parts

# Models that are trained: those of the run, and parts of its blends.
TRAINED = blend_parts.trained(SETTINGS)
BLENDS = [name for name in config["models"] if blend_parts.is_blend(name, SETTINGS)]
# Pattern of all models but blends, which have neither epochs nor learning rates.
TRAINABLE = "|".join(name for name in config["models"] if name not in BLENDS)


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
