"""The reasons for refusals, in the court's own words, in every language; with the SMS that they become."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from webapp.core.db import unit_of_work
from webapp.core.once import AlreadyDone, spend
from webapp.docket.models import ItemKind
from webapp.notices.words import spoken_languages
from webapp.review.forms import folded, reason_fault
from webapp.review.previews import preview_reason
from webapp.review.reasons import (
    MUST_HAVE,
    NEEDS_WORDS,
    all_words,
    reasons_for,
    retire_reason,
    version_of,
    write_reason,
)
from webapp.texts.queries import nearest_languages
from webapp.web.access import DESK, Access, open_to
from webapp.web.locale import BY_CODE, current_language
from webapp.web.present import now, once_token
from webapp.web.rendering import go, show

bp = Blueprint("desk_reasons", __name__, url_prefix="/desk/reasons")


@bp.get("")
@open_to(*DESK)
def reasons() -> Response:
    """Every reason on the lists of both queues."""
    lists = {kind.value: reasons_for(kind, current_language().code, all_of_them=True) for kind in ItemKind}
    done = {"kept": _("已保存，从现在起使用。"), "retired": _("已改。")}.get(request.args.get("done", ""), "")
    return show("desk/reasons.html", lists=lists, may_write=Access.MANAGER in current_user.marks, done=done)


@bp.route("/<kind>/<code>", methods=["GET", "POST"])
@open_to(Access.MANAGER)
def reason(kind: str, code: str) -> BaseResponse:
    """One reason in every language, or (`new`) one more; preview, and put into force."""
    if kind not in set(ItemKind):
        abort(404)
    which = ItemKind(kind)
    known = {one.code for one in reasons_for(which, "zh_Hans", all_of_them=True)}
    if code != "new" and code not in known:
        abort(404)
    if request.method == "GET":
        said = all_words(code, which) if code != "new" else dict.fromkeys(spoken_languages(), "")
        return _show(which, code, said, {})
    said = {language: folded(request.form.get(language)) for language in spoken_languages()}
    judged = {language: words for language, words in said.items() if words or language in MUST_HAVE}
    faults = {language: fault for language, words in judged.items() if (fault := reason_fault(words, code))}
    if faults or "preview" in request.form:
        return _show(which, code, said, faults)
    try:
        with unit_of_work():
            spend(once_token(), now=now())
            write_reason("" if code == "new" else code, which, said, clerk_id=current_user.id, now=now())
    except AlreadyDone:
        pass
    return go(url_for("desk_reasons.reasons", done="kept"))


@bp.post("/<kind>/<code>/retire")
@open_to(Access.MANAGER)
def retire(kind: str, code: str) -> BaseResponse:
    """Takes a reason off the list, or puts it back."""
    try:
        with unit_of_work():
            retired = "back" not in request.form
            retire_reason(code, ItemKind(kind), retired=retired, clerk_id=current_user.id, now=now())
    except (LookupError, ValueError):
        abort(404)
    return go(url_for("desk_reasons.reasons", done="retired"))


def _nearest(said: dict[str, str], language: str) -> str:
    """What a reader gets who has no words in the own language."""
    return next((said[one] for one in nearest_languages(language) if said[one]), "……")


def _show(kind: ItemKind, code: str, said: dict[str, str], faults: dict[str, str]) -> Response:
    rows: list[dict[str, Any]] = [
        {
            "language": BY_CODE[language], "words": words, "fault": faults.get(language, ""),
            "must": language in MUST_HAVE,
            "version": version_of(code, language, now=now()) if code != "new" else 0,
            "preview": preview_reason(kind, words or _nearest(said, language), language, name=_("某某"), since=now(), case_id=None, now=now()),
        }
        for language, words in sorted(said.items(), key=lambda pair: (pair[0] not in MUST_HAVE, pair[0] != "zh_Hans"))
    ]  # fmt: skip
    return show(
        "desk/reason.html",
        422 if faults else 200,
        rows=rows,
        kind=kind.value,
        code=code,
        faults=faults,
        fixed=code in NEEDS_WORDS,
    )
