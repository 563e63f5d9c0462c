"""Transfer of one file over HTTP, which resumes where a request or a run stopped.

`remote_files` transfers files over XRootD and S3 with the same parts and pauses.

`Part.path` holds the bytes that have arrived so far; a note next to it records the
address and the version of the file, so that parts of two versions are never joined.

None of the libraries and commands that we tried does all of this. pooch 1.9, fsspec
2026.9 and parfive 2.3 never resume; curl 8.14 resumes in a later run, but starts again
at each of its retries. curl, wget 1.21, aria2 1.37 and resumable-urlretrieve 0.1 join
parts of two versions. pooch, fsspec, pypdl 1.5 and parfive unpack a .gz file that the
server labels as encoded. Only aria2 verifies Adler-32, the checksum of CERN Open Data.
Only pooch never has an unverified file under the final name.
"""

import logging
import re
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import requests
from tqdm import tqdm
from urllib3.exceptions import HTTPError
from urllib3.util import Retry

from hepfold.core import files, logs

BLOCK_BYTES = 1 << 20
TIMEOUT_SECONDS = 60
N_TRIES = 6
BACKOFF_SECONDS = 1
LONGEST_PAUSE_SECONDS = 600
LOG_SECONDS = 20
SILENCE = (requests.ConnectionError, requests.Timeout)


