"""Settings of a run: one class for each section of `config.yaml`.

Each class describes its settings in its docstring; their types, ranges and defaults are
in its annotations and nowhere else. `settings_training` and `settings_models` hold the
sections of these names.
"""

from typing import Annotated, Literal

from msgspec import Meta

from hepfold.core.settings_base import (
    Factor,
    FractionAbove0,
    NonNegative,
    OpenFraction,
    Positive,
    PositiveFloat,
    Seed,
    Settings,
)
from hepfold.core.settings_datasets import Dataset, Name
from hepfold.core.settings_models import Model
from hepfold.core.settings_training import RangeTest, Search, Training

ModelName = Annotated[str, Meta(pattern="^[a-z0-9_]+$")]
Merit = Annotated[str, Meta(pattern="^(oof|public|private|test)[.][a-z0-9_]+$")]


class Run(Settings):
    """Data sets and models of the run.

    datasets: Data sets to process, by their keys in `datasets`.
    models: Models to train, by their keys in `models`.
    compared: Further models to train, which appear in tables and comparison figures but
        have no figures of their own.
    n_seeds: Number of trainings of each model, with different seeds; all but the first
        are called `<model>_seed2` and so on.
    """

    datasets: Annotated[tuple[str, ...], Meta(min_length=1)]
    models: Annotated[tuple[str, ...], Meta(min_length=1)]
    compared: tuple[str, ...] = ()
    n_seeds: Positive = 1


class StudyRow(Settings):
    """One row of a comparison with published figures.

    label: Label of the row.
    dataset: Data set of the run.
    model: Model of the run; null for a row that has only a published figure.
    published: Published figures of merit, by their name in `merits`.
    uncertainties: Uncertainties of published figures, by the same names.
    uncertainty_kind: What these uncertainties are, such as `standard error of six
        trainings`.
    source: Reference for the published figures.
    is_verified: Whether we checked them in that source; otherwise tables mark them as
        unverified.
    other_events: Events that the published figures refer to, if they are not those of
        the data set. Such figures are marked as not comparable.
    remark: Why our results may differ from the published ones.
    """

    label: str
    dataset: str
    model: str | None
    published: dict[str, float] = {}
    uncertainties: dict[str, float] = {}
    uncertainty_kind: str = ""
    source: str = ""
    is_verified: bool = False
    other_events: str = ""
    remark: str = ""

    def __post_init__(self) -> None:
        """Check that each uncertainty belongs to a published figure and has a kind."""
        if alone := set(self.uncertainties) - set(self.published):
            raise ValueError(f"uncertainties: {min(alone)} is not in published")
        if self.uncertainties and not self.uncertainty_kind:
            raise ValueError("uncertainties need uncertainty_kind")


class Study(Settings):
    """A question, and published results to compare with.

    title: Title of the study.
    question: The question.
    method: How it is answered.
    deviations: What differs from the published work, one sentence each.
    variations: How to vary the study.
    merits: Figures of merit to compare, as `<subset>.<name in results/metrics>`.
    rows: Rows of the comparison.
    """

    title: str
    question: str
    method: str
    variations: str
    merits: Annotated[tuple[Merit, ...], Meta(min_length=1)]
    rows: Annotated[tuple[StudyRow, ...], Meta(min_length=1)]
    deviations: tuple[str, ...] = ()


class Folds(Settings):
    """Cross-validation.

    n_folds: Number of folds. One ensemble is trained per fold.
    n_trained: Number of folds to train an ensemble for; null is all. Events of the
        other folds are used for training only.
    """

    n_folds: Annotated[int, Meta(ge=2, le=100)] = 5
    n_trained: Positive | None = None


class Evaluation(Settings):
    """Figures of merit and their uncertainties.

    n_replicas: Number of bootstrap replicas of the events.
    working_points: Signal efficiencies at which background rejection is quoted.
    cut: How the cut of a figure of merit is chosen on out-of-fold scores: `plain` takes
        the cut with the largest value, `smoothed` the one with the largest mean over a
        window of signal efficiency.
    figure_of_merit: The figure of merit whose cut is used in figures, for the sculpting
        of the spectrum and in the summary. `ams`, `significance` and
        `significance_syst` are each quoted at their own cut.
    fold_scores: `raw` takes scores as they are. `rank` makes the scores of folds
        comparable: each is replaced by the score below which the same fraction of the
        out-of-fold background of all folds lies. The ONNX model gives raw scores.
    background_uncertainty: Relative uncertainty of the background normalization, for
        significance and limits. The workspace uses the `uncertainty` of processes
        instead if any process has one.
    calibration: Function that turns scores into probabilities of signal, in the column
        `calibrated`: `best` is the one with the lowest log loss of out-of-fold events.
    """

    n_replicas: Annotated[int, Meta(ge=2)] = 1000
    working_points: tuple[FractionAbove0, ...] = (0.3, 0.5, 0.7, 0.9)
    cut: Literal["smoothed", "plain"] = "smoothed"
    figure_of_merit: Literal["ams", "significance", "significance_syst"] = "ams"
    fold_scores: Literal["raw", "rank"] = "raw"
    background_uncertainty: NonNegative = 0.1
    calibration: Literal["best", "platt", "isotonic", "none"] = "best"


