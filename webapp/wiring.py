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
from webapp.payee.rules.banks import CardType, bank_named, find_prefix
from webapp.ports.card_reader import CardIssuer, CardKind
from webapp.ports.seams import Seams

KINDS = {
    CardType.DEBIT: CardKind.DEBIT,
    CardType.CREDIT: CardKind.CREDIT,
    CardType.SEMI_CREDIT: CardKind.CREDIT,
    CardType.PREPAID: CardKind.PREPAID,
}
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
                issuer_of=lambda number: card_issuer(number, include_specimen=settings.specimen_bank),
                bank_named=lambda words: bank_named(words, include_specimen=settings.specimen_bank),
            )
        ),
        documents=quiet(OnnxDocumentReader(settings.models_dir)),
        faces=quiet(faces),
        videos=quiet(OpenCvVideoInspector(faces)),
        letters=Xhtml2pdfLetterRenderer(FONTS),
    )


@dataclass(frozen=True, slots=True)
class SandboxDesk:
    """What the sandbox page of a demo shows."""

    inbox: Callable[[str], list[Any]]
    weather: Sequence[Any]
    people: Sequence[DemoPerson]


def build_sandbox_desk(settings: Settings) -> SandboxDesk:
    """The sandbox's own side: the SMS inbox of each phone, the table of weathers, the people."""
    return SandboxDesk(SandboxSms(settings.data_dir / "sandbox").inbox, WEATHER, PEOPLE)


def card_issuer(number: str, *, include_specimen: bool) -> CardIssuer | None:
    """Whose card a whole number is by the table of prefixes, or None."""
    found = find_prefix(number, include_specimen=include_specimen)
    return CardIssuer(found.bank_code, KINDS[found.card_type]) if found else None


def _weather(settings: Settings) -> dict[str, Any]:
    return {"slow_seconds": settings.sandbox_slow_seconds, "sleep": time.sleep}
