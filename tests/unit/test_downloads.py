"""Tests of hepfold.downloads against a local server."""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from hepfold import downloads, logs

CONTENT = b"event,label\n" * 1000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """Answers by path: the whole content, half of it, or an error."""

    def do_GET(self):  # the name that the base class calls
        self.server.n_requests += 1
        if self.path == "/absent":
            return self.send_error(404)
        if self.path == "/busy" and self.server.n_requests == 1:
            return self.send_error(503)
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        half = len(CONTENT) // 2 if self.path == "/cut" else None
        self.wfile.write(CONTENT[:half])

    def log_message(self, *args):
        """Keep the terminal quiet."""


@pytest.fixture
def address():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.n_requests = 0
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("name", ["/whole", "/busy"])
def test_file_comes_through_also_after_a_busy_answer(address, tmp_path, name):
    path = tmp_path / "raw/file"
    downloads.fetch(address + name, f"sha256={DIGEST}", path)
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("name", "checksum", "message"),
    [
        ("/absent", None, "404"),
        ("/cut", None, "6000 bytes read, 6000 more expected"),
        ("/whole", "sha256=00", "wrong checksum, sha256 is"),
    ],
)
def test_a_bad_transfer_leaves_nothing(address, tmp_path, name, checksum, message):
    with pytest.raises(logs.InputError, match=message) as error:
        downloads.fetch(address + name, checksum, tmp_path / "file")
    assert address + name in str(error.value)
    assert list(tmp_path.iterdir()) == []
