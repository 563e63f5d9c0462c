"""Files over XRootD, S3 and HTTP, from servers on this machine; lines are cut."""

import hashlib
import os
import re
import shutil
import time
from pathlib import Path

import pytest
import remote_servers

from hepfold.core import logs
from hepfold.data import downloads, remote_files, transfers

pytestmark = pytest.mark.remote
# What the client of XRootD reads once: it gives up soon.
os.environ |= {
    "XRD_CONNECTIONWINDOW": "1",
    "XRD_CONNECTIONRETRY": "1",
    "XRD_STREAMERRORWINDOW": "1",
}
SIZE, BLOCK = 2_000_000, 1 << 17
NAME = "file.bin"
SCHEMES = ("root", "s3", "http")


@pytest.fixture(params=SCHEMES)
def served(request, tmp_path, monkeypatch):
    """Address of a folder behind a line, the folder, and the line."""
    monkeypatch.setattr(remote_files, "BLOCK_BYTES", BLOCK)
    monkeypatch.setattr(transfers, "BACKOFF_SECONDS", 0.01)
    if request.param == "root":
        pytest.importorskip("fsspec_xrootd")
        if not shutil.which("xrootd"):
            pytest.skip("needs the server xrootd, Debian package xrootd-server")
        with remote_servers.xrootd() as (port, folder):
            line = remote_servers.Line(port)
            yield f"root://127.0.0.1:{line.port}/", folder, line
        return
    (tmp_path / "served/events").mkdir(parents=True)
    with remote_servers.bucket(tmp_path / "served") as port:
        line = remote_servers.Line(port)
        if request.param == "http":
            yield (
                f"http://127.0.0.1:{line.port}/events",
                tmp_path / "served/events",
                line,
            )
            return
        pytest.importorskip("s3fs")
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{line.port}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "reader")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        yield "s3://events", tmp_path / "served/events", line


def serve(folder: Path, content: bytes) -> str:
    """Put a file on the server; returns its checksum."""
    (folder / NAME).write_bytes(content)
    (folder / NAME).chmod(0o644)
    return f"sha256={hashlib.sha256(content).hexdigest()}"


def fetch(served, tmp_path, checksum) -> bytes:
    path = tmp_path / "raw/events"
    address = f"{served[0]}/{NAME}"
    downloads.fetch(address, checksum, [], str(tmp_path / "none"), path, "higgs")
    return path.read_bytes()


def test_a_file_arrives_whole(served, tmp_path):
    content = os.urandom(SIZE)
    assert fetch(served, tmp_path, serve(served[1], content)) == content


def test_a_line_that_is_cut_once_does_no_harm(served, tmp_path):
    content = os.urandom(SIZE)
    checksum = serve(served[1], content)
    served[2].n_left = SIZE // 2
    assert fetch(served, tmp_path, checksum) == content
    assert served[2].is_cut
    assert served[2].n_sent < 1.5 * SIZE


def test_the_next_run_resumes(served, tmp_path, monkeypatch):
    content = os.urandom(SIZE)
    checksum = serve(served[1], content)
    line = served[2]
    line.n_left, line.stays_down = SIZE // 2, True
    with monkeypatch.context() as patch:
        patch.setattr(transfers, "N_TRIES", 2)
        with pytest.raises(
            logs.NetworkError, match=r"^Cannot .*Put file\.bin"
        ) as error:
            fetch(served, tmp_path, checksum)
    assert "\n" not in str(error.value) and "object at" not in str(error.value)
    assert not (tmp_path / "raw/events").exists()
    n_held = (tmp_path / "raw/events.part").stat().st_size
    assert 0 < n_held < SIZE
    line.mend()
    # XRootD's client gives up a broken connection for XRD_STREAMERRORWINDOW seconds.
    time.sleep(2)
    assert fetch(served, tmp_path, checksum) == content
    assert line.n_sent < SIZE - n_held + BLOCK


def test_a_file_that_changed_is_fetched_anew(served, tmp_path, monkeypatch):
    old, new = os.urandom(SIZE), os.urandom(SIZE - 100)
    checksum = serve(served[1], old)
    line = served[2]
    line.n_left, line.stays_down = SIZE // 2, True
    with monkeypatch.context() as patch:
        patch.setattr(transfers, "N_TRIES", 1)
        with pytest.raises(logs.NetworkError):
            fetch(served, tmp_path, checksum)
    line.mend()
    time.sleep(2)
    assert fetch(served, tmp_path, serve(served[1], new)) == new


def test_corrupt_content_is_discarded(served, tmp_path):
    checksum = serve(served[1], os.urandom(SIZE))
    serve(served[1], os.urandom(SIZE))
    with pytest.raises(logs.InputError, match="wrong checksum"):
        fetch(served, tmp_path, checksum)
    assert list((tmp_path / "raw").iterdir()) == []


def test_an_absent_file_is_reported_at_once(served, tmp_path):
    with pytest.raises(logs.InputError) as error:
        fetch(served, tmp_path, None)
    message = str(error.value)
    assert message.startswith(f"{served[0]}/{NAME}: ")
    assert re.search("(?i)no such|not found", message)
    assert "\n" not in message
