"""What the people of a demo's court and its clerks do, each deed by the use case that a page would call for it."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Sequence
from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from webapp.accounts.models import Account, Clerk
from webapp.accounts.phones import keep_phone
from webapp.accounts.queries import clerk_by_name, phones_of
from webapp.cases.models import Case, CasePayee
from webapp.cases.queries import text_of_case
from webapp.core.db import db, unit_of_work
from webapp.core.sealing import keyed_hash
from webapp.docket.models import DocketItem, ItemState
from webapp.evidence.models import Photo, PhotoKind
from webapp.evidence.usecases import store_photo
from webapp.identity.jobs import photo_kinds
from webapp.identity.journeys import means_for
from webapp.identity.models import Identity, Verification
from webapp.identity.queries import verification_of
from webapp.identity.rules.documents import DocumentType
from webapp.identity.rules.strokes import draw_strokes, parse_strokes
from webapp.identity.signing import reserve_signature, store_signature
from webapp.identity.usecases import answer_step, begin, choose_document
from webapp.journey.engine import StepState
from webapp.payee.letters import companion_content, letter_content
from webapp.payee.models import Letter, Submission
from webapp.payee.queries import latest_submission
from webapp.payee.usecases import AccountGiven, read_card, sign_letter, submit_account
from webapp.review.deciding import Choice, decide
from webapp.review.holding import take
from webapp.seeding.people import ACTING, Claimant, phone_of
from webapp.seeding.readers import gestures_of, picture, take_of
from webapp.texts.models import TextKind
from webapp.texts.queries import text_in_force
from webapp.texts.usecases import give_consent

BROWSER = "demo"
BRANCH = "深圳福田支行"


class Court:
    """The application in which all of it happens, and whom it is about. Its clock is the application's, wherever that stands."""

    def __init__(self, app: Flask, case_id: str) -> None:
        self.case_id = case_id
        self.settings, self.seams, self.now = (
            app.extensions["settings"],
            app.extensions["seams"],
            app.extensions["clock"],
        )
        self._accounts: dict[str, str] = {}

    # what somebody does who is owed money

    def begin(self, person: Claimant) -> None:
        """Agrees to the rules, proves a phone, says which document it is."""
        now = self.now()
        with unit_of_work():
            account = Account(created_at=now, language=person.language, large_text=False)
            db.session.add(account)
            db.session.flush()
            self._accounts[person.number] = account.id
            self._agree(account.id, TextKind.RULES)
            verification = begin(account.id, now=now)
            phone = keep_phone(account.id, phone_of(person), now=now)
            answer_step(verification, "phone", {"phone": phone.id}, state=StepState.ACCEPTED, now=now)
            kind = DocumentType(person.document_type)
            face, immigration = self.seams.face_authority is not None, self.seams.immigration is not None
            choose_document(verification, kind, means_for(kind, face=face, immigration=immigration), now=now)
            typed = {
                "name": person.name, "number": person.number, "nationality": person.nationality, "document_type": kind.value,
            }  # fmt: skip
            answer_step(verification, "document", typed, state=StepState.ACCEPTED, now=now)

    def show_document(self, person: Claimant) -> None:
        """Hands in the photos of the document, for a court to look at."""
        photos = {name: self._photo(person, kind, person.pictures[name]) for name, kind in self._kinds(person).items()}
        insisted = {"name": person.printed} if person.printed else {}  # asked about it, they said that theirs is right
        shown = {name: photo.id for name, photo in photos.items()}
        answer = {"court": self.settings.court_name, "photos": shown, "insisted": insisted}
        with unit_of_work():
            db.session.add_all(photos.values())
            answer_step(self._verification(person), "evidence", answer, state=StepState.ANSWERED, now=self.now())

    def film(self, person: Claimant) -> None:
        """Hands in a film of the face: where an authority knows it as the face, else as the video beside the document."""
        take_number = ACTING.index(person) + 1
        film = store_photo(
            self._accounts[person.number], PhotoKind.FACE_VIDEO, take_of(person.film, take_number), "video/webm",
            store=self.seams.store, now=self.now(),
        )  # fmt: skip
        answer = {"video": film.id, "gestures": list(gestures_of(person.film))}
        with unit_of_work():
            db.session.add(film)
            verification = self._verification(person)
            if person.document_type == DocumentType.RESIDENT_ID:
                self._agree(verification.account_id, TextKind.FACE)
                answer_step(verification, "face", answer, state=StepState.ANSWERED, now=self.now())
            else:
                answer_step(
                    verification, "video", {**answer, "tell_me": True}, state=StepState.ANSWERED, now=self.now()
                )

    def reserve_signature(self, person: Claimant) -> None:
        """Reads the notice, and leaves a signature."""
        account_id, strokes = self._accounts[person.number], _strokes(person.name)
        signature = store_signature(
            account_id, strokes.encode(), draw_strokes(parse_strokes(strokes)), made_by="drawn",
            store=self.seams.store, now=self.now(),
        )  # fmt: skip
        with unit_of_work():
            reserve_signature(signature, now=self.now())
            self._agree(account_id, TextKind.NOTICE, about=signature.id)
            verification = self._verification(person)
            answer_step(
                verification, "signature", {"signature": signature.id}, state=StepState.ACCEPTED, now=self.now()
            )

    def give_account(self, person: Claimant) -> None:
        """Agrees to the bank's policy, and hands in an account with the photos of the document, and of the card if there is one."""
        photos = {name: self._photo(person, kind, person.pictures[name]) for name, kind in self._kinds(person).items()}
        card = self._photo(person, PhotoKind.BANK_CARD, person.card_picture) if person.card_picture else None
        with unit_of_work():
            db.session.add_all([*photos.values(), *filter(None, [card])])
        if card is not None:
            read_card(card.id, seams=self.seams, now=self.now())
        front, back = photos.get("front") or photos.get("data_page"), photos.get("back")
        with unit_of_work():
            identity = self._identity(person)
            self._agree(identity.account_id, TextKind.PRIVACY, about=self.case_id)
            given = AccountGiven(
                card_number=person.card, card_hash=keyed_hash("card", person.card), bank_code="SPECIMEN", branch=BRANCH,
                phone=phones_of(identity.account_id)[0].number, front_photo_id=front.id if front else None,
                back_photo_id=back.id if back else None, card_photo_id=card.id if card else None, luhn_confirmed=False,
            )  # fmt: skip
            submit_account(self._entry(identity), identity, given, now=self.now())

    def sign(self, person: Claimant) -> None:
        """Signs the letter, as it was shown."""
        now = self.now()
        with unit_of_work():
            identity, case = self._identity(person), db.session.get_one(Case, self.case_id)
            submission = self._submission(identity)
            text = text_of_case(case, TextKind.LETTER, "zh_Hans", now=now)
            content = letter_content(case, identity, submission, text, specimen=True, now=now)
            beside = companion_content(
                content, submission, identity, person.language, self.seams.letters.missing, specimen=True, now=now
            )
            sign_letter(submission, case, text, {**content, "companion": beside}, now=now)

    # what a clerk does

    def decide_identity(self, person: Claimant, choice: Choice, *, by: str) -> None:
        """Takes the identity in hand and decides on it."""
        self._decide(self._verification(person).id, choice, by)

    def decide_account(self, person: Claimant, choice: Choice, *, by: str) -> None:
        """Takes the account in hand and decides on it."""
        self._decide(self._submission(self._identity(person)).id, choice, by)

    def _decide(self, of: str, choice: Choice, by: str) -> None:
        clerk_id, now = self.clerk(by).id, self.now()
        open_item = select(DocketItem.id).where(DocketItem.state == ItemState.OPEN)
        with unit_of_work():
            item_id = db.session.scalars(
                open_item.where((DocketItem.thread == of) | (DocketItem.subject_id == of))
            ).one()
            token = take(item_id, clerk_id, now=now) or ""
            decide(item_id, choice, clerk_id=clerk_id, token=token, undo=timedelta(0), now=now)

    @staticmethod
    def clerk(username: str) -> Clerk:
        """One of the demo's clerks."""
        found = clerk_by_name(username)
        if found is None:
            raise LookupError(username)
        return found

    # who is meant

    def entries(self, people: Sequence[Claimant]) -> dict[int, Claimant]:
        """The people by the id of their entry in the case."""
        return {self._entry(self._identity(person)).id: person for person in people}

    def has_signed(self, letter_id: str, people: Sequence[Claimant]) -> bool:
        """True when one of these people has signed this letter."""
        signer = db.session.get_one(Letter, letter_id).account_id
        return signer in {self._accounts.get(person.number) for person in people}

    def _agree(self, account_id: str, kind: TextKind, *, about: str = "") -> None:
        language = db.session.get_one(Account, account_id).language
        text = text_in_force(kind, language, now=self.now())
        give_consent(account_id, text, client=BROWSER, now=self.now(), about=about)

    def _photo(self, person: Claimant, kind: PhotoKind, name: str) -> Photo:
        return store_photo(
            self._accounts[person.number], kind, picture(name), "image/jpeg", size=(1000, 700),
            store=self.seams.store, now=self.now(),
        )  # fmt: skip

    @staticmethod
    def _kinds(person: Claimant) -> dict[str, PhotoKind]:
        return photo_kinds(person.document_type) if person.pictures else {}

    def _verification(self, person: Claimant) -> Verification:
        found = verification_of(self._accounts[person.number])
        if found is None:
            raise LookupError(person.name)
        return found

    def _identity(self, person: Claimant) -> Identity:
        standing = select(Identity).where(Identity.superseded_at.is_(None))
        return db.session.scalars(standing.where(Identity.account_id == self._accounts[person.number])).one()

    def _entry(self, identity: Identity) -> CasePayee:
        entries = select(CasePayee).where(CasePayee.case_id == self.case_id)
        return db.session.scalars(entries.where(CasePayee.number_hash == identity.match_hash)).one()

    def _submission(self, identity: Identity) -> Submission:
        found = latest_submission(self._entry(identity).id)
        if found is None:
            raise LookupError(identity.name)
        return found


def _strokes(name: str) -> str:
    """A signature that is always the same for a name, as a pad would send it."""
    chance, lines, clock = random.Random(name), [], 0.0  # noqa: S311 (a scribble, no secret)
    for place in range(3):
        left, tall, turns = 20 + 105 * place, chance.uniform(40, 80), chance.uniform(1.2, 2.4)
        line = []
        for step in range(40):
            part = step / 39
            x = left + 95 * part + 16 * math.sin(9 * part + turns)
            y = 120 + tall * math.sin(2 * math.pi * turns * part) * (1 - 0.4 * part)
            line.append(
                [round(x, 1), round(y, 1), round(0.3 + 0.4 * math.sin(math.pi * part), 2), round(clock + 14 * step)]
            )
        lines.append(line)
        clock += 900
    return json.dumps({"width": 360, "height": 240, "strokes": lines})
