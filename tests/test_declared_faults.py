"""Inputs as users have them: read as they are, or reported in one line."""

import zipfile

import awkward as ak
import declared_inputs as inputs
import numpy as np
import polars as pl
import pytest
from tests.conftest import Clone

from hepfold.core import logs

CLASSES = ("signal", "background")


@pytest.fixture
def write(tmp_path):
    """A function that writes text to a file, and returns its path."""

    def write(text: str, name: str = "events.csv") -> str:
        path = tmp_path / name
        path.write_bytes(text.encode())
        return str(path)

    return write


def only_fault(declaration) -> str:
    """The one line that is reported before any job."""
    (fault,) = inputs.faults(declaration)
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


def test_a_member_of_an_archive_is_read(tmp_path):
    path, columns = tmp_path / "own.zip", inputs.table()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("own/events.csv", inputs.csv(columns))
        archive.writestr("own/readme.txt", "two members")
    declaration = inputs.declared(files=f"{path}!own/events.csv")
    assert_read(inputs.ingested(declaration, tmp_path), columns)
    fault = only_fault(inputs.declared(files=f"{path}!events.csv"))
    assert "events.csv" in fault and "datasets.own.files" in fault
    missing = only_fault(inputs.declared(files=f"{path}x!own/events.csv"))
    assert missing == f"datasets.own.files: no file '{path}x!own/events.csv'"


def of_class(columns: dict, is_signal: int) -> dict:
    """Features of the events of one class."""
    chosen = columns["is_signal"] == is_signal
    return {name: columns[name][chosen] for name in ("a", "b")}


def by_class(signal: dict, background: dict) -> dict:
    """Keys of a data set with a process per class."""
    processes = {
        "s": {"label": "signal", **signal},
        "b": {"label": "background", **background},
    }
    return {"files": None, "label": None, "processes": processes}


def test_a_file_per_class_is_read_once(tmp_path):
    """The trees have one name in both files."""
    columns = inputs.table()
    files = [
        inputs.write_root(tmp_path / f"{i}.root", events=of_class(columns, i))
        for i in (1, 0)
    ]
    keys = by_class(*({"files": path} for path in files))
    assert_read(inputs.ingested(inputs.declared(**keys), tmp_path), columns)
    both = by_class({"files": files[:1]}, {"files": f"{tmp_path}/*.root"})
    fault = only_fault(inputs.declared(**both))
    assert fault.startswith("datasets.own.processes.b.files: ")
    assert f"'{files[0]}' is read for datasets.own.processes.s.files too" in fault


@pytest.mark.parametrize("trees", [("events", "events"), (None, "events")])
def test_one_tree_cannot_be_both_classes(tmp_path, trees):
    path = inputs.write_root(tmp_path / "all.root", events=of_class(inputs.table(), 1))
    keys = by_class(*({"files": path, "tree": tree} for tree in trees))
    assert "name another tree" in only_fault(inputs.declared(**keys))


def test_two_trees_of_a_file_are_two_classes(tmp_path):
    columns = inputs.table()
    trees = {"sig": of_class(columns, 1), "bkg": of_class(columns, 0)}
    path = inputs.write_root(tmp_path / "all.root", **trees)
    keys = by_class(*({"files": path, "tree": tree} for tree in trees))
    assert_read(inputs.ingested(inputs.declared(**keys), tmp_path), columns)


def test_selections_of_one_file_exclude_each_other(tmp_path):
    columns = inputs.table()
    path = inputs.write_root(tmp_path / "all.root", events=numbers(columns))
    selections = ("is_signal == 1", "is_signal == 0")
    keys = by_class(*({"files": path, "select": text} for text in selections))
    assert_read(inputs.ingested(inputs.declared(**keys), tmp_path), columns)
    first = int(np.flatnonzero(columns["is_signal"] == 1)[0])
    selections = ("is_signal == 1", f"is_signal == 0 || a == {columns['a'][first]}")
    keys = by_class(*({"files": path, "select": text} for text in selections))
    with pytest.raises(logs.InputError) as error:
        inputs.ingested(inputs.declared(**keys), tmp_path)
    place = f"datasets.own.processes: {path}, tree 'events', event {first} is in two"
    assert str(error.value).startswith(place)


def numbers(columns: dict) -> dict:
    """The columns with numbers as labels."""
    return columns | {"is_signal": columns["is_signal"].astype("i4")}


