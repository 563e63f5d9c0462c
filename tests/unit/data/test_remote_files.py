"""Tests of data.remote_files on files in memory."""

import fsspec
import pytest

from hepfold.core import logs
from hepfold.data import remote_addresses, remote_files, transfers

ADDRESS = "memory://events/file.bin"
CONTENT = bytes(range(256)) * 40
BLOCK = 1000


@pytest.fixture
def part(tmp_path, monkeypatch):
    """A part of a file in memory, which is read in blocks without pauses."""
    plugin = remote_addresses.Plugin("fsspec", "fsspec", {})
    monkeypatch.setitem(remote_addresses.PLUGINS, "memory", plugin)
    monkeypatch.setattr(remote_files, "BLOCK_BYTES", BLOCK)
    monkeypatch.setattr(transfers, "BACKOFF_SECONDS", 0)
    serve(CONTENT)
    return transfers.Part(tmp_path / "part", ADDRESS)


def serve(content: bytes) -> None:
    fsspec.filesystem("memory").pipe_file("/events/file.bin", content)


@pytest.fixture
def reads(monkeypatch):
    """Positions that were read; a read at a position in `faults` raises its error."""
    memory, starts = fsspec.get_filesystem_class("memory"), []
    starts_and_faults = (starts, {})
    original = memory.cat_file

    def cat_file(self, path, start, end):
        starts.append(start)
        if error := starts_and_faults[1].pop(start, None):
            raise error
        return original(self, path, start=start, end=end)

    monkeypatch.setattr(memory, "cat_file", cat_file)
    return starts_and_faults


def test_each_byte_is_read_once(part, reads):
    remote_files.complete(part)
    assert part.path.read_bytes() == CONTENT
    assert reads[0] == list(range(0, len(CONTENT), BLOCK))


def test_a_failed_read_is_repeated_from_its_position(part, reads):
    reads[1][3 * BLOCK] = OSError("connection reset")
    remote_files.complete(part)
    assert part.path.read_bytes() == CONTENT
    assert reads[0] == sorted([*range(0, len(CONTENT), BLOCK), 3 * BLOCK])


def test_a_later_run_continues(part, reads, monkeypatch):
    reads[1][2 * BLOCK] = OSError("connection reset")
    with monkeypatch.context() as patch:
        patch.setattr(transfers, "N_TRIES", 1)
        message = "^Cannot download from events: connection reset$"
        with pytest.raises(logs.NetworkError, match=message):
            remote_files.complete(part)
    reads[0].clear()
    remote_files.complete(part)
    assert part.path.read_bytes() == CONTENT
    assert reads[0][0] == 2 * BLOCK


def test_another_size_starts_again(part, reads):
    part.begin("None", 7)
    part.path.write_bytes(b"older")
    remote_files.complete(part)
    assert part.path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    "error", [PermissionError("no access"), OSError("[ERROR] error: [3010] denied")]
)
def test_permanent_errors_are_not_repeated(part, reads, error):
    reads[1][0] = error
    with pytest.raises(logs.InputError, match=rf"^{ADDRESS}: .*(no access|denied)"):
        remote_files.complete(part)
    assert reads[0] == [0]


def test_an_empty_file_is_rejected(part):
    serve(b"")
    with pytest.raises(logs.InputError, match=rf"^{ADDRESS}: the file is empty"):
        remote_files.complete(part)


def test_an_absent_file_is_reported(part):
    fsspec.filesystem("memory").rm("/events/file.bin")
    with pytest.raises(logs.InputError, match=f"^{ADDRESS}: no such file$"):
        remote_files.complete(part)
