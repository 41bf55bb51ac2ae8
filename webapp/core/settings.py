"""What a deployment may set: one frozen object, made from the environment, each value documented where it stands."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from webapp.core.hours import OfficeHours, QuietHours


class Environment(StrEnum):
    """DEMO runs on sandbox seams with made-up people; PRODUCTION refuses all of that."""

    DEMO = "demo"
    TEST = "test"
    PRODUCTION = "production"


class Surface(StrEnum):
    """Which of the two applications this process serves."""

    PAYEE = "payee"
    CLERK = "clerk"
    BOTH = "both"


class BadSettings(Exception):
    """The environment doesn't make a usable deployment; the message lists every reason."""


def _yes(text: str) -> bool:
    return text.strip().lower() in {"1", "true", "yes", "on"}


def _setting(default: Any, doc: str, read: Callable[[str], Any] = str) -> Any:
    return field(default=default, metadata={"doc": doc, "read": read})


def _secret(doc: str) -> Any:
    """A secret of a party: it shows in no repr, and so in no log."""
    return field(default="", repr=False, metadata={"doc": doc, "read": str})


DEMO_SECRET = "demo-secret-that-production-refuses"  # noqa: S105 (known to everybody, and refused in production)
SANDBOX_PUSH = "push.example"
"""The push service of the sandbox's table of weathers: a name that nobody can ever have (RFC 2606)."""
DEMO_KEY = "1:" + base64.b64encode(b"demo key, 32 bytes, not secret..").decode()


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting is read from the environment variable of its own name in capitals."""

    env: Environment = _setting(Environment.DEMO, "demo, test or production.", Environment)
    surface: Surface = _setting(Surface.BOTH, "Which application this process serves: payee, clerk or both.", Surface)
    data_dir: Path = _setting(Path("var"), "Folder of the embedded database, the object store and the sandbox.", Path)
    database_url: str = _setting("", "SQLAlchemy address of PostgreSQL; empty: SQLite in DATA_DIR.")
    models_dir: Path = _setting(Path("models"), "Folder of the recognition models that set-up fetched.", Path)
    secret_key: str = _setting(DEMO_SECRET, "Signs cookies and form tokens; at least 32 characters.")
    sealing_keys: str = _setting(
        DEMO_KEY,
        "Keys that seal personal data, as id:base64 of 32 bytes, comma-separated; the first one seals, all open.",
    )
    index_key: str = _setting(DEMO_SECRET, "Key of the look-up hashes; it can't be rotated without a rebuild.")
    audit_key: str = _setting(DEMO_SECRET, "Signs what auditors take out of the audit trail; at least 32 characters.")
    audit_heads: Path = _setting(
        Path(), "File that heads of the audit chain are written to; empty: audit-heads.txt in DATA_DIR.", Path
    )
    object_store: str = _setting("local", "Where sealed photos and letters go: local or s3.")
    sms: str = _setting("sandbox", "Adapter of the SMS port: sandbox, tencent or webhook.")
    sms_fallback: str = _setting(
        "", "Second SMS provider, for when the first is surely out of order: tencent or webhook; empty: none."
    )
    face_authority: str = _setting(
        "sandbox", "Adapter of the face port: sandbox, tencent, or review (a clerk decides)."
    )
    face_liveness: str = _setting(
        "own", "Who draws the gestures and judges films: own (no film leaves this machine) or authority (it does too)."
    )
    immigration: str = _setting("sandbox", "Adapter of the immigration port: sandbox, signed, or review.")
    account_check: str = _setting("sandbox", "Adapter of the bank port: sandbox, tencent, or review.")
    tencent_secret_id: str = _setting("", "SecretId of the Tencent Cloud account.")
    tencent_secret_key: str = _secret("SecretKey of the Tencent Cloud account.")
    tencent_region: str = _setting("ap-guangzhou", "Tencent Cloud's region.")
    tencent_endpoint: str = _setting("", "Address in place of Tencent Cloud's own, for a stand-in or a gateway.")
    tencent_sms_app_id: str = _setting("", "SmsSdkAppId of Tencent's SMS.")
    tencent_sms_templates: Path = _setting(Path(), "JSON list of the registered SMS templates (docs/seams.md).", Path)
    sms_webhook_url: str = _setting("", "Base address of the SMS provider behind the signed webhook.")
    sms_webhook_app_id: str = _setting("", "Name by which that provider knows us.")
    sms_webhook_secret: str = _secret("Secret that signs messages to it and its receipts to us.")
    immigration_url: str = _setting("", "Base address of the immigration authority's signed interface.")
    immigration_app_id: str = _setting("", "Name by which the authority knows us.")
    immigration_secret: str = _secret("Secret that signs questions to it and its callbacks to us.")
    wechat_app_id: str = _setting("", "AppID of the WeChat app; empty: no WeChat; sandbox: its twin.")
    wechat_template: str = _setting("", "Id of the subscribe message's template; empty: no messages in WeChat.")
    wechat_template_fields: str = _setting(
        "thing1:headline,time2:time", "What stands in each field of that template: headline, time or platform."
    )
    wechat_shell_page: str = _setting(
        "/pages/ask/ask", "The mini-program's page that asks what only WeChat can (docs/wechat.md)."
    )
    wechat_secret: str = _secret("AppSecret of the WeChat app.")
    wechat_url: str = _setting("https://api.weixin.qq.com", "Address of WeChat's API.")
    s3_endpoint: str = _setting("", "Address of the S3 service, without the bucket.")
    s3_bucket: str = _setting("", "Bucket that keeps the sealed files; it must exist.")
    s3_region: str = _setting("us-east-1", "Region of the bucket.")
    s3_access_key: str = _setting("", "Access key of S3.")
    s3_secret_key: str = _secret("Secret key of S3.")
    seam_seconds: float = _setting(12.0, "The longest that one question to an outside party may take.", float)
    seam_pause_seconds: float = _setting(
        30.0, "How long a party that is down is left alone before one call tries.", float
    )
    sandbox_slow_seconds: float = _setting(8.0, "How long a slow answer of a sandbox takes.", float)
    court_name: str = _setting("深圳市中级人民法院", "Full name of the court, as letters print it.")
    court_short_name: str = _setting("深圳法院", "Short name, as SMS are signed with it.")
    platform_name: str = _setting("深圳移动微法院", "Name of the platform in messages and titles.")
    court_phone: str = _setting("0755-12368", "Phone number of a person who can help.")
    court_hours: OfficeHours = _setting(
        OfficeHours.parse("mon-fri 09:00-12:00 14:00-18:00"),
        "When somebody answers it, by China's clock: mon-thu 09:00-12:00 14:00-18:00; fri 09:00-12:00, or off (isn't said).",
        OfficeHours.parse,
    )
    court_address: str = _setting("", "Where the court's counter is, as a taxi driver reads it; empty: isn't said.")
    courts: str = _setting(
        "深圳市中级人民法院,深圳市福田区人民法院,深圳市罗湖区人民法院,深圳市南山区人民法院,深圳市宝安区人民法院,"
        "深圳市龙岗区人民法院,深圳前海合作区人民法院",
        "Courts a payee may choose from, comma-separated; the first is the default.",
    )
    courts_english: str = _setting(
        "深圳市中级人民法院=Shenzhen Intermediate People's Court,"
        "深圳市福田区人民法院=Futian District People's Court of Shenzhen,"
        "深圳市罗湖区人民法院=Luohu District People's Court of Shenzhen,"
        "深圳市南山区人民法院=Nanshan District People's Court of Shenzhen,"
        "深圳市宝安区人民法院=Bao'an District People's Court of Shenzhen,"
        "深圳市龙岗区人民法院=Longgang District People's Court of Shenzhen,"
        "深圳前海合作区人民法院=Shenzhen Qianhai Cooperation Zone People's Court",
        "English names of courts, comma-separated: name=English. Shown beside the Chinese name in all languages but Chinese.",
    )
    public_url: str = _setting("http://127.0.0.1:8000", "Address that QR codes and messages point to.")
    secure_cookies: bool = _setting(False, "Cookies only over HTTPS; production needs it.", _yes)
    payee_idle_minutes: int = _setting(60 * 24 * 14, "A payee's sign-in ends after this long without a visit.", int)
    clerk_idle_minutes: int = _setting(30, "A clerk's sign-in ends after this long without a click.", int)
    clerk_session_hours: int = _setting(10, "A clerk's sign-in ends after this long in any case.", int)
    clerk_second_factor: str = _setting(
        "offer", "Second factor of clerks: demand (enrolled before anything else) or offer; production demands it."
    )
    desk_url: str = _setting("", "Address of the desk, to whose host passkeys belong; empty: PUBLIC_URL.")
    review_target_days: int = _setting(3, "Working days within which a review should be decided.", int)
    undo_seconds: int = _setting(
        30, "How long a clerk may undo a decision before it takes effect and is told; 0: at once.", int
    )
    job_lease_seconds: float = _setting(
        60.0, "After this long without a heartbeat another worker takes a job over.", float
    )
    test_phones: bool = _setting(True, "Accept phone numbers of the demo range 100…, which no operator issues.", _yes)
    specimen_bank: bool = _setting(True, "Know the bank and the card prefix of the specimen cards.", _yes)
    quiet_hours: QuietHours = _setting(
        QuietHours.parse("21:00-08:00"),
        "When nothing but codes and warnings is sent, by China's clock: 21:00-08:00, or off.",
        QuietHours.parse,
    )
    vapid_key: str = _setting(
        "", "Private key of Web Push, as `flask keys vapid` makes it; empty: no push, SMS and inbox only."
    )
    vapid_contact: str = _setting("", "mailto: or https: address that push services may complain to.")
    push: str = _setting("sandbox", "Adapter of the push port: sandbox, web, or off.")
    push_hosts: str = _setting(
        "fcm.googleapis.com,push.services.mozilla.com,push.apple.com,notify.windows.com",
        "Push services that a browser may name, comma-separated; their subdomains are allowed too.",
    )
    seal: str = _setting("sandbox", "Where the court's certificate is: sandbox (made for a demo), pkcs12 or pkcs11.")
    seal_pkcs12: Path = _setting(Path(), "PKCS#12 file with the court's certificate, key and chain.", Path)
    seal_pkcs12_passphrase: str = _secret("Passphrase of that file.")
    seal_pkcs11_module: Path = _setting(Path(), "The library of the token that holds the court's key.", Path)
    seal_pkcs11_token: str = _setting("", "Label of the token.")
    seal_pkcs11_label: str = _setting("", "Label of the certificate and of its key on the token.")
    seal_pkcs11_pin: str = _secret("PIN of the token.")
    seal_roots: Path = _setting(Path(), "PEM file of the authorities that a genuine seal leads to.", Path)
    seal_crls: Path = _setting(
        Path(), "PEM file of their revocation lists, put into each letter that gets a time stamp.", Path
    )
    tsa_url: str = _setting("", "Address of a time stamp authority (RFC 3161); empty: letters without a time stamp.")
    tsa_roots: Path = _setting(Path(), "PEM file of the authorities behind the time stamps.", Path)
    mail: str = _setting("sandbox", "Adapter of the mail port: sandbox, smtp, or off.")
    smtp_host: str = _setting("", "Mail server.")
    smtp_port: int = _setting(465, "Port of the mail server.", int)
    smtp_security: str = _setting("tls", "tls (from the first byte), starttls, or none (a relay on this machine).")
    smtp_user: str = _setting("", "Account at the mail server; empty: none is needed.")
    smtp_password: str = _secret("Password of that account.")
    smtp_from: str = _setting("", "Address that mails come from.")
    bank_certificate: Path = _setting(
        Path(), "PEM certificate of the bank: payment files are sealed for it (CMS) instead of by a password.", Path
    )
    trusted_proxies: int = _setting(0, "How many proxies in front set X-Forwarded-For and -Proto.", int)

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Reads and checks; raises BadSettings with every fault at once."""
        values: dict[str, Any] = {}
        faults: list[str] = []
        for spec in dataclasses.fields(cls):
            text = environ.get(spec.name.upper())
            if text is None or text == "":
                continue
            try:
                values[spec.name] = spec.metadata["read"](text)
            except ValueError as fault:
                faults.append(f"{spec.name.upper()}: {fault}")
        settings = cls(**values)
        faults += settings.faults()
        if faults:
            raise BadSettings("; ".join(faults))
        return settings

    @property
    def desk(self) -> str:
        """The desk's address, without a slash at its end."""
        return (self.desk_url or self.public_url).rstrip("/")

    @property
    def demo(self) -> bool:
        """True while sandboxes, specimens and made-up people are shown."""
        return self.env is Environment.DEMO

    @property
    def database(self) -> str:
        """The SQLAlchemy address, with the embedded default filled in."""
        if not self.database_url:
            return f"sqlite:///{(self.data_dir / 'lingkuan.db').resolve()}"
        if self.database_url.startswith(("postgresql://", "postgres://")):
            return "postgresql+psycopg://" + self.database_url.split("://", 1)[1]
        return self.database_url

    @property
    def job_lease(self) -> timedelta:
        """How long a worker may be silent before another takes its job over."""
        return timedelta(seconds=self.job_lease_seconds)

    @property
    def court_list(self) -> tuple[str, ...]:
        """The courts that a payee may choose from."""
        return tuple(name.strip() for name in self.courts.split(",") if name.strip())

    @property
    def english_of_courts(self) -> dict[str, str]:
        """The English names of courts, by the Chinese ones."""
        pairs = (pair.partition("=") for pair in self.courts_english.split(","))
        return {name.strip(): english.strip() for name, _, english in pairs if english.strip()}

    @property
    def push_host_list(self) -> tuple[str, ...]:
        """The push services that a browser may name; where nothing is sent anywhere, the sandbox's own, too."""
        hosts = tuple(host.strip().lower() for host in self.push_hosts.split(",") if host.strip())
        return (*hosts, SANDBOX_PUSH) if self.push == "sandbox" else hosts

    @property
    def heads_file(self) -> Path:
        """Where heads of the audit chain are written down."""
        return self.data_dir / "audit-heads.txt" if self.audit_heads == Path() else self.audit_heads

    @property
    def bank_certificate_file(self) -> Path | None:
        """The bank's certificate; None: payment files get a password."""
        return None if self.bank_certificate == Path() else self.bank_certificate

    @property
    def key_ring(self) -> dict[int, bytes]:
        """Sealing keys by their id, the one that seals first."""
        return dict(_one_key(text) for text in self.sealing_keys.split(","))

    def faults(self) -> list[str]:
        """Why this can't run; empty when it can."""
        found = _key_faults(self)
        if not self.court_list:
            found.append("COURTS: name at least one")
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                found.append(f"{name.upper()}: one of {', '.join(sorted(allowed))}")
        if self.push == "web" and not (self.vapid_key and self.vapid_contact):
            found.append("PUSH: web needs VAPID_KEY and VAPID_CONTACT")
        if self.sms_fallback and self.sms_fallback == self.sms:
            found.append("SMS_FALLBACK: another provider than SMS")
        if self.bank_certificate_file is not None and not self.bank_certificate_file.is_file():
            found.append("BANK_CERTIFICATE: no such file")
        found += _party_faults(self)
        return found + (_production_faults(self) if self.env is Environment.PRODUCTION else [])


