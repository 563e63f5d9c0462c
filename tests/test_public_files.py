"""Public files as users have them: HIGGS with any header, HEPMASS 1000, Kaggle."""

import declared_inputs as inputs
import numpy as np
import pytest

OPENML = {
    "label": "class",
    "lepton_pt": "lepton_pT",
    **{
        f"jet_{j}_{key}": f"jet{j}{key.replace('_', '-')}"
        for j in range(1, 5)
        for key in ("pt", "eta", "phi", "b_tag")
    },
}


@pytest.mark.parametrize("kind", ["official", "openml", "r", "headerless"])
def test_higgs_is_read_with_any_header(write, tmp_path, kind):
    columns, names = inputs.higgs(), inputs.names_of_higgs()
    renamed = {"openml": OPENML, "r": {n: f"V{i}" for i, n in enumerate(columns)}}
    rename = renamed.get(kind, {})
    text = inputs.csv({rename.get(n, n): v for n, v in columns.items()})
    if kind == "headerless":
        text = text.partition("\n")[2]
    keys = {"files": write(text), "test": None, "rename": rename}
    declaration = inputs.declared(inputs.PUBLIC["higgs"], **keys)
    inputs.assert_read(inputs.ingested(declaration, tmp_path), columns, names)


def test_names_of_a_file_without_header_cannot_be_mapped(write):
    path = write(inputs.csv(inputs.higgs()).partition("\n")[2])
    keys = {"files": path, "test": None, "rename": OPENML}
    fault = inputs.only_fault(inputs.declared(inputs.PUBLIC["higgs"], **keys))
    assert fault.startswith(f"datasets.own.rename: {path}: the file has no header line")


def test_hepmass_1000_is_read_without_a_mass(write, tmp_path):
    """Files of the set 1000 have no column of the mass hypothesis."""
    rng, n = np.random.default_rng(3), 100
    columns = {"# label": (np.arange(n) % 2).astype(float)}
    columns |= {f"f{i}": np.round(rng.normal(size=n), 4) for i in range(27)}
    base = inputs.study("hepmass_1000", "hepmass")
    keys = {"files": write(inputs.csv(columns)), "test": None}
    events = inputs.ingested(inputs.declared(base, **keys), tmp_path)
    inputs.assert_read(events, columns, [f"f{i}" for i in range(27)])
    fault = inputs.only_fault(inputs.declared(inputs.PUBLIC["hepmass"], **keys))
    assert "no column 'mass'" in fault


def kaggle_columns(n: int, first_id: int) -> dict[str, np.ndarray]:
    """Columns of the files on Kaggle, without physics."""
    rng = np.random.default_rng(first_id)
    sets = inputs.PUBLIC["higgsml"]["features"]
    names = [*sets["high_level"], *sets["low_level"]]
    columns = {"EventId": np.arange(first_id, first_id + n)}
    columns |= {name: np.round(rng.uniform(1, 3, n), 3) for name in names}
    return columns | {"PRI_jet_num": np.arange(n) % 4}


def test_files_of_kaggle_are_accepted_as_they_are(write, tmp_path):
    columns = kaggle_columns(100, 100_000)
    truth = {"Weight": np.ones(100), "Label": np.tile(["b", "s"], 50)}
    train = write(inputs.csv(columns | truth), "training.csv")
    test = write(inputs.csv(kaggle_columns(50, 350_000)), "test.csv")
    keys = {"files": train, "apply": {"test": {"files": test}}}
    declaration = inputs.declared(inputs.study("kaggle", "higgsml"), **keys)
    assert len(inputs.ingested(declaration, tmp_path)) == 100
    fault = inputs.only_fault(inputs.declared(inputs.PUBLIC["higgsml"], **keys))
    assert fault.startswith(f"datasets.own.test.column: {train}: no column 'KaggleSet'")
