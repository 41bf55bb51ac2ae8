"""The desk's texts: every version in every language, what changed, and the next one, which a second person approves."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from webapp.accounts.models import Clerk
from webapp.cases.queries import may_see_person
from webapp.core import audit
from webapp.core.clock import CHINA, in_china
from webapp.core.db import db, unit_of_work
from webapp.core.masking import mask_name
from webapp.core.once import AlreadyDone, spend
from webapp.identity.queries import identity_of
from webapp.notices.words import names
from webapp.sms.rules import measure_sms
from webapp.texts.models import Consent, TextKind, TextVersion
from webapp.texts.queries import consents_of, current_text, latest_text
from webapp.web import desk_nav
from webapp.web.access import DESK, Access, open_to, require_fresh
from webapp.web.desk_strangers import stranger_warning
from webapp.web.locale import BY_CODE, LANGUAGES
from webapp.web.present import now, once_token
from webapp.web.rendering import go, show
from webapp.wording import queries, usecases
from webapp.wording.forms import RefusalForm, TextForm
from webapp.wording.models import DraftState, TextDraft
from webapp.wording.rules import differences, filled
from webapp.wording.usecases import Outdated, SamePerson
from webapp.wording.words import (
    STATES,
    kind_name,
    languages_of,
    legal_kinds,
    message_kinds,
    placeholders_of,
    sample_facts,
)

bp = Blueprint("desk_texts", __name__, url_prefix="/desk")
MAY_WRITE = (Access.MANAGER,)
PEOPLE = (Access.REVIEWER, Access.MANAGER, Access.AUDITOR)
desk_nav.add("desk_texts.index", _l("文本"), order=60)

SAID = {
    "proposed": (_l("已提交，等待另一位管理员批准。"), "good"),
    "approved": (_l("已批准。"), "good"),
    "refused": (_l("已退回给起草人。"), "good"),
    "withdrawn": (_l("已撤回。"), "good"),
    "outdated": (_l("这份草稿已经处理过，或者之后又有了新的版本。请在新版本上重新起草。"), "refused"),
    "same": (_l("起草人不能批准或退回自己的草稿，需要另一位管理员。"), "refused"),
}


def _said() -> dict[str, Any]:
    words, kind = SAID.get(request.args.get("done", ""), ("", ""))
    return {"words": words, "words_kind": kind, "may_write": bool(current_user.marks & set(MAY_WRITE))}


@bp.get("/texts")
@open_to(*DESK)
def index() -> Response:
    """Every text with its newest version in each language, and what waits for a second person."""
    latest, codes = queries.latest_versions(), [language.code for language in LANGUAGES]
    tables = [
        (title, [_row(kind, latest, codes) for kind in kinds])
        for title, kinds in ((_("当事人阅读或签署的文本"), legal_kinds()), (_("消息和短信"), message_kinds()))
    ]
    waiting = [_draft_row(draft) for draft in queries.waiting_drafts()]
    return show(
        "wording/list.html", tables=tables, languages_shown=LANGUAGES, waiting=waiting, moment_now=now(), **_said()
    )


def _row(kind: str, latest: Any, codes: list[str]) -> dict[str, Any]:
    spoken = languages_of(kind, codes)
    cells = [(code, latest.get((kind, code)) if code in spoken else None, code in spoken) for code in codes]
    return {"kind": kind, "name": kind_name(kind), "cells": cells}


def _draft_row(draft: TextDraft) -> dict[str, Any]:
    words, mark = STATES[draft.state]  # type: ignore[index]  # a StrEnum's column is its text
    return {
        "draft": draft,
        "name": kind_name(draft.kind),
        "language": BY_CODE[draft.language].name,
        "maker": _clerk_name(draft.made_by),
        "decider": _clerk_name(draft.decided_by),
        "state": words,
        "mark": mark,
    }


def _clerk_name(clerk_id: str | None) -> str:
    clerk = db.session.get(Clerk, clerk_id) if clerk_id else None
    return clerk.display_name if clerk else ""


@bp.get("/texts/<kind>/<language>")
@open_to(*DESK)
def text(kind: str, language: str) -> Response:
    """One text in one language: its versions and drafts, and the one in force."""
    _known_or_404(kind, language)
    versions = queries.versions_of(kind, language)
    return show(
        "wording/text.html",
        kind=kind,
        name=kind_name(kind),
        reads=BY_CODE[language],
        versions=versions,
        in_force=current_text(kind, language, now=now(), exact=True),
        drafts=[_draft_row(draft) for draft in queries.drafts_of(kind, language)],
        moment_now=now(),
        **_said(),
    )


def _known_or_404(kind: str, language: str) -> None:
    if kind not in (*legal_kinds(), *message_kinds()) or language not in languages_of(kind, list(BY_CODE)):
        abort(404)


@bp.route("/texts/<kind>/<language>/new", methods=["GET", "POST"])
@open_to(*MAY_WRITE)
def write(kind: str, language: str) -> BaseResponse:
    """Writes the next version: looks at it first, then hands it to a second person."""
    _known_or_404(kind, language)
    newest = latest_text(kind, language)
    known = None if kind in set(TextKind) else placeholders_of(kind)
    kept = {"title": newest.title if newest else kind_name(kind), "body": newest.body if newest else ""}
    form = TextForm(known=known, today=in_china(now()).date(), data=kept)
    if known is not None:
        del form.title  # a message has no title
    if request.method == "GET" or not form.validate():
        return _show_form(kind, language, form, newest, status=422 if form.errors else 200)
    if "preview" in request.form:
        return _show_form(kind, language, form, newest, preview=True)
    title = form.title.data if known is None else kept["title"]
    day = form.effective_on.data
    since = datetime.combine(day, time(), tzinfo=CHINA) if day else None
    try:
        with unit_of_work():
            spend(once_token(), now=now())
            draft = usecases.propose(
                kind,
                language,
                title=title,
                body=form.body.data,
                effective_at=since,
                clerk_id=current_user.id,
                now=now(),
            )
    except AlreadyDone:
        return go(url_for("desk_texts.index"))
    return go(url_for("desk_texts.draft", draft_id=draft.id, done="proposed"))


def _show_form(
    kind: str, language: str, form: TextForm, newest: TextVersion | None, *, preview: bool = False, status: int = 200
) -> Response:
    return show(
        "wording/write.html",
        status,
        kind=kind,
        name=kind_name(kind),
        reads=BY_CODE[language],
        form=form,
        known=form.known,
        known_text="、".join(f"%({one})s" for one in form.known or ()),
        changed=differences(newest.body if newest else "", form.body.data) if preview else None,
        newest=newest,
        looks=_looks(kind, form.title.data if form.known is None else "", form.body.data) if preview else None,
        warning=_warning(kind, form.body.data) if preview else "",
    )


def _warning(kind: str, body: str) -> str:
    """Who approves a message is told what leads elsewhere in it; legal texts name other offices as a matter of course."""
    return "" if kind in set(TextKind) else stranger_warning(body)


def _looks(kind: str, title: str, body: str) -> dict[str, Any]:
    """A wording as its readers will see it: a message with made-up facts, and how many SMS it takes."""
    if kind in set(TextKind):
        return {"title": title, "paragraphs": body.split("\n\n"), "segments": None}
    whole = f"【{names().signature}】{filled(body, sample_facts())}"
    length = measure_sms(whole)
    return {"title": "", "paragraphs": [whole], "segments": length.segments, "length": len(whole)}


@bp.get("/texts/drafts/<draft_id>")
@open_to(*DESK)
def draft(draft_id: str) -> Response:
    """A draft beside the version that it was written over."""
    return _show_draft(_draft_or_404(draft_id), RefusalForm())


def _draft_or_404(draft_id: str) -> TextDraft:
    return db.session.get(TextDraft, draft_id) or abort(404)


def _show_draft(found: TextDraft, form: RefusalForm, status: int = 200) -> Response:
    versions = queries.versions_of(found.kind, found.language)
    base = next((version for version in versions if version.version == found.base_version), None)
    return show(
        "wording/draft.html",
        status,
        row=_draft_row(found),
        draft=found,
        base=base,
        reads=BY_CODE[found.language],
        name=kind_name(found.kind),
        changed=differences(base.body if base else "", found.body),
        looks=_looks(found.kind, found.title, found.body),
        warning=_warning(found.kind, found.body) if found.state == DraftState.WAITING else "",
        mine=found.made_by == current_user.id,
        form=form,
        **_said(),
    )


@bp.post("/texts/drafts/<draft_id>")
@open_to(*MAY_WRITE)
def decide(draft_id: str) -> BaseResponse:
    """Approves a draft of somebody else's, gives it back with words, or takes one's own back."""
    found, form = _draft_or_404(draft_id), RefusalForm()
    deed = request.form.get("deed", "")
    if deed == "approve":
        require_fresh(url_for("desk_texts.draft", draft_id=draft_id))
    if deed == "refuse" and not form.validate():
        return _show_draft(found, form, 422)
    try:
        done = _decided(draft_id, deed, form)
    except Outdated:
        done = "outdated"
    except SamePerson:
        done = "same"
    return go(url_for("desk_texts.draft", draft_id=draft_id, done=done))


def _decided(draft_id: str, deed: str, form: RefusalForm) -> str:
    mine = current_user.id
    with unit_of_work():
        if deed == "approve":
            usecases.approve(draft_id, clerk_id=mine, now=now())
            return "approved"
        if deed == "refuse":
            usecases.refuse(draft_id, clerk_id=mine, reason=form.reason.data, now=now())
            return "refused"
        usecases.withdraw(draft_id, clerk_id=mine, now=now())
        return "withdrawn"


@bp.get("/texts/versions/<text_id>")
@open_to(*DESK)
def version(text_id: str) -> Response:
    """A version as it was, and what changed with it."""
    found = db.session.get(TextVersion, text_id) or abort(404)
    before = queries.version_before(found)
    return show(
        "wording/version.html",
        text=found,
        name=kind_name(found.kind),
        reads=BY_CODE[found.language],
        before=before,
        changed=differences(before.body, found.body) if before else None,
        agreed=queries.count_consents(text_id),
    )


@bp.get("/people/<account_id>/consents")
@open_to(*PEOPLE)
def consents(account_id: str) -> Response:
    """What a person agreed to, when, and in which version."""
    _person_or_404(account_id)
    with unit_of_work():
        audit.record(audit.Actor("clerk", current_user.id), "desk.looked", ("account", account_id), now=now())
    rows = [(one, text, kind_name(one.kind)) for one, text in consents_of(account_id)]
    return show("wording/consents.html", rows=rows, person=_person(account_id), by_code=BY_CODE)


@bp.get("/consents/<consent_id>")
@open_to(*PEOPLE)
def consent(consent_id: str) -> Response:
    """One agreement, with the text as it was then."""
    found = db.session.get(Consent, consent_id) or abort(404)
    _person_or_404(found.account_id)
    with unit_of_work():
        audit.record(audit.Actor("clerk", current_user.id), "desk.looked", ("consent", consent_id), now=now())
    text = db.session.get_one(TextVersion, found.text_id)
    return show(
        "wording/consent.html", consent=found, text=text, person=_person(found.account_id), reads=BY_CODE[text.language]
    )


def _person_or_404(account_id: str) -> None:
    if not may_see_person(current_user, account_id):
        abort(404)


def _person(account_id: str) -> str:
    identity = identity_of(account_id)
    return mask_name(identity.name) if identity else _("尚未认证的当事人")
