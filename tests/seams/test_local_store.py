"""The object store in a local folder: the contract, and what a crash or a stranger on the machine may find."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.seams.contracts import ObjectStoreContract
from webapp.adapters.storage.local import LocalObjectStore


@pytest.fixture
def seam(tmp_path: Path) -> LocalObjectStore:
    return LocalObjectStore(tmp_path / "data" / "objects")


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


class TestLocalObjectStore(ObjectStoreContract):
    """Keeps the contract."""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("open_umask")
def test_nobody_else_on_the_machine_can_read_a_photo(seam: LocalObjectStore, tmp_path: Path) -> None:
    seam.put("photos/202611/a", b"sealed")
    below = list(tmp_path.rglob("*"))
    assert {mode(path) for path in below if path.is_dir()} == {0o700}
    assert {mode(path) for path in below if path.is_file()} == {0o600}


def test_a_full_disk_leaves_the_old_version_and_no_litter(
    seam: LocalObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seam.put("letters/a", b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        seam.put("letters/a", b"new")
    assert seam.get("letters/a") == b"old"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["a"]


def test_the_bytes_are_on_the_disk_before_the_name_is_and_the_name_before_we_return(
    seam: LocalObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    seam.put("letters/first", b"makes the folders")
    deeds: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(handle: int) -> None:
        deeds.append("flush folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "flush file")
        fsync(handle)

    def noted_replace(self: Path, target: Path) -> Path:
        deeds.append("rename")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    seam.put("letters/a", b"x")
    assert deeds == ["flush file", "rename", "flush folder"]


def test_a_reader_never_sees_half_a_file(seam: LocalObjectStore) -> None:
    versions = [bytes([n]) * 200_000 for n in range(8)]
    seam.put("letters/a", versions[0])
    with ThreadPoolExecutor(4) as pool:
        writing = [pool.submit(seam.put, "letters/a", version) for version in versions]
        seen = {seam.get("letters/a") for _ in range(60)}
    assert all(done.exception() is None for done in writing)
    assert seen <= set(versions)
