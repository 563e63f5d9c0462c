"""Tests of data.downloads against a local server."""

import os
import re
from unittest.mock import Mock

import pytest
import servers
from servers import ARCHIVES, CHECKSUM, CONTENT, HALF, SIZE

import download
from hepfold.core import logs
from hepfold.data import downloads, transfers

REMEDY = (
    r"\. Put file.gz into \S+/ \(`data_folder`\) and start again, "
    r"or use toy events: set datasets.higgs.files to toy"
)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(transfers, "BACKOFF_SECONDS", 0.001)
    monkeypatch.setattr(transfers, "TIMEOUT_SECONDS", 0.3)
    with servers.serving() as server:
        yield server


@pytest.fixture
def fetch(server, tmp_path, caplog):
    """Run `fetch` to `raw/events` from addresses with these words; return the log."""
    caplog.set_level("INFO")

    def run(words, checksum=CHECKSUM, data_folder="absent"):
        names = [w if "/" in w else f"{w}/file.gz" for w in words.split()]
        address, *mirrors = [f"{server.address}/{name}" for name in names]
        path = tmp_path / "raw/events"
        downloads.fetch(address, checksum, mirrors, str(data_folder), path, "higgs")
        return caplog.text

    return run


def left(tmp_path) -> dict[str, bytes]:
    """The files in the folder."""
    return {path.name: path.read_bytes() for path in (tmp_path / "raw").iterdir()}


def break_off(server, fetch, words="ranges-cut"):
    """Leave half a file, like an aborted run."""
    server.n_bad = 99
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transfers, "N_TRIES", 1)
        with pytest.raises(logs.NetworkError, match="more expected"):
            fetch(words)
    server.n_bad, server.ranges, server.n_sent = 0, [], []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "message", "n_sent"),
    [
        ("whole", "is complete", [SIZE]),
        ("packed", "is complete", [SIZE]),
        ("503", "503 Service Unavailable; next try in 0 s", [0, SIZE]),
        ("429", "429 Too Many Requests; next try in 0 s", [0, SIZE]),
        ("ranges-cut", "IncompleteRead", [HALF, SIZE - HALF]),
        ("ranges-cut-untagged", "IncompleteRead", [HALF, SIZE - HALF]),
        ("ranges-stall", "timed out; next try in", [HALF, SIZE - HALF]),
        ("ranges-cut-changing", "IncompleteRead", [HALF, SIZE]),
        ("cut", f"{HALF} bytes read, {SIZE - HALF} more expected", [HALF, SIZE]),
        ("ranges-overstated", "10 more expected", [SIZE, 0]),
        ("404 whole", "answered 404 Not Found", [0, SIZE]),
        ("wrong moved", "wrong checksum", [SIZE, 0, SIZE]),
        ("404 ok/good.zip", "/good.zip", [0, len(ARCHIVES["good.zip"])]),
    ],
)
def test_file_comes_through(server, fetch, tmp_path, words, message, n_sent):
    assert message in fetch(words)
    assert left(tmp_path) == {"events": CONTENT}
    assert server.n_sent == n_sent


@pytest.mark.parametrize(
    ("words", "message", "n_tries"),
    [
        ("404", "404 Not Found", 1),
        ("wrong", "wrong checksum, sha256 is [0-9a-f]{64}, not [0-9a-f]{64}", 1),
        ("circle", "Exceeded 30 redirects.", 31),
        ("404 ok/two.zip", "bad zip archive, 2 of its files .*, not 1", 2),
        ("404 ok/none.zip", "bad zip archive, 0 of its files are named file.gz.*", 2),
        ("404 ok/lzma.zip", "file.gz is packed by another method than deflate", 2),
        ("404 ok/bomb.zip", "bad zip archive, Bad CRC-32 for file 'file.gz'", 2),
        ("404 ok/text.zip", "bad zip archive, File is not a zip file", 2),
        ("404 ok/wrong.zip", "wrong checksum, .*", 2),
    ],
)
def test_a_failure_leaves_nothing(server, fetch, tmp_path, words, message, n_tries):
    server.n_bad, last = 99, words.split()[-1]
    tried = r" \(last of 2 addresses tried\)" if " " in words else ""
    with pytest.raises(logs.InputError) as error:
        fetch(words)
    expected = f"http://[^ ]*{last}[^ ]*: .*{message}{tried}{REMEDY}"
    assert re.fullmatch(expected, str(error.value))
    assert len(server.ranges) == n_tries
    assert left(tmp_path) == {}


@pytest.mark.parametrize("words", ["503", "404 503"])
def test_a_server_in_trouble_is_no_bad_input(server, fetch, tmp_path, words):
    server.n_bad = 99
    tried = r" \(last of 2 addresses tried\)" if " " in words else ""
    with pytest.raises(logs.NetworkError) as error:
        fetch(words)
    answer = "the server answered 503 Service Unavailable"
    expected = rf"Cannot download from 127.0.0.1:\d+: {answer}{tried}{REMEDY}"
    assert re.fullmatch(expected, str(error.value))
    assert len(server.ranges) == 5 + len(words.split())
    assert left(tmp_path) == {}


def test_tries_end_when_a_line_brings_nothing_more(server, fetch, tmp_path):
    server.n_bad = 99
    with pytest.raises(logs.NetworkError, match="more expected"):
        fetch("cut")
    assert server.n_sent == [HALF] * 6
    assert set(left(tmp_path)) == {"events.part", "events.part.json"}


