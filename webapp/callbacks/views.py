"""What outside parties tell us by themselves: the authority's late decisions, and what became of an SMS.

Every call is signed as docs/seams.md says, is spent once, and changes nothing the second time. Answers are JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, request

from webapp.core.db import unit_of_work
from webapp.core.once import AlreadyDone, spend
from webapp.core.signed_http import BadSignature, ClockSkew, Unsigned, check_request, sign_reply
from webapp.identity.jobs import hear_immigration
from webapp.ports.immigration_authority import ImmigrationAnswer, ImmigrationVerdict
from webapp.sms.models import Fault
from webapp.sms.usecases import note_receipt
from webapp.web.access import Access, open_to
from webapp.web.present import now, settings
from webapp.web.security import csrf

immigration = Blueprint("callbacks_immigration", __name__)
sms = Blueprint("callbacks_sms", __name__)
MOST_BYTES = 200_000
MOST_RECEIPTS = 500


@immigration.post("/callbacks/immigration")
@csrf.exempt  # type: ignore[untyped-decorator]  # signed by the party instead
@open_to(Access.EVERYONE)
def hear_authority() -> Response:
    """The decision on one request, by its id. A request that no longer waits is answered in the same way."""
    return _signed(settings().immigration_app_id, settings().immigration_secret, "immigration", _hear_decision)


@sms.post("/callbacks/sms")
@csrf.exempt  # type: ignore[untyped-decorator]  # signed by the party instead
@open_to(Access.EVERYONE)
def hear_receipts() -> Response:
    """What became of messages, by their keys."""
    return _signed(settings().sms_webhook_app_id, settings().sms_webhook_secret, "sms", _hear_receipts)


def _hear_decision(told: dict[str, Any]) -> None:
    verdict = ImmigrationVerdict(told["verdict"])
    request_id, reference = str(told["request_id"])[:80], str(told["reference"])[:80]
    if not reference:
        raise ValueError("reference")
    if verdict is not ImmigrationVerdict.PENDING:
        hear_immigration(request_id, ImmigrationAnswer(verdict, reference), now=now())


def _hear_receipts(told: dict[str, Any]) -> None:
    receipts = [
        (str(row["key"]), {"delivered": True, "undelivered": False}[row["state"]], Fault(row.get("fault", "unknown")))
        for row in told["receipts"]
    ]
    if len(receipts) > MOST_RECEIPTS:
        raise ValueError("receipts")
    for key, delivered, fault in receipts:
        note_receipt(key, delivered=delivered, fault=fault, now=now())


def _signed(app: str, secret: str, party: str, deed: Callable[[dict[str, Any]], None]) -> Response:
    body = request.get_data(cache=False) if (request.content_length or 0) <= MOST_BYTES else b""
    moment, path = now().timestamp(), request.full_path.rstrip("?")
    try:
        nonce = check_request(secret, dict(request.headers), app=app, method="POST", path=path, body=body, now=moment)
    except Unsigned:
        return _reply(400, {"error": "unsigned"})
    except ClockSkew:
        return _reply(401, {"error": "clock_skew"})
    except BadSignature:
        return _reply(401, {"error": "bad_signature"})
    status, answer = _do(f"{party}:{nonce}", body, deed)
    signed = sign_reply(secret, status=status, nonce=nonce, body=answer, timestamp=int(moment))
    return _reply(status, answer, signed)


def _do(token: str, body: bytes, deed: Callable[[dict[str, Any]], None]) -> tuple[int, bytes]:
    try:
        told = json.loads(body)
        with unit_of_work():
            spend(token, now=now())
            deed(told)
    except AlreadyDone:
        pass  # the same call once more: it did its deed the first time
    except (ValueError, KeyError, TypeError, RecursionError):
        current_app.logger.warning("a callback of %s had no usable content", token.partition(":")[0])
        return 422, b'{"error": "content"}'
    return 200, b'{"ok": true}'


def _reply(status: int, content: dict[str, str] | bytes, headers: dict[str, str] | None = None) -> Response:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Response(body, status, headers or {}, mimetype="application/json")