_CHOICES = {
    "object_store": {"local", "s3"},
    "sms": {"sandbox", "tencent", "webhook"},
    "sms_fallback": {"", "tencent", "webhook"},
    "face_authority": {"sandbox", "tencent", "review"},
    "face_liveness": {"own", "authority"},
    "immigration": {"sandbox", "signed", "review"},
    "account_check": {"sandbox", "tencent", "review"},
    "push": {"sandbox", "web", "off"},
    "clerk_second_factor": {"demand", "offer"},
    "seal": {"sandbox", "pkcs12", "pkcs11"},
    "mail": {"sandbox", "smtp", "off"},
}
_TENCENT = ("tencent_secret_id", "tencent_secret_key")
_NEEDED = {
    ("object_store", "s3"): ("s3_endpoint", "s3_bucket", "s3_access_key", "s3_secret_key"),
    ("sms", "tencent"): (*_TENCENT, "tencent_sms_app_id", "tencent_sms_templates"),
    ("sms", "webhook"): ("sms_webhook_url", "sms_webhook_app_id", "sms_webhook_secret"),
    ("sms_fallback", "tencent"): (*_TENCENT, "tencent_sms_app_id", "tencent_sms_templates"),
    ("sms_fallback", "webhook"): ("sms_webhook_url", "sms_webhook_app_id", "sms_webhook_secret"),
    ("face_authority", "tencent"): _TENCENT,
    ("immigration", "signed"): ("immigration_url", "immigration_app_id", "immigration_secret"),
    ("account_check", "tencent"): _TENCENT,
    ("seal", "pkcs12"): ("seal_pkcs12", "seal_roots"),
    ("seal", "pkcs11"): (
        "seal_pkcs11_module",
        "seal_pkcs11_token",
        "seal_pkcs11_label",
        "seal_pkcs11_pin",
        "seal_roots",
    ),
    ("mail", "smtp"): ("smtp_host", "smtp_from"),
}
_ADDRESSES = (
    "desk_url",
    "tencent_endpoint",
    "sms_webhook_url",
    "immigration_url",
    "wechat_url",
    "s3_endpoint",
    "tsa_url",
)

