"""Servers of remote files on this machine: XRootD, S3, and a line that can be cut."""

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HOST = "127.0.0.1"
SECONDS_TO_START = 20
N_TRIES = 4
# XRootD refuses to run as root.
USER = "daemon"


class Line:
    """A line from a port of its own to a server, cut after `n_left` bytes if given.

    `n_sent` counts the bytes that the server sent. A line that is cut refuses new
    connections if `stays_down`.
    """

    def __init__(self, port: int) -> None:
        self.target, self.n_left, self.stays_down, self.n_sent = port, None, False, 0
        self.is_cut = False
        self.listener = socket.create_server((HOST, 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        """Connect each client to the server."""
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                if self.is_cut and self.stays_down:
                    client.close()
                    continue
                server = socket.create_connection((HOST, self.target))
                for source, sink in ((client, server), (server, client)):
                    pair = (source, sink, source is server)
                    threading.Thread(target=self.copy, args=pair, daemon=True).start()

    def copy(self, source: socket.socket, sink: socket.socket, counts: bool) -> None:
        """Pass on bytes until either side ends or the line is cut."""
        with suppress(OSError):
            while block := source.recv(1 << 14):
                sink.sendall(block)
                if counts and self.cuts(len(block)):
                    break
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def cuts(self, n_bytes: int) -> bool:
        """Whether the line is cut after these bytes, which happens once."""
        self.n_sent += n_bytes
        if self.n_left is None:
            return False
        self.n_left -= n_bytes
        if self.n_left > 0:
            return False
        self.n_left, self.is_cut = None, True
        return True

    def mend(self) -> None:
        """Accept connections again, and count from zero."""
        self.is_cut, self.stays_down, self.n_left, self.n_sent = False, False, None, 0


class Bucket(BaseHTTPRequestHandler):
    """The part of S3 that reading needs: HEAD and GET of objects, empty listings."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):  # the name that the base class calls
        path = self.server.folder / self.path.partition("?")[0].lstrip("/")
        if not path.is_file():
            is_object = "list-type" not in self.path
            return self.answer(404 if is_object else 200, self.document(is_object), {})
        content = path.read_bytes()
        headers = {
            "ETag": f'"{hashlib.md5(content).hexdigest()}"',
            "Last-Modified": formatdate(path.stat().st_mtime, usegmt=True),
            "Accept-Ranges": "bytes",
        }
        span = self.headers["Range"]
        if not span:
            return self.answer(200, content, headers)
        first, last = (int(n or 0) for n in span.removeprefix("bytes=").split("-"))
        part = content[first : last + 1 if last else None]
        stop = first + len(part) - 1
        headers["Content-Range"] = f"bytes {first}-{stop}/{len(content)}"
        return self.answer(206, part, headers)

    do_HEAD = do_GET

    def document(self, is_object: bool) -> bytes:
        """That there is no such object, or that nothing begins with its name."""
        if is_object:
            return (
                b"<Error><Code>NoSuchKey</Code><Message>no such key</Message></Error>"
            )
        return b"<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>"

    def answer(self, status, body, headers):
        self.send_response(status)
        for name, value in ({"Content-Length": len(body)} | headers).items():
            self.send_header(name, str(value))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *args):
        """Keep the terminal quiet."""


@contextmanager
def bucket(folder: Path) -> Iterator[int]:
    """Port of a server of the files in a folder, over S3 and HTTP."""
    server = ThreadingHTTPServer((HOST, 0), Bucket)
    server.folder = folder
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@contextmanager
def xrootd() -> Iterator[tuple[int, Path]]:
    """Port of an XRootD server, and the folder that it serves."""
    # Not below the folder of the test, which other users cannot read.
    base = Path(tempfile.mkdtemp(prefix="hepfold-xrootd-"))
    folder, admin = base / "data", base / "admin"
    for path in (folder, admin):
        path.mkdir()
    base.chmod(0o755)
    if os.geteuid() == 0:
        for path in (base, folder, admin):
            shutil.chown(path, USER)
    process, port = started(base)
    try:
        yield port, folder
    finally:
        stop(process)
        shutil.rmtree(base)


def started(base: Path) -> tuple[subprocess.Popen, int]:
    """An XRootD server that listens, and its port.

    Another program may take the port before the server does, which then ends or never
    listens; it is started again on another port.
    """
    as_user = ["-R", USER] if os.geteuid() == 0 else []
    log = base / "log"
    for _ in range(N_TRIES):
        port = free_port()
        (base / "xrootd.cfg").write_text(settings(base, port))
        command = ["xrootd", *as_user, "-c", base / "xrootd.cfg", "-l", log]
        process = subprocess.Popen(command, start_new_session=True)
        if listens(port, process):
            return process, port
        stop(process)
    text = log.read_text() if log.is_file() else "no log"
    raise TimeoutError(f"XRootD does not listen on port {port}:\n{text[-2000:]}")


def settings(base: Path, port: int) -> str:
    """Settings of an XRootD server of the folder `data`."""
    lines = (
        f"xrd.port {port}",
        "xrd.network nodnr",
        "all.export /",
        f"oss.localroot {base / 'data'}",
        f"all.adminpath {base / 'admin'}",
        f"all.pidpath {base / 'admin'}",
    )
    return "\n".join([*lines, ""])


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.create_server((HOST, 0)) as listener:
        return listener.getsockname()[1]


def listens(port: int, process: subprocess.Popen) -> bool:
    """Whether a server listens before it ends or the time is up."""
    for _ in range(10 * SECONDS_TO_START):
        with suppress(OSError), socket.create_connection((HOST, port), 1):
            return True
        if process.poll() is not None:
            return False
        time.sleep(0.1)
    return False


def stop(process: subprocess.Popen) -> None:
    """End a server and what it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    process.wait(10)
