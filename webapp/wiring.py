"""Which adapter stands behind each port. Nothing else imports an adapter."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from webapp.adapters.pdf.renderer import Xhtml2pdfLetterRenderer
from webapp.adapters.sandbox.account_check import SandboxAccountCheck
from webapp.adapters.sandbox.face_authority import SandboxFaceAuthority
from webapp.adapters.sandbox.immigration import SandboxImmigration
from webapp.adapters.sandbox.push import SandboxPush
from webapp.adapters.sandbox.sms import SandboxSms
from webapp.adapters.sandbox.weather import WEATHER
from webapp.adapters.storage.local import LocalObjectStore
from webapp.adapters.vision.cards import OnnxCardReader
from webapp.adapters.vision.documents import OnnxDocumentReader
from webapp.adapters.vision.faces import OpenCvFaceChecker
from webapp.adapters.vision.videos import OpenCvVideoInspector
from webapp.core.quiet import quiet
from webapp.core.settings import Settings
from webapp.demo_people import PEOPLE, DemoPerson
from webapp.payee.rules.banks import find_prefix
from webapp.ports.push_gateway import PushGateway
from webapp.ports.seams import Seams
from webapp.push.rules import is_trusted

FONTS = Path(__file__).parents[1] / "static" / "fonts" / "letter"


def build_seams(settings: Settings) -> Seams:
    """The seams that the settings ask for. Models and fonts are loaded when first used, not here."""
    sandbox = settings.data_dir / "sandbox"
    faces = OpenCvFaceChecker(settings.models_dir)
    return Seams(
        store=LocalObjectStore(settings.data_dir / "objects"),
        sms=quiet(SandboxSms(sandbox)),
        face_authority=None
        if settings.face_authority == "review"
        else quiet(SandboxFaceAuthority(sandbox, **_weather(settings))),
        immigration=None
        if settings.immigration == "review"
        else quiet(SandboxImmigration(sandbox, **_weather(settings))),
        account_check=None
        if settings.account_check == "review"
        else quiet(SandboxAccountCheck(sandbox, **_weather(settings))),
        cards=quiet(
            OnnxCardReader(
                settings.models_dir,
                knows_prefix=lambda number: find_prefix(number, include_specimen=settings.specimen_bank) is not None,
            )
        ),
        documents=quiet(OnnxDocumentReader(settings.models_dir)),
        faces=quiet(faces),
        videos=quiet(OpenCvVideoInspector(faces)),
        letters=Xhtml2pdfLetterRenderer(FONTS),
        push=_push(settings),
    )


def _push(settings: Settings) -> PushGateway | None:
    if settings.push == "off":
        return None
    if settings.push == "sandbox":
        return quiet(SandboxPush(settings.data_dir / "sandbox", **_weather(settings)))
    from webapp.adapters.push.web_push import WebPushGateway  # noqa: PLC0415 (half a second that a sandbox needn't pay)

    hosts = settings.push_host_list
    gateway = WebPushGateway(
        settings.vapid_key, contact=settings.vapid_contact, trusts=lambda endpoint: is_trusted(endpoint, hosts)
    )
    return quiet(gateway)


@dataclass(frozen=True, slots=True)
class SandboxDesk:
    """What the sandbox page of a demo shows."""

    inbox: Callable[[str], list[Any]]
    pushed: Callable[[], list[Any]]
    weather: Sequence[Any]
    people: Sequence[DemoPerson]


def build_sandbox_desk(settings: Settings) -> SandboxDesk:
    """The sandbox's own side: the SMS inbox of each phone, the table of weathers, the people."""
    folder = settings.data_dir / "sandbox"
    return SandboxDesk(SandboxSms(folder).inbox, SandboxPush(folder).inbox, WEATHER, PEOPLE)


def _weather(settings: Settings) -> dict[str, Any]:
    return {"slow_seconds": settings.sandbox_slow_seconds, "sleep": time.sleep}
