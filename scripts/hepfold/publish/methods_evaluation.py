"""Methods text: figures of merit, the cut, uncertainties and software."""

from collections.abc import Sequence

from hepfold.analysis import seed_spread, training_spread, uncertainties
from hepfold.core import settings
from hepfold.publish import bibliography, phrases

CALIBRATIONS = {
    "platt": "a logistic function of the logit of the score",
    "isotonic": "the best monotonic function",
}
MERITS = {
    "ams": "the AMS",
    "significance": "the significance",
    "significance_syst": "the significance with background uncertainty",
}
SOURCES = {
    training_spread.MEMBERS: (
        "by a jackknife that leaves out one group of members of a fold at a time"
    ),
    training_spread.FOLDS: "from the spread of folds",
    seed_spread.SEEDS: "as the standard deviation over trainings with different seeds",
}
# Packages of the software paragraph, with the works that describe them.
PACKAGES = {
    "torch": ("PyTorch", "paszke2019"),
    "xgboost": ("XGBoost", "chen2016"),
    "snakemake": ("Snakemake", "molder2021"),
}


def of_cut(evaluation: settings.Evaluation, b_reg: Sequence[float]) -> str:
    """The paragraph on figures of merit and the cuts that they are quoted at.

    `b_reg` are the regularizations of the AMS of the data sets.
    """
    return phrases.paragraph(
        [
            "The area under the ROC curve (AUC) was computed with and without event "
            "weights.",
            "The approximate median significance, AMS = sqrt(2 ((s + b + b_reg) "
            "ln(1 + s / (b + b_reg)) - s)) "
            f"{phrases.cite('cowan2011', 'adambourdarios2015')}, used the expected "
            "signal s and background b above a cut on the score, and "
            f"{regularization(b_reg)}.",
            "The significance was the AMS without b_reg; the significance with "
            "background uncertainty held a relative uncertainty of the background of "
            f"{evaluation.background_uncertainty:.4g}.",
            "Each of these figures had a cut of its own, which was chosen on "
            f"out-of-fold events alone: {choice(evaluation)}.",
            f"Figures showed the cut of {MERITS[evaluation.figure_of_merit]}.",
        ]
    )


def regularization(b_reg: Sequence[float]) -> str:
    """The values of the regularization of the AMS."""
    values = [f"{value:g}" for value in dict.fromkeys(b_reg)]
    return f"b_reg = {phrases.listing(values, 'or')} background events"


def choice(evaluation: settings.Evaluation) -> str:
    """How a cut was chosen."""
    if evaluation.cut == "plain":
        return "the one with the largest value"
    return (
        "the one with the largest mean over a window of signal efficiency, whose width "
        "was the number of out-of-fold signal events to the power of -1/7"
    )


def of_uncertainties(records: list[dict], evaluation: settings.Evaluation) -> str:
    """The paragraph on the uncertainties of figures of merit."""
    return phrases.paragraph(
        [
            "Uncertainties were the root of the sum of squares of up to three parts.",
            "The part of the finite number of events was the standard deviation over "
            f"{evaluation.n_replicas:,} bootstrap replicas with Poisson frequencies "
            f"{phrases.cite('hanley2006')}, in which the sums of weights of signal and "
            "of background were kept.",
            *training(records),
            "The part of the choice of the cut was the change if the cut was chosen "
            "again in each replica of the out-of-fold events.",
            "With fewer than "
            f"{uncertainties.FEW_EVENTS} effective background events above the cut, "
            "intervals were percentiles of the replicas.",
            "Replicas were shared by all models, so that differences between models "
            "had a paired uncertainty.",
            "Systematic uncertainties and the finite number of training events were "
            "not included.",
        ]
    )


def training(records: list[dict]) -> list[str]:
    """How the part of the training was estimated, for each set of models."""
    models: dict[tuple, dict] = {}
    for record in records:
        for subset in ("oof", "public", "private", "test"):
            source = record.get(subset, {}).get("training_from")
            if subset in record:
                events = "out-of-fold" if subset == "oof" else "test"
                models.setdefault((events, source), {})[record["model"]] = None
    return [
        f"The part of the training, for {events} events of {phrases.names(names)}, "
        + (
            f"was estimated {SOURCES[source]}."
            if source
            else "was not known, as there was one network only, and not included."
        )
        for (events, source), names in models.items()
    ]


def of_calibration(records: list[dict]) -> str:
    """The paragraph on calibrated scores; empty if no model has any."""
    kinds: dict[str, dict] = {}
    for record in records:
        kind = record["calibration"]["kind"]
        if kind in CALIBRATIONS:
            kinds.setdefault(kind, {})[record["model"]] = None
    parts = [
        f"Scores of {phrases.names(names)} were calibrated to probabilities by "
        f"{CALIBRATIONS[kind]}, fitted to out-of-fold events."
        for kind, names in kinds.items()
    ]
    if parts:
        parts.append("No figure of merit used calibrated scores.")
    return phrases.paragraph(parts)


def of_software(packages: dict[str, str], citation: dict) -> str:
    """The paragraph on the software."""
    used = [
        f"{title} {packages[name]} {phrases.cite(key)}"
        for name, (title, key) in PACKAGES.items()
        if name in packages
    ]
    version = f"version {citation['version']} {phrases.cite(bibliography.WORKFLOW)}"
    return phrases.paragraph(
        [f"The analysis was run with hepfold, {version}, {phrases.listing(used)}."]
    )
