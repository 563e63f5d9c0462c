"""Tests of data.source_checks: files and addresses that cannot be read."""

import declarations
import pytest

from hepfold.core import settings_datasets
from hepfold.data import remote_addresses, source_checks

TWO = {
    "title": "Two processes",
    "features": ["x"],
    "processes": {
        "one": {"files": "one.root", "label": "signal"},
        "two": {"files": "two.root", "label": "background"},
    },
}


def faults(entry: str) -> list[str]:
    declared = settings_datasets.Dataset(
        title="t",
        features=("x",),
        files=(entry,),
        label={"column": "y", "signal": 1, "background": 0},
    )
    return list(source_checks.faults("set", declared, must_exist=True))


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("absent/a.csv", "no file 'absent/a.csv'"),
        ("absent/*.csv", "no file matches 'absent/*.csv'"),
        (
            "gs://bucket/a.csv",
            "no file 'gs://bucket/a.csv'; gs:// is not supported, only https, http, "
            "root, s3 and file:/// are",
        ),
        (
            "$HEPFOLD_ABSENT/a.csv",
            "no file '$HEPFOLD_ABSENT/a.csv'; the variable HEPFOLD_ABSENT is not set",
        ),
    ],
)
def test_missing_files_are_named(entry, message):
    assert faults(entry) == [f"datasets.set.files: {message}"]


def test_empty_files_are_reported(tmp_path):
    path = tmp_path / "a.csv"
    path.touch()
    (fault,) = faults(f"file://{path}")
    assert fault.startswith(f"datasets.set.files: '{path}' is empty (0 bytes)")
    path.write_text("x,y\n1,0\n")
    assert faults(f"file://{path}") == []


def test_addresses_are_checked_before_any_job(monkeypatch):
    monkeypatch.setattr(remote_addresses.importlib.util, "find_spec", lambda name: None)
    (fault,) = faults("root://a.b//c.root")
    assert fault.startswith("datasets.set.files: root://a.b//c.root: ")
    assert faults("https://a.b/c.csv") == []


def further_faults(**keys) -> list[str]:
    """Faults of the addresses of a data set with two processes."""
    declared = declarations.parse(TWO | keys)
    return list(source_checks.faults("set", declared, must_exist=False))


@pytest.mark.parametrize(
    ("keys", "setting"),
    [
        ({"apply": {"more": {"files": "s3://a/*.root"}}}, "apply.more.files"),
        ({"data": {"files": "s3://a/*.root"}}, "data.files"),
        (
            {"systematics": {"jes": {"up": {"files": {"one": "s3://a/*.root"}}}}},
            "systematics.jes.up.files.one",
        ),
    ],
)
def test_addresses_without_truth_are_checked_too(keys, setting):
    (fault,) = further_faults(**keys)
    assert fault.startswith(f"datasets.set.{setting}: s3://a/*.root: patterns match")


def test_addresses_of_one_folder_have_different_file_names():
    same = ["https://a/x.root", "https://b/x.root"]
    files = {"one": same[0], "two": same[1]}
    for keys in (
        {"apply": {"more": {"files": same}}},
        {"data": {"files": same}},
        {"systematics": {"jes": {"up": {"files": files}}}},
    ):
        (fault,) = further_faults(**keys)
        assert "https://b/x.root and https://a/x.root have the same file name" in fault
    apart = {name: {"files": path} for name, path in zip("ab", same, strict=True)}
    assert further_faults(apply=apart) == []


def test_two_processes_may_be_parts_of_one_file():
    # Two texts, as YAML gives them without an anchor.
    files = {name: "".join(["https://a", "/x.root"]) for name in ("one", "two")}
    assert further_faults(systematics={"jes": {"up": {"files": files}}}) == []
