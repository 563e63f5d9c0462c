"""Tests of data.reading_parts: groups of files, stable as others come and go."""

import numpy as np
import pytest

from hepfold.core import parsing, settings_datasets
from hepfold.data import event_samples, reading_parts

LABEL = {"column": "y", "signal": 1, "background": 0}


def declared(**keys) -> settings_datasets.Dataset:
    keys = {"title": "x", "features": ["a"], **keys}
    return parsing.parse(keys, settings_datasets.Dataset)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Forty files of 100 bytes, read in groups of at most ten."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(reading_parts, "MOST_BYTES", 1000)
    monkeypatch.setattr(reading_parts, "BYTES_TO_OPEN", 0)
    for i in range(40):
        (tmp_path / f"f{i:02}.csv").write_bytes(bytes(100))
    return tmp_path


def names(parts: list[reading_parts.Part]) -> list[tuple[str, ...]]:
    return [part.files for part in parts]


def test_groups_are_all_files_in_order_and_small(folder):
    parts = reading_parts.of("own", declared(files="f*.csv", label=LABEL))
    files = [path for part in parts for path in part.files]
    assert files == [f"f{i:02}.csv" for i in range(40)]
    assert max(len(part.files) for part in parts) <= 10
    assert 4 <= len({part.name for part in parts}) == len(parts) <= 12


def test_a_set_of_few_bytes_is_one_job(folder):
    assert reading_parts.of("own", declared(files="f0*.csv", label=LABEL)) == []
    files = ["f0*.csv", "f10.csv"]
    assert len(reading_parts.of("own", declared(files=files, label=LABEL))) > 1


def test_opening_a_file_counts(folder, monkeypatch):
    monkeypatch.setattr(reading_parts, "BYTES_TO_OPEN", 200)
    parts = reading_parts.of("own", declared(files="f0*.csv", label=LABEL))
    assert max(len(part.files) for part in parts) <= 3


@pytest.mark.parametrize(
    "keys",
    [
        {"units": "recovered"},
        {"test": {"last": 5}},
        {"files": ["f*.csv", "https://a.b/c.csv"]},
        {"files": "toy", "toy": "higgs"},
    ],
)
def test_sets_that_need_all_events_are_one_job(folder, keys):
    assert (
        reading_parts.of("own", declared(**{"files": "f*.csv", "label": LABEL} | keys))
        == []
    )


def test_a_file_more_changes_its_group_alone(folder):
    """Groups begin again where the name of a file says so."""
    for i in range(40, 400):
        (folder / f"g{i}.csv").write_bytes(bytes(100))
    whole = declared(files="*.csv", label=LABEL)
    before = reading_parts.of("own", whole)
    (folder / "f055.csv").write_bytes(bytes(100))
    after = reading_parts.of("own", whole)
    changed = set(names(after)) - set(names(before))
    assert any("f055.csv" in group for group in changed)
    assert len(changed) <= 4 and len(before) > 40
    (folder / "f055.csv").unlink()
    assert reading_parts.of("own", whole) == before


def test_a_part_of_a_process_keeps_its_code(folder):
    process = {"files": "f0*.csv", "label": "signal"}
    own = {
        "a": process,
        "b": {**process, "files": "f*.csv", "label": "background", "select": "a > 0"},
        "c": {**process, "files": "f3*.csv", "xsec_pb": 1.0, "sum_of_weights": 5.0},
    }
    whole = declared(processes=own, luminosity_ipb=3)
    plain = parsing.as_dict(whole)
    parts = reading_parts.of("own", whole)
    assert [part.name.split("_")[0] for part in parts] == sorted(
        part.name.split("_")[0] for part in parts
    )
    for part in parts:
        of_part = reading_parts.declared_part(plain, part)
        parsed = parsing.parse(of_part, settings_datasets.Dataset)
        sample = event_samples.of("own", parsed, "", "")[-1]
        expected = event_samples.of("own", whole, "", "")[part.i_sample]
        assert sample.files == part.files and set(part.files) <= set(expected.files)
        assert sample.process == expected.process and sample.select == expected.select
        assert event_samples.process_names(parsed) == tuple(own)[: part.i_sample + 1]
        assert sample.process_settings.xsec_pb is None
    # Another process, or another file of one, is nothing to a part.
    more = plain | {"processes": {**plain["processes"], "d": plain["processes"]["c"]}}
    assert reading_parts.declared_part(more, parts[0]) == reading_parts.declared_part(
        plain, parts[0]
    )


def test_parts_of_training_and_test_files(folder):
    whole = declared(files="f[0-2]*.csv", test={"files": "f3*.csv"}, label=LABEL)
    plain = parsing.as_dict(whole)
    parts = reading_parts.of("own", whole)
    subsets = []
    for part in parts:
        of_part = reading_parts.declared_part(plain, part)
        parsed = parsing.parse(of_part, settings_datasets.Dataset)
        sample = event_samples.of("own", parsed, "", "")[-1]
        assert sample.files == part.files
        subsets.append(sample.subset)
    assert subsets == [("train", "test")[part.i_sample] for part in parts]
    assert set(np.unique(subsets)) == {"train", "test"}


def test_checksums_go_with_their_files(folder):
    entries = [f"f{i:02}.csv#sha256={i:064x}" for i in range(40)]
    plain = parsing.as_dict(declared(files=entries, label=LABEL))
    for part in reading_parts.of("own", declared(files=entries, label=LABEL)):
        files = reading_parts.declared_part(plain, part)["files"]
        assert set(files) <= set(entries) and len(files) == len(part.files)
