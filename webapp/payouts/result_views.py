"""The bank's answers on pages: result files in, what waits, what must be decided, and everybody's account."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Blueprint, Response, abort, make_response, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from webapp.core.cells import guarded
from webapp.core.clock import in_china
from webapp.core.db import db, unit_of_work
from webapp.core.masking import mask_card, mask_name
from webapp.core.once import AlreadyDone, spend
from webapp.core.sheets import TYPE, sheet
from webapp.ledger.models import PayoutLine, PayoutResult
from webapp.ledger.rules import Effect, LineState, ResultState
from webapp.ledger.words import LINE, reason_words
from webapp.payouts import queries
from webapp.payouts.forms import ResultForm
from webapp.payouts.templates import yuan
from webapp.payouts.usecases.batches import BatchRefused
from webapp.payouts.usecases.results import take_result
from webapp.payouts.usecases.settling import allowed_decisions, decide_hold, note_asked
from webapp.payouts.views import MAY_LOOK, MAY_PAY, case_or_404, doubt_words, may_pay, refused_words
from webapp.payouts.words import DECISIONS, EFFECTS, FAULTS, HELD, RESULT, UNREADABLE
from webapp.web.access import open_to, require_fresh
from webapp.web.numbers import typed_number
from webapp.web.present import now, once_token, seams
from webapp.web.rendering import go, show

bp = Blueprint("desk_payout_results", __name__, url_prefix="/desk/payouts")


@bp.route("/cases/<case_id>/results/new", methods=["GET", "POST"])
@open_to(*MAY_PAY)
def new_result(case_id: str) -> BaseResponse:
    """The bank's result file comes in."""
    found, form = case_or_404(case_id), ResultForm()
    require_fresh(url_for("desk_payout_results.new_result", case_id=case_id))
    if request.method == "POST" and form.validate():
        name = (form.file.data.filename or "").replace("\\", "/").rsplit("/", 1)[-1]
        result_id, fresh = take_result(
            case_id, name, form.data_read, clerk_id=current_user.id, store=seams().store, now=now()
        )
        return go(url_for("desk_payout_results.result", result_id=result_id, again=None if fresh else 1))
    return show("desk/payouts/new_result.html", 422 if form.errors else 200, case=found, form=form)


@bp.get("/results/<result_id>")
@open_to(*MAY_LOOK)
def result(result_id: str) -> Response:
    """What a result file changed, and every row that couldn't be used."""
    found: PayoutResult = db.session.get(PayoutResult, result_id) or abort(404)
    its_case = case_or_404(found.case_id)
    read = sum(found.counts.values())
    if found.state == ResultState.READING:
        return show("desk/payouts/reading.html", result=found, case=its_case, read=read)
    counts = [(EFFECTS[Effect(key)], n) for key, n in found.counts.items() if key in set(Effect)]
    context = {
        "counts": counts,
        "read": read,
        "faults": [(one["row"] or "", FAULTS[one["why"]], one.get("what", "")) for one in found.faults],
        "fault": UNREADABLE[found.fault] if found.fault else "",
        "again": "again" in request.args,
        "mark": RESULT[ResultState(found.state)],
    }
    return show("desk/payouts/result.html", result=found, case=its_case, **context)


@bp.get("/cases/<case_id>/reconciliation")
@open_to(*MAY_LOOK)
def reconciliation(case_id: str) -> Response:
    """A case's books: what adds up, what is with the bank and since when, what must be decided."""
    return _reconciliation(case_id)


def _reconciliation(case_id: str, words: str = "") -> Response:
    found = case_or_404(case_id)
    after = typed_number(request.args, "after")
    waiting = queries.with_the_bank(case_id, after=after, most=queries.PAGE + 1)
    context: dict[str, Any] = {
        "balance": queries.balance_of(case_id),
        "ages": queries.ages_of(case_id, now=now()),
        "held": _held_cards(queries.held_lines(case_id)),
        "waiting": [_waiting(line, batch.written_at) for line, batch in waiting[: queries.PAGE]],
        "more": waiting[queries.PAGE - 1][0].id if len(waiting) > queries.PAGE else None,
        "may_pay": may_pay(),
    }
    return show("desk/payouts/reconciliation.html", 422 if words else 200, case=found, words=words, **context)


