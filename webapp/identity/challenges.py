"""What a payee is asked to do before the camera: drawn at random, good once, for a few minutes, in one browser; and the
films that were handed in before, so that none comes a second time.

A challenge that stands isn't drawn anew by opening the page again, and draws are counted: a film made beforehand must not
be kept until its gestures come up.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, LargeBinary, String, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core import audit
from webapp.core.db import Base, Moment, db
from webapp.core.ids import new_id
from webapp.core.sealing import keyed_hash
from webapp.evidence.models import Photo, PhotoKind
from webapp.identity.models import Verification
from webapp.identity.queries import earlier_tries
from webapp.ports.liveness import Gesture

LIFE = timedelta(minutes=5)
MOST_EXTENSIONS = 10
EXTENDED = "identity.challenge_extended"
GESTURES_ASKED = 2
FEWEST_TO_DRAW_FROM = 3  # of two that are left only their order would be a surprise
MOST_DRAWS, DRAWS_WITHIN = 10, timedelta(days=1)
PRINTS_KEPT, PRINTS_THAT_TELL, FEWEST_THAT_TELL = 16, 0.35, 4
PRINT_BYTES = 16


class FaceChallenge(Base):
    """One draw. `gestures`, in order, and `cannot`, which the person can't do, are comma-separated.

    `drawn_at` is also when it was last given more time; how often is in the audit trail.
    """

    __tablename__ = "face_challenge"
    __table_args__ = (Index("ix_face_challenge_step", "verification_id", "step", "drawn_at"),)
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    verification_id: Mapped[str] = mapped_column(ForeignKey("verification.id"))
    session_id: Mapped[str] = mapped_column(ForeignKey("web_session.id"))
    step: Mapped[str] = mapped_column(String(16))
    gestures: Mapped[str] = mapped_column(String(60))
    cannot: Mapped[str] = mapped_column(String(60), default="")
    drawn_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    replaced_at: Mapped[datetime | None] = mapped_column(Moment)

    @property
    def asked(self) -> tuple[Gesture, ...]:
        """The gestures in order; none at all where a clerk looks at a plain film."""
        return _gestures(self.gestures)


class FilmPrint(Base):
    """Keyed hash of one print of a film that was handed in."""

    __tablename__ = "film_print"
    photo_id: Mapped[str] = mapped_column(ForeignKey("photo.id"), primary_key=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary(PRINT_BYTES), primary_key=True, index=True)


class ChallengeSpent(Exception):
    """This challenge was used, replaced, too old, or another browser's."""


class NothingLeft(Exception):
    """No challenge can be drawn: too many draws, or too few gestures that the person can do."""


def standing_challenge(verification_id: str, session_id: str, step: str, *, now: datetime) -> FaceChallenge | None:
    """The challenge that may be answered now in this browser, if there is one."""
    query = select(FaceChallenge).where(
        FaceChallenge.verification_id == verification_id,
        FaceChallenge.session_id == session_id,
        FaceChallenge.step == step,
        FaceChallenge.used_at.is_(None),
        FaceChallenge.replaced_at.is_(None),
        FaceChallenge.drawn_at > now - LIFE,
    )
    return db.session.scalar(query.order_by(FaceChallenge.drawn_at.desc()).limit(1))


def draw_challenge(
    verification: Verification,
    session_id: str,
    step: str,
    *,
    now: datetime,
    cannot: str = "",
    wanted: Sequence[Gesture] = (),
    chance: random.Random | None = None,
) -> FaceChallenge:
    """Draws two gestures, or gives the ones that stand. Inside a unit of work, under the verification's lock.

    `wanted` are gestures that the authority drew; they are asked for as long as the person can do them.

    `cannot` names one that the person can't do: others are drawn. Who can't do enough of them, or has drawn too often,
    is asked for a plain film where a clerk may look at it (the video step). Raises NothingLeft at the face step.
    """
    db.session.get_one(Verification, verification.id, with_for_update=True)
    standing = standing_challenge(verification.id, session_id, step, now=now)
    if standing is not None and cannot not in standing.asked:
        return standing
    unable = _unable(verification.id, step) | set(_gestures(cannot))
    left = [gesture for gesture in Gesture if gesture not in unable]
    unseen = _not_seen(verification.id, step)
    hopeful = [gesture for gesture in left if gesture not in unseen]
    pool = hopeful if len(hopeful) >= GESTURES_ASKED else left
    drawn: list[Gesture] = []
    if len(left) >= FEWEST_TO_DRAW_FROM and _draws(verification.account_id, now=now) < MOST_DRAWS:
        by_authority = list(wanted) if set(wanted) <= set(left) else []
        drawn = by_authority or (chance or random.SystemRandom()).sample(pool, GESTURES_ASKED)
    elif step == "face":
        raise NothingLeft(step)
    _replace(verification.id, step, now=now)
    challenge = FaceChallenge(
        verification_id=verification.id,
        session_id=session_id,
        step=step,
        gestures=",".join(drawn),
        cannot=",".join(sorted(unable)),
        drawn_at=now,
    )
    db.session.add(challenge)
    db.session.flush()
    actor = audit.Actor("payee", verification.account_id)
    audit.record(actor, "identity.challenge_drawn", ("challenge", challenge.id), now=now, step=step)
    return challenge