_LOCAL = {"localhost", "127.0.0.1", "::1"}


def _one_key(text: str) -> tuple[int, bytes]:
    key_id, _, encoded = text.strip().partition(":")
    return int(key_id), base64.b64decode(encoded, validate=True)


def _key_faults(settings: Settings) -> list[str]:
    try:
        ring = settings.key_ring
    except (ValueError, binascii.Error):
        return ["SEALING_KEYS: write id:base64,id:base64"]
    bad = [key_id for key_id, key in ring.items() if len(key) != 32 or not 0 < key_id < 256]
    return [f"SEALING_KEYS: key {key_id} must be 32 bytes with an id of 1 to 255" for key_id in bad]


def _party_faults(settings: Settings) -> list[str]:
    """What the chosen adapters need and don't have, and addresses that are none."""
    needed = {
        (name, why): None for why, names in _NEEDED.items() if getattr(settings, why[0]) == why[1] for name in names
    }
    found = [
        f"{name.upper()}: {port.upper()}={choice} needs it"
        for name, (port, choice) in needed
        if getattr(settings, name) in ("", Path())
    ]
    if settings.wechat_app_id not in ("", "sandbox") and not settings.wechat_secret:
        found.append("WECHAT_SECRET: WECHAT_APP_ID needs it")
    found += [
        f"{name.upper()}: write http:// or https:// and a host"
        for name in _ADDRESSES
        if getattr(settings, name) and not re.match(r"https?://[^/\s]", getattr(settings, name))
    ]
    found += [
        f"{name.upper()}: a number of seconds above 0"
        for name in ("seam_seconds", "seam_pause_seconds")
        if not getattr(settings, name) > 0
    ]
    found += [
        f"{name.upper()}: there is no such file"
        for name in ("seal_pkcs12", "seal_pkcs11_module", "seal_roots", "seal_crls", "tsa_roots")
        if getattr(settings, name) != Path() and not getattr(settings, name).is_file()
    ]
    if settings.tsa_url and settings.tsa_roots == Path():
        found.append("TSA_ROOTS: TSA_URL needs it")
    if settings.smtp_security not in {"tls", "starttls", "none"}:
        found.append("SMTP_SECURITY: one of none, starttls, tls")
    return found


