"""Transfer of public data: complete and verified, or not there at all.

What has come so far of a file stands in `<path>.part`, and `<path>.part.json` notes
what it was begun from: a broken transfer goes on where it stopped, also in a later run.
"""

import errno
import logging
import math
import os
import re
import shutil
import sys
import time
import zipfile
import zlib
from pathlib import Path
from urllib.parse import unquote

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
LOG_SECONDS = 60
N_DIGITS = {"adler32": 8, "md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}
BAD_ARCHIVE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, UnicodeError)
TRANSIENT = (HTTPError, requests.ConnectionError, requests.Timeout)


class BrokenTransfer(HTTPError):
    """A try without success; `pause` is the wait that the server asks, if it does."""

    def __init__(self, reason: str, pause: float | None = None) -> None:
        super().__init__(reason)
        self.pause = pause


def fetch(
    address: str,
    checksum: str | None,
    mirrors: list[str],
    preseeded: str | None,
    path: str,
) -> None:
    """Make `path` the official file, from a folder or the first address that has it.

    The file's name is at the end of `address`; `checksum` is `algorithm=digits`. A
    mirror is a further address of the file, or of a zip archive that holds it. In the
    folder `preseeded` a file of that name is used if its checksum is right.
    """
    addresses = [address, *mirrors]
    refuse_what_cannot_be_fetched(addresses, checksum)
    name, final = file_name(address), Path(path)
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        if not (preseeded and use_preseeded(Path(preseeded, name), checksum, final)):
            download_from_any(addresses, checksum, final)
        for ending in (".part", ".zip.part"):
            discard(Path(f"{final}{ending}"))
        logging.info("%s is complete", path)
    except OSError as error:
        raise logs.InputError(f"{error.filename or path}: {error.strerror}") from error


def refuse_what_cannot_be_fetched(addresses: list[str], checksum: str | None) -> None:
    """Refuse a slip in an address or checksum before hours of transfer, not after."""
    for address in addresses:
        if not re.match("https?://", address):
            raise logs.InputError(f"{address}: not an http or https address")
    form = "|".join(f"{name}=[0-9a-fA-F]{{{n}}}" for name, n in N_DIGITS.items())
    if checksum is None:
        logging.warning("%s: no checksum is told, it cannot be verified", addresses[0])
    elif not re.fullmatch(form, checksum):
        raise logs.InputError(f"{addresses[0]}: checksum {checksum} is not {form}")


def file_name(address: str) -> str:
    """Name of the file at an address."""
    return unquote(re.split("[?#]", address)[0]).rpartition("/")[2]


def use_preseeded(candidate: Path, checksum: str | None, final: Path) -> bool:
    """Take the file that is there already, if it is the official one."""
    if not candidate.is_file():
        return False
    try:
        if checksum is None:
            raise logs.InputError(f"{candidate}: no checksum to verify it by")
        files.verify_checksum(candidate, checksum, candidate)
    except logs.InputError as error:
        logging.warning("Not used, not known to be the official file: %s", error)
        return False
    logging.info("%s is the official file, nothing is downloaded", candidate)
    with files.replacing(final) as temporary:
        # A run that was killed may have left a link here: not to be written to.
        temporary.unlink(missing_ok=True)
        try:
            os.link(candidate.resolve(), temporary)
        except OSError:
            shutil.copyfile(candidate, temporary)
    return True


def download_from_any(addresses: list[str], checksum: str | None, final: Path) -> None:
    """Make the final file from the first address that gives it."""
    for address in addresses:
        logging.info("Downloading %s", address)
        try:
            return download(address, file_name(addresses[0]), checksum, final)
        except logs.InputError as error:
            failure = error
            logging.warning("%s", error)
    tried = f" (last of {len(addresses)} addresses tried)" if addresses[1:] else ""
    raise logs.InputError(f"{failure}{tried}")


def download(address: str, name: str, checksum: str | None, final: Path) -> None:
    """Make the final file from one address; wrong content is removed."""
    is_archive = re.search(r"(?i)\.zip$", file_name(address)) and name[-4:] != ".zip"
    part = Path(f"{final}{'.zip.part' if is_archive else '.part'}")
    was_begun_before = held(part, address)[0] > 0
    transfer(address, part)
    try:
        if is_archive:
            return extract(part, name, checksum, final, address)
        files.verify_checksum(part, checksum, address)
        os.replace(part, final)
    except logs.InputError as error:
        discard(part)
        if not was_begun_before:
            raise
        logging.warning("%s; an earlier run had begun it: starting anew", error)
        download(address, name, checksum, final)


def extract(
    part: Path, name: str, checksum: str | None, final: Path, address: str
) -> None:
    """Make the final file from the one member of its name, in whichever folder."""
    try:
        with files.replacing(final) as temporary:
            with zipfile.ZipFile(part) as archive, open(temporary, "wb") as file:
                member = the_member(archive, name)
                # At most the declared size comes, and an error if the CRC is wrong.
                with archive.open(member) as content:
                    shutil.copyfileobj(content, file, BLOCK_BYTES)
            files.verify_checksum(temporary, checksum, address)
    except (*BAD_ARCHIVE, OSError) as error:
        # A wrong position in the archive is EINVAL, other errors are of the disk.
        if getattr(error, "errno", errno.EINVAL) != errno.EINVAL:
            raise
        raise logs.InputError(f"{address}: bad zip archive, {error}") from error


