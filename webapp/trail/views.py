"""The audit trail, for auditors: search, proof of the chain, signed export. A person is looked up by POST alone."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, request, stream_with_context, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from webapp.accounts.models import Account, Clerk
from webapp.core.audit import AuditEntry
from webapp.core.clock import CHINA, in_china
from webapp.core.db import db, unit_of_work
from webapp.core.masking import mask_name, mask_number
from webapp.identity.queries import identity_of
from webapp.trail import queries
from webapp.trail.exports import exported, public_key
from webapp.trail.forms import PersonForm
from webapp.trail.heads import written_heads
from webapp.trail.models import ChainProof
from webapp.trail.queries import Wanted
from webapp.trail.usecases import ask_for_proof, note_export, note_search
from webapp.trail.words import ACTORS, ROOMS, action_words, subject_words
from webapp.web import desk_nav
from webapp.web.access import Access, open_to, require_fresh
from webapp.web.numbers import typed_number
from webapp.web.present import now, settings
from webapp.web.rendering import go, show

bp = Blueprint("desk_trail", __name__, url_prefix="/desk/trail")
desk_nav.add("desk_trail.index", _l("审计"), (Access.AUDITOR,), order=70)
FIELDS = ("actor", "action", "subject", "person", "since", "until")


@bp.get("")
@open_to(Access.AUDITOR)
def index() -> Response:
    """A page of the trail, as the filters in the address say; a person stands there by a random id alone."""
    wanted = _wanted()
    entries, more = queries.page_of(wanted)
    names = {clerk.id: clerk.display_name for clerk in queries.clerks()}
    kept = {name: request.args[name] for name in FIELDS if request.args.get(name)}
    older = {**kept, "before": entries[-1].id} if more else None
    return show(
        "trail/list.html",
        rows=[_row(entry, names) for entry in entries],
        kept=kept,
        kept_query=urlencode(kept),
        older=urlencode(older) if older else "",
        newest="before" not in request.args,
        actors=[
            ("", _l("所有人")),
            *((clerk.id, f"{clerk.display_name}（{clerk.username}）") for clerk in queries.clerks()),
        ],
        actions=_actions(),
        person=_person(wanted.person),
    )


def _wanted() -> Wanted:
    asked = {name: request.values.get(name, "").replace("\0", "") for name in FIELDS}  # PostgreSQL takes no NUL
    return Wanted(
        actor=asked["actor"],
        action=asked["action"],
        subject=asked["subject"],
        person=asked["person"],
        since=_day(asked["since"]),
        until=_day(asked["until"], following=True),
        before=typed_number(request.values, "before") if request.values.get("before") else None,
    )


def _day(text: str, *, following: bool = False) -> datetime | None:
    """The beginning of a day in China, or of the next one."""
    try:
        day = date.fromisoformat(text) + timedelta(days=following)
    except (ValueError, OverflowError):
        return None
    return datetime.combine(day, time(), tzinfo=CHINA)


def _actions() -> list[tuple[str, str]]:
    """Rooms with all their actions, then each action by itself."""
    rooms = [(prefix, str(title)) for prefix, title in ROOMS.items()]
    single = [(action, f"　{action_words(action)}") for action in queries.actions()]
    found: list[tuple[str, str]] = [("", str(_l("所有操作")))]
    for prefix, title in rooms:
        found += [(prefix, title), *(one for one in single if one[0].startswith(prefix))]
    return found + [one for one in single if not one[0].startswith(tuple(ROOMS))]


def _row(entry: AuditEntry, names: dict[str, str]) -> dict[str, Any]:
    known = names.get(entry.actor_id) or (ACTORS.get(entry.actor_kind, entry.actor_kind))
    return {
        "entry": entry,
        "time": f"{in_china(entry.at):%Y-%m-%d %H:%M:%S}",
        "actor": known,
        "payee": entry.actor_kind == "payee",
        "action": action_words(entry.action),
        "subject": subject_words(entry.subject_kind),
        "detail": " · ".join(
            f"{key}={_plain(value)}" for key, value in entry.detail.items() if value not in (None, "")
        ),
    }


def _plain(value: Any) -> str:
    """A value for the eye: a list by its members, of a hash the beginning; the export has all of it."""
    if isinstance(value, list):
        return "、".join(map(_plain, value))
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"{text[:12]}…" if re.fullmatch(r"[0-9a-f]{32,}", text) else text


def _person(key: str) -> dict[str, str] | None:
    """Whom the page is about, masked."""
    identity = identity_of(key) if key else None
    if identity is not None:
        return {"id": key, "name": mask_name(identity.name), "number": mask_number(identity.number)}
    return {"id": key, "name": "", "number": ""} if key and db.session.get(Account, key) is not None else None


@bp.route("/person", methods=["GET", "POST"])
@open_to(Access.AUDITOR)
def person() -> BaseResponse:
    """Looks somebody up by document number or name, and writes down that they were looked for."""
    form = PersonForm()
    if request.method == "GET" or not form.validate():
        return show("trail/person.html", 422 if form.errors else 200, form=form, found=None)
    found = queries.people(number=form.number.data, name=form.name.data)
    with unit_of_work():
        note_search(current_user.id, [one.key for one in found], now=now())
    if len(found) == 1 and found[0].proved_at is not None:
        return go(url_for("desk_trail.index", person=found[0].key))
    rows = [(one, mask_name(one.name), mask_number(one.number)) for one in found]
    return show("trail/person.html", form=form, found=rows)


@bp.get("/proofs")
@open_to(Access.AUDITOR)
def proofs() -> Response:
    """The last proofs, and the heads that were written down."""
    rows = [(proof, db.session.get_one(Clerk, proof.asked_by).display_name) for proof in queries.latest_proofs()]
    heads = written_heads(settings().heads_file)
    return show(
        "trail/proofs.html", rows=rows, heads=heads[-5:][::-1], count=len(heads), key=public_key(settings().audit_key)
    )


@bp.post("/proofs")
@open_to(Access.AUDITOR)
def prove() -> BaseResponse:
    """Has the worker prove the chain."""
    with unit_of_work():
        proof = ask_for_proof(current_user.id, now=now())
    return go(url_for("desk_trail.proof", proof_id=proof.id))


@bp.get("/proofs/<proof_id>")
@open_to(Access.AUDITOR)
def proof(proof_id: str) -> Response:
    """How far the worker has come, then what it found."""
    found = db.session.get(ChainProof, proof_id) or abort(404)
    return show("trail/proof.html", proof=found, clerk=db.session.get_one(Clerk, found.asked_by))


@bp.post("/export")
@open_to(Access.AUDITOR)
def export() -> Response:
    """The rows of a search as a file that proves itself, in the chain's order."""
    asked = {name: request.form[name] for name in FIELDS if request.form.get(name)}
    require_fresh(f"{url_for('desk_trail.index')}?{urlencode(asked)}", keep=False)
    wanted = _wanted()
    with unit_of_work():
        note_export(current_user.id, asked, now=now())
    lines = exported(queries.every(wanted), secret=settings().audit_key)
    name = f"audit-{in_china(now()):%Y%m%d-%H%M%S}.csv"
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(stream_with_context(lines), mimetype="text/csv", headers=headers)
