"""Settings of a data set: where its events are, and what its columns mean.

As in `settings`, docstrings describe the settings and annotations hold their ranges and
defaults.
"""

from typing import Annotated, Literal

from msgspec import Meta

from hepfold.core import columns
from hepfold.core.settings_base import (
    Count,
    NonNegative,
    Positive,
    PositiveFloat,
    Settings,
)
from hepfold.core.settings_decays import Decays
from hepfold.core.settings_samples import (
    Files,
    LabelColumn,
    Process,
    ProcessColumn,
    Sample,
    TestEvents,
    check_entries,
    entries,
)

Name = Annotated[str, Meta(pattern="^[A-Za-z][A-Za-z0-9_]*$")]
Mirror = Annotated[str, Meta(pattern="^https?://")]


class Body(Settings):
    """A particle, jet or missing momentum; its features turn together.

    pt: Transverse momentum.
    phi: Azimuth.
    eta: Pseudorapidity; null for missing momentum.
    more: Other features of this body, such as a b-tag; they need not be listed in
        `features`.
    kind: Kind of the body, such as `jet`: models treat bodies of one kind alike; null
        is the name without digits.
    """

    pt: str
    phi: str
    eta: str | None = None
    more: tuple[str, ...] = ()
    kind: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the momentum and angles of the body."""
        return tuple(filter(None, (self.pt, self.eta, self.phi)))


class Spectrum(Settings):
    """A variable whose background distribution a cut must not sculpt.

    feature: The variable.
    title: Title of its axis.
    scale: Factor from its unit to that of the title.
    """

    feature: str
    title: str
    scale: float = 1.0


class Normalization(Settings):
    """Expected events, to which the weights of every subset are scaled.

    signal: Expected signal events.
    background: Expected background events.
    """

    signal: NonNegative
    background: NonNegative


class Variation(Settings):
    """What differs from the nominal events in one direction of a systematic.

    tree: Tree of the varied events, which replaces the tree of the data set. Processes
        with their own tree keep it.
    weight: Varied weight, which replaces the weight of the data set. Processes with
        their own weight keep it.
    files: Files of varied events, by process; other processes stay nominal unless
        `tree` or `weight` is given too.
    """

    tree: str | None = None
    weight: str | None = None
    files: dict[str, Files] = {}


class Systematic(Settings):
    """A systematic uncertainty: a variation up and down.

    up: Variation up.
    down: Variation down; `symmetric` mirrors the variation up.
    processes: Processes that it acts on; an empty list is all of them.
    """

    up: Variation
    down: Variation | Literal["symmetric"] = "symmetric"
    processes: tuple[Name, ...] = ()


class Dataset(Settings, kw_only=True):
    """Events of an analysis, and the meaning of their columns.

    title: Name in figures and tables.
    task: What is to be classified, for the published README.
    citation: Reference of the events.
    license: License of the events.
    reactions: Reactions in the notation of HEPData, as `P P --> HIGGS X`.
    energy_gev: Center-of-mass energy of the collisions in GeV, for HEPData.
    keywords: Additional search phrases for the results, for HEPData.
    files: Events of all classes, with `label` or `process`: one entry or a list of
        files, patterns, or URLs, each with an optional checksum (`#sha256=...`), or
        `toy`. `archive.zip!member` is one file of an archive.
    mirrors: Further URLs for downloads: folders, ending in `/`, or zip archives.
    tree: Tree of ROOT files; null is their only tree.
    header: Names of the columns of CSV files without a header line.
    decimal_comma: Whether numbers in CSV files have a decimal comma; fields are then
        separated by a semicolon or a tab.
    rename: Names of columns in the files, where they differ from the names used here;
        null marks an id, weight or kept column that the files do not have.
    processes: Processes, each with files and label, in place of `files`.
    process: Column that names the process of each event.
    label: Column that holds the class of each event.
    data: Recorded collisions, which have no label and no weight.
    luminosity_ipb: Integrated luminosity in 1/pb.
    luminosity_uncertainty: Relative uncertainty of the luminosity in the workspace. It
        applies to processes with `xsec_pb`, or to all processes if none has a
        cross-section; null is none.
    define: New variables as expressions, in order.
    select: Selection of events.
    weight: Event weight; null is 1.
    negative_weights: Treatment of negative weights in training, and only there:
        `absolute` uses their absolute values, `zero` leaves these events out, `keep`
        keeps the sign.
    missing: Numbers that stand for missing values, in addition to NaN, null and empty
        fields.
    id: Column with an integer that is unique within a process; null numbers the rows.
    test: Test events: an expression, or `last`, `files` or `column`; null for none.
    features: Names of features, or several feature sets.
    categories: Values of each categorical feature.
    bodies: Particles and jets by name.
    spectrum: Variable whose background distribution a cut must not sculpt.
    regions: Selections that are channels of the fit.
    systematics: Systematic uncertainties.
    keep: Columns or variables that are copied to tables of scores.
    normalization: Expected events of each class, to which every subset is scaled;
        `weights` are the sums of weights of training and test events together.
    b_reg: Regularization of the AMS, in expected background events.
    blinded: Keep recorded collisions above the cut, or in the bins that
        `inference.max_s_over_b` names, out of figures, tables and the workspace.
    apply: Other events, by name, that trained models score.
    hypothesis: Feature with the mass in GeV of the signal that is searched for.
    units: `recovered` determines the units of columns that were divided by their
        spread.
    steps: Rounding step of columns in recovered units, in GeV or radians.
    factors: Unit of columns whose unit is not recovered from steps, in GeV or radians.
    decays: Decaying particles, which are assembled from bodies.
    positive_momenta: Whether transverse momenta are proportional to momenta.
    toy: Generator of toy events.
    n_toy: Number of toy events.
    toy_seed: Number added to `seed` for toy events; data sets of one generator have
        the same toy events unless it differs.
    """

    title: str
    task: str | None = None
    citation: str | None = None
    license: str | None = None
    reactions: tuple[Annotated[str, Meta(pattern=" --> ")], ...] = ()
    energy_gev: PositiveFloat | None = None
    keywords: tuple[str, ...] = ()
    files: Files | None = None
    mirrors: tuple[Mirror, ...] = ()
    tree: str | None = None
    header: tuple[str, ...] | None = None
    decimal_comma: bool = False
    rename: dict[str, str | None] = {}
    processes: dict[Name, Process] = {}
    process: ProcessColumn | None = None
    label: LabelColumn | None = None
    data: Sample | None = None
    luminosity_ipb: NonNegative | None = None
    luminosity_uncertainty: NonNegative | None = None
    define: dict[str, str] = {}
    select: str | None = None
    weight: str | None = None
    negative_weights: Literal["absolute", "zero", "keep"] = "absolute"
    missing: tuple[float, ...] = ()
    id: str | None = None
    test: str | TestEvents | None = None
    features: tuple[str, ...] | dict[str, tuple[str, ...]]
    categories: dict[str, tuple[float, ...]] = {}
    bodies: dict[Name, Body] = {}
    spectrum: Spectrum | None = None
    regions: dict[Name, str] = {}
    systematics: dict[Name, Systematic] = {}
    keep: tuple[str, ...] = ()
    normalization: Literal["weights"] | Normalization = "weights"
    b_reg: NonNegative = 0.0
    blinded: bool = True
    apply: dict[Name, Sample] = {}
    hypothesis: str | None = None
    units: Literal["file", "recovered"] = "file"
    steps: dict[str, NonNegative] = {}
    factors: dict[str, PositiveFloat] = {}
    decays: Decays = Decays()
    positive_momenta: bool = True
    toy: str | None = None
    n_toy: Positive = 100_000
    toy_seed: Count = 0

    def __post_init__(self) -> None:
        """Check that events and their classes come from one place."""
        if (self.files is None) == (not self.processes):
            raise ValueError("one of files and processes must be given")
        ways = [bool(self.processes), self.process is not None, self.label is not None]
        if sum(ways) != 1:
            raise ValueError("one of processes, process and label must be given")
        if self.files is not None:
            check_entries(self.files, "files")
        if (
            self.processes
            and isinstance(self.test, TestEvents)
            and not self.test.column
        ):
            raise ValueError("with processes, test must be an expression or a column")
        if columns.RECORDED in self.apply:
            raise ValueError("apply.data: recorded events are declared by the key data")
        for name, sample in self.apply.items():
            if sample.process not in {None, *self.processes}:
                raise ValueError(
                    f"apply.{name}.process: {sample.process!r} is not in processes"
                )
        if self.data and self.data.process:
            raise ValueError("data.process: recorded events have no process")
        if "toy" in entries(self.files or ()) and self.toy is None:
            raise ValueError("files: toy needs a generator; name it in the key toy")

    def has_toys_of(self, other: "Dataset") -> bool:
        """Whether both hold toy events of one generator, drawn with one seed."""
        are_toys = all("toy" in entries(each.files or ()) for each in (self, other))
        return are_toys and (self.toy, self.toy_seed) == (other.toy, other.toy_seed)