class Inference(Settings):
    """Templates of the fit.

    n_bins: Largest number of bins; bins of the score have equal signal, bins of the
        spectrum equal width.
    min_background: Smallest expected background in each bin.
    max_uncertainty: Largest relative statistical uncertainty of the background in each
        bin.
    prune: Threshold below which an effect of a systematic uncertainty on a process in a
        region is left out: the relative change of its normalization, or of its largest
        bin for the shape.
    max_s_over_b: Bins with more expected signal over background stay blinded, in place
        of those above the cut; null blinds above the cut.
    observable: What is fitted in each region: the `score`, or the `spectrum` of the
        data set above the cut on the score.
    """

    n_bins: Annotated[int, Meta(ge=2)] = 10
    min_background: PositiveFloat = 5.0
    max_uncertainty: PositiveFloat = 0.2
    prune: NonNegative = 0.005
    max_s_over_b: PositiveFloat | None = None
    observable: Literal["score", "spectrum"] = "score"


class Insight(Settings):
    """Feature importance and partial dependence.

    n_events: Largest number of events used from each fold.
    n_repeats: Number of permutations of each feature, and of the momentum of each body.
    n_features: Number of features, the most important ones, whose partial dependence is
        shown; a body is represented by its transverse momentum.
    """

    n_events: Annotated[int, Meta(ge=100)] = 2000
    n_repeats: Positive = 3
    n_features: Positive = 9


class LearningCurve(Settings):
    """Learning curves: the AUC against the number of training events.

    publish: Include the learning curves of all models in the results. Otherwise they
        are only made if their files are requested.
    fractions: Fractions of the training events that models are trained on, in addition
        to all of them, for the same number of epochs. Models are not trained on fewer
        than 100 events, or 20 events of a class.
    n_folds: Number of trained folds that are used; null is all. With a single fold
        there is no extrapolation, since the spread between trainings is unknown.
    extrapolate_to: Largest number of training events of the extrapolation, in units of
        that of the full training.
    """

    publish: bool = False
    fractions: Annotated[tuple[OpenFraction, ...], Meta(min_length=1)] = (
        0.01,
        0.03,
        0.1,
        0.3,
    )
    n_folds: Positive | None = None
    extrapolate_to: Factor = 10.0


class Tracking(Settings):
    """Training curves and figures of merit as files for programs that track runs.

    formats: Files to write: `tensorboard` are event files of TensorBoard, `json_lines`
        has a JSON object per line and value. Files of the other formats are only made
        if they are requested.
    """

    formats: tuple[Literal["tensorboard", "json_lines"], ...] = ()


class Figures(Settings):
    """Appearance of figures.

    style: Style of all figures, like those of ATLAS or of CMS.
    """

    style: Literal["atlas", "cms"] = "atlas"


class Configuration(Settings, kw_only=True):
    """All settings of a run.

    run: Data sets and models of the run.
    study: Comparison with published results; null for none.
    seed: Seed of every random draw: toy events, folds, initial weights, batches.
    data_folder: Folder searched before a download for files of the same name and
        checksum.
    datasets: Data sets, by name; those in workflow/datasets/ are already declared.
        `like: <data set>` inherits the keys of another one; keys listed with it
        override them, and null removes a key.
    folds: Cross-validation.
    training: How models are trained.
    models: Models, by name. `like: <model>` inherits the settings of another model;
        keys listed with it override them.
    search: Searches, by the name of the model whose settings they vary.
    range_test: Learning-rate range test.
    insight: Feature importance and partial dependence.
    inference: Templates of the fit.
    evaluation: Figures of merit and their uncertainties.
    learning_curve: Learning curves: the AUC against the number of training events.
    tracking: Training curves and figures of merit for programs that track runs.
    figures: Appearance of figures.
    """

    run: Run
    study: Study | None = None
    seed: Seed = 20140512
    data_folder: str = "data"
    datasets: dict[Name, Dataset]
    folds: Folds = Folds()
    training: Training = Training()
    models: Annotated[dict[ModelName, Model], Meta(min_length=1)]
    search: dict[ModelName, Search] = {}
    range_test: RangeTest = RangeTest()
    insight: Insight = Insight()
    inference: Inference = Inference()
    evaluation: Evaluation = Evaluation()
    learning_curve: LearningCurve = LearningCurve()
    tracking: Tracking = Tracking()
    figures: Figures = Figures()
