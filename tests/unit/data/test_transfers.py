"""Tests of data.transfers: pauses and progress; all else is in test_downloads."""

import re
from unittest.mock import Mock, call

import pytest
import servers

from hepfold.core import logs
from hepfold.data import transfers


@pytest.fixture
def server():
    with servers.serving() as server:
        yield server


def complete(server, tmp_path, words: str) -> None:
    address = f"{server.address}/{words}/file.gz"
    transfers.complete(transfers.Part(tmp_path / "part", address))


@pytest.mark.parametrize(("seconds", "n_tries"), [("0", 6), ("9", 6), ("9999", 1)])
def test_server_sets_the_pause(server, tmp_path, monkeypatch, seconds, n_tries):
    monkeypatch.setattr(transfers.time, "sleep", Mock())
    server.n_bad, server.retry_after = 99, seconds
    with pytest.raises(logs.NetworkError, match="503"):
        complete(server, tmp_path, "503")
    pauses = [call(int(seconds))] * (n_tries - 1)
    assert transfers.time.sleep.mock_calls == pauses
    assert len(server.ranges) == n_tries


def test_pauses_double(server, tmp_path, monkeypatch):
    monkeypatch.setattr(transfers.time, "sleep", Mock())
    server.n_bad = 99
    with pytest.raises(logs.NetworkError, match="500"):
        complete(server, tmp_path, "500")
    assert transfers.time.sleep.mock_calls == [call(2**i) for i in range(5)]


def test_progress_goes_to_the_log(server, tmp_path, monkeypatch, caplog):
    caplog.set_level("INFO")
    monkeypatch.setattr(transfers, "LOG_SECONDS", 0)
    complete(server, tmp_path, "whole")
    assert re.search(r"Downloading 100%.* 102k/102k .*B/s", caplog.text)
