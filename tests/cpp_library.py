"""ONNX Runtime for C++: headers of a Debian package, and the library of the wheel."""

import shutil
import subprocess
from pathlib import Path

import onnxruntime
import pytest

INSTALLED = Path("/usr/include/onnxruntime")
PACKAGE = "libonnxruntime-dev"
# Debian 12 has no such package; the headers of a later release need no other package.
# A library supports the interface of all earlier headers.
RELEASE = "trixie"


def headers(folder: Path) -> Path:
    """Folder of the headers: the installed ones, or those of a later Debian release.

    Skips the test where neither can be had.
    """
    if INSTALLED.is_dir():
        return INSTALLED
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        pytest.skip(f"needs the Debian package {PACKAGE}")
    apt = ["apt-get", "-qq", *options(folder)]
    for command in (["update"], ["download", f"{PACKAGE}/{RELEASE}"]):
        run = subprocess.run(
            [*apt, *command], cwd=folder, capture_output=True, text=True
        )
        if run.returncode:
            reason = (run.stderr.splitlines() or ["no reason given"])[-1]
            pytest.skip(f"{PACKAGE} cannot be downloaded: {reason}")
    (package,) = folder.glob(f"{PACKAGE}_*.deb")
    subprocess.run(["dpkg-deb", "-x", package, folder / "unpacked"], check=True)
    return folder / "unpacked" / INSTALLED.relative_to("/")


def options(folder: Path) -> list[str]:
    """Options of apt that leave the lists of packages of this machine alone."""
    targets = ["apt-get", "indextargets", "--format", "$(SITE)", "Origin: Debian"]
    sites = subprocess.run(targets, capture_output=True, text=True).stdout.split()
    if not sites:
        pytest.skip("no Debian server is configured; run `apt-get update`")
    keys = "/usr/share/keyrings/debian-archive-keyring.gpg"
    sources = folder / "sources.list"
    sources.write_text(f"deb [signed-by={keys}] {sites[0]} {RELEASE} main\n")
    (folder / "lists/partial").mkdir(parents=True)
    (folder / "cache/archives/partial").mkdir(parents=True)
    values = {
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "-",
        "Dir::State::lists": folder / "lists",
        "Dir::Cache": folder / "cache",
    }
    return [f"-o{name}={value}" for name, value in values.items()]


def library(folder: Path) -> Path:
    """Link to the library in the Python package, by the names that linkers use."""
    capi = Path(onnxruntime.__file__).parent / "capi"
    (file,) = capi.glob("libonnxruntime.so.*")
    for name in ("libonnxruntime.so", "libonnxruntime.so.1"):
        (folder / name).symlink_to(file)
    return folder / "libonnxruntime.so"


def build(source: Path, headers: Path, library: Path, folder: Path) -> Path:
    """The program that CMake builds from the example."""
    paths = {"ONNXRUNTIME_INCLUDE_DIR": headers, "ONNXRUNTIME_LIBRARY": library}
    defined = [f"-D{name}={path}" for name, path in paths.items()]
    for command in (
        ["cmake", "-S", source, "-B", folder, *defined],
        ["cmake", "--build", folder],
    ):
        run = subprocess.run(command, capture_output=True, text=True)
        assert run.returncode == 0, run.stdout + run.stderr
    return folder / "score_events"