def test_the_only_tree_needs_no_name(tmp_path):
    columns = inputs.table()
    path = inputs.write_root(tmp_path / "one.root", events=numbers(columns))
    assert_read(inputs.ingested(inputs.declared(files=path), tmp_path), columns)
    tree = numbers(columns)
    path = inputs.write_root(tmp_path / "two.root", events=tree, others=tree)
    fault = only_fault(inputs.declared(files=path))
    assert "has 2 trees; name one by `tree`: events, others" in fault
    fault = only_fault(inputs.declared(files=path, tree="event"))
    assert "no tree 'event'; did you mean 'events'?" in fault


def test_a_histogram_is_no_tree(tmp_path):
    path = inputs.write_root(
        tmp_path / "h.root", events=np.histogram([1.0, 2.0]), others=of_class(
            inputs.table(), 1
        )
    )  # fmt: skip
    fault = only_fault(inputs.declared(files=path, tree="events"))
    assert "'events' is a TH1D, not a tree; trees of the file: others" in fault


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
    assert_read(inputs.ingested(declaration, tmp_path), columns, names)


def test_names_of_a_file_without_header_cannot_be_mapped(write):
    path = write(inputs.csv(inputs.higgs()).partition("\n")[2])
    keys = {"files": path, "test": None, "rename": OPENML}
    fault = only_fault(inputs.declared(inputs.PUBLIC["higgs"], **keys))
    assert fault.startswith(f"datasets.own.rename: {path}: the file has no header line")


@pytest.mark.parametrize("text", ["", "NaN", "nan", "NA", "null", "-99"])
def test_missing_values_are_read_as_such(write, tmp_path, text):
    columns = inputs.table()
    shown = columns["a"].astype(object)
    shown[::5] = text
    declaration = inputs.declared(
        files=write(inputs.csv(columns | {"a": shown})), missing=[-99]
    )
    events = inputs.ingested(declaration, tmp_path)
    assert np.isnan(events.inputs[:, 0]).sum() == 20
    assert not np.isnan(events.inputs[:, 1]).any()


def test_nulls_of_parquet_are_missing(tmp_path):
    path, columns = tmp_path / "events.parquet", numbers(inputs.table())
    columns["a"] = [None if i % 5 == 0 else a for i, a in enumerate(columns["a"])]
    pl.DataFrame(columns).write_parquet(path)
    events = inputs.ingested(inputs.declared(files=str(path)), tmp_path)
    assert np.isnan(events.inputs[:, 0]).sum() == 20


@pytest.mark.parametrize(
    ("in_file", "values"),
    [
        ((0, 1), (0, 1)),
        (("0.0", "1.0"), (0, 1)),
        (("background", "signal"), ("background", "signal")),
        (("b", "s"), ("b", "s")),
        (("false", "true"), (False, True)),
        (("False", "True"), (False, True)),
        ((-1, 1), (-1, 1)),
    ],
)
def test_labels_are_compared_as_numbers_or_text(write, tmp_path, in_file, values):
    columns = inputs.table(label=in_file)
    label = {"column": "is_signal", "background": values[0], "signal": values[1]}
    declaration = inputs.declared(files=write(inputs.csv(columns)), label=label)
    assert_read(inputs.ingested(declaration, tmp_path), columns)


def test_another_value_of_the_label_is_reported_with_its_line(write, tmp_path):
    path = write(inputs.csv(inputs.table(label=("b", "s"))))
    declaration = inputs.declared(
        files=path, label={"column": "is_signal", "background": "bkg", "signal": "s"}
    )
    with pytest.raises(logs.InputError) as error:
        inputs.ingested(declaration, tmp_path)
    place = f"{path}, line 2, column 'is_signal': "
    assert str(error.value) == f"{place}b is not one of bkg, s"


@pytest.mark.parametrize("shape", ["mark", "quotes", "blank_lines", "crlf"])
def test_csv_files_of_other_programs_are_read(write, tmp_path, shape):
    columns = inputs.table()
    text = {
        "mark": "\ufeff" + inputs.csv(columns),
        "quotes": inputs.csv(columns, quote='"'),
        "blank_lines": inputs.csv(columns) + "\n  \n\n",
        "crlf": inputs.csv(columns, newline="\r\n"),
    }[shape]
    assert_read(inputs.ingested(inputs.declared(files=write(text)), tmp_path), columns)


