"""Inputs as users have them: read as they are, or reported in one line."""

import zipfile

import awkward as ak
import declared_inputs as inputs
import numpy as np
import polars as pl
import pytest
from tests.conftest import Clone

from hepfold.core import logs
from hepfold.data import fold_file

CLASSES = ("signal", "background")


def test_a_member_of_an_archive_is_read(tmp_path):
    path, columns = tmp_path / "own.zip", inputs.table()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("own/events.csv", inputs.csv(columns))
        archive.writestr("own/readme.txt", "two members")
    declaration = inputs.declared(files=f"{path}!own/events.csv")
    inputs.assert_read(inputs.ingested(declaration, tmp_path), columns)
    fault = inputs.only_fault(inputs.declared(files=f"{path}!events.csv"))
    assert "events.csv" in fault and "datasets.own.files" in fault
    missing = inputs.only_fault(inputs.declared(files=f"{path}x!own/events.csv"))
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


@pytest.mark.slow
def test_a_file_per_class_is_read_once(tmp_path):
    """The trees have one name in both files."""
    columns = inputs.table()
    files = [
        inputs.write_root(tmp_path / f"{i}.root", events=of_class(columns, i))
        for i in (1, 0)
    ]
    keys = by_class(*({"files": path} for path in files))
    inputs.assert_read(inputs.ingested(inputs.declared(**keys), tmp_path), columns)
    both = by_class({"files": files[:1]}, {"files": f"{tmp_path}/*.root"})
    fault = inputs.only_fault(inputs.declared(**both))
    assert fault.startswith("datasets.own.processes.b.files: ")
    assert f"'{files[0]}' is read for datasets.own.processes.s.files too" in fault


@pytest.mark.parametrize("trees", [("events", "events"), (None, "events")])
def test_one_tree_cannot_be_both_classes(tmp_path, trees):
    path = inputs.write_root(tmp_path / "all.root", events=of_class(inputs.table(), 1))
    keys = by_class(*({"files": path, "tree": tree} for tree in trees))
    assert "name another tree" in inputs.only_fault(inputs.declared(**keys))


def test_two_trees_of_a_file_are_two_classes(tmp_path):
    columns = inputs.table()
    trees = {"sig": of_class(columns, 1), "bkg": of_class(columns, 0)}
    path = inputs.write_root(tmp_path / "all.root", **trees)
    keys = by_class(*({"files": path, "tree": tree} for tree in trees))
    inputs.assert_read(inputs.ingested(inputs.declared(**keys), tmp_path), columns)


def test_selections_of_one_file_exclude_each_other(tmp_path):
    columns = inputs.table()
    path = inputs.write_root(tmp_path / "all.root", events=numbers(columns))
    selections = ("is_signal == 1", "is_signal == 0")
    keys = by_class(*({"files": path, "select": text} for text in selections))
    inputs.assert_read(inputs.ingested(inputs.declared(**keys), tmp_path), columns)
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
    inputs.assert_read(inputs.ingested(inputs.declared(files=path), tmp_path), columns)
    tree = numbers(columns)
    path = inputs.write_root(tmp_path / "two.root", events=tree, others=tree)
    fault = inputs.only_fault(inputs.declared(files=path))
    assert "has 2 trees; name one by `tree`: events, others" in fault
    fault = inputs.only_fault(inputs.declared(files=path, tree="event"))
    assert "no tree 'event'; did you mean 'events'?" in fault


def test_a_histogram_is_no_tree(tmp_path):
    path = inputs.write_root(
        tmp_path / "h.root", events=np.histogram([1.0, 2.0]), others=of_class(
            inputs.table(), 1
        )
    )  # fmt: skip
    fault = inputs.only_fault(inputs.declared(files=path, tree="events"))
    assert "'events' is a TH1D, not a tree; trees of the file: others" in fault


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
    inputs.assert_read(inputs.ingested(declaration, tmp_path), columns)


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
    inputs.assert_read(
        inputs.ingested(inputs.declared(files=write(text)), tmp_path), columns
    )


def test_branches_of_one_number_are_read_as_numbers(tmp_path):
    """`float[1]` and `int[1]`."""
    columns = inputs.table()
    tree = {name: np.asarray(v, "f4")[:, None] for name, v in columns.items()}
    tree["is_signal"] = tree["is_signal"].astype("i4")
    path = inputs.write_root(tmp_path / "one.root", events=tree)
    inputs.assert_read(inputs.ingested(inputs.declared(files=path), tmp_path), columns)


def test_vectors_of_one_number_are_read_as_numbers(tmp_path):
    columns = inputs.table()
    tree = numbers(columns) | {"a": ak.from_regular(columns["a"][:, None])}
    path = inputs.write_root(tmp_path / "vector.root", events=tree)
    inputs.assert_read(inputs.ingested(inputs.declared(files=path), tmp_path), columns)


def test_branches_of_three_numbers_need_a_choice(tmp_path):
    columns = inputs.table()
    tree = numbers(columns) | {"v": np.repeat(columns["a"][:, None], 3, axis=1)}
    path = inputs.write_root(tmp_path / "three.root", events=tree)
    fault = inputs.only_fault(inputs.declared(files=path, features=["v", "b"]))
    assert fault.startswith(
        f"datasets.own.features: {path}: branch 'v': holds 3 doubles"
    )
    assert "v[0]" in fault
    keys = {"features": ["x", "b"], "define": {"x": "v * 2"}}
    fault = inputs.only_fault(inputs.declared(files=path, **keys))
    assert fault.startswith(f"datasets.own.features: {path}: x: each event has a list")
    keys["define"] = {"x": "v[1]"}
    events = inputs.ingested(inputs.declared(files=path, **keys), tmp_path)
    inputs.assert_read(events, columns)


def test_too_few_events_are_reported_before_training(write, tmp_path):
    columns = inputs.table(39)
    with pytest.raises(logs.InputError) as error:
        inputs.ingested(inputs.declared(files=write(inputs.csv(columns))), tmp_path)
    assert str(error.value).startswith(
        "datasets.own: 19 signal events in the subset train, but evaluation needs 20"
    )
    assert not list(tmp_path.glob("*.h5"))


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


def test_long_names_of_processes_are_read(tmp_path):
    names = (
        "diboson production with two charged leptons",
        "single top quark production in association with a W boson",
    )
    (tmp_path / "events.csv").write_text(inputs.csv(inputs.table(label=names)))
    process = {"column": "is_signal", "signal": [names[1]], "background": [names[0]]}
    declaration = inputs.declared(
        files=str(tmp_path / "events.csv"), label=None, process=process
    )
    assert len(inputs.ingested(declaration, tmp_path)) == 100
    layout = fold_file.read_layout(str(tmp_path / "train.h5"))
    assert set(layout.processes) == set(names)
