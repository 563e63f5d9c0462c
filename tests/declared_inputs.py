"""Small inputs of declared data sets, and helpers that read them."""

from pathlib import Path

import numpy as np
import uproot
import yaml

import ingest
from hepfold.core import parsing, settings_datasets
from hepfold.data import declaration_checks, event_arrays, fold_file, header_checks

FOLDER = Path(__file__).parents[1] / "workflow"
PUBLIC = {
    path.stem: yaml.safe_load(path.read_text())
    for path in (FOLDER / "datasets").glob("*.yaml")
}
N_FOLDS = 2
# Two features, and a label that depends on the first.
OWN = {
    "title": "Events of a test",
    "files": "events.csv",
    "label": {"column": "is_signal", "signal": 1, "background": 0},
    "features": ["a", "b"],
}


def declared(base: dict = OWN, **keys) -> settings_datasets.Dataset:
    """A declaration with other keys; None takes a key away."""
    laid_over = {k: v for k, v in (base | keys).items() if v is not None}
    return parsing.parse(laid_over, settings_datasets.Dataset, "datasets.own")


def study(name: str, dataset: str) -> dict:
    """The declaration of a public data set under the overlay of a study."""
    overlay = yaml.safe_load((FOLDER / "studies" / f"{name}.yaml").read_text())
    return PUBLIC[dataset] | overlay["datasets"][dataset]


def faults(declaration: settings_datasets.Dataset) -> list[str]:
    """Everything that is reported of a data set before any job."""
    checks = (declaration_checks.faults, header_checks.faults)
    return [fault for check in checks for fault in check("own", declaration)]


def ingested(
    declaration: settings_datasets.Dataset, folder: Path
) -> event_arrays.Events:
    """Training events, in the order of their folds; the checks before must pass."""
    assert faults(declaration) == []
    params = {
        "wildcards": {"dataset": "own"},
        "n_folds": N_FOLDS,
        "seed": 1,
        "dataset": parsing.as_dict(declaration),
    }
    train, test = (str(folder / f"{name}.h5") for name in ("train", "test"))
    ingest.ingest(params, "", "", train, test)
    return fold_file.read(train, range(N_FOLDS))


def table(n: int = 100, label: tuple[object, object] = (0, 1)) -> dict[str, np.ndarray]:
    """Columns of events; `label` has the values of background and signal."""
    rng = np.random.default_rng(7)
    is_signal = np.arange(n) % 2
    return {
        "is_signal": np.array(label, object)[is_signal],
        "a": np.round(rng.normal(size=n) + is_signal, 3),
        "b": np.round(rng.normal(size=n), 3),
        "w": np.round(rng.uniform(0.5, 1.5, n), 3),
    }


def csv(columns: dict, quote: str = "", newline: str = "\n") -> str:
    """Columns as CSV text, names within quotes."""
    lines = [",".join(f"{quote}{name}{quote}" for name in columns)]
    lines += [",".join(map(str, row)) for row in zip(*columns.values(), strict=True)]
    return newline.join(lines) + newline


def higgs(n: int = 100) -> dict[str, np.ndarray]:
    """Columns as in the official HIGGS file, without physics."""
    rng = np.random.default_rng(8)
    label = np.arange(n) % 2
    values = {name: np.round(rng.uniform(0.5, 1.5, n), 4) for name in names_of_higgs()}
    return {"label": label.astype(float), **values}


def names_of_higgs() -> list[str]:
    """Features of HIGGS in the order of the official file."""
    return PUBLIC["higgs"]["header"][1:]


def write_root(path: Path, **trees: dict) -> str:
    """Write a ROOT file with these trees; its path."""
    with uproot.recreate(path) as file:
        for name, columns in trees.items():
            file[name] = columns
    return str(path)


def only_fault(declaration) -> str:
    """The one line that is reported before any job."""
    (fault,) = faults(declaration)
    assert "\n" not in fault
    return fault


def assert_read(events, columns: dict, features=("a", "b")) -> None:
    """Check that all events are read, each with its features and class."""
    is_signal = np.arange(len(next(iter(columns.values())))) % 2
    expected = np.stack([*(columns[f] for f in features), is_signal], axis=1)
    expected = expected.astype("f4")
    actual = np.column_stack([events.inputs, events.label])
    order, expected_order = np.lexsort(actual.T), np.lexsort(expected.T)
    np.testing.assert_array_equal(actual[order], expected[expected_order])
