"""Writing an SMS into the outbox, sending it from there, and hearing what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from webapp.core import jobs
from webapp.core.db import db, end_reading, unit_of_work
from webapp.core.hours import QuietHours
from webapp.ports.sms_gateway import ReceiptSource, SmsGateway, SmsQuestion, SmsVerdict
from webapp.sms.models import DeliveryState, Fault, SmsDelivery
from webapp.sms.rules import measure_sms

SEND_SMS, FETCH_RECEIPTS = "send_sms", "fetch_receipts"
RECEIVABLE = (DeliveryState.WAITING, DeliveryState.SENT, DeliveryState.UNDELIVERED)
LOST = (DeliveryState.UNDELIVERED, DeliveryState.REFUSED)
AGAIN_AFTER = (timedelta(minutes=30), timedelta(hours=4))
"""When what didn't arrive for a passing reason (a phone that is off) is sent once more, and once more."""
FETCH_EVERY, FETCH_AGAIN = timedelta(minutes=2), timedelta(minutes=10)


def post_sms(
    phone: str,
    body: str,
    *,
    now: datetime,
    expires_at: datetime | None = None,
    urgent: bool = True,
    account_id: str | None = None,
    kind: str = "",
    case_id: str | None = None,
) -> SmsDelivery:
    """Writes one SMS inside the caller's unit of work; `phone` is E.164, `body` without the 【signature】."""
    delivery = SmsDelivery(
        phone=phone, body=body, created_at=now, expires_at=expires_at, urgent=urgent, state=DeliveryState.WAITING,
        account_id=account_id, kind=kind, case_id=case_id, tries=1,
    )  # fmt: skip
    _enqueue([delivery], now=now)
    return delivery


@dataclass(frozen=True, slots=True)
class AccountSms:
    """An SMS to an account: its number (E.164), its text without the 【signature】, and which message it is."""

    account_id: str
    phone: str
    body: str
    kind: str
    urgent: bool


def post_all_sms(written: Iterable[AccountSms], *, now: datetime) -> None:
    """`post_sms` for messages to many accounts."""
    deliveries = [
        SmsDelivery(
            phone=sms.phone, body=sms.body, created_at=now, urgent=sms.urgent, state=DeliveryState.WAITING,
            account_id=sms.account_id, kind=sms.kind, tries=1,
        )
        for sms in written
    ]  # fmt: skip
    _enqueue(deliveries, now=now)


def _enqueue(deliveries: Sequence[SmsDelivery], *, now: datetime, delay: timedelta = timedelta(0)) -> None:
    db.session.add_all(deliveries)
    db.session.flush()
    for urgent, turn in ((True, jobs.Turn.NOW), (False, jobs.Turn.LATER)):
        work = {f"sms:{sms.id}": {"delivery": sms.id} for sms in deliveries if sms.urgent is urgent}
        jobs.enqueue_all(SEND_SMS, work, now=now, delay=delay, turn=turn)


def send_sms(
    delivery_id: str,
    *,
    gateway: SmsGateway,
    signature: str,
    quiet: QuietHours,
    now: datetime,
    receipts: ReceiptSource | None = None,
) -> None:
    """Sends what waits; run twice it sends once, because the gateway knows the key.

    Where receipts are to be fetched, a job for that is written along. Raises SeamUnavailable, and TryLater for what may
    not ring in the quiet hours.
    """
    delivery = db.session.get_one(SmsDelivery, delivery_id)
    if delivery.state != DeliveryState.WAITING:
        return
    if (delivery.expires_at is not None and delivery.expires_at <= now) or _has_arrived(delivery.again_of):
        _settle(delivery_id, DeliveryState.LATE, None, now)
        return
    if not delivery.urgent and (rest := quiet.left(now)):
        raise jobs.TryLater(rest)
    question = SmsQuestion(delivery.id, delivery.phone, signature, delivery.body)
    segments = measure_sms(f"【{signature}】{delivery.body}").segments
    end_reading()
    answer = gateway.send(question)
    state = DeliveryState.SENT if answer.verdict is SmsVerdict.ACCEPTED else DeliveryState.REFUSED
    _settle(delivery_id, state, answer.reference, now, segments=segments, fetch=receipts is not None)


def _has_arrived(delivery_id: str | None) -> bool:
    """True when the message that was to be repeated has arrived meanwhile after all."""
    earlier = db.session.get(SmsDelivery, delivery_id) if delivery_id else None
    return earlier is not None and earlier.state == DeliveryState.DELIVERED


