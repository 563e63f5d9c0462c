"""Transfer of one file over XRootD or S3, which resumes where a run stopped.

The file systems are plugins of fsspec: fsspec-xrootd and s3fs. fsspec copies whole
files and never resumes, so blocks are requested by their position in the file.
"""

import logging
import re
from collections.abc import Callable
from functools import partial
from typing import Any

from hepfold.core import logs
from hepfold.data import remote_addresses, transfers

BLOCK_BYTES = 8 << 20
# Error numbers of XRootD for which a retry is useless: no such file, no permission, a
# folder (XProtocol.hh: kXR_NotAuthorized, kXR_NotFound, kXR_isDirectory).
PERMANENT = re.compile(r"\[30(10|11|16)\]|\[FATAL\] (Auth failed|Invalid address)")
PERMANENT_ERRORS = (FileNotFoundError, PermissionError, IsADirectoryError, ValueError)
# Errors of botocore, which only s3fs imports.
NO_ACCESS = {"NoCredentialsError", "PartialCredentialsError", "ProfileNotFound"}


def complete(part: transfers.Part) -> None:
    """Complete a part over any number of connections, while each of them brings more.

    Raises `logs.NetworkError` after six transient failures in a row, and
    `logs.InputError` at once for a permanent one, such as a file that does not exist.
    """
    remote_addresses.check(part.address)
    try:
        transfers.repeat(part, partial(receive, part), (transfers.BrokenTransfer,))
    except logs.InputError:
        raise
    except FileNotFoundError as error:  # s3fs gives the name alone
        raise logs.InputError(f"{part.address}: no such file") from error
    except (*PERMANENT_ERRORS, ImportError) as error:
        raise logs.InputError(f"{part.address}: {transfers.reason(error)}") from error


def receive(part: transfers.Part) -> None:
    """Start or continue a part; raise an error unless that completes it."""
    remote = RemoteFile(part.address)
    n_bytes, version = remote.size_and_version()
    if n_bytes == 0:
        raise logs.InputError(
            f"{part.address}: the file is empty (0 bytes); check it at its server"
        )
    offset, note = part.held()
    is_same = (note.get("version"), note.get("n_bytes")) == (version, n_bytes)
    if offset > n_bytes or (offset and not is_same):
        logging.warning("%s has changed, starting again", part.address)
        offset = 0
    if offset == 0:
        part.begin(version, n_bytes)
    with (
        open(part.path, "ab") as file,
        transfers.LoggedProgress(n_bytes, offset) as progress,
    ):
        while offset < n_bytes:
            block = remote.read(offset, min(offset + BLOCK_BYTES, n_bytes))
            offset += file.write(block)
            file.flush()
            progress.update(len(block))
    if remote.size_and_version() != (n_bytes, version):
        part.discard()
        raise transfers.BrokenTransfer("the file has changed, starting again")


class RemoteFile:
    """A file of XRootD or S3, whose errors are transient or permanent ones."""

    def __init__(self, address: str) -> None:
        import fsspec

        options = remote_addresses.plugin_of(address).options
        # A new file system has new connections and no cached listing.
        self.system, self.path = self.call(
            fsspec.url_to_fs, address, skip_instance_cache=True, **options
        )

    def size_and_version(self) -> tuple[int, str]:
        """Size in bytes, and entity tag or time of the last change."""
        info = self.call(self.system.info, self.path)
        if info["type"] != "file":
            raise IsADirectoryError(f"it is a {info['type']}, not a file")
        return info["size"], str(info.get("ETag") or info.get("mtime"))

    def read(self, start: int, stop: int) -> bytes:
        """The bytes from `start` to `stop`, excluded."""
        block = self.call(self.system.cat_file, self.path, start=start, end=stop)
        if len(block) != stop - start:
            received = start + len(block)
            raise transfers.BrokenTransfer(f"{received} bytes arrived, not {stop}")
        return block

    @staticmethod
    def call(method: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """What a method returns; its transient errors become `BrokenTransfer`."""
        try:
            return method(*args, **options)
        except (*PERMANENT_ERRORS, ImportError):
            raise
        except Exception as error:
            # XRootD puts the reason after the name of the method.
            text = re.sub(r"^.*?(?=\[(FATAL|ERROR)\])", "", transfers.reason(error))
            if PERMANENT.search(text) or type(error).__name__ in NO_ACCESS:
                raise PermissionError(text) from None
            raise transfers.BrokenTransfer(text) from None
