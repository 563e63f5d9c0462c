"""The sample of official HIGGS events: fetched out of a package, and read as it is."""

import hashlib
import importlib.util
import re
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import public_sets
import pytest
import uproot
import yaml
from tests.conftest import REPO, Clone

from hepfold.core import logs
from hepfold.data import fold_file

NAME = "folder/events.root"
CONTENT = np.random.default_rng(1).bytes(30_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
CACHED = REPO / "data/Higgs_data.root"


@pytest.fixture(scope="module")
def fetch_higgs():
    path = REPO / "workflow/samples/fetch_higgs.py"
    spec = importlib.util.spec_from_file_location("fetch_higgs", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    # Archives of the tests have several blocks too.
    module.BLOCK = 10_000
    return module


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> bytes:
    """A zip archive with the events after a large file."""
    path = tmp_path_factory.mktemp("archive") / "package.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("large", np.random.default_rng(2).bytes(300_000))
        file.writestr(NAME, CONTENT)
    return path.read_bytes()


@contextmanager
def served(content: bytes, has_ranges: bool) -> Iterator[tuple[str, list[int]]]:
    """Address of a file on a local server, and the number of bytes of each answer."""
    n_sent: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):  # the name that the base class calls
            start, stop = map(int, re.findall(r"\d+", self.headers["Range"]))
            part = content[start : stop + 1] if has_ranges else content
            n_sent.append(len(part))
            self.send_response(206 if has_ranges else 200)
            self.send_header("Content-Length", str(len(part)))
            if has_ranges:
                place = f"bytes {start}-{stop}/{len(content)}"
                self.send_header("Content-Range", place)
            self.end_headers()
            self.wfile.write(part)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/package.whl", n_sent
    finally:
        server.shutdown()
        server.server_close()


def test_only_the_member_is_transferred(fetch_higgs, archive):
    with served(archive, has_ranges=True) as (address, n_sent):
        assert fetch_higgs.member(address, NAME, SHA256) == CONTENT
    assert len(CONTENT) < sum(n_sent) < len(CONTENT) + 3 * fetch_higgs.BLOCK + 2
    assert len(archive) > 300_000


def test_a_server_without_ranges_sends_all_of_it_once(fetch_higgs, archive):
    with served(archive, has_ranges=False) as (address, n_sent):
        assert fetch_higgs.member(address, NAME, SHA256) == CONTENT
    assert n_sent == [len(archive)]


@pytest.mark.parametrize(
    ("name", "sha256", "reason"),
    [(NAME, "0" * 64, "wrong checksum"), ("other.root", SHA256, "no item named")],
)
def test_other_content_is_refused(fetch_higgs, archive, name, sha256, reason):
    with (
        served(archive, has_ranges=True) as (address, _),
        pytest.raises(logs.InputError, match=reason),
    ):
        fetch_higgs.member(address, name, sha256)


def test_without_a_network_the_message_says_what_to_do(fetch_higgs):
    with served(b"", has_ranges=False) as (address, _):
        pass
    with pytest.raises(logs.InputError, match="check the network and start again"):
        fetch_higgs.member(address, NAME, SHA256)


def test_a_file_that_is_there_is_kept_and_another_replaced(
    fetch_higgs, archive, tmp_path, monkeypatch
):
    path = tmp_path / "events.root"
    path.write_bytes(b"cut short")
    monkeypatch.setattr(fetch_higgs, "MEMBER", NAME)
    monkeypatch.setattr(fetch_higgs, "SHA256", SHA256)
    with served(archive, has_ranges=True) as (address, n_sent):
        monkeypatch.setattr(fetch_higgs, "package_address", lambda: address)
        assert fetch_higgs.fetch_higgs(tmp_path) == path
        assert path.read_bytes() == CONTENT
        n_requests = len(n_sent)
        fetch_higgs.fetch_higgs(tmp_path)
        assert len(n_sent) == n_requests
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.workflow
@pytest.mark.skipif(not CACHED.exists(), reason="`make sample-higgs` was not run")
def test_official_events_are_read_as_they_are(fetch_higgs, tmp_path):
    """All events, each once, with the values of the file."""
    assert hashlib.sha256(CACHED.read_bytes()).hexdigest() == fetch_higgs.SHA256
    clone = Clone(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data/Higgs_data.root").symlink_to(CACHED.resolve())
    study = "workflow/studies/sample_higgs_root.yaml"
    folds = "results/folds/higgs/train.h5"
    run = clone.run("--", folds, overlay=study)
    assert run.returncode == 0, run.stdout + run.stderr
    events = fold_file.read(str(tmp_path / folds))
    renamed = yaml.safe_load((REPO / study).read_text())["datasets"]["higgs"]["rename"]
    with uproot.open(CACHED) as file:
        for label, tree in enumerate(["bkg_tree", "sig_tree"]):
            mass = file[tree]["m_bb"].array(library="np")
            is_class = events.label == label
            assert is_class.sum() == len(mass)
            column = public_sets.DATASETS["higgs"].features.index("m_bb")
            assert np.sort(events.inputs[is_class, column]).tolist() == sorted(mass)
            assert renamed["jet_1_pt"] in file[tree]
    assert len(events.label) == 20_000


def test_the_study_reads_the_file_that_is_fetched(fetch_higgs):
    text = (REPO / "workflow/studies/sample_higgs_root.yaml").read_text()
    assert f"data/{Path(fetch_higgs.MEMBER).name}" in text
