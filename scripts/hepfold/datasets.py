"""What each data set is: its columns and their roles, its subsets, its full sums."""

from dataclasses import dataclass

from hepfold import columns


@dataclass(frozen=True)
class Dataset:
    """The official form of a data set.

    `columns` are all columns of the raw file in order; the others name the role of
    some. `signal_sum` and `background_sum` are the expected events at the data set's
    luminosity, to which the weights of every subset are scaled before any AMS.
    `categorical` gives the values of each categorical feature; its code in the fold
    file is the position there.
    """

    title: str
    columns: tuple[str, ...]
    categorical: dict[str, tuple[float, ...]]
    continuous: tuple[str, ...]
    event_id: str
    weight: str
    label: str
    label_values: dict[str, int]
    subset: str
    subset_values: dict[str, str]
    extra: tuple[str, ...]
    missing: float
    signal_sum: float
    background_sum: float

    @property
    def features(self) -> tuple[str, ...]:
        """Input variables in the order of the fold file: continuous, categorical."""
        return (*self.continuous, *self.categorical)


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
    categorical={"PRI_jet_num": (0, 1, 2, 3)},
    continuous=tuple(c for c in (*DERIVED, *PRIMITIVE) if c != "PRI_jet_num"),
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

DATASETS = {"higgsml": HIGGSML}

SIMULATION = "simulation"


def split_source(source: str) -> tuple[str, str | None]:
    """Address or path of a source and its checksum: `file.csv.gz#sha256=0123...`."""
    location, _, checksum = source.partition("#")
    return location, checksum or None


def is_address(source: str) -> bool:
    """Whether a source has to be downloaded."""
    return source.startswith(("https://", "http://"))


def source_name(location: str) -> str:
    """A source without the folders of the machine that it is on."""
    return location if is_address(location) else location.rpartition("/")[2]
