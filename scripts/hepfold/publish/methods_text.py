"""The methods text of the published folder, generated from the settings of the run.

It is written so that it can go into a paper: in the past tense, with citations of works
in references.bib as Pandoc reads them.
"""

from collections.abc import Iterable

from hepfold.core import parsing, settings, settings_models
from hepfold.data import datasets
from hepfold.publish import (
    methods_data,
    methods_evaluation,
    methods_models,
    methods_training,
    phrases,
)

TEXT = """# Methods

<!-- Generated from the settings of the run; citations are keys of references.bib.
`pandoc methods.md --citeproc --bibliography references.bib -o methods.pdf` makes a
document of it, and `pandoc methods.md --natbib -o methods.tex` LaTeX. -->

## Data

{data}

## Features

{features}

## Folds

{folds}

## Models and training

{models}

## Figures of merit and cut

{cut}

## Uncertainties

{uncertainties}
{calibration}
## Software

{software}
"""
CALIBRATION = """
## Calibration

{text}
"""
# Parts of a blend whose settings a search chose, and which are no results themselves.
SEARCHED = (
    "The settings of `{name}`, a part of a blend, were chosen by a Hyperband search "
    "[@li2018]; they are in the folder `search/`."
)


def text(records: list[dict], origin: dict, citation: dict) -> str:
    """The methods text for the records of all models of a run.

    `origin` is the content of provenance.json, `citation` that of CITATION.cff.
    """
    config = parsing.parse(origin["config"], settings.Configuration)
    names = dict.fromkeys(record["dataset"] for record in records)
    calibration = methods_evaluation.of_calibration(records)
    b_reg = [config.datasets[name].b_reg for name in names]
    return TEXT.format(
        data=paragraphs(of_events(records, config, citation)),
        features=paragraphs(of_features(records, config)),
        folds=methods_data.of_folds(config.folds, config.evaluation),
        models=paragraphs(of_models(records, config)),
        cut=methods_evaluation.of_cut(config.evaluation, b_reg),
        uncertainties=methods_evaluation.of_uncertainties(records, config.evaluation),
        calibration=CALIBRATION.format(text=calibration) if calibration else "",
        software=methods_evaluation.of_software(origin["packages"], citation),
    )


def paragraphs(texts: Iterable[str]) -> str:
    """Paragraphs of Markdown."""
    return "\n\n".join(texts)


def of_events(
    records: list[dict], config: settings.Configuration, citation: dict
) -> list[str]:
    """A paragraph on the events of each data set."""
    by_dataset = {record["dataset"]: record for record in reversed(records)}
    return [
        methods_data.of_events(record, config.datasets[name], citation)
        for name, record in reversed(by_dataset.items())
    ]


def of_features(records: list[dict], config: settings.Configuration) -> list[str]:
    """A paragraph on each set of features of each data set."""
    models: dict[tuple[str, str], list[str]] = {}
    for name, dataset, model in trained(records):
        models.setdefault((dataset, model.features), []).append(name)
    return [
        methods_data.of_features(
            feature_set, config.datasets[dataset], list(dict.fromkeys(names))
        )
        for (dataset, feature_set), names in models.items()
    ]


def of_models(records: list[dict], config: settings.Configuration) -> list[str]:
    """Paragraphs on models; those that differ in nothing but names have one text."""
    names: dict[str, dict[str, None]] = {}
    results = {(record["model"], record["dataset"]) for record in records}
    for name, dataset, model in trained(records):
        roles = datasets.Dataset.of(config.datasets[dataset])
        if model.tuned and (name, dataset) not in results:
            described = SEARCHED.format(name=name)
        else:
            described = model_text(model, roles, config)
        names.setdefault(described, {})[name] = None
    texts = [f"{heading(of_text)}\n\n{text}" for text, of_text in names.items()]
    return texts + of_blends(records)


def heading(names: Iterable[str]) -> str:
    """The heading of models with one text."""
    return f"### {phrases.names(names)}"


def model_text(
    model: settings_models.BaseModel,
    roles: datasets.Dataset,
    config: settings.Configuration,
) -> str:
    """Architecture and training of a model, in two paragraphs."""
    architecture = methods_models.text(model, roles)
    trained_how = methods_training.text(model, config.training, config.search)
    return f"{architecture}\n\n{trained_how}"


def trained(
    records: list[dict],
) -> list[tuple[str, str, settings_models.BaseModel]]:
    """Name, data set and settings of each trained model, with parts of blends.

    A part that is a result itself is listed once, with the settings of its training.
    """
    models = {}
    for record in records:
        for name, model in parts_of(record).items():
            key = name, record["dataset"]
            if key not in models or name == record["model"]:
                models[key] = model
    return [(*key, model) for key, model in models.items()]


def parts_of(record: dict) -> dict[str, settings_models.BaseModel]:
    """Settings of the models that were trained for a record, by name."""
    made_by = record["trained_with"]
    values = made_by.get("parts") or {record["model"]: made_by["model"]}
    return {
        name: parsing.parse(part, settings_models.Model)
        for name, part in values.items()
    }


def of_blends(records: list[dict]) -> list[str]:
    """A paragraph on each blend."""
    blends = {
        record["model"]: parsing.parse(
            record["trained_with"]["model"], settings_models.Blend
        )
        for record in records
        if record["trained_with"].get("parts")
    }
    return [
        f"{heading([name])}\n\n{methods_training.of_blend(model)}"
        for name, model in blends.items()
    ]