def _production_faults(settings: Settings) -> list[str]:
    """A production start with anything made for a demo is refused, not warned about."""
    found = [
        f"{name.upper()}: set your own secret of at least 32 characters"
        for name in ("secret_key", "index_key", "audit_key")
        if getattr(settings, name) == DEMO_SECRET or len(getattr(settings, name)) < 32
    ]
    if DEMO_KEY in settings.sealing_keys:
        found.append("SEALING_KEYS: the demo key is public; make your own with `flask keys new`")
    found += [
        f"{name.upper()}: a sandbox is not for production" for name in _CHOICES if getattr(settings, name) == "sandbox"
    ]
    found += [
        f"{name.upper()}: made for demos, must be off"
        for name in ("test_phones", "specimen_bank")
        if getattr(settings, name)
    ]
    if settings.clerk_second_factor != "demand":
        found.append("CLERK_SECOND_FACTOR: must be demand, a password alone doesn't guard people's data")
    if settings.wechat_app_id == "sandbox":
        found.append("WECHAT_APP_ID: a sandbox is not for production")
    if "http:" in settings.push_hosts:
        found.append("PUSH_HOSTS: only https push services, written as host names")
    found += [
        f"{name.upper()}: must be https, people's data may not travel in the clear"
        for name in _ADDRESSES
        if getattr(settings, name).startswith("http://") and name != "tsa_url"  # it sees a hash alone
    ]
    if settings.mail == "smtp" and settings.smtp_security == "none" and settings.smtp_host not in _LOCAL:
        found.append("SMTP_SECURITY: must be tls or starttls, letters may not travel in the clear")
    if not settings.secure_cookies:
        found.append("SECURE_COOKIES: must be on, people's cookies may not travel in the clear")
    return found