class BrokenTransfer(HTTPError):
    """A failed request; `retry_after` is the pause in seconds that the server sets."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Part:
    """The bytes that have arrived of a file, and a note on its address and version."""

    def __init__(self, path: Path, address: str) -> None:
        self.path, self.note_path, self.address = path, Path(f"{path}.json"), address

    def held(self) -> tuple[int, dict]:
        """Number of bytes that have arrived from this address, and the note on them."""
        try:
            note, n_bytes = files.read_json(self.note_path), self.path.stat().st_size
            return (n_bytes, note) if note["address"] == self.address else (0, {})
        except (OSError, ValueError, LookupError, TypeError):
            return 0, {}

    def begin(self, version: str | None, n_bytes: int | None) -> dict:
        """Empty the part, and note the version and size of the file to come."""
        # In this order, so that old content never has a new note.
        self.path.write_bytes(b"")
        note = {"address": self.address, "version": version, "n_bytes": n_bytes}
        files.write_json(self.note_path, note)
        return note

    def discard(self) -> None:
        """Remove the part and its note."""
        self.path.unlink(missing_ok=True)
        self.note_path.unlink(missing_ok=True)


def complete(part: Part) -> None:
    """Complete a part over any number of requests, while each of them brings more.

    Raises `logs.NetworkError` after six transient failures in a row, and
    `logs.InputError` at once for a permanent one, such as status 404.
    """
    with requests.Session() as session:
        session.stream, session.headers["Accept-Encoding"] = True, "identity"
        try:
            repeat(part, partial(receive, session, part), (HTTPError, *SILENCE))
        except requests.RequestException as error:
            raise logs.InputError(f"{part.address}: {reason(error)}") from error


def repeat(
    part: Part, attempt: Callable[[], None], transient: tuple[type[Exception], ...]
) -> None:
    """Call `attempt` until it completes a part; raise errors that are not transient."""
    n_failed, n_most = 0, part.held()[0]
    while True:
        try:
            return attempt()
        except transient as error:
            n_held = part.held()[0]
            n_failed = 1 if n_held > n_most else n_failed + 1
            n_most = max(n_held, n_most)
            pause_or_give_up(part.address, error, n_failed)


def pause_or_give_up(address: str, error: Exception, n_failed: int) -> None:
    """Wait as long as the server requests, or twice as long after each failure."""
    pause = getattr(error, "retry_after", None)
    if pause is None:
        pause = BACKOFF_SECONDS * 2 ** (n_failed - 1)
    if n_failed >= N_TRIES or pause > LONGEST_PAUSE_SECONDS:
        verb = "reach" if isinstance(error, SILENCE) else "download from"
        host = urlsplit(address).netloc.rpartition("@")[2]
        raise logs.NetworkError(f"Cannot {verb} {host}: {reason(error)}") from error
    logging.warning("%s; next try in %.0f s", reason(error), pause)
    time.sleep(pause)


def reason(error: BaseException) -> str:
    """The first cause of an error, in one line."""
    inner = error.__cause__
    if inner is None and not error.__suppress_context__:
        inner = error.__context__
    if inner and not isinstance(inner, ValueError):
        return reason(inner)
    text = getattr(error, "strerror", None) or str(error)
    return " ".join(text.split()) or type(error).__name__


def receive(session: requests.Session, part: Part) -> None:
    """Start or continue a part with one request; raise an error unless it completes."""
    offset, note = part.held()
    version = note.get("version")  # None makes requests leave out the header.
    headers = {"Range": f"bytes={offset}-", "If-Range": version} if offset else {}
    address, timeout = part.address, TIMEOUT_SECONDS
    with session.get(address, headers=headers, timeout=timeout) as response:
        if offset and response.headers.get("Content-Range") == f"bytes */{offset}":
            return  # The part was complete already.
        check_status(response)
        if response.status_code == 200:
            n_bytes = response.raw.length_remaining
            offset, note = 0, part.begin(version_of(response), n_bytes)
        elif not offset or not continues(response, offset, note):
            part.discard()
            raise BrokenTransfer("the file on the server has changed, starting again")
        append(response, part.path, offset, note["n_bytes"])


def check_status(response: requests.Response) -> None:
    """Raise an error for a response without content: transient or permanent."""
    status = response.status_code
    answer = f"the server answered {status} {response.reason}"
    if status in (408, 429) or status >= 500:
        raise BrokenTransfer(answer, Retry().get_retry_after(response.raw))
    if status not in (200, 206, 416):
        raise requests.RequestException(answer)


def continues(response: requests.Response, offset: int, note: dict) -> bool:
    """Whether the content continues the part, from the same version of the file."""
    content_range = response.headers.get("Content-Range", "")
    n_bytes = r"\d+" if note["n_bytes"] is None else note["n_bytes"]
    is_next = re.fullmatch(rf"bytes {offset}-\d+/({n_bytes}|\*)", content_range)
    return bool(is_next) and version_of(response) in (None, note["version"])


def version_of(response: requests.Response) -> str | None:
    """The value of `If-Range`: strong ETag of the file, else its date, else None."""
    etag = response.headers.get("ETag", "W/")
    return response.headers.get("Last-Modified") if etag.startswith("W/") else etag


def append(
    response: requests.Response, path: Path, offset: int, n_bytes: int | None
) -> None:
    """Append the content to a part; raise an error unless that completes it."""
    with open(path, "ab") as file, LoggedProgress(n_bytes, offset) as progress:
        # Raw, so that a .gz stays packed; unbuffered, so that a broken connection loses
        # nothing.
        while block := response.raw.read1(BLOCK_BYTES, decode_content=False):
            progress.update(file.write(block))
    n_held = path.stat().st_size
    if not n_held or n_bytes not in (None, n_held):
        raise BrokenTransfer(f"{n_held} bytes arrived, not {n_bytes or 'any'}")


class LoggedProgress(tqdm):
    """Progress, rate and time left, logged every LOG_SECONDS."""

    def __init__(self, n_bytes: int | None, offset: int) -> None:
        super().__init__(
            total=n_bytes,
            initial=offset,
            unit="B",
            unit_scale=True,
            mininterval=LOG_SECONDS,
            delay=LOG_SECONDS,
            miniters=1,
            leave=False,
        )

    def display(self, *args, **options) -> None:
        """Log a line whenever tqdm would draw a bar."""
        logging.info("Downloading %s", self)
