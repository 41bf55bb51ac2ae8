"""What the settings ask for is what the application gets, and nothing more is loaded."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import MakeApp
from tests.databases import ROOT
from tests.seams.test_sandbox_seams import HE, account, face, sms, traveller
from tools.authority import parties
from tools.authority.server import Authority
from tools.authority.weather import Weather
from webapp.core.db import db
from webapp.core.quiet import TransactionLeftOpen
from webapp.core.seam_health import SeamAnswer, seam_states
from webapp.core.settings import Settings
from webapp.ports.account_check import AccountVerdict
from webapp.ports.face_authority import FaceVerdict
from webapp.ports.failures import SeamUnavailable, Trouble
from webapp.ports.immigration_authority import ImmigrationVerdict
from webapp.ports.seams import Seams
from webapp.ports.sms_gateway import SmsVerdict
from webapp.wiring import build_seams

TEMPLATES = [{"id": "1", "text": "验证码 {1}"}]
WEBHOOK = """env="test", sms="webhook", sms_webhook_url="http://127.0.0.1:9", sms_webhook_app_id="a",
    sms_webhook_secret="b", face_authority="review", immigration="review", account_check="review" """
LOADED = """
import sys
from pathlib import Path
from webapp.core.settings import Settings
from webapp.factory import create_app
create_app(Settings(data_dir=Path(sys.argv[1]), {extra}))
heavy = ("cv2", "onnxruntime", "xhtml2pdf", "obstore", "tencentcloud", "urllib3", "pyhanko", "webapp.adapters.sandbox.sms")
print([name for name in heavy if name in sys.modules])
"""


def real(settings: Settings, authority: Authority, folder: Path) -> Settings:
    """The settings of `python -m tools.authority`, with Tencent's SMS."""
    templates = folder / "templates.json"
    templates.write_text(json.dumps(TEMPLATES, ensure_ascii=False), encoding="utf-8")
    return replace(
        settings, sms="tencent", face_authority="tencent", account_check="tencent", immigration="signed",
        tencent_secret_id=parties.APP, tencent_secret_key=parties.SECRET, tencent_endpoint=authority.url,
        tencent_sms_app_id="1400", tencent_sms_templates=templates, immigration_url=authority.url,
        immigration_app_id=parties.APP, immigration_secret=parties.SECRET, wechat_app_id=parties.APP,
        wechat_secret=parties.SECRET, wechat_url=authority.url, seam_seconds=1.0,
    )  # fmt: skip


def ask_all(seams: Seams) -> tuple[object, ...]:
    return (
        seams.sms.send(sms("k1", "10000000001")).verdict,
        seams.face_authority.compare(face(HE.number)).verdict,
        seams.account_check.verify(account(HE.card)).verdict,
        seams.immigration.ask(traveller("H12345678")).verdict,
    )


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_the_real_parties_are_asked_remembered_and_noted(make_app: MakeApp, settings: Settings, tmp_path: Path) -> None:
    with Authority() as authority, make_app().app_context():
        seams = build_seams(real(settings, authority, tmp_path))
        told = (SmsVerdict.ACCEPTED, FaceVerdict.MATCH, AccountVerdict.AGREED, ImmigrationVerdict.AGREED)
        assert ask_all(seams) == ask_all(seams) == told
        assert len(authority.memory.calls) == 5, "what Tencent said is remembered, the authority remembers by itself"
        assert seams.wechat.phone("code-13800000000").phone == "+8613800000000"
        assert {row.seam for row in db.session.query(SeamAnswer)} == {"sms", "face_authority", "account_check"}
        db.session.query(SeamAnswer).first()
        with pytest.raises(TransactionLeftOpen):
            ask_all(seams)
        db.session.rollback()


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_dead_authority_is_left_alone_and_the_desk_knows(
    make_app: MakeApp, settings: Settings, tmp_path: Path
) -> None:
    with Authority() as authority, make_app().app_context():
        seams = build_seams(real(settings, authority, tmp_path))
        authority.weather = Weather.BROKEN
        troubles = []
        for _ in range(7):
            with pytest.raises(SeamUnavailable) as caught:
                seams.immigration.ask(traveller("H12345678"))
            troubles.append(caught.value.trouble)
        assert troubles == [Trouble.SERVER] * 5 + [Trouble.PAUSED] * 2
        (state,) = seam_states(["immigration"], now=make_app().extensions["clock"]())
        assert state.health.paused_until is not None
        assert state.health.trouble == "server"
        db.session.rollback()


@pytest.mark.parametrize(
    ("extra", "loaded"),
    [
        ("", ["webapp.adapters.sandbox.sms"]),
        (
            WEBHOOK,
            ["urllib3"],
        ),
    ],
)
def test_a_process_loads_only_what_its_settings_name(tmp_path: Path, extra: str, loaded: list[str]) -> None:
    script = LOADED.replace("{extra}", extra)
    run = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.stdout.strip() == str(loaded), run.stderr[-500:]
