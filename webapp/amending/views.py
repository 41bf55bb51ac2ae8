"""Correcting an entry of a register, with a reason: for managers, after they have shown again who they are."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from webapp.amending.usecases import CannotCorrect, Right, WhyNot, correct_entry, corrections_of
from webapp.cases.forms import CorrectionForm
from webapp.cases.models import CasePayee
from webapp.cases.people_views import MAY_CHANGE, payee_or_404
from webapp.cases.rules import format_amount
from webapp.core import audit
from webapp.core.db import unit_of_work
from webapp.core.once import AlreadyDone, spend
from webapp.identity.rules.documents import DocumentType, guess_types
from webapp.identity.words import document_name
from webapp.web.access import open_to, require_fresh
from webapp.web.present import now, once_token
from webapp.web.rendering import go, show

bp = Blueprint("desk_amending", __name__, url_prefix="/desk/cases/<case_id>/people/<payee_id>")


def why_not_words(cannot: CannotCorrect) -> str:
    """What stands against a correction, and what can be done instead."""
    words = {
        WhyNot.PENDING: _("本案有一份名册在等待处理，请先导入或放弃，再来更正。"),
        WhyNot.MERGED: _("这一条已经合并到别处，请更正保留的那一条。"),
        WhyNot.NAMED: _("本案已有这个证件号码的人。两条是同一个人的，请用“合并重复”。"),
        WhyNot.LETTER: _(
            "已经按原来的姓名和号码签署确认书，现在不能改。还没有接受的，请先在“账户审核”里退回，再来更正；原来的确认书仍然保存。已经接受的，请用“手工添加”为正确的人另立一条，再把这一条的金额改成已经发放的数额。"
        ),
        WhyNot.HANDED_IN: _(
            "有人已经用原来的号码提交收款账户。请先在“账户审核”里退回；还没到法院的，请等当事人签署或撤回，再更正号码。"
        ),
        WhyNot.PAID: _(
            "已经发放或正在发放 %(fen)s 元，金额不能改得比这更少。多付的请先向当事人追回，或者从还没有放行的批次里移出这一笔。",
            fen=format_amount(cannot.fen),
        ),
        WhyNot.SAME: _("没有改动任何一项。"),
    }
    return str(words[cannot.why])


@bp.route("/correct", methods=["GET", "POST"])
@open_to(*MAY_CHANGE)
def amend(case_id: str, payee_id: str) -> BaseResponse:
    """The entry as it stands, to be written over; what stood there before is kept below."""
    found, payee = payee_or_404(case_id, payee_id)
    require_fresh(url_for("desk_amending.amend", case_id=case_id, payee_id=payee_id))
    form, words = CorrectionForm(data=_as_it_stands(payee)), ""
    if request.method == "POST" and form.validate():
        right = Right(form.name.data, form.document_type.data, form.clean_number, form.fen, form.e164)
        try:
            with unit_of_work():
                spend(once_token(), now=now())
                correct_entry(found, payee.id, right, form.reason.data, clerk_id=current_user.id, now=now())
            return go(url_for("desk_people.person", case_id=case_id, payee_id=payee_id))
        except AlreadyDone:
            return go(url_for("desk_people.person", case_id=case_id, payee_id=payee_id))
        except CannotCorrect as cannot:
            words = _beside_its_field(form, cannot)
    with unit_of_work():
        audit.record(audit.Actor("clerk", current_user.id), "desk.looked", ("case_payee", str(payee.id)), now=now())
    return show(
        "desk/cases_correct.html", 422 if form.errors or words else 200, case=found, payee=payee, form=form, words=words,
        made=[_row(correction, by) for correction, by in corrections_of(payee.id)],
    )  # fmt: skip


def _as_it_stands(payee: CasePayee) -> dict[str, Any]:
    kind = payee.document_type or next(iter(guess_types(payee.number, today=now().date())), DocumentType.RESIDENT_ID)
    return {
        "name": payee.name, "document_type": str(kind), "number": payee.number, "amount": format_amount(payee.amount),
        "phone": payee.phone or "",
    }  # fmt: skip


def _beside_its_field(form: CorrectionForm, cannot: CannotCorrect) -> str:
    """Puts the words where they belong; what concerns no single field is returned."""
    place = {WhyNot.NAMED: form.number, WhyNot.HANDED_IN: form.number, WhyNot.PAID: form.amount}.get(cannot.why)
    if place is None:
        return why_not_words(cannot)
    place.errors = [why_not_words(cannot)]
    return ""


def _row(made: Any, by: str) -> dict[str, Any]:
    titles = {
        "name": _("姓名"), "document_type": _("证件类型"), "number": _("证件号码"), "amount": _("金额（元）"), "phone": _("手机号"),
    }  # fmt: skip
    changes = [
        (titles[key], _shown(key, made.before[key]), _shown(key, made.after[key]))
        for key in titles
        if key in made.before
    ]
    return {"changes": changes, "reason": made.reason, "by": by, "at": made.made_at}


def _shown(key: str, value: str) -> str:
    if key == "amount":
        return format_amount(int(value))
    return str(document_name(value)) if key == "document_type" and value else value or "—"
