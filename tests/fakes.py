"""Seams that tests set by hand: quick, in memory, and strict about how they are asked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from webapp.adapters.sandbox.push import DEMO_PUBLIC_KEY
from webapp.core.quiet import quiet
from webapp.ports.account_check import AccountAnswer, AccountQuestion, AccountVerdict
from webapp.ports.card_reader import CardReading
from webapp.ports.document_reader import DocumentReading, DocumentSide
from webapp.ports.face_authority import FaceAnswer, FaceQuestion, FaceVerdict
from webapp.ports.face_checker import FaceComparison, FaceDescription, FaceInspection, Likeness
from webapp.ports.failures import SeamUnavailable
from webapp.ports.immigration_authority import ImmigrationAnswer, ImmigrationQuestion, ImmigrationVerdict
from webapp.ports.letter_sealer import SealReport, SealVerdict
from webapp.ports.liveness import Gesture, Liveness, Seen
from webapp.ports.mail_gateway import MailAnswer, MailQuestion, MailVerdict
from webapp.ports.object_store import StoredFile
from webapp.ports.push_gateway import PushAnswer, PushQuestion, PushVerdict
from webapp.ports.seams import Seams
from webapp.ports.sms_gateway import SmsAnswer, SmsQuestion, SmsVerdict
from webapp.ports.video_inspector import VideoInspection
from webapp.ports.wechat import MessageVerdict, PageSignature, PhoneAnswer, PhoneVerdict


class TestClock:
    """A clock that stands still until it is moved."""

    __test__ = False

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> None:
        self.now += timedelta(**span)


class MemoryStore:
    """An object store in a dictionary."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.ages: dict[str, datetime] = {}

    def put(self, key: str, data: bytes) -> None:
        self.files[key] = data

    def get(self, key: str) -> bytes:
        return self.files[key]

    def delete(self, key: str) -> None:
        self.files.pop(key, None)

    def listed(self, prefix: str) -> Iterator[StoredFile]:
        old = datetime(2026, 1, 1, tzinfo=UTC)
        return iter([StoredFile(k, self.ages.get(k, old)) for k in self.files if k.startswith(prefix)])


@dataclass
class FakeSms:
    """Remembers what was sent, once per key; `verdict` and `down` set the weather."""

    sent: list[SmsQuestion] = field(default_factory=list)
    verdict: SmsVerdict = SmsVerdict.ACCEPTED
    down: bool = False

    def send(self, question: SmsQuestion) -> SmsAnswer:
        if self.down:
            raise SeamUnavailable("down")
        if question.key not in {known.key for known in self.sent}:
            self.sent.append(question)
        return SmsAnswer(self.verdict, f"ref-{question.key}")

    def last(self, phone: str) -> str:
        return next(q.body for q in reversed(self.sent) if q.phone == phone)

    def code(self, phone: str) -> str:
        """The newest code; other messages may have come after it."""
        return next(q.body for q in reversed(self.sent) if q.phone == phone and "#" in q.body).rsplit("#", 1)[1].strip()


@dataclass
class FakeFaceAuthority:
    verdict: FaceVerdict = FaceVerdict.MATCH
    down: bool = False
    asked: list[FaceQuestion] = field(default_factory=list)
    wanted: tuple[Gesture, ...] = ()

    def wanted_gestures(self) -> tuple[Gesture, ...]:
        if self.down:
            raise SeamUnavailable("down")
        return self.wanted

    def compare(self, question: FaceQuestion) -> FaceAnswer:
        self.asked.append(question)
        if self.down:
            raise SeamUnavailable("down")
        return FaceAnswer(self.verdict, f"F-{len(self.asked)}")


@dataclass
class FakeImmigration:
    verdict: ImmigrationVerdict = ImmigrationVerdict.AGREED
    down: bool = False
    asked: list[ImmigrationQuestion] = field(default_factory=list)

    def ask(self, question: ImmigrationQuestion) -> ImmigrationAnswer:
        self.asked.append(question)
        if self.down:
            raise SeamUnavailable("down")
        return ImmigrationAnswer(self.verdict, f"I-{len(self.asked)}")


