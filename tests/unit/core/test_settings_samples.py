"""Tests of core.settings_samples: files with checksums, and ways to choose events."""

import pytest

from hepfold.core import settings_samples


def test_entries_of_one_file_and_of_a_list():
    assert settings_samples.entries("a.csv") == ("a.csv",)
    assert settings_samples.entries(("a.csv", "b.csv")) == ("a.csv", "b.csv")


@pytest.mark.parametrize("files", [(), "a.csv#crc=1", ("a.csv", "b.csv#md5="), "a#b#c"])
def test_files_are_places_with_a_known_checksum(files):
    with pytest.raises(ValueError, match=r"files must not be empty|must be a file or"):
        settings_samples.Sample(files=files)
    with pytest.raises(ValueError, match=r"files must not be empty|must be a file or"):
        settings_samples.Process(files=files, label="signal")
    with pytest.raises(ValueError, match=r"files must not be empty|must be a file or"):
        settings_samples.TestEvents(files=files)


@pytest.mark.parametrize("checksum", ["adler32=e4717bbe", "sha256=0A", "md5=1"])
def test_a_checksum_may_stand_behind_a_file(checksum):
    settings_samples.check_entries(f"https://a.org/b.csv#{checksum}", "files")


@pytest.mark.parametrize("changes", [{"xsec_pb": 1.0}, {"sum_of_weights": 2.0}])
def test_a_cross_section_needs_a_sum_of_weights(changes):
    with pytest.raises(ValueError, match="need each other"):
        settings_samples.Process(files="a.root", label="signal", **changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "one of last, files and column"),
        ({"last": 5, "files": "a.csv"}, "one of last, files and column"),
        ({"last": 5, "column": "s", "train": 1}, "one of last, files and column"),
        ({"column": "s"}, "column and train need each other"),
        ({"last": 5, "train": 1}, "column and train need each other"),
    ],
)
def test_test_events_are_chosen_in_one_way(changes, message):
    with pytest.raises(ValueError, match=message):
        settings_samples.TestEvents(**changes)
