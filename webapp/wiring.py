"""Which adapter stands behind each port. Nothing else imports an adapter.

Each adapter is imported when it is made, and what is heavy (recognisers, the letter's renderer) is made when it is first
asked: a web process that only reads the database has neither OpenCV nor onnxruntime in its memory.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from webapp.core.clock import system_clock
from webapp.core.quiet import quiet
from webapp.core.seam_health import AnswerLedger
from webapp.core.settings import Settings
from webapp.demo_people import PEOPLE, DemoPerson
from webapp.payee.rules.banks import CardType, bank_named, find_prefix
from webapp.ports.account_check import AccountCheck
from webapp.ports.card_reader import CardIssuer, CardKind
from webapp.ports.face_authority import FaceAuthority
from webapp.ports.immigration_authority import ImmigrationAuthority
from webapp.ports.object_store import ObjectStore
from webapp.ports.push_gateway import PushGateway
from webapp.ports.seams import Seams
from webapp.ports.sms_gateway import SmsGateway
from webapp.ports.wechat import WeChat
from webapp.push.rules import is_trusted

if TYPE_CHECKING:
    from webapp.adapters.http.signed import SignedParty
    from webapp.adapters.immigration.authority import SignedImmigration
    from webapp.adapters.push.web_push import WebPushGateway
    from webapp.adapters.s3.store import S3ObjectStore
    from webapp.adapters.tencent.account_check import TencentAccountCheck
    from webapp.adapters.tencent.api import TencentAccount
    from webapp.adapters.tencent.face_authority import TencentFaceAuthority
    from webapp.adapters.tencent.sms import TencentSms
    from webapp.adapters.webhook.sms import WebhookSms
    from webapp.adapters.wechat.official import OfficialWeChat

KINDS = {
    CardType.DEBIT: CardKind.DEBIT,
    CardType.CREDIT: CardKind.CREDIT,
    CardType.SEMI_CREDIT: CardKind.CREDIT,
    CardType.PREPAID: CardKind.PREPAID,
}
FONTS = Path(__file__).parents[1] / "static" / "fonts" / "letter"
MOST_FILES = 32
"""So many photos may be on their way to or from S3 at a time, in one process."""
T = TypeVar("T")


def build_seams(settings: Settings) -> Seams:
    """The seams that the settings ask for. Models and fonts are loaded when first used, not here."""
    faces = later(lambda: _faces(settings))
    immigration = _immigration(settings)
    face_authority, account_check = _face_authority(settings), _account_check(settings)
    return Seams(
        store=_store(settings),
        sms=quiet(_sms(settings)),
        face_authority=quiet(face_authority) if face_authority else None,
        immigration=quiet(immigration) if immigration else None,
        account_check=quiet(account_check) if account_check else None,
        cards=quiet(later(lambda: _cards(settings))),
        documents=quiet(later(lambda: _documents(settings))),
        faces=quiet(faces),
        videos=quiet(later(lambda: _videos(faces))),
        letters=later(_letters),
        push=_push(settings),
        wechat=quiet(_wechat(settings)) if settings.wechat_app_id else None,
    )


def _push(settings: Settings) -> PushGateway | None:
    if settings.push == "off":
        return None
    if settings.push == "web":
        return quiet(_web_push(settings))  # each browser names its own service: no breaker for all of them together
    from webapp.adapters.sandbox.push import SandboxPush

    return quiet(SandboxPush(settings.data_dir / "sandbox", **_weather(settings)))


def _web_push(settings: Settings) -> WebPushGateway:
    from webapp.adapters.push.web_push import WebPushGateway

    hosts = settings.push_host_list
    return WebPushGateway(
        settings.vapid_key, contact=settings.vapid_contact, trusts=lambda endpoint: is_trusted(endpoint, hosts)
    )


def pings(settings: Settings) -> Mapping[str, Callable[[], None] | str]:
    """Of each seam that leads outside: how to try it (it raises what is wrong), or the word of the adapter that needs no trial.

    The bare adapters, without guard or memory: a trial must reach the other side.
    """
    bare: Mapping[str, Callable[[Settings], Any] | None] = {
        "sms": {"tencent": _tencent_sms, "webhook": _webhook_sms}.get(settings.sms),
        "face_authority": {"tencent": _tencent_face}.get(settings.face_authority),
        "immigration": {"signed": _signed_immigration}.get(settings.immigration),
        "account_check": {"tencent": _tencent_account_check}.get(settings.account_check),
        "wechat": _official_wechat if settings.wechat_app_id else None,
        "object_store": {"s3": _s3}.get(settings.object_store),
    }
    return {seam: _ping(make, settings) if make else _word(settings, seam) for seam, make in bare.items()}


def _ping(make: Callable[[Settings], Any], settings: Settings) -> Callable[[], None]:
    return lambda: make(settings).ping()


def _word(settings: Settings, seam: str) -> str:
    return str(getattr(settings, seam, "")) or "off"


def _store(settings: Settings) -> ObjectStore:
    if settings.object_store == "s3":
        return _guard("object_store", _s3(settings), settings, most_hanging=MOST_FILES)
    from webapp.adapters.storage.local import LocalObjectStore

    return LocalObjectStore(settings.data_dir / "objects")


def _s3(settings: Settings) -> S3ObjectStore:
    from webapp.adapters.s3.store import S3ObjectStore

    return S3ObjectStore(
        bucket=settings.s3_bucket, endpoint=settings.s3_endpoint, region=settings.s3_region,
        access_key=settings.s3_access_key, secret_key=settings.s3_secret_key, seconds=settings.seam_seconds,
    )  # fmt: skip


def _sms(settings: Settings) -> SmsGateway:
    if settings.sms == "webhook":
        return _guard("sms", _webhook_sms(settings), settings)
    if settings.sms == "tencent":
        from webapp.adapters.remembered import RememberedSms

        return RememberedSms(_guard("sms", _tencent_sms(settings), settings), AnswerLedger(), now=system_clock)
    from webapp.adapters.sandbox.sms import SandboxSms

    return SandboxSms(settings.data_dir / "sandbox")


def _webhook_sms(settings: Settings) -> WebhookSms:
    from webapp.adapters.webhook.sms import WebhookSms

    return WebhookSms(
        _party(settings, settings.sms_webhook_url, settings.sms_webhook_app_id, settings.sms_webhook_secret)
    )


def _tencent_sms(settings: Settings) -> TencentSms:
    from webapp.adapters.tencent.sms import TencentSms, read_templates

    templates = read_templates(settings.tencent_sms_templates)
    return TencentSms(_tencent(settings), app_id=settings.tencent_sms_app_id, templates=templates)


def _face_authority(settings: Settings) -> FaceAuthority | None:
    if settings.face_authority == "tencent":
        from webapp.adapters.remembered import RememberedFaceAuthority

        bare = _guard("face_authority", later(lambda: _tencent_face(settings)), settings)
        return RememberedFaceAuthority(bare, AnswerLedger(), now=system_clock)
    if settings.face_authority == "review":
        return None
    from webapp.adapters.sandbox.face_authority import SandboxFaceAuthority

    return SandboxFaceAuthority(settings.data_dir / "sandbox", **_weather(settings))


def _tencent_face(settings: Settings) -> TencentFaceAuthority:
    from webapp.adapters.tencent.face_authority import TencentFaceAuthority

    return TencentFaceAuthority(_tencent(settings))


def _account_check(settings: Settings) -> AccountCheck | None:
    if settings.account_check == "tencent":
        from webapp.adapters.remembered import RememberedAccountCheck

        bare = _guard("account_check", later(lambda: _tencent_account_check(settings)), settings)
        return RememberedAccountCheck(bare, AnswerLedger(), now=system_clock)
    if settings.account_check == "review":
        return None
    from webapp.adapters.sandbox.account_check import SandboxAccountCheck

    return SandboxAccountCheck(settings.data_dir / "sandbox", **_weather(settings))


def _tencent_account_check(settings: Settings) -> TencentAccountCheck:
    from webapp.adapters.tencent.account_check import TencentAccountCheck

    return TencentAccountCheck(_tencent(settings))


def _immigration(settings: Settings) -> ImmigrationAuthority | None:
    if settings.immigration == "signed":
        return _guard("immigration", _signed_immigration(settings), settings)
    if settings.immigration == "review":
        return None
    from webapp.adapters.sandbox.immigration import SandboxImmigration

    return SandboxImmigration(settings.data_dir / "sandbox", **_weather(settings))


def _signed_immigration(settings: Settings) -> SignedImmigration:
    from webapp.adapters.immigration.authority import SignedImmigration

    return SignedImmigration(
        _party(settings, settings.immigration_url, settings.immigration_app_id, settings.immigration_secret)
    )


def _wechat(settings: Settings) -> WeChat:
    return _guard("wechat", _official_wechat(settings), settings)


def _official_wechat(settings: Settings) -> OfficialWeChat:
    from webapp.adapters.wechat.official import OfficialWeChat

    return OfficialWeChat(
        settings.wechat_url, app_id=settings.wechat_app_id, secret=settings.wechat_secret, seconds=settings.seam_seconds
    )


def _party(settings: Settings, url: str, app: str, secret: str) -> SignedParty:
    from webapp.adapters.http.signed import SignedParty

    return SignedParty(url, app=app, secret=secret, seconds=settings.seam_seconds)


def _tencent(settings: Settings) -> TencentAccount:
    from webapp.adapters.tencent.api import TencentAccount

    return TencentAccount(
        settings.tencent_secret_id, settings.tencent_secret_key, settings.tencent_region, settings.tencent_endpoint,
        settings.seam_seconds,
    )  # fmt: skip


def _guard(name: str, seam: T, settings: Settings, *, most_hanging: int = 8) -> T:
    from webapp.adapters.guard import Breaker, Journal, guarded

    return guarded(
        seam,
        breaker=Breaker(pause=settings.seam_pause_seconds),
        journal=Journal(name, now=system_clock),
        budget=settings.seam_seconds,
        most_hanging=most_hanging,
    )


def _faces(settings: Settings) -> Any:
    from webapp.adapters.vision.faces import OpenCvFaceChecker

    return OpenCvFaceChecker(settings.models_dir)


def _videos(faces: Any) -> Any:
    from webapp.adapters.vision.videos import OpenCvVideoInspector

    return OpenCvVideoInspector(faces)


def _cards(settings: Settings) -> Any:
    from webapp.adapters.vision.cards import OnnxCardReader

    return OnnxCardReader(
        settings.models_dir,
        issuer_of=lambda number: card_issuer(number, include_specimen=settings.specimen_bank),
        bank_named=lambda words: bank_named(words, include_specimen=settings.specimen_bank),
    )


def _documents(settings: Settings) -> Any:
    from webapp.adapters.vision.documents import OnnxDocumentReader

    return OnnxDocumentReader(settings.models_dir)


def _letters() -> Any:
    from webapp.adapters.pdf.renderer import Xhtml2pdfLetterRenderer

    return Xhtml2pdfLetterRenderer(FONTS)


class _Later:
    def __init__(self, make: Callable[[], Any]) -> None:
        self._make, self._made = make, None
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        with self._lock:
            if self._made is None:
                self._made = self._make()
        return getattr(self._made, name)


def later(make: Callable[[], T]) -> T:
    """What `make` makes, made when it is first used."""
    made: Any = _Later(make)
    return made  # type: ignore[no-any-return]  # it answers to everything that the real one does


@dataclass(frozen=True, slots=True)
class SandboxDesk:
    """What the sandbox page of a demo shows."""

    inbox: Callable[[str], list[Any]]
    pushed: Callable[[], list[Any]]
    weather: Sequence[Any]
    people: Sequence[DemoPerson]


def build_sandbox_desk(settings: Settings) -> SandboxDesk:
    """The sandbox's own side: the SMS inbox of each phone, the table of weathers, the people."""
    from webapp.adapters.sandbox.push import SandboxPush
    from webapp.adapters.sandbox.sms import SandboxSms
    from webapp.adapters.sandbox.weather import WEATHER

    folder = settings.data_dir / "sandbox"
    return SandboxDesk(SandboxSms(folder).inbox, SandboxPush(folder).inbox, WEATHER, PEOPLE)


def card_issuer(number: str, *, include_specimen: bool) -> CardIssuer | None:
    """Whose card a whole number is by the table of prefixes, or None."""
    found = find_prefix(number, include_specimen=include_specimen)
    return CardIssuer(found.bank_code, KINDS[found.card_type]) if found else None


def _weather(settings: Settings) -> dict[str, Any]:
    return {"slow_seconds": settings.sandbox_slow_seconds, "sleep": time.sleep}