@dataclass
class FakeBank:
    verdict: AccountVerdict = AccountVerdict.AGREED
    down: bool = False
    asked: list[AccountQuestion] = field(default_factory=list)

    def verify(self, question: AccountQuestion) -> AccountAnswer:
        self.asked.append(question)
        if self.down:
            raise SeamUnavailable("down")
        return AccountAnswer(self.verdict, f"B-{len(self.asked)}")


@dataclass
class FakeCards:
    number: str | None = "6299990000000000012"
    reading: CardReading | None = None
    seen: list[list[bytes]] = field(default_factory=list)

    def read(self, pictures: Sequence[bytes]) -> CardReading:
        self.seen.append(list(pictures))
        return self.reading or CardReading(self.number, 0.98 if self.number else 0.2)


PORTRAITS = (DocumentSide.RESIDENT_FRONT, DocumentSide.PERMIT_FRONT, DocumentSide.DATA_PAGE)


@dataclass
class FakeDocuments:
    """`number` is what stands beside every portrait, unless a test says what is read on a side."""

    readings: dict[DocumentSide, DocumentReading] = field(default_factory=dict)
    number: str = "H12345678"

    def read(self, picture: bytes, side: DocumentSide) -> DocumentReading:
        shown = {"number": self.number} if side in PORTRAITS else {}
        return self.readings.get(side, DocumentReading(None, shown))


@dataclass
class FakeFaces:
    inspection: FaceInspection = field(default_factory=lambda: FaceInspection(None, (10, 10, 100, 100), 80.0, 120.0))
    comparison: FaceComparison = field(default_factory=lambda: FaceComparison(Likeness.AGREE, 0.71))
    description: FaceDescription | None = None

    def inspect(self, picture: bytes) -> FaceInspection:
        return self.inspection

    def compare(self, live: bytes, portrait: bytes) -> FaceComparison:
        return self.comparison

    def describe(self, picture: bytes) -> FaceDescription | None:
        return self.description

    def alike(self, one: FaceDescription, others: Sequence[Sequence[int]]) -> list[tuple[int, float]]:
        return [(place, 1.0) for place, other in enumerate(others) if tuple(other) == one]


@dataclass
class FakeVideos:
    """Sees in every film what was asked for, unless `live` or `inspection` say otherwise."""

    inspection: VideoInspection = field(
        default_factory=lambda: VideoInspection(None, 4.0, 640, 480, (b"a", b"b", b"c"))
    )
    live: Liveness | None = None
    challenges: list[tuple[Gesture, ...]] = field(default_factory=list)

    def inspect(self, video: bytes, *, longest: float, challenge: Sequence[Gesture] = ()) -> VideoInspection:
        self.challenges.append(tuple(challenge))
        if self.inspection.fault is not None or not challenge:
            return self.inspection
        seen = tuple(Seen(gesture, 2.0 + 2 * place) for place, gesture in enumerate(challenge))
        prints = tuple(hashlib.sha256(video + bytes([n])).hexdigest()[:16] for n in range(20))
        return replace(
            self.inspection, liveness=self.live or Liveness(None, seen, True, False, 0.9, 20.0, 0.8, b"best", prints)
        )


@dataclass
class FakeLetters:
    """Keeps the HTML, and makes a small file that starts like a PDF."""

    missing_characters: str = ""
    pages: list[str] = field(default_factory=list)

    def missing(self, text: str) -> str:
        return "".join(c for c in self.missing_characters if c in text)

    def render(self, html: str, pictures: Mapping[str, bytes]) -> bytes:
        self.pages.append(html)
        return b"%PDF-1.4 fake " + html.encode()


@dataclass
class FakeSealer:
    """Writes a line after the file; `sealed` counts. A file of ours that was changed has no such line at its end."""

    down: bool = False
    sealed: int = 0

    def seal(self, pdf: bytes) -> bytes:
        if self.down:
            raise SeamUnavailable("down")
        self.sealed += 1
        return pdf + b"\n%sealed " + hashlib.sha256(pdf).hexdigest().encode()

    def check(self, pdf: bytes) -> SealReport:
        body, mark, digest = pdf.rpartition(b"\n%sealed ")
        if not pdf.startswith(b"%PDF"):
            return SealReport(SealVerdict.UNREADABLE)
        if not mark:
            return SealReport(SealVerdict.UNSEALED)
        whole = hashlib.sha256(body).hexdigest().encode() == digest
        return SealReport(SealVerdict.INTACT if whole else SealVerdict.CHANGED, signer="seal")