def _settle(
    delivery_id: str,
    state: DeliveryState,
    reference: str | None,
    now: datetime,
    *,
    segments: int = 0,
    fetch: bool = False,
) -> None:
    with unit_of_work():
        delivery = db.session.get_one(SmsDelivery, delivery_id)
        if delivery.state != DeliveryState.WAITING:  # its receipt was faster than the gateway's answer
            return
        delivery.state, delivery.reference, delivery.settled_at = state, reference, now
        delivery.segments = segments
        if state is DeliveryState.REFUSED:
            delivery.fault = Fault.PERMANENT
        if fetch and state is DeliveryState.SENT:
            _fetch_in(FETCH_EVERY, now=now)


def _fetch_in(delay: timedelta, *, now: datetime) -> None:
    """One job fetches the receipts of all messages that were sent within the same two minutes."""
    slot = int((now + delay).timestamp() // FETCH_EVERY.total_seconds())
    jobs.enqueue(FETCH_RECEIPTS, {"slot": slot}, now=now, key=f"receipts:{slot}", delay=delay)


def fetch_receipts(*, source: ReceiptSource | None, now: datetime) -> None:
    """Asks the gateway what became of messages, and again later while some are open. Raises SeamUnavailable.

    A crash before the receipts are noted loses them where the gateway tells each only once; those messages stay "sent".
    """
    if source is None:
        return
    told = source.fetch()
    with unit_of_work():
        for receipt in told:
            query = select(SmsDelivery.id).where(SmsDelivery.reference == receipt.reference)
            for delivery_id in db.session.scalars(query):
                note_receipt(delivery_id, delivered=receipt.delivered, fault=Fault(receipt.fault), now=now)
        if _awaits_receipts(now):
            _fetch_in(FETCH_EVERY if told else FETCH_AGAIN, now=now)


def _awaits_receipts(now: datetime) -> bool:
    young = SmsDelivery.state == DeliveryState.SENT, SmsDelivery.created_at > now - timedelta(days=1)
    return db.session.scalar(select(SmsDelivery.id).where(*young).limit(1)) is not None


def note_receipt(delivery_id: str, *, delivered: bool, now: datetime, fault: Fault = Fault.UNKNOWN) -> None:
    """What became of a message, from the gateway. Inside a unit of work.

    Receipts come twice, late and in any order: one that arrived has arrived, whatever is said after that, and what we
    never sent (or don't know) stays as it is. What didn't arrive for a passing reason is sent again, twice at most.
    """
    delivery = db.session.get(SmsDelivery, delivery_id)
    if delivery is None or delivery.state not in RECEIVABLE:
        return
    state = DeliveryState.DELIVERED if delivered else DeliveryState.UNDELIVERED
    if delivery.state == state:
        return
    delivery.state, delivery.settled_at, delivery.fault = state, now, None if delivered else fault
    if not delivered and fault is Fault.TEMPORARY:
        _send_again(delivery, now=now)


def _send_again(delivery: SmsDelivery, *, now: datetime) -> None:
    if delivery.expires_at is not None or delivery.tries > len(AGAIN_AFTER) or _was_repeated(delivery.id):
        return
    again = SmsDelivery(
        case_id=delivery.case_id,
        phone=delivery.phone, body=delivery.body, created_at=now, urgent=delivery.urgent, state=DeliveryState.WAITING,
        account_id=delivery.account_id, kind=delivery.kind, again_of=delivery.id, tries=delivery.tries + 1,
    )  # fmt: skip
    _enqueue([again], now=now, delay=AGAIN_AFTER[delivery.tries - 1])


def _was_repeated(delivery_id: str) -> bool:
    return db.session.scalar(select(SmsDelivery.id).where(SmsDelivery.again_of == delivery_id).limit(1)) is not None


def count_by_state(*, since: datetime) -> dict[str, int]:
    """How many messages are in which state."""
    query = (
        select(SmsDelivery.state, func.count().label("n"))
        .where(SmsDelivery.created_at > since)
        .group_by(SmsDelivery.state)
    )
    return {row.state: row.n for row in db.session.execute(query)}


def dead_phone(account_id: str) -> str:
    """The number of an account whose last message could never arrive there; "" when all is well."""
    query = select(SmsDelivery).where(SmsDelivery.account_id == account_id, SmsDelivery.state != DeliveryState.WAITING)
    last = db.session.scalar(query.order_by(SmsDelivery.created_at.desc()).limit(1))
    return last.phone if last is not None and last.state in LOST and last.fault == Fault.PERMANENT else ""
