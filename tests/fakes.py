"""Seams that tests set by hand: quick, in memory, and strict about how they are asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from webapp.adapters.sandbox.push import DEMO_PUBLIC_KEY
from webapp.core.quiet import quiet
from webapp.ports.account_check import AccountAnswer, AccountQuestion, AccountVerdict
from webapp.ports.card_reader import CardReading
from webapp.ports.document_reader import DocumentReading, DocumentSide
from webapp.ports.face_authority import FaceAnswer, FaceQuestion, FaceVerdict
from webapp.ports.face_checker import FaceComparison, FaceInspection, Likeness
from webapp.ports.failures import SeamUnavailable
from webapp.ports.immigration_authority import ImmigrationAnswer, ImmigrationQuestion, ImmigrationVerdict
from webapp.ports.push_gateway import PushAnswer, PushQuestion, PushVerdict
from webapp.ports.seams import Seams
from webapp.ports.sms_gateway import SmsAnswer, SmsQuestion, SmsVerdict
from webapp.ports.video_inspector import VideoInspection


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

    def put(self, key: str, data: bytes) -> None:
        self.files[key] = data

    def get(self, key: str) -> bytes:
        return self.files[key]

    def delete(self, key: str) -> None:
        self.files.pop(key, None)


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
        return self.last(phone).rsplit("#", 1)[1].strip()


@dataclass
class FakeFaceAuthority:
    verdict: FaceVerdict = FaceVerdict.MATCH
    down: bool = False
    asked: list[FaceQuestion] = field(default_factory=list)

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


@dataclass
class FakeDocuments:
    readings: dict[DocumentSide, DocumentReading] = field(default_factory=dict)

    def read(self, picture: bytes, side: DocumentSide) -> DocumentReading:
        return self.readings.get(side, DocumentReading(None, {}))


@dataclass
class FakeFaces:
    inspection: FaceInspection = field(default_factory=lambda: FaceInspection(None, (10, 10, 100, 100), 80.0, 120.0))
    comparison: FaceComparison = field(default_factory=lambda: FaceComparison(Likeness.AGREE, 0.71))

    def inspect(self, picture: bytes) -> FaceInspection:
        return self.inspection

    def compare(self, live: bytes, portrait: bytes) -> FaceComparison:
        return self.comparison


@dataclass
class FakeVideos:
    inspection: VideoInspection = field(
        default_factory=lambda: VideoInspection(None, 4.0, 640, 480, (b"a", b"b", b"c"))
    )

    def inspect(self, video: bytes, *, longest: float) -> VideoInspection:
        return self.inspection


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
    push: FakePush = field(default_factory=FakePush)

    def seams(self, *, face: bool = True, immigration: bool = True, bank: bool = True) -> Seams:
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
            push=quiet(self.push),
        )
