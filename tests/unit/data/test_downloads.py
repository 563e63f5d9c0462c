"""Tests of data.downloads against a local server."""

import hashlib
import io
import os
import re
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest.mock import Mock, call

import pytest

from hepfold.core import logs
from hepfold.data import downloads

# Begins as gzip does: the content has to come as it is, not unpacked.
CONTENT = b"\x1f\x8b" + bytes(range(256)) * 400
SIZE, HALF = len(CONTENT), len(CONTENT) // 2
CHECKSUM = f"sha256={hashlib.sha256(CONTENT).hexdigest()}"


def zipped(*members, method=zipfile.ZIP_DEFLATED) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", method) as file:
        for name, content in members:
            file.writestr(name, content)
    return archive.getvalue()


SIZES = [n.to_bytes(4, "little") for n in (SIZE, SIZE - 10)]
ARCHIVES = {
    "good.zip": zipped(("readme", b""), ("../../a\\file.gz", CONTENT)),
    "two.zip": zipped(("a/file.gz", CONTENT), ("file.gz", CONTENT)),
    "none.zip": zipped(("file.gz/", b""), ("file.gz.txt", b"")),
    "lzma.zip": zipped(("file.gz", CONTENT), method=zipfile.ZIP_LZMA),
    "wrong.zip": zipped(("file.gz", b"event")),
    "bomb.zip": zipped(("file.gz", CONTENT)).replace(*SIZES),  # declares too little
    "text.zip": b"<html>moved</html>",
}


