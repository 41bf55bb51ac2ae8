"""Writing an SMS into the outbox, and sending it from there."""

from __future__ import annotations

from datetime import datetime

from webapp.core import jobs
from webapp.core.db import db, end_reading, unit_of_work
from webapp.core.hours import QuietHours
from webapp.ports.sms_gateway import SmsGateway, SmsQuestion, SmsVerdict
from webapp.sms.models import DeliveryState, SmsDelivery
from webapp.sms.rules import measure_sms

SEND_SMS = "send_sms"
RECEIVABLE = (DeliveryState.WAITING, DeliveryState.SENT, DeliveryState.UNDELIVERED)


def post_sms(
    phone: str, body: str, *, now: datetime, expires_at: datetime | None = None, urgent: bool = True
) -> SmsDelivery:
    """Writes one SMS inside the caller's unit of work; `phone` is E.164, `body` without the 【signature】."""
    delivery = SmsDelivery(
        phone=phone, body=body, created_at=now, expires_at=expires_at, urgent=urgent, state=DeliveryState.WAITING
    )
    db.session.add(delivery)
    db.session.flush()
    jobs.enqueue(SEND_SMS, {"delivery": delivery.id}, now=now, key=f"sms:{delivery.id}")
    return delivery


def send_sms(delivery_id: str, *, gateway: SmsGateway, signature: str, quiet: QuietHours, now: datetime) -> None:
    """Sends what waits; run twice it sends once, because the gateway knows the key.

    Raises SeamUnavailable, and TryLater for what may not ring in the quiet hours.
    """
    delivery = db.session.get_one(SmsDelivery, delivery_id)
    if delivery.state != DeliveryState.WAITING:
        return
    if delivery.expires_at is not None and delivery.expires_at <= now:
        _settle(delivery_id, DeliveryState.LATE, None, now)
        return
    if not delivery.urgent and (rest := quiet.left(now)):
        raise jobs.TryLater(rest)
    question = SmsQuestion(delivery.id, delivery.phone, signature, delivery.body)
    segments = measure_sms(f"【{signature}】{delivery.body}").segments
    end_reading()
    answer = gateway.send(question)
    state = DeliveryState.SENT if answer.verdict is SmsVerdict.ACCEPTED else DeliveryState.REFUSED
    _settle(delivery_id, state, answer.reference, now, segments=segments)


def _settle(delivery_id: str, state: DeliveryState, reference: str | None, now: datetime, *, segments: int = 0) -> None:
    with unit_of_work():
        delivery = db.session.get_one(SmsDelivery, delivery_id)
        if delivery.state != DeliveryState.WAITING:  # its receipt was faster than the gateway's answer
            return
        delivery.state, delivery.reference, delivery.settled_at = state, reference, now
        delivery.segments = segments


def note_receipt(delivery_id: str, *, delivered: bool, now: datetime) -> None:
    """What became of a message, from the gateway. Inside a unit of work.

    Receipts come twice, late and in any order: one that arrived has arrived, whatever is said after that, and what we
    never sent (or don't know) stays as it is.
    """
    delivery = db.session.get(SmsDelivery, delivery_id)
    if delivery is None or delivery.state not in RECEIVABLE:
        return
    state = DeliveryState.DELIVERED if delivered else DeliveryState.UNDELIVERED
    if delivery.state != state:
        delivery.state, delivery.settled_at = state, now
