"""Addresses over XRootD and S3, and the optional packages that read them.

Each package is imported only where such an address is used; this module, which every
start of the workflow imports, does not.
"""

import importlib.util
import re
from typing import NamedTuple

from hepfold.core import logs

TIMEOUT_SECONDS = 60


class Plugin(NamedTuple):
    """A plugin of fsspec: its package, its module, and options of its file system."""

    package: str
    module: str
    options: dict


# The S3 client does not repeat requests, because s3fs and transfers do.
CLIENT = {
    "connect_timeout": TIMEOUT_SECONDS,
    "read_timeout": TIMEOUT_SECONDS,
    "retries": {"max_attempts": 0},
}
PLUGINS = {
    "root": Plugin("fsspec-xrootd", "fsspec_xrootd", {"timeout": TIMEOUT_SECONDS}),
    "s3": Plugin(
        "s3fs", "s3fs", {"use_listings_cache": False, "config_kwargs": CLIENT}
    ),
}


def plugin_of(address: str) -> Plugin | None:
    """The plugin for an address; None for HTTP, which needs none."""
    return PLUGINS.get(address.partition("://")[0])


def check(address: str) -> None:
    """Raise an error for a pattern, or an address whose package is not installed."""
    plugin = plugin_of(address)
    if plugin is None:
        return
    if re.search(r"[*?\[]", address.partition("?")[0]):
        raise logs.InputError(
            f"{address}: patterns match local files only; list the address of each file"
        )
    scheme = address.partition("://")[0]
    if importlib.util.find_spec(plugin.module) is None:
        raise logs.InputError(
            f"{address}: reading {scheme}:// needs the package {plugin.package}, which "
            "is not installed; install it by `python -m pip install --group remote`"
        )
