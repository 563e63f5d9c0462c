"""Published figures of merit, and whether they are comparable with those of hepfold.

They are comparable if they were evaluated on the same events: all events of the
official subset, after training on all official training events with the same features.
Results on toy events are never comparable.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A published figure of merit of one subset, with the names of our records.

    `unc_kind` describes the uncertainty `unc`. `is_verified` tells whether we read the
    figure in its source or computed it from results given there.
    """

    dataset: str
    who: str
    subset: str
    merit: str
    value: float
    source: str
    unc: float | None = None
    unc_kind: str = ""
    features: str = "all"
    is_verified: bool = True


@dataclass(frozen=True)
class Official:
    """Numbers of events in the subsets of a data set, and names of files.

    Names distinguish sets with equal numbers, such as the three sets of HEPMASS.
    """

    n_events: dict[str, int]
    files: tuple[str, ...] = ()


OFFICIAL = {
    "higgsml": Official({"oof": 250_000, "public": 100_000, "private": 450_000}),
    "higgs": Official({"oof": 10_500_000, "test": 500_000}),
    "hepmass": Official(
        {"oof": 7_000_000, "test": 3_500_000}, ("all_train", "all_test")
    ),
}


def public_and_private(
    who: str, public: float, private: float, source: str
) -> tuple[Figure, Figure]:
    """AMS on both leaderboards of the Higgs ML challenge."""
    return (
        Figure("higgsml", who, "public", "ams", public, source),
        Figure("higgsml", who, "private", "ams", private, source),
    )


BALDI = "Baldi, Sadowski, Whiteson 2014, arXiv:1402.4735"
BALDI_UNC = "standard deviation of five trainings"
LIGHTGBM = "documentation of LightGBM, Experiments"
# Anzalone, Diotalevi, Bonacorsi 2022, arXiv:2202.00424.
# ASSUME: AUCs on held-out training events equal those on the test file.
ANZALONE = "names of weights in github.com/Luca96/affine-parametric-networks"
FIGURES = (
    *public_and_private(
        "Melis, winner, 70 networks", 3.78457, 3.80581, "github.com/melisgl/higgsml"
    ),
    *(
        Figure(
            "higgsml",
            "LUMIN, mean of 6 runs",
            subset,
            "ams",
            value,
            "computed from results in github.com/GilesStrong/HiggsML_Lumin",
            unc,
            unc_kind="standard error of six trainings",
        )
        for subset, value, unc in (("public", 3.799, 0.014), ("private", 3.803, 0.005))
    ),
    *public_and_private(
        "XGBoost, special award, one model",
        3.72181,
        3.72370,
        "github.com/hetong007/higgsml",
    ),
    *public_and_private(
        "TMVA trees of the organizers", 3.24954, 3.19956, "organizers of the challenge"
    ),
    Figure("higgs", "LightGBM, 255 leaves", "test", "auc", 0.845724, LIGHTGBM),
    Figure("higgs", "XGBoost, 255 leaves", "test", "auc", 0.845314, LIGHTGBM),
    *(
        Figure(
            "higgs",
            "deep network",
            "test",
            "auc",
            value,
            BALDI,
            unc,
            unc_kind=BALDI_UNC,
            features=features,
            is_verified=False,
        )
        for features, value, unc in (
            ("all", 0.885, 0.002),
            ("low_level", 0.880, 0.001),
            ("high_level", 0.800, None),
        )
    ),
    *(
        Figure(
            "hepmass", "one network per mass", "test", f"auc_{mass}", value, ANZALONE
        )
        for mass, value in (
            (500, 0.775),
            (750, 0.926),
            (1000, 0.974),
            (1250, 0.989),
            (1500, 0.994),
        )
    ),
)


def published_figures(record: dict, merit: re.Pattern) -> list[Figure]:
    """Published figures whose merit matches, for the data set of a record.

    Empty for toy events.
    """
    return [
        figure
        for figure in FIGURES
        if figure.dataset == record["dataset"]
        and merit.fullmatch(figure.merit)
        and not record["toy"]
    ]


def other_events(record: dict, subset: str) -> str | None:
    """Why the events of a subset are not the official ones; None if they are."""
    if record["toy"]:
        return "toy events"
    official = OFFICIAL[record["dataset"]]
    if not all(any(f in source for source in record["source"]) for f in official.files):
        return "another set of events"
    merits, all_events = record.get(subset), official.n_events.get(subset)
    if merits is None or all_events is None:
        return f"no {subset} events"
    if merits["n_events"] != all_events:
        kind = "out-of-fold" if subset == "oof" else subset
        return f"{merits['n_events']:,} of {all_events:,} {kind} events"
    return None


def difference(record: dict, figure: Figure) -> str | None:
    """Why a record is not comparable with a published figure; None if it is."""
    for subset in ("oof", figure.subset):
        if reason := other_events(record, subset):
            return reason
    for model in trained_models(record["trained_with"]):
        if model["features"] != figure.features:
            return f"other features: {model['features']}"
        if model.get("hypotheses") or model.get("n_events"):
            return "a part of the training events"
    return None


def trained_models(trained_with: dict) -> list[dict]:
    """Settings of the model of a record; of a blend, those of its parts."""
    parts = trained_with.get("parts")
    return list(parts.values()) if parts else [trained_with["model"]]