@dataclass
class FakeMail:
    """Remembers what was sent, once per key."""

    verdict: MailVerdict = MailVerdict.ACCEPTED
    down: bool = False
    sent: list[MailQuestion] = field(default_factory=list)

    def send(self, question: MailQuestion) -> MailAnswer:
        if self.down:
            raise SeamUnavailable("down")
        if question.key not in {known.key for known in self.sent}:
            self.sent.append(question)
        return MailAnswer(self.verdict, f"M-{len(self.sent)}")


@dataclass
class FakePush:
    """Remembers what was pushed."""

    verdict: PushVerdict = PushVerdict.ACCEPTED
    down: bool = False
    sent: list[PushQuestion] = field(default_factory=list)
    public_key: str = DEMO_PUBLIC_KEY

    def send(self, question: PushQuestion) -> PushAnswer:
        if self.down:
            raise SeamUnavailable("down")
        self.sent.append(question)
        return PushAnswer(self.verdict, f"P-{len(self.sent)}")


@dataclass
class FakeWeChat:
    """`code-13800000000` is the code of that phone and `login-abc` that of the user abc; each works once."""

    down: bool = False
    verdict: MessageVerdict = MessageVerdict.ACCEPTED
    spent: set[str] = field(default_factory=set)
    told: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def phone(self, code: str) -> PhoneAnswer:
        digits = self._spend(code, "code-")
        return PhoneAnswer(PhoneVerdict.TOLD, f"+86{digits}") if digits else PhoneAnswer(PhoneVerdict.CODE_USED)

    def openid(self, login: str) -> str:
        return self._spend(login, "login-")

    def notify(
        self, openid: str, template_id: str, fields: Mapping[str, str], *, page: str = "", language: str = "zh_CN"
    ) -> MessageVerdict:
        if self.down:
            raise SeamUnavailable("down")
        self.told.append((openid, dict(fields)))
        return self.verdict

    def sign_page(self, url: str) -> PageSignature:
        return PageSignature("app", 1, "nonce", hashlib.sha256(url.encode()).hexdigest())

    def _spend(self, code: str, kind: str) -> str:
        if self.down:
            raise SeamUnavailable("down")
        fresh = code.startswith(kind) and code not in self.spent
        self.spent.add(code)
        return code.removeprefix(kind) if fresh else ""


@dataclass
class Fakes:
    """Every fake of one application, by name, for tests to set and to ask."""

    store: MemoryStore = field(default_factory=MemoryStore)
    sms: FakeSms = field(default_factory=FakeSms)
    face_authority: FakeFaceAuthority = field(default_factory=FakeFaceAuthority)
    immigration: FakeImmigration = field(default_factory=FakeImmigration)
    bank: FakeBank = field(default_factory=FakeBank)
    cards: FakeCards = field(default_factory=FakeCards)
    documents: FakeDocuments = field(default_factory=FakeDocuments)
    faces: FakeFaces = field(default_factory=FakeFaces)
    videos: FakeVideos = field(default_factory=FakeVideos)
    letters: FakeLetters = field(default_factory=FakeLetters)
    sealer: FakeSealer = field(default_factory=FakeSealer)
    mail: FakeMail = field(default_factory=FakeMail)
    push: FakePush = field(default_factory=FakePush)
    wechat: FakeWeChat = field(default_factory=FakeWeChat)

    def seams(self, *, face: bool = True, immigration: bool = True, bank: bool = True, mail: bool = True) -> Seams:
        """As the application gets them: guarded, so that a transaction left open during a call fails the test."""
        return Seams(
            store=self.store,
            sms=quiet(self.sms),
            face_authority=quiet(self.face_authority) if face else None,
            immigration=quiet(self.immigration) if immigration else None,
            account_check=quiet(self.bank) if bank else None,
            cards=quiet(self.cards),
            documents=quiet(self.documents),
            faces=quiet(self.faces),
            videos=quiet(self.videos),
            letters=self.letters,
            sealer=self.sealer,
            push=quiet(self.push),
            wechat=quiet(self.wechat),
            mail=quiet(self.mail) if mail else None,
        )
