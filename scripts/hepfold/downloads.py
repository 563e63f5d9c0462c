"""Transfer of public data: complete and verified, or not there at all."""

import logging

import requests
from requests.adapters import HTTPAdapter
from tqdm import tqdm
from urllib3.exceptions import HTTPError
from urllib3.util import Retry

from hepfold import logs, store

BLOCK_BYTES = 1 << 20
TIMEOUT_SECONDS = 60
RETRY = Retry(total=3, backoff_factor=1, status_forcelist=(429, 500, 502, 503, 504))


def fetch(address: str, checksum: str | None, path: str) -> None:
    """Download a file; it gets its name once its checksum (if one is told) is right."""
    logging.info("Downloading %s", address)
    with store.replacing(path) as temporary:
        try:
            transfer(address, temporary)
        except (requests.RequestException, HTTPError) as error:
            raise logs.InputError(f"{address}: download failed, {error}") from error
        store.verify_checksum(temporary, checksum, address)


def transfer(address: str, path) -> None:
    """Write the content at an address to a file, with a progress bar."""
    with requests.Session() as session:
        for scheme in ("https://", "http://"):
            session.mount(scheme, HTTPAdapter(max_retries=RETRY))
        with session.get(address, stream=True, timeout=TIMEOUT_SECONDS) as response:
            response.raise_for_status()
            n_bytes = int(response.headers.get("Content-Length", 0)) or None
            with (
                open(path, "wb") as file,
                tqdm(total=n_bytes, unit="B", unit_scale=True, mininterval=5) as bar,
            ):
                # `raw`, not `iter_content`: a .gz file must not be unpacked on the way.
                for block in response.raw.stream(BLOCK_BYTES, decode_content=False):
                    bar.update(file.write(block))
