"""A reader in WeChat: known by an openid, told by subscribe messages as long as they allow it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import case, delete, select, update

from webapp.core import audit, jobs
from webapp.core.clock import in_china
from webapp.core.db import db, end_reading, unit_of_work
from webapp.core.hours import QuietHours
from webapp.core.sealing import keyed_hash
from webapp.ports.wechat import MessageVerdict, WeChat
from webapp.wechat.models import WeChatDelivery, WeChatReader, WeChatState
from webapp.wechat.rules import filled

SEND_WECHAT = "send_wechat"
LIFE = timedelta(days=3)
MOST_ALLOWED = 20
LANGUAGES = {"zh_Hans": "zh_CN", "zh_Hant": "zh_TW", "en": "en_US"}


def allow_messages(account_id: str, openid: str, *, language: str, now: datetime) -> None:
    """The reader has just allowed one more message. Inside a unit of work.

    The same WeChat user under another account is moved over: a message must not reach who signed out of this phone.
    """
    digest = keyed_hash("wechat.openid", openid)
    others = delete(WeChatReader).where(WeChatReader.openid_hash == digest, WeChatReader.account_id != account_id)
    db.session.execute(others)
    reader = db.session.get(WeChatReader, account_id)
    if reader is None:
        reader = WeChatReader(account_id=account_id, allowed=0)
        db.session.add(reader)
    if reader.openid_hash != digest:
        reader.openid, reader.openid_hash, reader.allowed = openid, digest, 0
    reader.allowed, reader.language, reader.asked_at = min(MOST_ALLOWED, reader.allowed + 1), language, now
    db.session.flush()
    audit.record(audit.Actor("payee", account_id), "wechat.allowed", ("account", account_id), now=now)


def forget_reader(account_id: str, *, now: datetime) -> None:
    """No more messages in WeChat. Inside a unit of work."""
    db.session.execute(delete(WeChatReader).where(WeChatReader.account_id == account_id))
    audit.record(audit.Actor("payee", account_id), "wechat.stopped", ("account", account_id), now=now)


def messages_allowed(account_id: str) -> int:
    """How many more messages may reach this account in WeChat."""
    reader = db.session.get(WeChatReader, account_id)
    return reader.allowed if reader is not None else 0


def post_wechat(headlines: Sequence[tuple[str, str]], *, platform: str, now: datetime) -> None:
    """Writes a message to each account with its headline inside the caller's unit of work, where one is allowed.

    The words name no person.
    """
    query = select(WeChatReader.account_id, WeChatReader.allowed).where(WeChatReader.allowed > 0)
    readers = query.where(WeChatReader.account_id.in_({account_id for account_id, _ in headlines}))
    allowed = Counter(dict(db.session.execute(readers).all()))
    common, used = {"platform": platform, "time": f"{in_china(now):%Y-%m-%d %H:%M}"}, Counter[str]()
    deliveries = []
    for account_id, headline in headlines:
        if used[account_id] < allowed[account_id]:
            used[account_id] += 1
            words = {"headline": headline, **common}
            deliveries.append(
                WeChatDelivery(account_id=account_id, words=words, created_at=now, state=WeChatState.WAITING)
            )
    _use_up(used)
    db.session.add_all(deliveries)
    db.session.flush()
    work = {f"wechat:{one.id}": {"delivery": one.id} for one in deliveries}
    jobs.enqueue_all(SEND_WECHAT, work, now=now, turn=jobs.Turn.LATER)


def _use_up(used: Mapping[str, int]) -> None:
    """So many fewer messages are allowed to each account; never less than none, whoever uses them up at the same time."""
    for count in set(used.values()):
        accounts = [account_id for account_id, times in used.items() if times == count]
        fewer = update(WeChatReader).where(WeChatReader.account_id.in_(accounts))
        left = case((WeChatReader.allowed > count, WeChatReader.allowed - count), else_=0)
        db.session.execute(fewer.values(allowed=left))


def send_wechat(
    delivery_id: str,
    *,
    wechat: WeChat | None,
    template: str,
    fields: Mapping[str, str],
    quiet: QuietHours,
    now: datetime,
) -> None:
    """Sends what waits. Raises SeamUnavailable, and TryLater in the quiet hours.

    WeChat has no keys: a crash between its answer and our note can show a message twice, and the SMS says the same.
    """
    delivery = db.session.get_one(WeChatDelivery, delivery_id)
    if delivery.state != WeChatState.WAITING:
        return
    reader = db.session.get(WeChatReader, delivery.account_id)
    if wechat is None or not template or reader is None or now - delivery.created_at > LIFE:
        _settle(delivery_id, WeChatState.LATE, now)
        return
    if rest := quiet.left(now):
        raise jobs.TryLater(rest)
    openid, language, said = reader.openid, LANGUAGES.get(reader.language, "zh_CN"), filled(fields, delivery.words)
    end_reading()
    verdict = wechat.notify(openid, template, said, page="pages/index", language=language)
    _settle(delivery_id, WeChatState.SENT if verdict is MessageVerdict.ACCEPTED else WeChatState.REFUSED, now)


def _settle(delivery_id: str, state: WeChatState, now: datetime) -> None:
    with unit_of_work():
        delivery = db.session.get_one(WeChatDelivery, delivery_id)
        delivery.state, delivery.settled_at = state, now
        if state is WeChatState.REFUSED:  # whatever we counted, they don't want any
            none_left = update(WeChatReader).where(WeChatReader.account_id == delivery.account_id)
            db.session.execute(none_left.values(allowed=0))