class Handler(BaseHTTPRequestHandler):
    """Answers `/words/name` as the words tell; bad, only the first `n_bad` times."""

    def do_GET(self):  # the name that the base class calls
        _, words, name = self.path.split("/", 2)
        self.server.asked.append(self.headers["Range"])
        is_bad = len(self.server.asked) <= self.server.n_bad
        if is_bad and re.fullmatch("[45]..", words):
            headers = {"Retry-After": self.server.retry_after}
            return self.answer(int(words), b"", headers)
        if words == "moved":
            return self.answer(302, b"", {"Location": "/whole/any"})
        content = ARCHIVES.get(name, CONTENT[::-1] if words == "wrong" else CONTENT)
        is_short = is_bad and re.search("cut|stall", words)
        self.send_file(content, words, HALF if is_short else None)
        if is_short and "stall" in words:
            self.server.end.wait(5)

    def send_file(self, content, words, end):
        tag = f'"{len(self.server.asked)}"' if "changing" in words else '"same"'
        first, size = self.first_byte(tag) if "ranges" in words else 0, len(content)
        if first >= size:
            return self.answer(416, b"", {"Content-Range": f"bytes */{size}"})
        headers = {"Content-Length": size - first + 10 * ("overstated" in words)}
        headers["Content-Encoding"] = "gzip" if "packed" in words else None
        headers["ETag"] = None if "untagged" in words else tag
        headers["Content-Range"] = f"bytes {first}-{size - 1}/{size}" if first else None
        self.answer(206 if first else 200, content[first:end], headers)

    def first_byte(self, tag):
        asked = self.headers["Range"]
        is_same = self.headers["If-Range"] in (None, tag)
        return int(asked.removeprefix("bytes=")[:-1]) if asked and is_same else 0

    def answer(self, status, body, headers):
        self.send_response(status)
        for name, value in ({"Content-Length": len(body)} | headers).items():
            if value is not None:
                self.send_header(name, str(value))
        self.server.n_sent.append(len(body))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Keep the terminal quiet."""


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(downloads, "BACKOFF_SECONDS", 0.001)
    monkeypatch.setattr(downloads, "TIMEOUT_SECONDS", 0.3)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.n_bad, server.retry_after, server.asked, server.n_sent = 1, None, [], []
    server.end = threading.Event()
    server.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.end.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def fetch(server, tmp_path, caplog):
    """`fetch` to `raw/events` from the addresses of these words; gives the log."""
    caplog.set_level("INFO")

    def run(words, checksum=CHECKSUM, preseeded=None):
        names = [w if "/" in w else f"{w}/file.gz" for w in words.split()]
        address, *mirrors = [f"{server.address}/{name}" for name in names]
        downloads.fetch(address, checksum, mirrors, preseeded, tmp_path / "raw/events")
        return caplog.text

    return run


def left(tmp_path) -> dict[str, bytes]:
    """What lies in the folder."""
    return {path.name: path.read_bytes() for path in (tmp_path / "raw").iterdir()}


def break_off(server, fetch, words="ranges-cut"):
    """Leave half a file, as a run that gives up."""
    server.n_bad = 99
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(downloads, "N_TRIES", 1)
        with pytest.raises(logs.InputError, match="more expected"):
            fetch(words)
    server.n_bad, server.asked, server.n_sent = 0, [], []


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
        ("503", "503 Service Unavailable", 6),
        ("wrong", "wrong checksum, sha256 is [0-9a-f]{64}, not [0-9a-f]{64}", 1),
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
    expected = f"http://[^ ]*{last}[^ ]*: .*{message}{tried}"
    assert re.fullmatch(expected, str(error.value))
    assert len(server.asked) == n_tries
    assert left(tmp_path) == {}


def test_tries_end_when_a_line_brings_nothing_more(server, fetch, tmp_path):
    server.n_bad = 99
    with pytest.raises(logs.InputError, match="more expected"):
        fetch("cut")
    assert server.n_sent == [HALF] * 6
    assert set(left(tmp_path)) == {"events.part", "events.part.json"}


@pytest.mark.parametrize(("told", "n_tries"), [("0", 6), ("9", 6), ("9999", 1)])
def test_server_says_when_to_ask_again(server, fetch, monkeypatch, told, n_tries):
    monkeypatch.setattr(downloads.time, "sleep", Mock())
    server.n_bad, server.retry_after = 99, told
    with pytest.raises(logs.InputError, match="503"):
        fetch("503")
    assert downloads.time.sleep.mock_calls == [call(int(told))] * (n_tries - 1)
    assert len(server.asked) == n_tries


@pytest.mark.parametrize("words", ["ranges-cut", "ranges-cut-untagged"])
def test_leftover_of_an_earlier_run_is_continued(server, fetch, tmp_path, words):
    break_off(server, fetch, words)
    assert left(tmp_path)["events.part"] == CONTENT[:HALF]
    fetch(words)
    assert left(tmp_path) == {"events": CONTENT}
    assert server.asked == [f"bytes={HALF}-"]
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
    server.asked.append("so that the tag of a changing file is another")
    (tmp_path / "raw" / name).write_bytes(content)
    fetch(words)
    assert left(tmp_path)["events"] == CONTENT
    assert set(left(tmp_path)) <= {"events", "any"}
    assert server.n_sent == n_sent


@pytest.mark.parametrize(
    ("content", "checksum", "message", "n_asked"),
    [
        (CONTENT, CHECKSUM.upper().replace("SHA", "sha"), "nothing is downloaded", 0),
        (b"event", CHECKSUM, "Not used, not known to be the official file", 1),
        (CONTENT, None, "no checksum to verify it by", 1),
    ],
)
def test_preseeded(server, fetch, tmp_path, content, checksum, message, n_asked):
    mine = tmp_path / "mine"
    mine.write_bytes(content)
    (tmp_path / "file.gz").symlink_to(mine)
    assert message in fetch("whole/file.gz?a=/b", checksum, str(tmp_path))
    assert left(tmp_path) == {"events": CONTENT}
    assert len(server.asked) == n_asked
    assert mine.read_bytes() == content
    assert mine.stat().st_nlink == 2 - n_asked


def test_preseeded_is_copied_where_no_link_can_be(fetch, tmp_path, monkeypatch):
    mine, left_by_a_kill = tmp_path / "file.gz", tmp_path / "raw/.events.part"
    mine.write_bytes(CONTENT)
    left_by_a_kill.parent.mkdir()
    left_by_a_kill.hardlink_to(mine)
    monkeypatch.setattr(os, "link", Mock(side_effect=OSError))
    fetch("404", preseeded=tmp_path)
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


def test_no_network(server, tmp_path):
    address = "http://127.0.0.1:1/file.gz"
    with pytest.raises(logs.InputError) as error:
        downloads.fetch(address, None, [], str(tmp_path), tmp_path / "raw/events")
    assert str(error.value) == f"{address}: [Errno 111] Connection refused"
    assert left(tmp_path) == {}


@pytest.mark.parametrize(
    ("address", "checksum", "message"),
    [
        ("ftp://a.b/c", None, "ftp://a.b/c: not an http or https address"),
        ("http://a.b/c", "sha256=00", "checksum sha256=00 is not adler32="),
        ("http://a.b/c", "crc32=00000000", "checksum crc32=00000000 is not"),
    ],
)
def test_slips_are_told_at_once(tmp_path, address, checksum, message):
    with pytest.raises(logs.InputError, match=message):
        downloads.fetch(address, checksum, [], None, tmp_path / "raw/events")
    assert not (tmp_path / "raw").exists()


def test_progress_goes_to_the_log(fetch, monkeypatch):
    monkeypatch.setattr(downloads, "LOG_SECONDS", 0)
    assert re.search(r"100%.* 102k/102k .*B/s", fetch("whole"))
