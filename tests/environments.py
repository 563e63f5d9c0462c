"""Environments with other versions of packages, made for a test."""

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest


def made(folder: Path, *packages: str, inherits: bool = False) -> Path:
    """Python of a new environment with these packages.

    If it `inherits`, all other packages are those of this environment. Skips the test
    where the packages cannot be installed, as without a package registry.
    """
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin/python"
    if inherits:
        (place,) = folder.glob("lib/python*/site-packages")
        (place / "inherited.pth").write_text(sysconfig.get_path("purelib"))
    install = [python, "-m", "pip", "install", "--quiet", *packages]
    run = subprocess.run(install, capture_output=True, text=True)
    if run.returncode:
        reason = (run.stderr.splitlines() or ["no reason given"])[-1]
        pytest.skip(f"pip cannot install {' '.join(packages)}: {reason}")
    return python


def downloaded(folder: Path, package: str) -> Path:
    """The archive of a package, which is not installed; skips like `made`."""
    download = ["pip", "download", "--quiet", "--no-deps", "--dest", folder, package]
    run = subprocess.run(
        [sys.executable, "-m", *download], capture_output=True, text=True
    )
    if run.returncode:
        pytest.skip(f"pip cannot download {package}")
    (archive,) = folder.iterdir()
    return archive