def _held_cards(lines: Sequence[PayoutLine]) -> list[dict[str, Any]]:
    answers = queries.answers_about(line.id for line in lines)
    return [{**_held(line), "answers": doubt_words(answers.get(line.id, ())), **_deciders(line)} for line in lines]


def _deciders(line: PayoutLine) -> dict[str, Any]:
    """Whether the asker may decide on a held payment, and if not, who may."""
    may = queries.deciders_of(line)
    if current_user.id in may:
        return {"mine": True}
    words = _(
        "请由没有导入过这笔付款的银行结果、也没有制作这笔付款的管理员决定：%(names)s。", names="、".join(may.values())
    )
    nobody = _("这笔付款要由没有导入过它的银行结果的管理员决定，本院现在没有这样的管理员。请系统管理员再设一位。")
    return {"mine": False, "who": words if may else nobody}


def _held(line: PayoutLine) -> dict[str, Any]:
    choices = [(key, DECISIONS[key]) for key in allowed_decisions(line)]
    said = line.bank_words or ""
    return {"line": line, "name": mask_name(line.name), "card": mask_card(line.card_number), "why": HELD[line.held or ""],
            "said": said, "mark": LINE[LineState(line.state)], "choices": choices}  # fmt: skip


def _waiting(line: PayoutLine, since: Any) -> dict[str, Any]:
    days = (now() - since).days
    return {"line": line, "name": mask_name(line.name), "card": mask_card(line.card_number), "days": days,
            "mark": LINE[LineState(line.state)], "reason": reason_words(line.reason)}  # fmt: skip


@bp.post("/lines/<export_no>/decision")
@open_to(*MAY_PAY)
def decide(export_no: str) -> BaseResponse:
    """Somebody has asked the bank about a payment that was unclear."""
    line: PayoutLine = queries.line_by_number(export_no) or abort(404)
    case_id, line_id = case_or_404(line.case_id).id, line.id
    require_fresh(url_for("desk_payout_results.reconciliation", case_id=case_id))
    try:
        with unit_of_work():
            spend(once_token(), now=now())
            decide_hold(line_id, request.form.get("decision", ""), clerk_id=current_user.id, now=now())
    except AlreadyDone:
        pass
    except BatchRefused as refused:
        return _reconciliation(case_id, refused_words(refused))
    return go(url_for("desk_payout_results.reconciliation", case_id=case_id))


@bp.post("/cases/<case_id>/asked")
@open_to(*MAY_PAY)
def ask(case_id: str) -> BaseResponse:
    """The list with which the bank is asked about everything it hasn't settled. It asks, and pays nothing."""
    found = case_or_404(case_id)
    require_fresh(url_for("desk_payout_results.reconciliation", case_id=case_id), keep=False)
    with unit_of_work():
        note_asked(case_id, clerk_id=current_user.id, now=now())
    name = f"inquiry-{in_china(now()):%Y%m%d}.xlsx"
    headers = {"Content-Type": TYPE, "Content-Disposition": f'attachment; filename="{name}"'}
    return make_response(b"".join(sheet(_inquiry(case_id, guarded(found.number)))), 200, headers)


def _inquiry(case_id: str, case_number: str) -> Iterator[Sequence[str]]:
    """Headings, then each payment that the bank hasn't settled."""
    yield [_("客户参考号"), _("收款账号"), _("金额"), _("提交日期"), _("案号")]
    after = 0
    while rows := queries.with_the_bank(case_id, after=after, most=queries.CHUNK):
        after = rows[-1][0].id
        for line, batch in rows:
            sent = f"{in_china(batch.written_at):%Y-%m-%d}" if batch.written_at else ""
            yield [line.export_no, line.card_number, yuan(line.amount), sent, case_number]
        db.session.expunge_all()


@bp.get("/cases/<case_id>/ledger")
@open_to(*MAY_LOOK)
def ledger(case_id: str) -> Response:
    """Everybody's account: owed, given by rounds, on its way, paid, come back, open."""
    found = case_or_404(case_id)
    rows = queries.ledger_of(case_id, after=typed_number(request.args, "after"))
    shown = [(account, mask_name(account.entry.name)) for account in rows[: queries.PAGE]]
    more = rows[queries.PAGE - 1].entry.id if len(rows) > queries.PAGE else None
    return show("desk/payouts/ledger.html", case=found, rows=shown, more=more, balance=queries.balance_of(case_id))