def test_branches_of_one_number_are_read_as_numbers(tmp_path):
    """`float[1]` and `int[1]`."""
    columns = inputs.table()
    tree = {name: np.asarray(v, "f4")[:, None] for name, v in columns.items()}
    tree["is_signal"] = tree["is_signal"].astype("i4")
    path = inputs.write_root(tmp_path / "one.root", events=tree)
    assert_read(inputs.ingested(inputs.declared(files=path), tmp_path), columns)


def test_vectors_of_one_number_are_read_as_numbers(tmp_path):
    columns = inputs.table()
    tree = numbers(columns) | {"a": ak.from_regular(columns["a"][:, None])}
    path = inputs.write_root(tmp_path / "vector.root", events=tree)
    assert_read(inputs.ingested(inputs.declared(files=path), tmp_path), columns)


def test_branches_of_three_numbers_need_a_choice(tmp_path):
    columns = inputs.table()
    tree = numbers(columns) | {"v": np.repeat(columns["a"][:, None], 3, axis=1)}
    path = inputs.write_root(tmp_path / "three.root", events=tree)
    fault = only_fault(inputs.declared(files=path, features=["v", "b"]))
    assert fault.startswith(
        f"datasets.own.features: {path}: branch 'v': holds 3 doubles"
    )
    assert "v[0]" in fault
    keys = {"features": ["x", "b"], "define": {"x": "v * 2"}}
    fault = only_fault(inputs.declared(files=path, **keys))
    assert fault.startswith(f"datasets.own.features: {path}: x: each event has a list")
    keys["define"] = {"x": "v[1]"}
    events = inputs.ingested(inputs.declared(files=path, **keys), tmp_path)
    assert_read(events, columns)


def test_hepmass_1000_is_read_without_a_mass(write, tmp_path):
    """Files of the set 1000 have no column of the mass hypothesis."""
    rng, n = np.random.default_rng(3), 100
    columns = {"# label": (np.arange(n) % 2).astype(float)}
    columns |= {f"f{i}": np.round(rng.normal(size=n), 4) for i in range(27)}
    base = inputs.study("hepmass_1000", "hepmass")
    keys = {"files": write(inputs.csv(columns)), "test": None}
    events = inputs.ingested(inputs.declared(base, **keys), tmp_path)
    assert_read(events, columns, [f"f{i}" for i in range(27)])
    fault = only_fault(inputs.declared(inputs.PUBLIC["hepmass"], **keys))
    assert "no column 'mass'" in fault


def test_too_few_events_are_reported_before_training(write, tmp_path):
    columns = inputs.table(39)
    with pytest.raises(logs.InputError) as error:
        inputs.ingested(inputs.declared(files=write(inputs.csv(columns))), tmp_path)
    assert str(error.value).startswith(
        "datasets.own: 19 signal events in the subset train, but evaluation needs 20"
    )
    assert not list(tmp_path.glob("*.h5"))


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
    fault = only_fault(inputs.declared(inputs.PUBLIC["higgsml"], **keys))
    assert fault.startswith(f"datasets.own.test.column: {train}: no column 'KaggleSet'")


@pytest.fixture
def clone(tmp_path):
    clone = Clone(tmp_path)
    overlay = "datasets: {higgsml: {files: [a.csv, b*.csv], select: 'a >'}}"
    (clone.folder / "own.yaml").write_text(overlay)
    return clone


@pytest.mark.workflow
def test_all_faults_are_reported_before_any_job(clone):
    run = clone.snakemake("--dry-run", "--configfile", "config.yaml", "own.yaml")
    assert run.returncode != 0
    lines = (run.stdout + run.stderr).splitlines()
    assert [line for line in lines if line.startswith("datasets.")] == [
        "datasets.higgsml.select: 'a >': the expression ends too early",
        "datasets.higgsml.files: no file 'a.csv'",
        "datasets.higgsml.files: no file matches 'b*.csv'",
    ]


@pytest.mark.workflow
def test_an_overlay_before_the_configuration_is_rejected(clone):
    run = clone.snakemake("--dry-run", "--configfile", "own.yaml", "config.yaml")
    assert run.returncode != 0
    message = (
        "--configfile: config.yaml must come first, since its values replace those"
    )
    assert message in run.stdout + run.stderr
