"""The S3 store against nanio, a server of S3 that checks every signature, and against moto."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.seams.contracts import ObjectStoreContract
from webapp.adapters.s3.store import S3ObjectStore
from webapp.ports.failures import SeamFailure, SeamMisused, SeamUnavailable, Trouble

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
KEY, SECRET = "court", "a secret for tests, of nobody"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def store(endpoint: str, **changed: str) -> S3ObjectStore:
    given = {"access_key": KEY, "secret_key": SECRET, "bucket": "files", **changed}
    return S3ObjectStore(endpoint=endpoint, region="us-east-1", seconds=2.0, **given)


@contextmanager
def running(command: list[str | Path], port: int, **environment: str) -> Iterator[str]:
    """A server's address, while it runs; it ends whatever happens."""
    everything = {**os.environ, **environment}
    with subprocess.Popen(command, env=everything, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _wait_for(port, server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(1800):
        assert server.poll() is None, "the server didn't start"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the server doesn't answer")


def program(name: str) -> Path:
    return Path(sys.executable).with_name(name)


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running nanio with one empty bucket."""
    folder, port = tmp_path_factory.mktemp("nanio"), free_port()
    (folder / "files").mkdir()
    where: list[str | Path] = ["--host", "127.0.0.1", "--port", str(port), "--data-dir", folder]
    command = [program("nanio"), "serve", *where]
    with running(command, port, NANIO_ACCESS_KEY=KEY, NANIO_SECRET_KEY=SECRET) as address:
        yield address


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    """A running moto with one empty bucket: another S3, which looks at no signature."""
    port = free_port()
    with running([program("moto_server"), "-H", "127.0.0.1", "-p", str(port)], port) as address:
        with urllib.request.urlopen(urllib.request.Request(f"{address}/files", method="PUT"), timeout=60):
            pass
        yield address


class TestS3ObjectStoreOnMoto(ObjectStoreContract):
    """Keeps the contract on a second server too: nothing rests on one server's ways."""

    @pytest.fixture
    def seam(self, moto: str) -> S3ObjectStore:
        return store(moto)


class TestS3ObjectStore(ObjectStoreContract):
    """Keeps the contract."""

    @pytest.fixture
    def seam(self, endpoint: str) -> S3ObjectStore:
        return store(endpoint)


def test_a_probe_writes_reads_and_removes(endpoint: str) -> None:
    store(endpoint).ping()
    with pytest.raises(KeyError):
        store(endpoint).get("probe/reachable")


def test_a_wrong_secret_is_told_as_such(endpoint: str) -> None:
    with pytest.raises(SeamMisused) as caught:
        store(endpoint, secret_key="wrong").ping()
    assert caught.value.trouble in {Trouble.SECRET, Trouble.PERMISSION}


def test_a_dead_store_is_unavailable_and_not_an_unknown_file() -> None:
    with pytest.raises(SeamUnavailable) as caught:
        store(f"http://127.0.0.1:{free_port()}").get("letters/a")
    assert caught.value.trouble is Trouble.UNREACHABLE


def test_a_missing_bucket_is_a_failure_and_not_an_unknown_file(endpoint: str) -> None:
    with pytest.raises(SeamFailure):
        store(endpoint, bucket="nowhere").put("letters/a", b"x")
