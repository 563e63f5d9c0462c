"""Download of official files: complete and verified, or absent.

`transfers` moves the bytes over HTTP, and explains why no library does this;
`remote_files` moves them over XRootD and S3. Incomplete files are kept in `<path>.part`
until they are verified.
"""

import errno
import logging
import os
import re
import shutil
import zipfile
import zlib
from pathlib import Path
from urllib.parse import unquote, urlsplit

from hepfold.core import checksums, files, logs
from hepfold.data import remote_addresses, remote_files, sources, transfers

N_DIGITS = {"adler32": 8, "md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}
OFFICIAL_BYTES = {
    "atlas-higgs-challenge-2014-v2.csv.gz": 65_630_848,
    "HIGGS.csv.gz": 2_816_407_858,
}
BAD_ARCHIVE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, UnicodeError)


def fetch(
    address: str,
    checksum: str | None,
    mirrors: list[str],
    data_folder: str,
    path: str,
    dataset: str,
) -> None:
    """Provide the official file at `path`, from a folder or the first working address.

    The last part of `address` is the name of the file; `checksum` is
    `algorithm=digits`. A mirror is a further address of the file, or of a zip archive
    that holds it. A file of that name and checksum in the folder `data_folder` is used
    without any network. `dataset` is named in errors.
    """
    addresses, name, final = [address, *mirrors], file_name(address), Path(path)
    check_addresses(addresses, checksum)
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        if not use_local_copy(Path(data_folder, name), checksum, final):
            download_from_any(addresses, checksum, final)
        for ending in (".part", ".zip.part"):
            transfers.Part(Path(f"{final}{ending}"), address).discard()
        logging.info("%s is complete", path)
    except (logs.InputError, logs.NetworkError) as error:
        remedy = remedy_for(name, data_folder, dataset)
        raise type(error)(f"{error}. {remedy}") from error
    except OSError as error:
        raise logs.InputError(f"{error.filename or path}: {error.strerror}") from error


def check_addresses(addresses: list[str], checksum: str | None) -> None:
    """Raise an error for a malformed address or checksum before any transfer."""
    for address in addresses:
        if not sources.is_address(address):
            raise logs.InputError(f"{address}: not an http, https, root or s3 address")
        remote_addresses.check(address)
    form = "|".join(f"{name}=[0-9a-fA-F]{{{n}}}" for name, n in N_DIGITS.items())
    if checksum is None:
        logging.warning("%s: no checksum given, not verified", addresses[0])
    elif not re.fullmatch(form, checksum):
        raise logs.InputError(f"{addresses[0]}: checksum {checksum} is not {form}")


def file_name(address: str) -> str:
    """Name of the file at an address."""
    return unquote(urlsplit(address).path.rpartition("/")[2])


def remedy_for(name: str, data_folder: str, dataset: str) -> str:
    """What to do without the network: two other sources of events."""
    size = f" ({OFFICIAL_BYTES[name]:,} bytes)" if name in OFFICIAL_BYTES else ""
    return (
        f"Put {name}{size} into {data_folder}/ (`data_folder`) and start again, "
        f"or use toy events: set datasets.{dataset}.files to {sources.TOYS}"
    )


def use_local_copy(candidate: Path, checksum: str | None, final: Path) -> bool:
    """Link or copy the user's file to its final path if it is the official file."""
    if not candidate.is_file():
        return False
    try:
        if checksum is None:
            raise logs.InputError(f"{candidate}: no checksum to verify it")
        checksums.verify_checksum(candidate, checksum, candidate)
    except logs.InputError as error:
        logging.warning("Local copy not used: %s", error)
        return False
    logging.info("Using %s, which is the official file; nothing to download", candidate)
    with files.replacing(final) as temporary:
        # A killed run may have left a link here, whose target a copy would overwrite.
        temporary.unlink(missing_ok=True)
        try:
            os.link(candidate.resolve(), temporary)
        except OSError:
            shutil.copyfile(candidate, temporary)
    return True


def download_from_any(addresses: list[str], checksum: str | None, final: Path) -> None:
    """Make the final file from the first address that provides it."""
    for address in addresses:
        logging.info("Downloading %s", address)
        try:
            return download(address, file_name(addresses[0]), checksum, final)
        except (logs.InputError, logs.NetworkError) as error:
            failure = error
            logging.warning("%s", error)
    last = f" (last of {len(addresses)} addresses tried)" if addresses[1:] else ""
    raise type(failure)(f"{failure}{last}")


def download(address: str, name: str, checksum: str | None, final: Path) -> None:
    """Make the final file from one address; discard the download if it is corrupt."""
    is_archive = file_name(address).lower().endswith(".zip") and name[-4:] != ".zip"
    ending = ".zip.part" if is_archive else ".part"
    part = transfers.Part(Path(f"{final}{ending}"), address)
    is_resumed = part.held()[0] > 0
    complete(part)
    try:
        if is_archive:
            return extract(part, name, checksum, final)
        checksums.verify_checksum(part.path, checksum, address)
        os.replace(part.path, final)
    except logs.InputError as error:
        part.discard()
        if not is_resumed:
            raise
        logging.warning("%s; the download of an earlier run is discarded", error)
        download(address, name, checksum, final)


def complete(part: transfers.Part) -> None:
    """Complete a partial file by the protocol of its address."""
    if remote_addresses.plugin_of(part.address):
        remote_files.complete(part)
    else:
        transfers.complete(part)


def extract(part: transfers.Part, name: str, checksum: str | None, final: Path) -> None:
    """Make the final file from the member of an archive that has its name."""
    try:
        with files.replacing(final) as temporary:
            with (
                zipfile.ZipFile(part.path) as archive,
                archive.open(only_member(archive, name)) as content,
                open(temporary, "wb") as file,
            ):
                # Yields the declared size at most, and an error if the CRC is wrong.
                shutil.copyfileobj(content, file, transfers.BLOCK_BYTES)
            checksums.verify_checksum(temporary, checksum, part.address)
    except (*BAD_ARCHIVE, OSError) as error:
        # EINVAL means a wrong position in the archive; other errors come from the disk.
        if getattr(error, "errno", errno.EINVAL) != errno.EINVAL:
            raise
        raise logs.InputError(f"{part.address}: bad zip archive, {error}") from error


def only_member(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    """The only member of that name, in any folder of the archive."""
    pattern = rf"(^|[/\\]){re.escape(name)}\Z"
    members = [m for m in archive.infolist() if re.search(pattern, m.filename)]
    if len(members) != 1:
        raise zipfile.BadZipFile(f"{len(members)} of its files are named {name}, not 1")
    # Other methods unpack with unbounded memory.
    if members[0].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile(f"{name} is packed by another method than deflate")
    return members[0]
