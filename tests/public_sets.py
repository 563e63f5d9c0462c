"""Declarations of the public data sets that come with the workflow."""

from pathlib import Path

from hepfold.core import files, parsing, settings_datasets
from hepfold.data import datasets

FOLDER = Path(__file__).parent.parent / "workflow/datasets"
# As plain values, as settings, and the roles of their features.
VALUES = {path.stem: files.read_yaml(str(path)) for path in sorted(FOLDER.iterdir())}
DECLARED = {
    name: parsing.parse(values, settings_datasets.Dataset)
    for name, values in VALUES.items()
}
DATASETS = {name: datasets.Dataset.of(part) for name, part in DECLARED.items()}
# Expected events of each class.
HIGGSML = DECLARED["higgsml"].normalization
HIGGS = DECLARED["higgs"].normalization
