"""Tests of data.remote_addresses: packages and patterns, before any transfer."""

import pytest

from hepfold.core import logs
from hepfold.data import remote_addresses


@pytest.mark.parametrize("address", ["root://a.b//c.root", "s3://bucket/c.csv"])
def test_a_missing_package_is_named(monkeypatch, address):
    monkeypatch.setattr(remote_addresses.importlib.util, "find_spec", lambda name: None)
    package = remote_addresses.plugin_of(address).package
    with pytest.raises(logs.InputError) as error:
        remote_addresses.check(address)
    message = str(error.value)
    assert message.startswith(f"{address}: ")
    assert f"needs the package {package}," in message
    assert "\n" not in message


@pytest.mark.parametrize("address", ["root://a.b//*.root", "s3://bucket/run[12].csv"])
def test_patterns_are_rejected(address):
    with pytest.raises(logs.InputError, match="patterns match local files only"):
        remote_addresses.check(address)


def test_http_needs_no_package():
    address = "https://a.b/c.csv?part=1"
    assert remote_addresses.plugin_of(address) is None
    remote_addresses.check(address)
