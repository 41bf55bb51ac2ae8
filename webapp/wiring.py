"""Which adapter stands behind each port. Nothing else imports an adapter.

Each adapter is imported when it is made, and what is heavy (recognisers, the letter's renderer) is made when it is first
asked: a web process that only reads the database has neither OpenCV nor onnxruntime in its memory.
"""

from __future__ import annotations

import secrets
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
from webapp.payee.rules.banks import CardType, banks_named, find_prefix
from webapp.ports.account_check import AccountCheck
from webapp.ports.card_reader import CardIssuer, CardKind
from webapp.ports.face_authority import FaceAuthority
from webapp.ports.immigration_authority import ImmigrationAuthority
from webapp.ports.mail_gateway import MailGateway
from webapp.ports.object_store import ObjectStore
from webapp.ports.push_gateway import PushGateway
from webapp.ports.seams import Seams
from webapp.ports.sms_gateway import ReceiptSource, SmsGateway
from webapp.ports.wechat import WeChat
from webapp.push.rules import is_trusted

if TYPE_CHECKING:
    from pyhanko.sign.signers import Signer

    from webapp.adapters.http.signed import SignedParty
    from webapp.adapters.immigration.authority import SignedImmigration
    from webapp.adapters.mail.smtp import SmtpMail
    from webapp.adapters.push.web_push import WebPushGateway
    from webapp.adapters.s3.store import S3ObjectStore
    from webapp.adapters.seal.pades import PadesSealer
    from webapp.adapters.seal.stamping import HttpStampAuthority, StampProbe
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
WECHAT_SECONDS = 4.0
"""The budget of a question to WeChat: a page waits for it."""
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
        sealer=later(lambda: _sealer(settings)),
        push=_push(settings),
        wechat=quiet(_wechat(settings)) if settings.wechat_app_id else None,
        receipts=_receipts(settings),
        mail=_mail(settings),
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
        "sms_fallback": {"tencent": _tencent_sms, "webhook": _webhook_sms}.get(settings.sms_fallback),
        "face_authority": {"tencent": _tencent_face}.get(settings.face_authority),
        "immigration": {"signed": _signed_immigration}.get(settings.immigration),
        "account_check": {"tencent": _tencent_account_check}.get(settings.account_check),
        "wechat": _official_wechat if settings.wechat_app_id not in ("", "sandbox") else None,
        "object_store": {"s3": _s3}.get(settings.object_store),
        "mail": {"smtp": _smtp}.get(settings.mail),
        "time_stamp": _stamp_probe if settings.tsa_url else None,
    }
    return {seam: _ping(make, settings) if make else _word(settings, seam) for seam, make in bare.items()}


def _ping(make: Callable[[Settings], Any], settings: Settings) -> Callable[[], None]:
    return lambda: make(settings).ping()


def _word(settings: Settings, seam: str) -> str:
    return str(getattr(settings, "wechat_app_id" if seam == "wechat" else seam, "")) or "off"


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
    first = _sms_by(settings, settings.sms, "sms")
    if not settings.sms_fallback:
        return first
    from webapp.adapters.failover import FailoverSms

    return FailoverSms(
        first, _sms_by(settings, settings.sms_fallback, "sms_fallback"), AnswerLedger(), now=system_clock
    )


def _sms_by(settings: Settings, choice: str, seam: str) -> SmsGateway:
    if choice == "webhook":
        return _guard(seam, _webhook_sms(settings), settings)
    if choice == "tencent":
        from webapp.adapters.remembered import RememberedSms

        return RememberedSms(_guard(seam, _tencent_sms(settings), settings), AnswerLedger(), now=system_clock)
    from webapp.adapters.sandbox.sms import SandboxSms

    return SandboxSms(settings.data_dir / "sandbox")


def _receipts(settings: Settings) -> ReceiptSource | None:
    """Tencent is asked for its receipts; a provider behind the webhook sends them."""
    if "tencent" not in (settings.sms, settings.sms_fallback):
        return None
    return quiet(_guard("sms" if settings.sms == "tencent" else "sms_fallback", _tencent_sms(settings), settings))


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

    return TencentFaceAuthority(_tencent(settings), judges_films=settings.face_liveness == "authority")


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
    if settings.wechat_app_id == "sandbox":
        from webapp.adapters.sandbox.wechat import SandboxWeChat

        return SandboxWeChat(settings.data_dir / "sandbox")
    return _guard("wechat", _official_wechat(settings), settings, most_seconds=WECHAT_SECONDS)


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


def _guard(name: str, seam: T, settings: Settings, *, most_hanging: int = 8, most_seconds: float = float("inf")) -> T:
    from webapp.adapters.guard import Breaker, Journal, guarded

    return guarded(
        seam,
        breaker=Breaker(pause=settings.seam_pause_seconds),
        journal=Journal(name, now=system_clock),
        budget=min(settings.seam_seconds, most_seconds),
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
        banks_named=lambda words: banks_named(words, include_specimen=settings.specimen_bank),
    )


def _documents(settings: Settings) -> Any:
    from webapp.adapters.vision.documents import OnnxDocumentReader

    return OnnxDocumentReader(settings.models_dir)


