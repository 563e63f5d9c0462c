"""Tests of data.sources: the meaning of the entries of a source."""

import pytest

from hepfold.data import sources


@pytest.mark.parametrize(
    ("entry", "location", "checksum"),
    [
        ("data/x.csv.gz", "data/x.csv.gz", None),
        ("https://a.b/x#adler32=e4", "https://a.b/x", "adler32=e4"),
        ("toy", "toy", None),
    ],
)
def test_entry_is_split(entry, location, checksum):
    assert sources.split(entry) == (location, checksum)


def test_files_are_in_order_and_patterns_sorted(tmp_path):
    for name in ("b.csv", "a.csv", "c.root"):
        (tmp_path / name).touch()
    source = [
        f"{tmp_path}/c.root",
        f"{tmp_path}/*.csv",
        "https://x.y/d.csv",
        "toy",
    ]
    assert sources.files(source, "made.csv.gz", "folder") == [
        f"{tmp_path}/c.root",
        f"{tmp_path}/a.csv",
        f"{tmp_path}/b.csv",
        "folder/d.csv",
        "made.csv.gz",
    ]


def test_a_pattern_without_a_match_is_kept(tmp_path):
    assert sources.local_files(f"{tmp_path}/*.csv") == [f"{tmp_path}/*.csv"]


def test_local_folders_are_left_out():
    source = ["/home/someone/x.csv.gz#md5=1", "https://a.b/x.csv"]
    assert sources.without_folders(source) == ["x.csv.gz", "https://a.b/x.csv"]


def test_checksums_are_those_of_local_files():
    source = ["x.csv.gz#md5=1", "y.csv", "https://a.b/x.csv#md5=2"]
    assert sources.checksums(source) == [("x.csv.gz", "md5=1")]


def test_a_mirror_is_a_folder_or_an_archive():
    mirrors = ["https://m.n/data/", "https://m.n/all.zip"]
    assert sources.mirrors_of("https://a.b/x.csv.gz", mirrors) == [
        "https://m.n/data/x.csv.gz",
        "https://m.n/all.zip",
    ]


def test_a_member_is_in_the_archive_of_its_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "new!.csv").touch()
    assert sources.archive_of("a.zip!a.csv") == "a.zip"
    assert sources.archive_of("a.csv") == "a.csv"
    assert sources.archive_of("new!.csv") == "new!.csv"


def test_toys_are_recognized():
    assert sources.is_toy("toy")
    assert sources.is_toy(["a.csv", "toy"])
    assert not sources.is_toy("simulation.csv")


def test_the_files_of_a_pattern_have_their_names(tmp_path):
    for name in ("b2.root", "b1.root", "c.root"):
        (tmp_path / name).touch()
    source = ["toy", f"{tmp_path}/b*.root", f"{tmp_path}/d*.root"]
    assert sources.without_folders(source) == ["toy", "b1.root", "b2.root", "d*.root"]


@pytest.mark.parametrize(
    ("entry", "location"),
    [
        ("file:///data/a%20b.csv", "/data/a b.csv"),
        ("file://localhost/data/a.csv", "/data/a.csv"),
        ("file://other/a.csv", "file://other/a.csv"),
        ("~/a.csv", "/home/reader/a.csv"),
        ("$EVENTS/a.csv", "root://a.b//eos/a.csv"),
        ("${EVENTS}/a.csv", "root://a.b//eos/a.csv"),
        ("$ABSENT/a.csv", "$ABSENT/a.csv"),
        ("s3://bucket/~a.csv", "s3://bucket/~a.csv"),
    ],
)
def test_variables_and_local_urls_are_expanded(monkeypatch, entry, location):
    monkeypatch.setenv("HOME", "/home/reader")
    monkeypatch.setenv("EVENTS", "root://a.b//eos")
    monkeypatch.delenv("ABSENT", raising=False)
    assert sources.split(f"{entry}#md5=1") == (location, "md5=1")


def test_addresses_are_recognized_after_their_variables(monkeypatch):
    monkeypatch.setenv("EVENTS", "s3://bucket")
    source = ["$EVENTS/a.csv", "root://a.b//c.root", "gs://b/c.csv", "c.csv"]
    assert sources.addresses(source) == source[:2]
    assert sources.files(source[:2], "", "folder") == ["folder/a.csv", "folder/c.root"]
