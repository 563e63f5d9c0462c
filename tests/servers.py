"""A local web server for tests of downloads; the address selects how it fails."""

import hashlib
import io
import re
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# Begins as gzip does: the content has to arrive as it is, not unpacked.
CONTENT = b"\x1f\x8b" + bytes(range(256)) * 400
SIZE, HALF = len(CONTENT), len(CONTENT) // 2
CHECKSUM = f"sha256={hashlib.sha256(CONTENT).hexdigest()}"


def zipped(*members, method=zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive of names and contents."""
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
    """Answers `/words/name` as the words request; only the first `n_bad` fail."""

    def do_GET(self):  # the name that the base class calls
        _, words, name = self.path.split("/", 2)
        self.server.ranges.append(self.headers["Range"])
        is_bad = len(self.server.ranges) <= self.server.n_bad
        if is_bad and re.fullmatch("[45]..", words):
            headers = {"Retry-After": self.server.retry_after}
            return self.answer(int(words), b"", headers)
        if words == "moved":
            return self.answer(302, b"", {"Location": "/whole/any"})
        if words == "circle":
            return self.answer(302, b"", {"Location": self.path})
        content = ARCHIVES.get(name, CONTENT[::-1] if words == "wrong" else CONTENT)
        is_short = is_bad and re.search("cut|stall", words)
        self.send_file(content, words, HALF if is_short else None)
        if is_short and "stall" in words:
            self.server.end.wait(5)

    def send_file(self, content, words, end):
        tag = f'"{len(self.server.ranges)}"' if "changing" in words else '"same"'
        first, size = self.first_byte(tag) if "ranges" in words else 0, len(content)
        if first >= size:
            return self.answer(416, b"", {"Content-Range": f"bytes */{size}"})
        headers = {"Content-Length": size - first + 10 * ("overstated" in words)}
        headers["Content-Encoding"] = "gzip" if "packed" in words else None
        headers["ETag"] = None if "untagged" in words else tag
        headers["Content-Range"] = f"bytes {first}-{size - 1}/{size}" if first else None
        self.answer(206 if first else 200, content[first:end], headers)

    def first_byte(self, tag):
        header = self.headers["Range"]
        is_same = self.headers["If-Range"] in (None, tag)
        return int(header.removeprefix("bytes=")[:-1]) if header and is_same else 0

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


@contextmanager
def serving() -> Iterator[ThreadingHTTPServer]:
    """A server with the `ranges` that clients request and the bytes of each answer."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.n_bad, server.retry_after, server.ranges, server.n_sent = 1, None, [], []
    server.end = threading.Event()
    server.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.end.set()
    server.shutdown()
    server.server_close()
