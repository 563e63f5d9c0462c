"""The model card of the published folder: how to use the models elsewhere.

It covers what Araz et al. 2023, arXiv:2312.14575 (Les Houches guide to reusable ML
models in LHC analyses) is about: accurate reporting of models, and behavior that is
stable in other environments and over time.
"""

import polars as pl

from hepfold.core import parsing, settings, settings_models
from hepfold.publish import model_card_tables, phrases, table_formats

# Names in the ONNX files, and the largest difference of their scores that the export
# accepts at ordinary scores; this module must not import the packages of the export.
INPUT, OUTPUT, TOLERANCE = "features", "score", 1e-6
# Version of the operators in the ONNX files.
OPSET = 18
TEXT = """# Model card

For reuse of the trained models by others, with the subjects of the Les Houches guide to
reusable ML models in LHC analyses [@araz2023].

## Models

{models}

## Intended use

{use}

## How to run a model
{running}

## Inputs

Features are given in this order, as in the files of the data set: with the same units
and definitions, and before any scaling, which is part of the model. The ranges are
those of the training events of signal and background. A model has seen no events
outside of them.

{inputs}

## Output and cut

The output is one number per event from 0 to 1, larger for events that are more
signal-like. It is not a probability of signal in data: training gave equal weight to
both classes. Cuts were chosen on out-of-fold scores, as described in `methods.md`:

{cuts}

{folds}

## Validation

{export}- Distributions of the score, ROC curves and AMS curves to compare with are in
  `hepdata/` and in the CSV files next to the figures.
- Numbers of events after each step of the selection are in `datacards/`, as well as
  percentiles of every feature in signal and background.
- Figures of merit with their uncertainties are in `metrics/` and in `README.md`.

## Training

Data, preparation, architecture and training are described in `methods.md`; all
settings are in `config.yaml`. `provenance.json` has the checksums of the data, the
commit and the versions of all packages.

## Limits

{limits}

## Subjects of the guide

{subjects}
"""
RUNNING = """
The ONNX files only need an ONNX runtime, in Python, C++ or another language. Their
metadata name the features, the values of categories and the numbers that stand for
missing values. Operators have version {opset} of ONNX, which later runtimes read too.

```python
import numpy
import onnxruntime

session = onnxruntime.InferenceSession("{path}")
events = numpy.zeros((1, {n_features}), "float32")  # one row per event; NaN is missing
(score,) = session.run(["{output}"], {{"{input}": events}})
```"""
NO_FILES = """
This folder has no ONNX file: those of models that see events as images are made on
request, as `results/models/<data set>/<model>/ensemble.onnx`. The workflow also scores
other events with such models, from the key `apply` of a data set."""
FOLDS = """\
An ONNX file gives the mean score over the models of {n} folds. For events that the
models were trained on, use the score of the model of the fold that held them out: the
workflow does so by the id of the event, also for varied events."""
RANKED = """ Cuts refer to scores
that were made comparable between folds, and the files give scores as they are: choose
a new cut."""
EXPORT = """\
- The scores of each ONNX file were compared with those of the trained models; the
  export fails if they differ by more than {tolerance:g}, or by more than single
  precision explains for scores next to 0 or 1.
"""
SUBJECTS = {
    "Open, stable format of the trained model": "How to run a model",
    "Definition, order and range of the inputs": "Inputs",
    "Preparation of inputs, inside the model": "Inputs, `methods.md`",
    "Meaning of the output and working points": "Output and cut",
    "Material to validate an implementation": "Validation",
    "Architecture, training, software versions": "Training, `methods.md`",
    "Same behavior in other environments": "How to run a model, Validation",
    "Same behavior over time": "How to run a model, `provenance.json`",
    "Range of validity": "Limits",
    "Preserved workflow and data": "`README.md` (How to reproduce), `provenance.json`",
}


def text(
    records: list[dict],
    cards: list[dict],
    origin: dict,
    statement: str,
    paths: set[str],
) -> str:
    """The model card for the records of all models, and the data cards of the run.

    `origin` is the content of provenance.json, `statement` says what the events are,
    and `paths` are the files of the folder.
    """
    with_file = [
        record for record in records if model_card_tables.path(record) in paths
    ]
    config = parsing.parse(origin["config"], settings.Configuration)
    return TEXT.format(
        models=table_formats.markdown(model_card_tables.models(records, paths)),
        use=use(records, config, statement),
        running=running(with_file, config),
        inputs="\n\n".join(model_card_tables.inputs(records, cards, config)),
        cuts=table_formats.markdown(model_card_tables.cuts(records)),
        folds=folds(config),
        export=EXPORT.format(tolerance=TOLERANCE) if with_file else "",
        limits=table_formats.listed(limits(records, config)),
        subjects=table_formats.markdown(
            pl.DataFrame({"subject": list(SUBJECTS), "where": list(SUBJECTS.values())})
        ),
    )


def use(records: list[dict], config: settings.Configuration, statement: str) -> str:
    """What the models are for, and what they are not for."""
    tasks = [
        f"separate {config.datasets[name].task or 'signal from background'} "
        f"({config.datasets[name].title})"
        for name in dict.fromkeys(record["dataset"] for record in records)
    ]
    return phrases.paragraph(
        [
            f"The models {phrases.listing(tasks)}.",
            statement,
            "They are meant for events with the selection, the reconstruction and the "
            "composition of signal and background of the training events.",
        ]
    )


def running(with_file: list[dict], config: settings.Configuration) -> str:
    """How to run the first of the models that have a file."""
    if not with_file:
        return NO_FILES
    record = with_file[0]
    n_features = len(
        model_card_tables.features(record, config.datasets[record["dataset"]])
    )
    return RUNNING.format(
        path=model_card_tables.path(record),
        n_features=n_features,
        input=INPUT,
        output=OUTPUT,
        opset=OPSET,
    )


def folds(config: settings.Configuration) -> str:
    """What the score of an ONNX file is, and for which events it is not meant."""
    n = config.folds.n_trained or config.folds.n_folds
    text = FOLDS.format(n=n)
    return text if config.evaluation.fold_scores == "raw" else text + RANKED


def limits(records: list[dict], config: settings.Configuration) -> list[str]:
    """Where the models must not be trusted."""
    toys = [r["dataset"] for r in records if r["toy"]]
    images = [r["model"] for r in records if sees_images(r)]
    masses = {
        name: config.datasets[name].spectrum.title
        for name in dict.fromkeys(record["dataset"] for record in records)
        if config.datasets[name].spectrum
    }
    lines = []
    if toys:
        lines.append(
            "Models trained on toy events have no physical meaning: "
            f"{phrases.listing(dict.fromkeys(toys))}."
        )
    lines.append(
        "Figures of merit hold for events of the same generators and selection; their "
        "uncertainties include no systematic ones."
    )
    lines.append(
        "Scores of events outside the ranges above, or with categories that no "
        "training event had, are extrapolations or undefined."
    )
    lines += [
        f"A cut on the score may change the distribution of {title} in the background "
        f"({name}); see `figures/{name}/*/sculpting.*`."
        for name, title in masses.items()
    ]
    if images:
        lines.append(
            f"{phrases.listing(dict.fromkeys(images))} cannot be run from this folder: "
            "the workflow makes ONNX files of models of images on request."
        )
    return lines


def sees_images(record: dict) -> bool:
    """Whether the model of a record sees events as images."""
    model = record["trained_with"]["model"]
    return parsing.parse(model, settings_models.Model).sees_images
