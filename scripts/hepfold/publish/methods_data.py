"""Methods text: events, weights, features and folds of a run."""

from collections.abc import Sequence

from hepfold.core import settings, settings_datasets
from hepfold.data import datasets
from hepfold.publish import bibliography, citations, phrases

SUBSETS = {"public": "public test", "private": "private test", "test": "test"}
RULES = {
    "absolute": "entered the training with their absolute values",
    "zero": "were left out of the training",
    "keep": "kept their sign in the training as well",
}


def of_events(record: dict, declared: settings_datasets.Dataset, citation: dict) -> str:
    """The paragraph on the events and weights of the data set of a record."""
    return phrases.paragraph(
        [
            origin(record, declared, citation),
            classes(declared),
            selection(declared),
            numbers(record),
            event_weights(declared),
            scaled(declared),
            negative(declared),
        ]
    )


def origin(record: dict, declared: settings_datasets.Dataset, citation: dict) -> str:
    """Where the events are from."""
    name = record["dataset"]
    if record["toy"]:
        return (
            f"Toy events in the format of {declared.title} were generated, which have "
            "no physical meaning."
        )
    if citations.reference(citation, name):
        cited = phrases.cite(bibliography.key_of_data(name))
        return f"The official simulated events of {declared.title} were used {cited}."
    source = f" ({declared.citation})" if declared.citation else ""
    files = phrases.count(len(record["source"]), "file")
    return f"Events of {declared.title} were read from {files}{source}."


def classes(declared: settings_datasets.Dataset) -> str:
    """The processes of signal and background, if processes are declared."""
    if not declared.processes:
        task = declared.task or "signal from background"
        return f"The task was to separate {task}."
    parts = []
    for label in ("signal", "background"):
        titles = [
            process.title or name
            for name, process in declared.processes.items()
            if process.label == label
        ]
        parts.append(f"{label} was {phrases.listing(titles)}")
    text = phrases.listing(parts)
    return f"{text[0].upper()}{text[1:]}."


def selection(declared: settings_datasets.Dataset) -> str:
    """The selection of events, if there is one."""
    if not declared.select:
        return ""
    return f"Events were selected by `{declared.select}`."


def numbers(record: dict) -> str:
    """Numbers of evaluated events of each subset."""
    tests = [
        f"{record[subset]['n_events']:,} {title}"
        for subset, title in SUBSETS.items()
        if subset in record
    ]
    n_oof = phrases.count(record["oof"]["n_events"], "training event")
    if not tests:
        return f"There were {n_oof} with an out-of-fold score, and no test events."
    return (
        f"There were {n_oof} with an out-of-fold score and {phrases.listing(tests)} "
        "events, which were used neither for training nor for any choice."
    )


def event_weights(declared: settings_datasets.Dataset) -> str:
    """The weight of an event, before any scaling."""
    of_processes = any(process.weight for process in declared.processes.values())
    if of_processes:
        text = "Events had the weights that are declared for their processes"
    elif declared.weight:
        text = f"Each event had the weight `{declared.weight}`"
    else:
        text = "All events had the weight one"
    if any(p.xsec_pb is not None for p in declared.processes.values()):
        text += (
            "; processes with a cross-section were normalized to an integrated "
            f"luminosity of {declared.luminosity_ipb:g}/pb"
        )
    return f"{text}."


def scaled(declared: settings_datasets.Dataset) -> str:
    """The expected events that weights are scaled to for figures of merit."""
    start = (
        "For figures of merit, weights were scaled in each subset of events and class"
    )
    expected = declared.normalization
    if expected == "weights":
        return f"{start} to the sum of the weights of training and test events."
    return (
        f"{start} to {expected.signal:,.6g} expected signal events and "
        f"{expected.background:,.6g} expected background events."
    )


def negative(declared: settings_datasets.Dataset) -> str:
    """How negative weights entered; the text holds if there are none."""
    return (
        "Negative weights, where there were any, counted with their sign in every sum, "
        f"and {RULES[declared.negative_weights]}."
    )


def of_features(
    feature_set: str, declared: settings_datasets.Dataset, models: Sequence[str]
) -> str:
    """The paragraph on the features that models of one data set used."""
    roles = datasets.Dataset.of(declared)
    chosen = roles.feature_sets[feature_set]
    categorical = [name for name in chosen if name in roles.categorical]
    return phrases.paragraph(
        [
            f"The models {phrases.names(models)}"
            if len(models) > 1
            else f"The model {phrases.names(models)}",
            f"used {phrases.count(len(chosen), 'feature')}: {phrases.names(chosen)}.",
            of_categories(categorical),
            missing_values(declared),
        ]
    )


def of_categories(names: Sequence[str]) -> str:
    """Which features are categorical, if any."""
    if not names:
        return ""
    verb = "was a categorical feature" if len(names) == 1 else "were categorical"
    return f"Of these, {phrases.names(names)} {verb}."


def missing_values(declared: settings_datasets.Dataset) -> str:
    """Which numbers stand for missing values, if any."""
    if not declared.missing:
        return ""
    numbers = phrases.listing([f"{number:g}" for number in declared.missing])
    verb = (
        "stood for a missing value"
        if len(declared.missing) == 1
        else ("stood for missing values")
    )
    return f"In the files, {numbers} {verb}."


def of_folds(folds: settings.Folds, evaluation: settings.Evaluation) -> str:
    """The paragraph on cross-validation."""
    return phrases.paragraph(
        [
            f"Training events were divided into {folds.n_folds} folds of equal size on "
            "average, by a hash of the event number and a fixed seed.",
            "For each fold, every model was trained on the events of all other folds "
            "and scored the events of this fold, so that no event was scored by a "
            "model that had been trained on it (out-of-fold scores).",
            only_some(folds),
            "The score of a test event was the mean over the models of all"
            f"{'' if n_trained(folds) == folds.n_folds else ' trained'} folds.",
            comparable(evaluation),
        ]
    )


def n_trained(folds: settings.Folds) -> int:
    """Number of folds that models were trained for."""
    return folds.n_trained or folds.n_folds


def only_some(folds: settings.Folds) -> str:
    """Which folds models were trained for, if not all."""
    if n_trained(folds) == folds.n_folds:
        return ""
    return (
        f"Models were trained for {n_trained(folds)} of the {folds.n_folds} folds; the "
        "events of the other folds were used for training only."
    )


def comparable(evaluation: settings.Evaluation) -> str:
    """How the scores of folds were made comparable, if they were."""
    if evaluation.fold_scores == "raw":
        return ""
    return (
        "To make the scores of folds comparable, each score was replaced by the score "
        "below which the same fraction of the out-of-fold background of all folds lay."
    )