def the_member(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    """The only member of that name; paths in an archive are not trusted."""
    pattern = rf"(^|[/\\]){re.escape(name)}\Z"
    members = [m for m in archive.infolist() if re.search(pattern, m.filename)]
    if len(members) != 1:
        raise zipfile.BadZipFile(f"{len(members)} of its files are named {name}, not 1")
    # The other methods unpack without a bound on memory.
    if members[0].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile(f"{name} is packed by another method than deflate")
    return members[0]


def transfer(address: str, part: Path) -> None:
    """Complete a part, over as many tries as it takes while each brings more of it."""
    n_failed, n_most = 0, held(part, address)[0]
    with requests.Session() as session:
        session.stream, session.headers["Accept-Encoding"] = True, "identity"
        while True:
            try:
                return receive(session, address, part)
            except (HTTPError, requests.RequestException) as error:
                n_held = held(part, address)[0]
                n_failed = 1 if n_held > n_most else n_failed + 1
                n_most = max(n_held, n_most)
                pause = pause_after(error, n_failed)
                if pause > LONGEST_PAUSE_SECONDS:
                    raise logs.InputError(f"{address}: {reason(error)}") from error
                logging.warning("%s; next try in %.0f s", reason(error), pause)
                time.sleep(pause)


def pause_after(error: Exception, n_failed: int) -> float:
    """Seconds until the next try: told by the server, else doubled at each failure."""
    if not isinstance(error, TRANSIENT) or n_failed >= N_TRIES:
        return math.inf
    told = getattr(error, "pause", None)
    return told if told is not None else BACKOFF_SECONDS * 2 ** (n_failed - 1)


def reason(error: BaseException) -> str:
    """What was wrong in the first place, in one line."""
    inner = error.__cause__ or error.__context__
    if inner and not isinstance(inner, ValueError):
        return reason(inner)
    return " ".join(str(error).split()) or type(error).__name__


def receive(session: requests.Session, address: str, part: Path) -> None:
    """Continue a part, or begin it, by one request; an error unless it gets whole."""
    offset, note = held(part, address)
    version = note.get("validator")  # If None, requests sends no such header.
    headers = {"Range": f"bytes={offset}-", "If-Range": version} if offset else {}
    with session.get(address, headers=headers, timeout=TIMEOUT_SECONDS) as response:
        if offset and response.headers.get("Content-Range") == f"bytes */{offset}":
            return  # Nothing follows on what is held.
        check_status(response)
        if response.status_code == 200:
            offset, note = 0, begin(response, part, address)
        elif not offset or not continues(response, offset, note):
            discard(part)
            raise BrokenTransfer("the server has another file now, starting anew")
        append(response, part, offset, note)


def check_status(response: requests.Response) -> None:
    """Refuse an answer without content: for good, or for now if that may change."""
    if (status := response.status_code) in (200, 206, 416):
        return
    may_change = status in (408, 429) or status >= 500
    pause = Retry().get_retry_after(response.raw) if may_change else math.inf
    raise BrokenTransfer(f"the server answered {status} {response.reason}", pause)


def continues(response: requests.Response, offset: int, note: dict) -> bool:
    """Whether the content follows on what is held of the same file."""
    told = response.headers.get("Content-Range", "")
    n_bytes = r"\d+" if note["n_bytes"] is None else note["n_bytes"]
    is_next = re.fullmatch(rf"bytes {offset}-\d+/({n_bytes}|\*)", told)
    return bool(is_next) and validator(response) in (None, note["validator"])


def validator(response: requests.Response) -> str | None:
    """What tells this version of the file from another; a weak ETag cannot."""
    etag = response.headers.get("ETag", "W/")
    return response.headers.get("Last-Modified") if etag.startswith("W/") else etag


def append(response: requests.Response, part: Path, offset: int, note: dict) -> None:
    """Add the content to a part; an error if the file is not whole at its end."""
    n_bytes = note["n_bytes"]
    with open(part, "ab") as file, progress_bar(offset, n_bytes) as bar:
        # Raw, so that a .gz stays packed; at once, so that a broken line loses nothing.
        while block := response.raw.read1(BLOCK_BYTES, decode_content=False):
            bar.update(file.write(block))
    n_held = part.stat().st_size
    if not n_held or n_bytes not in (None, n_held):
        raise BrokenTransfer(f"{n_held} of {n_bytes or 'some'} bytes came")


def progress_bar(offset: int, n_bytes: int | None) -> tqdm:
    """Rate and time left: a bar on a terminal, else a line in the log now and then."""
    kind, seconds = (tqdm, 1) if sys.stderr.isatty() else (LoggedProgress, LOG_SECONDS)
    times = {"mininterval": seconds, "delay": seconds, "miniters": 1, "leave": False}
    sizes = {"initial": offset, "total": n_bytes, "unit": "B", "unit_scale": True}
    return kind(**sizes, **times)


class LoggedProgress(tqdm):
    """Progress as lines of the log, one whenever tqdm would draw a bar."""

    def display(self, *args, **options) -> None:
        """Write the bar as a line of the log."""
        logging.info("%s", self)


def begin(response: requests.Response, part: Path, address: str) -> dict:
    """Empty a part and note what will come into it."""
    # In this order, so that old content never stands beside a new note.
    part.write_bytes(b"")
    n_bytes, version = response.raw.length_remaining, validator(response)
    note = {"address": address, "validator": version, "n_bytes": n_bytes}
    files.write_json(Path(f"{part}.json"), note)
    return note


def held(part: Path, address: str) -> tuple[int, dict]:
    """Bytes that a part holds of the file at an address, and the note beside it."""
    try:
        note = files.read_json(Path(f"{part}.json"))
        return (part.stat().st_size, note) if note["address"] == address else (0, {})
    except (OSError, ValueError, LookupError, TypeError):
        return 0, {}


def discard(part: Path) -> None:
    """Remove a part and its note."""
    part.unlink(missing_ok=True)
    Path(f"{part}.json").unlink(missing_ok=True)