def extend_challenge(verification: Verification, session_id: str, step: str, *, now: datetime) -> bool:
    """Gives the challenge that stands its five minutes anew, ten times at most. Inside a unit of work.

    Who needs long to get before a camera may have long; whoever would use it to prepare a film finds no other gestures
    by it, and each time is in the audit trail.
    """
    db.session.get_one(Verification, verification.id, with_for_update=True)
    standing = standing_challenge(verification.id, session_id, step, now=now)
    if standing is None or _extensions(standing.id) >= MOST_EXTENSIONS:
        return False
    standing.drawn_at = now
    db.session.flush()
    actor = audit.Actor("payee", verification.account_id)
    audit.record(actor, EXTENDED, ("challenge", standing.id), now=now, step=step)
    return True


def use_challenge(challenge_id: str, *, now: datetime) -> None:
    """Spends a challenge inside the caller's unit of work; raises ChallengeSpent the second time, or when it is too old."""
    spent = update(FaceChallenge).where(
        FaceChallenge.id == challenge_id,
        FaceChallenge.used_at.is_(None),
        FaceChallenge.replaced_at.is_(None),
        FaceChallenge.drawn_at > now - LIFE,
    )
    found = db.session.execute(spent.values(used_at=now).execution_options(synchronize_session=False))
    if found.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has it
        raise ChallengeSpent(challenge_id)


def handed_in_before(photo_id: str, sha256: str, prints: Sequence[str]) -> bool:
    """Whether this film, by its bytes or by a third of an earlier one's prints, came before, from anybody.

    A copy that comes later says nothing against the film that came first.
    """
    came = select(Photo.taken_at).where(Photo.id == photo_id).scalar_subquery()
    same_file = select(Photo.id).where(
        Photo.sha256 == sha256, Photo.id != photo_id, Photo.kind == PhotoKind.FACE_VIDEO, Photo.taken_at <= came
    )
    if db.session.scalar(same_file.limit(1)) is not None:
        return True
    hashes = [_hash(one) for one in dict.fromkeys(prints)]
    matching = (
        select(FilmPrint.photo_id, func.count())
        .join(Photo, Photo.id == FilmPrint.photo_id)
        .where(FilmPrint.hash.in_(hashes), FilmPrint.photo_id != photo_id, Photo.taken_at <= came)
        .group_by(FilmPrint.photo_id)
    )
    for other, count in db.session.execute(matching):
        kept = db.session.scalar(select(func.count()).select_from(FilmPrint).where(FilmPrint.photo_id == other)) or 0
        if count >= max(FEWEST_THAT_TELL, PRINTS_THAT_TELL * kept):
            return True
    return False


def keep_prints(photo_id: str, prints: Sequence[str]) -> None:
    """Remembers sixteen of a film's prints, evenly spread. Inside a unit of work; a second time it does nothing."""
    if db.session.scalar(select(FilmPrint.photo_id).where(FilmPrint.photo_id == photo_id).limit(1)) is not None:
        return
    distinct = list(dict.fromkeys(prints))
    places = (
        sorted({round(n * (len(distinct) - 1) / (PRINTS_KEPT - 1)) for n in range(PRINTS_KEPT)}) if distinct else []
    )
    db.session.add_all(FilmPrint(photo_id=photo_id, hash=_hash(distinct[place])) for place in places)
    db.session.flush()


def _hash(print_: str) -> bytes:
    return keyed_hash("film_print", print_)[:PRINT_BYTES]


def _draws(account_id: str, *, now: datetime) -> int:
    query = select(func.count()).select_from(FaceChallenge).join(Verification)
    mine = query.where(Verification.account_id == account_id, FaceChallenge.drawn_at > now - DRAWS_WITHIN)
    return db.session.scalar(mine) or 0


def _extensions(challenge_id: str) -> int:
    query = select(func.count()).select_from(audit.AuditEntry)
    times = query.where(audit.AuditEntry.subject_id == challenge_id, audit.AuditEntry.action == EXTENDED)
    return db.session.scalar(times) or 0


def _unable(verification_id: str, step: str) -> set[Gesture]:
    query = select(FaceChallenge.cannot).where(
        FaceChallenge.verification_id == verification_id, FaceChallenge.step == step
    )
    return {gesture for text in db.session.scalars(query) for gesture in _gestures(text)}


def _not_seen(verification_id: str, step: str) -> set[Gesture]:
    """Gestures that an earlier film of this journey failed to show: a mirrored picture, or a camera too slow for a blink."""
    reasons = {str(record.reason) for record in earlier_tries(verification_id, step) if record.reason}
    slow = {Gesture.BLINK} if "live:too_slow" in reasons else set()
    return {gesture for gesture in Gesture if f"live:{gesture}" in reasons} | slow


def _replace(verification_id: str, step: str, *, now: datetime) -> None:
    query = update(FaceChallenge).where(
        FaceChallenge.verification_id == verification_id,
        FaceChallenge.step == step,
        FaceChallenge.used_at.is_(None),
        FaceChallenge.replaced_at.is_(None),
    )
    db.session.execute(query.values(replaced_at=now))


def _gestures(text: str) -> tuple[Gesture, ...]:
    """Out of comma-separated names; what is no gesture is left out."""
    known: Collection[str] = set(Gesture)
    return tuple(Gesture(name) for name in text.split(",") if name in known)