@pytest.mark.parametrize("words", ["ranges-cut", "ranges-cut-untagged"])
def test_leftover_of_an_earlier_run_is_continued(server, fetch, tmp_path, words):
    break_off(server, fetch, words)
    assert left(tmp_path)["events.part"] == CONTENT[:HALF]
    fetch(words)
    assert left(tmp_path) == {"events": CONTENT}
    assert server.ranges == [f"bytes={HALF}-"]
    assert server.n_sent == [SIZE - HALF]


@pytest.mark.parametrize(
    ("words", "name", "content", "n_sent"),
    [
        ("ranges-cut-changing", "any", b"", [SIZE]),
        ("cut", "any", b"", [SIZE]),
        ("ranges-cut", "events.part", CONTENT, [0]),
        ("ranges-cut", "events.part", CONTENT + b"+", [0, SIZE]),
        ("ranges-cut", "events.part", b"?" * HALF, [SIZE - HALF, SIZE]),
        ("ranges-cut", "events.part.json", b"[]", [SIZE]),
        ("ranges-cut", "events.part.json", b"not JSON", [SIZE]),
        ("ranges-cut", "events.part.json", b'{"address": "http://a.b/c"}', [SIZE]),
    ],
)
def test_leftover_is_not_trusted(server, fetch, tmp_path, words, name, content, n_sent):
    break_off(server, fetch, words)
    server.ranges.append("so that the tag of a changing file is another")
    (tmp_path / "raw" / name).write_bytes(content)
    fetch(words)
    assert left(tmp_path)["events"] == CONTENT
    assert set(left(tmp_path)) <= {"events", "any"}
    assert server.n_sent == n_sent


@pytest.mark.parametrize(
    ("content", "checksum", "message", "n_requests"),
    [
        (CONTENT, CHECKSUM.upper().replace("SHA", "sha"), "nothing to download", 0),
        (b"event", CHECKSUM, "Local copy not used", 1),
        (CONTENT, None, "no checksum to verify it", 1),
    ],
)
def test_data_folder(server, fetch, tmp_path, content, checksum, message, n_requests):
    mine = tmp_path / "mine"
    mine.write_bytes(content)
    (tmp_path / "file.gz").symlink_to(mine)
    assert message in fetch("whole/file.gz?a=/b", checksum, tmp_path)
    assert left(tmp_path) == {"events": CONTENT}
    assert len(server.ranges) == n_requests
    assert mine.read_bytes() == content
    assert mine.stat().st_nlink == 2 - n_requests


def test_data_folder_is_copied_where_no_link_can_be(fetch, tmp_path, monkeypatch):
    mine, left_by_a_kill = tmp_path / "file.gz", tmp_path / "raw/.events.part"
    mine.write_bytes(CONTENT)
    left_by_a_kill.parent.mkdir()
    left_by_a_kill.hardlink_to(mine)
    monkeypatch.setattr(os, "link", Mock(side_effect=OSError))
    fetch("404", data_folder=tmp_path)
    assert left(tmp_path) == {"events": CONTENT}
    assert mine.stat().st_nlink == 1


@pytest.mark.parametrize(
    ("words", "name"), [("whole", "events.part"), ("404 ok/good.zip", ".events.part")]
)
def test_disk_full(fetch, tmp_path, words, name):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / name).symlink_to("/dev/full")
    with pytest.raises(logs.InputError) as error:
        fetch(words)
    assert str(error.value) == f"{tmp_path}/raw/events: No space left on device"
    assert not (tmp_path / "raw/events").exists()


def test_without_network_the_error_says_what_to_do(server, tmp_path):
    name = "atlas-higgs-challenge-2014-v2.csv.gz"
    address = f"http://user:password@127.0.0.1:1/{name}"
    path = tmp_path / "raw/events"
    with pytest.raises(logs.NetworkError) as error:
        downloads.fetch(address, None, [], "data", path, "higgsml")
    assert str(error.value) == (
        "Cannot reach 127.0.0.1:1: Connection refused. "
        f"Put {name} (65,630,848 bytes) into data/ (`data_folder`) and start "
        "again, or use toy events: set datasets.higgsml.files to toy"
    )
    assert left(tmp_path) == {}


def test_a_file_of_two_processes_is_downloaded_once(server, tmp_path):
    address = f"{server.address}/whole/file.gz#{CHECKSUM}"
    params = {
        "wildcards": {"dataset": "set"},
        "files": [address, address],
        "mirrors": [],
        "data_folder": "absent",
    }
    download.download(params, str(tmp_path / "raw"))
    assert left(tmp_path) == {"file.gz": CONTENT}
    assert len(server.n_sent) == 1


@pytest.mark.parametrize(
    ("address", "checksum", "message"),
    [
        ("ftp://a.b/c", None, "ftp://a.b/c: not an http, https, root or s3 address"),
        ("http://a.b/c", "sha256=00", "checksum sha256=00 is not adler32="),
        ("http://a.b/c", "crc32=00000000", "checksum crc32=00000000 is not"),
    ],
)
def test_malformed_addresses_and_checksums_are_named(
    tmp_path, address, checksum, message
):
    with pytest.raises(logs.InputError, match=message):
        downloads.fetch(address, checksum, [], "data", tmp_path / "raw/events", "higgs")
    assert not (tmp_path / "raw").exists()