def _letters() -> Any:
    from webapp.adapters.pdf.renderer import Xhtml2pdfLetterRenderer

    return Xhtml2pdfLetterRenderer(FONTS)


def _sealer(settings: Settings) -> PadesSealer:
    from webapp.adapters.seal.keys import certificates_in, revocations_in
    from webapp.adapters.seal.pades import PadesSealer
    from webapp.adapters.seal.stamping import AskedTimeStamper

    roots, crls = settings.seal_roots, settings.seal_crls
    if settings.seal == "sandbox":
        from webapp.adapters.seal.demo import REVOKED, ROOT, demo_seal

        folder = demo_seal(settings.data_dir / "seal", settings.court_name)
        roots, crls = folder / ROOT, folder / REVOKED
    return PadesSealer(
        lambda: _seal_key(settings),
        roots=certificates_in(roots),
        revocations=revocations_in(crls) if crls != Path() else (),
        stamper=AskedTimeStamper(quiet(_time_stamp(settings))) if settings.tsa_url else None,
        stamp_roots=certificates_in(settings.tsa_roots) if settings.tsa_url else (),
        place=settings.court_name,
    )


def _seal_key(settings: Settings) -> Signer:
    from webapp.adapters.seal import demo, keys

    if settings.seal == "pkcs12":
        return keys.from_pkcs12(settings.seal_pkcs12, settings.seal_pkcs12_passphrase)
    if settings.seal == "pkcs11":
        return keys.from_pkcs11(
            settings.seal_pkcs11_module, token=settings.seal_pkcs11_token, pin=settings.seal_pkcs11_pin,
            label=settings.seal_pkcs11_label,
        )  # fmt: skip
    folder = demo.demo_seal(settings.data_dir / "seal", settings.court_name)
    return keys.from_files(folder / demo.CERTIFICATE, folder / demo.KEY)


def _time_stamp(settings: Settings) -> HttpStampAuthority:
    from webapp.adapters.seal.stamping import HttpStampAuthority

    return _guard("time_stamp", HttpStampAuthority(settings.tsa_url, seconds=settings.seam_seconds), settings)


def _stamp_probe(settings: Settings) -> StampProbe:
    from webapp.adapters.seal.stamping import HttpStampAuthority, StampProbe

    return StampProbe(HttpStampAuthority(settings.tsa_url, seconds=settings.seam_seconds))


def _smtp(settings: Settings) -> SmtpMail:
    from webapp.adapters.mail.smtp import SmtpMail

    return SmtpMail(
        settings.smtp_host, settings.smtp_port, security=settings.smtp_security, user=settings.smtp_user,
        password=settings.smtp_password, sender=settings.smtp_from, seconds=settings.seam_seconds,
    )  # fmt: skip


def _mail(settings: Settings) -> MailGateway | None:
    if settings.mail == "off":
        return None
    if settings.mail == "smtp":
        return quiet(_guard("mail", _smtp(settings), settings))
    from webapp.adapters.sandbox.mail import SandboxMail

    return quiet(SandboxMail(settings.data_dir / "sandbox", **_weather(settings)))


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
    mailed: Callable[[], list[Any]]
    weather: Sequence[Any]
    people: Sequence[DemoPerson]
    film: Callable[[Sequence[str]], bytes]


def build_sandbox_desk(settings: Settings) -> SandboxDesk:
    """The sandbox's own side: the SMS inbox of each phone, the table of weathers, the people, their films."""
    from webapp.adapters.sandbox.mail import SandboxMail
    from webapp.adapters.sandbox.push import SandboxPush
    from webapp.adapters.sandbox.sms import SandboxSms
    from webapp.adapters.sandbox.weather import WEATHER

    folder = settings.data_dir / "sandbox"
    return SandboxDesk(
        SandboxSms(folder).inbox, SandboxPush(folder).inbox, SandboxMail(folder).inbox, WEATHER, PEOPLE,
        lambda gestures: _film(settings, gestures),
    )  # fmt: skip


def check_models(settings: Settings) -> str | None:
    """What is wrong with the first model file that isn't there or isn't the published one; None when all are right."""
    from webapp.adapters.vision.models import FILES, ModelMissing, model_path

    try:
        for name in FILES:
            model_path(settings.models_dir, name)
    except ModelMissing as missing:
        return str(missing)
    return None


def _film(settings: Settings, gestures: Sequence[str]) -> bytes:
    """A film of the demo's person who does `gestures`, each time another one. Raises ModelMissing."""
    from webapp.adapters.sandbox.moving_face import act
    from webapp.adapters.vision.faces import OpenCvFaceChecker

    return act(OpenCvFaceChecker(settings.models_dir).mesh, gestures, seed=secrets.randbits(32))


def card_issuer(number: str, *, include_specimen: bool) -> CardIssuer | None:
    """Whose card a whole number is by the table of prefixes, or None."""
    found = find_prefix(number, include_specimen=include_specimen)
    return CardIssuer(found.bank_code, KINDS[found.card_type]) if found else None


def _weather(settings: Settings) -> dict[str, Any]:
    return {"slow_seconds": settings.sandbox_slow_seconds, "sleep": time.sleep}
