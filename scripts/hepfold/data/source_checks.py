"""Files and addresses of a data set that cannot be read, reported before any job."""

import re
from collections.abc import Iterator
from pathlib import Path

from hepfold.core import logs, settings_datasets
from hepfold.data import event_samples, remote_addresses, sources

# Folder of the files that the workflow generates or downloads, after any prefix that an
# importing workflow sets for all results.
GENERATED = "results/raw/"
# Settings whose addresses have a folder each.
FURTHER = {"apply", "data", "systematics"}


def faults(
    name: str, declared: settings_datasets.Dataset, must_exist: bool
) -> Iterator[str]:
    """What is wrong with the files and addresses of a data set, each in one line."""
    if must_exist:
        yield from missing_files(name, declared)
    yield from faults_of_addresses(name, declared)


def missing_files(name: str, declared: settings_datasets.Dataset) -> Iterator[str]:
    """Local files that do not exist, or are empty."""
    for setting, path in event_samples.local_paths(name, declared):
        location = Path(sources.archive_of(path))
        if GENERATED in path:
            continue
        if not location.is_file() and "*" in path:
            yield f"{setting}: no file matches {path!r}{hint_for(path)}"
        elif not location.is_file():
            yield f"{setting}: no file {path!r}{hint_for(path)}"
        elif location.stat().st_size == 0:
            yield (
                f"{setting}: {path!r} is empty (0 bytes); copy it again, or check that "
                "its file system is mounted"
            )


def hint_for(path: str) -> str:
    """Why a path may not exist: an unsupported scheme, or an unset variable."""
    scheme, is_url, _ = path.partition("://")
    if is_url:
        known = "https, http, root, s3 and file:///"
        return f"; {scheme}:// is not supported, only {known} are"
    variable = re.search(r"\$\{?(\w+)", path)
    return f"; the variable {variable[1]} is not set" if variable else ""


def faults_of_addresses(
    name: str, declared: settings_datasets.Dataset
) -> Iterator[str]:
    """Addresses that cannot be read, such as patterns, or without their package.

    Files of further events, and of one direction of a systematic uncertainty, have a
    folder each: their names must differ. `declaration_checks` covers files with truth.
    """
    seen: dict[tuple[str, str], str] = {}
    for setting, entry in event_samples.every_entry(name, declared):
        if not sources.is_address(entry):
            continue
        location, _ = sources.split(entry)
        try:
            remote_addresses.check(location)
        except logs.InputError as error:
            yield f"{setting}: {error}"
        place = setting.partition(".files")[0]
        if FURTHER & set(place.split(".")[2:3]):
            other = seen.setdefault((place, sources.file_name(location)), location)
            if other != location:
                yield (
                    f"{setting}: {location} and {other} have the same file name; "
                    "rename one of them, since both are downloaded into one folder"
                )
