"""All outside parties and heavy machines of one running application, in one frozen holder."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.ports.account_check import AccountCheck
from webapp.ports.card_reader import CardReader
from webapp.ports.document_reader import DocumentReader
from webapp.ports.face_authority import FaceAuthority
from webapp.ports.face_checker import FaceChecker
from webapp.ports.immigration_authority import ImmigrationAuthority
from webapp.ports.letter_renderer import LetterRenderer
from webapp.ports.letter_sealer import LetterSealer
from webapp.ports.mail_gateway import MailGateway
from webapp.ports.object_store import ObjectStore
from webapp.ports.push_gateway import PushGateway
from webapp.ports.sms_gateway import ReceiptSource, SmsGateway
from webapp.ports.video_inspector import VideoInspector
from webapp.ports.wechat import WeChat


@dataclass(frozen=True, slots=True)
class Seams:
    """What stands behind each port. `face_authority` and `immigration` are None where a clerk's review stands in,
    `push` where nothing is pushed, `wechat` where no app is set, `receipts` where the gateway sends them by itself, `mail`
    where no server is.
    """

    store: ObjectStore
    sms: SmsGateway
    face_authority: FaceAuthority | None
    immigration: ImmigrationAuthority | None
    account_check: AccountCheck | None
    cards: CardReader
    documents: DocumentReader
    faces: FaceChecker
    videos: VideoInspector
    letters: LetterRenderer
    sealer: LetterSealer
    push: PushGateway | None = None
    wechat: WeChat | None = None
    receipts: ReceiptSource | None = None
    mail: MailGateway | None = None
