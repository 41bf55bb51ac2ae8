"""Asking a browser in, and sending to it: written with the deed that causes it, sent by the worker."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update

from webapp.accounts.models import WebSession
from webapp.core import audit, jobs
from webapp.core.db import db, end_reading, unit_of_work
from webapp.core.hours import QuietHours
from webapp.core.sealing import keyed_hash
from webapp.ports.push_gateway import PushGateway, PushQuestion, PushVerdict
from webapp.push.models import PushDelivery, PushState, PushSubscription
from webapp.push.rules import is_trusted

SEND_PUSH = "send_push"
LIFE = timedelta(days=3)  # a phone that was off for longer finds the message in the inbox
MOST_BROWSERS = 10


class BadSubscription(Exception):
    """What the browser sent isn't a subscription, or names a push service that isn't trusted."""


def subscribe(
    account_id: str, session_id: str, *, endpoint: str, p256dh: str, auth: str, hosts: Sequence[str], now: datetime
) -> PushSubscription:
    """Keeps a browser, inside a unit of work. The same browser again, under whatever account, is moved over.

    Raises BadSubscription.
    """
    if not is_trusted(endpoint, hosts) or len(endpoint) > 2000 or not (_is_key(p256dh, 65) and _is_key(auth, 16)):
        raise BadSubscription
    digest = keyed_hash("push.endpoint", endpoint)
    known = db.session.scalar(select(PushSubscription).where(PushSubscription.endpoint_hash == digest))
    if known is None:
        known = PushSubscription(endpoint=endpoint, endpoint_hash=digest, created_at=now)
        db.session.add(known)
    known.account_id, known.session_id, known.ended_at = account_id, session_id, None
    known.keys = {"p256dh": p256dh, "auth": auth}
    db.session.flush()
    audit.record(audit.Actor("payee", account_id), "push.subscribed", ("push", known.id), now=now)
    return known


def unsubscribe(session_id: str, *, account_id: str, now: datetime) -> None:
    """Ends what was asked for in this browser. Inside a unit of work."""
    mine = update(PushSubscription).where(
        PushSubscription.session_id == session_id, PushSubscription.ended_at.is_(None)
    )
    db.session.execute(mine.values(ended_at=now))
    audit.record(audit.Actor("payee", account_id), "push.unsubscribed", ("account", account_id), now=now)


def is_subscribed(session_id: str) -> bool:
    """True when messages come to this browser."""
    query = select(PushSubscription.id).where(
        PushSubscription.session_id == session_id, PushSubscription.ended_at.is_(None)
    )
    return db.session.scalar(query.limit(1)) is not None


def listening(account_id: str, *, now: datetime) -> Sequence[PushSubscription]:
    """The account's browsers in which somebody is still signed in, the newest ones."""
    query = select(PushSubscription).where(PushSubscription.account_id == account_id, *_is_listening(now))
    query = query.join(WebSession, WebSession.id == PushSubscription.session_id)
    return db.session.scalars(query.order_by(PushSubscription.created_at.desc()).limit(MOST_BROWSERS)).all()


def _is_listening(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        PushSubscription.ended_at.is_(None),
        WebSession.account_id == PushSubscription.account_id,
        WebSession.revoked_at.is_(None),
        WebSession.expires_at > now,
    )


def _browsers(account_ids: Collection[str], *, now: datetime) -> Mapping[str, Sequence[str]]:
    """Ids of what `listening` finds, by account."""
    query = select(PushSubscription.account_id, PushSubscription.id)
    query = query.where(PushSubscription.account_id.in_(account_ids), *_is_listening(now))
    query = query.join(WebSession, WebSession.id == PushSubscription.session_id)
    found: dict[str, list[str]] = {}
    for account_id, subscription_id in db.session.execute(query.order_by(PushSubscription.created_at.desc())):
        found.setdefault(account_id, []).append(subscription_id)
    return {account_id: browsers[:MOST_BROWSERS] for account_id, browsers in found.items()}


@dataclass(frozen=True, slots=True)
class Ring:
    """What an account's browsers show, and where a tap on it leads. The words name no person."""

    account_id: str
    title: str
    body: str
    url: str
    urgent: bool


def post_pushes(rings: Sequence[Ring], *, now: datetime) -> None:
    """Writes one delivery for each listening browser of each account inside the caller's unit of work."""
    browsers = _browsers({ring.account_id for ring in rings}, now=now)
    deliveries = [
        PushDelivery(
            subscription_id=browser,
            payload={"title": ring.title, "body": ring.body, "url": ring.url},
            urgent=ring.urgent,
            created_at=now,
            state=PushState.WAITING,
        )
        for ring in rings
        for browser in browsers.get(ring.account_id, ())
    ]
    db.session.add_all(deliveries)
    db.session.flush()
    for urgent, turn in ((True, jobs.Turn.NOW), (False, jobs.Turn.LATER)):
        work = {f"push:{one.id}": {"delivery": one.id} for one in deliveries if one.urgent is urgent}
        jobs.enqueue_all(SEND_PUSH, work, now=now, turn=turn)


def send_push(delivery_id: str, *, gateway: PushGateway | None, quiet: QuietHours, now: datetime) -> None:
    """Sends what waits. Run twice, the browser shows it once: the second replaces the first.

    Raises SeamUnavailable, and TryLater for what may not ring in the quiet hours.
    """
    delivery = db.session.get_one(PushDelivery, delivery_id)
    if delivery.state != PushState.WAITING:
        return
    subscription = db.session.get_one(PushSubscription, delivery.subscription_id)
    left = delivery.created_at + LIFE - now
    alive = any(known.id == subscription.id for known in listening(subscription.account_id, now=now))
    if gateway is None or not alive or left <= timedelta(0):
        _settle(delivery_id, PushState.LATE, None, now)
        return
    if not delivery.urgent and (rest := quiet.left(now)):
        raise jobs.TryLater(rest)
    question = PushQuestion(
        delivery.id,
        subscription.endpoint,
        subscription.keys["p256dh"],
        subscription.keys["auth"],
        json.dumps({**delivery.payload, "tag": delivery.id}, ensure_ascii=False).encode(),
        int(left.total_seconds()),
        delivery.urgent,
    )
    end_reading()
    answer = gateway.send(question)
    states = {PushVerdict.ACCEPTED: PushState.SENT, PushVerdict.GONE: PushState.GONE}
    _settle(delivery_id, states.get(answer.verdict, PushState.REFUSED), answer.reference, now)


def _settle(delivery_id: str, state: PushState, reference: str | None, now: datetime) -> None:
    with unit_of_work():
        delivery = db.session.get_one(PushDelivery, delivery_id)
        delivery.state, delivery.reference, delivery.settled_at = state, (reference or "")[-80:] or None, now
        if state is PushState.GONE:
            db.session.get_one(PushSubscription, delivery.subscription_id).ended_at = now


def _is_key(written: str, length: int) -> bool:
    try:
        return len(base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))) == length
    except (ValueError, binascii.Error):
        return False
