"""Definitions of the data sets: columns and their roles, subsets, expected events."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from hepfold.core import columns

# Name of the feature set without the mass hypothesis.
BLIND = "blind"


@dataclass(frozen=True)
class Body:
    """Names of the transverse momentum, pseudorapidity and azimuth of one body.

    Missing transverse momentum has no pseudorapidity.
    """

    pt: str
    eta: str | None
    phi: str

    @property
    def names(self) -> tuple[str, ...]:
        """Names of its features."""
        return tuple(filter(None, (self.pt, self.eta, self.phi)))


@dataclass(frozen=True)
class Dataset:
    """The official form of a data set.

    `columns` are all columns of the raw file in order. Other fields name columns by
    role; a role without a column is None. `categorical` gives the values of each
    categorical feature, whose codes in the fold file are positions in this list.
    `bodies` are rotated together in symmetries; `momenta_are_positive` says that their
    pt is proportional to a momentum. `steps` are the GeV or radians to which the
    detector software rounded columns that are given in arbitrary units. `signal_sum`
    and `background_sum` are the expected events to which the weights of every subset
    are scaled before an AMS is computed. `mass` is the feature whose background
    distribution a cut may sculpt, `mass_name` its axis title, and `mass_hypothesis` the
    feature with the mass in GeV of the signal that is searched for.
    """

    title: str
    columns: tuple[str, ...]
    continuous: tuple[str, ...]
    label: str
    label_values: dict[str | float, int]
    signal_sum: float
    background_sum: float
    bodies: tuple[Body, ...]
    feature_sets: dict[str, tuple[str, ...]]
    mass: str
    mass_name: str
    mass_hypothesis: str | None = None
    has_header: bool = True
    azimuths_are_scaled: bool = False
    momenta_are_positive: bool = True
    steps: dict[str, float] = field(default_factory=dict)
    categorical: dict[str, tuple[float, ...]] = field(default_factory=dict)
    event_id: str | None = None
    weight: str | None = None
    subset: str | None = None
    subset_values: dict[str, str] = field(default_factory=dict)
    extra: tuple[str, ...] = ()
    missing: float | None = None

    @property
    def features(self) -> tuple[str, ...]:
        """Input variables in the order of the fold file: continuous, categorical."""
        return (*self.continuous, *self.categorical)

    @property
    def scaled_azimuths(self) -> tuple[str, ...]:
        """Names of the azimuths that are not in radians."""
        azimuths = tuple(body.phi for body in self.bodies)
        return azimuths if self.azimuths_are_scaled else ()

    def is_derived(self, names: Iterable[str]) -> list[bool]:
        """Whether each feature is computed from others."""
        return [name in self.feature_sets["high_level"] for name in names]


DERIVED = (
    "DER_mass_MMC",
    "DER_mass_transverse_met_lep",
    "DER_mass_vis",
    "DER_pt_h",
    "DER_deltaeta_jet_jet",
    "DER_mass_jet_jet",
    "DER_prodeta_jet_jet",
    "DER_deltar_tau_lep",
    "DER_pt_tot",
    "DER_sum_pt",
    "DER_pt_ratio_lep_tau",
    "DER_met_phi_centrality",
    "DER_lep_eta_centrality",
)
PRIMITIVE = (
    "PRI_tau_pt",
    "PRI_tau_eta",
    "PRI_tau_phi",
    "PRI_lep_pt",
    "PRI_lep_eta",
    "PRI_lep_phi",
    "PRI_met",
    "PRI_met_phi",
    "PRI_met_sumet",
    "PRI_jet_num",
    "PRI_jet_leading_pt",
    "PRI_jet_leading_eta",
    "PRI_jet_leading_phi",
    "PRI_jet_subleading_pt",
    "PRI_jet_subleading_eta",
    "PRI_jet_subleading_phi",
    "PRI_jet_all_pt",
)

# Columns and sums: CERN Open Data record 328, DOI 10.7483/OPENDATA.ATLAS.ZBP2.M5T8.
HIGGSML = Dataset(
    title="Higgs ML 2014 (ATLAS Open Data)",
    columns=(
        "EventId",
        *DERIVED,
        *PRIMITIVE,
        "Weight",
        "Label",
        "KaggleSet",
        "KaggleWeight",
    ),
    categorical={"PRI_jet_num": (0.0, 1.0, 2.0, 3.0)},
    bodies=(
        Body("PRI_tau_pt", "PRI_tau_eta", "PRI_tau_phi"),
        Body("PRI_lep_pt", "PRI_lep_eta", "PRI_lep_phi"),
        Body("PRI_met", None, "PRI_met_phi"),
        Body("PRI_jet_leading_pt", "PRI_jet_leading_eta", "PRI_jet_leading_phi"),
        Body(
            "PRI_jet_subleading_pt", "PRI_jet_subleading_eta", "PRI_jet_subleading_phi"
        ),
    ),
    feature_sets={
        "all": (*DERIVED, *PRIMITIVE),
        "low_level": PRIMITIVE,
        "high_level": DERIVED,
    },
    continuous=tuple(c for c in (*DERIVED, *PRIMITIVE) if c != "PRI_jet_num"),
    mass="DER_mass_MMC",
    mass_name="DER_mass_MMC (GeV)",
    event_id="EventId",
    weight="Weight",
    label="Label",
    label_values={"s": columns.SIGNAL, "b": columns.BACKGROUND},
    subset="KaggleSet",
    subset_values={
        "t": columns.TRAIN,
        "b": columns.PUBLIC,
        "v": columns.PRIVATE,
        "u": columns.UNUSED,
    },
    extra=("KaggleWeight",),
    missing=-999.0,
    signal_sum=691.988607711987,
    background_sum=410999.847321811,
)

HIGGS_LOW_LEVEL = (
    "lepton_pt",
    "lepton_eta",
    "lepton_phi",
    "missing_energy_magnitude",
    "missing_energy_phi",
    *(f"jet_{jet}_{of}" for jet in range(1, 5) for of in ("pt", "eta", "phi", "b_tag")),
)
HIGGS_HIGH_LEVEL = ("m_jj", "m_jjj", "m_lv", "m_jlv", "m_bb", "m_wbb", "m_wwbb")

# Columns: UCI Machine Learning Repository 280, DOI 10.24432/C5V312. Momenta and masses
# are in units of their mean, angles in a unit near 1.80 rad that differs by column.
# ASSUME: as UCI gives no luminosity, 100 signal and 1,000 background events are
# expected wherever a significance is quoted. Of the masses, that of the two b-jets has
# the narrowest peak of a particle that is searched for, the lightest Higgs boson.
HIGGS = Dataset(
    title="HIGGS (UCI)",
    columns=("label", *HIGGS_LOW_LEVEL, *HIGGS_HIGH_LEVEL),
    has_header=False,
    continuous=(*HIGGS_LOW_LEVEL, *HIGGS_HIGH_LEVEL),
    label="label",
    label_values={1.0: columns.SIGNAL, 0.0: columns.BACKGROUND},
    signal_sum=100.0,
    background_sum=1000.0,
    bodies=(
        Body("lepton_pt", "lepton_eta", "lepton_phi"),
        Body("missing_energy_magnitude", None, "missing_energy_phi"),
        *(
            Body(*(f"jet_{jet}_{of}" for of in ("pt", "eta", "phi")))
            for jet in range(1, 5)
        ),
    ),
    azimuths_are_scaled=True,
    steps={
        name: 0.01 if name.endswith("_pt") else 0.001
        for name in HIGGS_LOW_LEVEL
        if name.endswith(("_pt", "_eta", "_phi")) and not name.startswith("missing")
    },
    feature_sets={
        "all": (*HIGGS_LOW_LEVEL, *HIGGS_HIGH_LEVEL),
        "low_level": HIGGS_LOW_LEVEL,
        "high_level": HIGGS_HIGH_LEVEL,
    },
    mass="m_bb",
    mass_name="m_bb (units of its mean)",
)

HEPMASS_LOW_LEVEL = tuple(f"f{i}" for i in range(22))
HEPMASS_HIGH_LEVEL = tuple(f"f{i}" for i in range(22, 27))

# Columns: UCI Machine Learning Repository 347: lepton pt, eta, phi; missing energy
# and phi; number of jets; jets 1-4 pt, eta, phi, b-tag; m_jj, m_jjj, m_lv, m_jlv,
# m_wwbb; and the mass hypothesis in GeV, which background events carry too.
# Features are shifted and scaled to mean zero and standard deviation one.
# ASSUME: 100 signal and 1,000 background events are expected, as for HIGGS.
HEPMASS = Dataset(
    title="HEPMASS (UCI)",
    columns=("# label", *HEPMASS_LOW_LEVEL, *HEPMASS_HIGH_LEVEL, "mass"),
    continuous=(*HEPMASS_LOW_LEVEL, *HEPMASS_HIGH_LEVEL, "mass"),
    label="# label",
    label_values={1.0: columns.SIGNAL, 0.0: columns.BACKGROUND},
    signal_sum=100.0,
    background_sum=1000.0,
    bodies=(
        Body("f0", "f1", "f2"),
        Body("f3", None, "f4"),
        *(Body(f"f{i}", f"f{i + 1}", f"f{i + 2}") for i in (6, 10, 14, 18)),
    ),
    azimuths_are_scaled=True,
    momenta_are_positive=False,
    feature_sets={
        "all": (*HEPMASS_LOW_LEVEL, *HEPMASS_HIGH_LEVEL, "mass"),
        "low_level": (*HEPMASS_LOW_LEVEL, "mass"),
        "high_level": (*HEPMASS_HIGH_LEVEL, "mass"),
        BLIND: (*HEPMASS_LOW_LEVEL, *HEPMASS_HIGH_LEVEL),
    },
    mass="f26",
    mass_name="f26, m_wwbb (standardized)",
    mass_hypothesis="mass",
)

DATASETS = {"higgsml": HIGGSML, "higgs": HIGGS, "hepmass": HEPMASS}
