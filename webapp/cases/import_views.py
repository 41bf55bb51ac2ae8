"""A register's way into a case, at the desk: the file, which column is which, what would change, and then yes or no."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from typing import IO, Any
from urllib.parse import quote

from flask import Blueprint, Response, abort, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from webapp.cases.desk_views import MAY_MANAGE, case_or_404, may_manage
from webapp.cases.forms import RegisterForm, TotalsForm
from webapp.cases.headings import FIELDS
from webapp.cases.imports import (
    CannotApply,
    Control,
    ImportPending,
    answer_columns,
    apply_import,
    discard_import,
    pending_import,
    read_again,
    say_totals,
    take_file,
)
from webapp.cases.models import CasePayee
from webapp.cases.queries import comes_later, faults_page, import_of, imports_of, newly_named, newly_owed
from webapp.cases.register_files import TooLargeFile
from webapp.cases.register_models import ImportState, RegisterImport
from webapp.cases.rules import format_amount
from webapp.cases.usecases import each_fault
from webapp.cases.words import FIELDS as FIELD_WORDS
from webapp.cases.words import IMPORTS, fault_text
from webapp.core import audit
from webapp.core.cells import write_workbook
from webapp.core.db import unit_of_work
from webapp.core.masking import mask_number
from webapp.core.once import AlreadyDone, spend
from webapp.web.access import DESK, open_to, require_fresh
from webapp.web.present import now, once_token, seams
from webapp.web.rendering import go, show

bp = Blueprint("desk_import", __name__, url_prefix="/desk/cases/<case_id>/register")
FAULTS_SHOWN = CHANGES_SHOWN = 50
CHANGES_READ = 1000
REFUSED = {
    "control": _l("行数或总金额与您填写的不一致，没有导入。"),
    "doubled": _l("有完全相同的行。请先核对，确实是几笔钱的，勾选后再导入。"),
}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("")
@open_to(*DESK)
def register(case_id: str) -> Response:
    """Where a file is handed in, and what came of the earlier ones."""
    return _show_register(case_id, RegisterForm())


def _show_register(case_id: str, form: RegisterForm, status: int = 200, words: str = "") -> Response:
    found = case_or_404(case_id)
    rows = [(one, IMPORTS[ImportState(one.state)]) for one in imports_of(case_id)]
    return show(
        "desk/cases_register.html", status, case=found, form=form, rows=rows, waiting=pending_import(case_id), words=words,
        may_manage=may_manage(),
    )  # fmt: skip


@bp.post("")
@open_to(*MAY_MANAGE)
def upload(case_id: str) -> BaseResponse:
    """Takes a file, sealed piece by piece; the worker reads it."""
    found, form = case_or_404(case_id), RegisterForm()
    if not form.validate():
        return _show_register(case_id, form, 422)
    rows, fen = form.control
    name = form.file.data.filename.rsplit("/", 1)[-1].rsplit("\\", 1)[-1]
    try:
        with unit_of_work():
            spend(once_token(), now=now())
        import_id = take_file(
            found.id,
            name,
            form.file.data.stream,
            Control(rows, fen),
            clerk_id=current_user.id,
            store=seams().store,
            now=now(),
        )
    except TooLargeFile:
        form.file.errors = [_("文件超过 300 MB，请分成几个文件导入。")]
        return _show_register(case_id, form, 422)
    except ImportPending:
        return _show_register(case_id, form, 409, _("本案已有一份名册在等待处理，请先导入或放弃那一份。"))
    except AlreadyDone:
        return go(url_for("desk_import.register", case_id=case_id))
    return go(url_for("desk_import.one", case_id=case_id, import_id=import_id))


def _import_or_404(case_id: str, import_id: str) -> RegisterImport:
    case_or_404(case_id)
    return import_of(case_id, import_id) or abort(404)


@bp.get("/<import_id>")
@open_to(*DESK)
def one(case_id: str, import_id: str) -> Response:
    """How an import stands: how far it is read, what is asked, what would change, what is wrong."""
    return _show_one(case_id, _import_or_404(case_id, import_id))


def _show_one(case_id: str, found: RegisterImport, status: int = 200, words: str = "") -> Response:
    state = ImportState(found.state)
    context: dict[str, Any] = {
        "case": case_or_404(case_id), "one": found, "state": state, "standing": IMPORTS[state], "words": words, "may_manage": may_manage(),
    }  # fmt: skip
    if state is ImportState.READING:
        context |= {"share": min(99, 100 * found.done // found.size) if found.size else 0, "rows": f"{found.rows:,}"}
    if state is ImportState.ASKS and found.head:
        context |= {
            "columns": _columns(found.head),
            "fields": [("", _("不用")), *((name, FIELD_WORDS[name]) for name in FIELDS)],
        }
    if found.totals:
        context |= {
            "control": _control(found),
            "agrees": Control(**found.control).agrees(found.totals) if found.control else True,
        }
        context["money"] = format_amount(found.totals.get("fen", 0))
    if found.totals.get("doubled") and state in (ImportState.READY, ImportState.APPLIED):
        context["doubled"] = [(f.row_number, f.hint) for f in faults_page(found.id, doubled=True, most=FAULTS_SHOWN)]
    if state in (ImportState.FAULTY, ImportState.UNREADABLE):
        context["faults"] = [
            (f.row_number or "", FIELD_WORDS.get(f.field, f.field), fault_text(f.code), f.hint)
            for f in faults_page(found.id, most=FAULTS_SHOWN)
        ]
    if state is ImportState.READY and comes_later(found):
        changed, added = newly_owed(found.id, most=CHANGES_SHOWN + 1), newly_named(found, most=CHANGES_SHOWN + 1)
        context |= {
            "changes": [_change(payee, payee.amount, fen) for payee, fen in changed[:CHANGES_SHOWN]]
            + [_change(payee, None, payee.amount) for payee in added[:CHANGES_SHOWN]],
            "more_changes": max(len(changed), len(added)) > CHANGES_SHOWN,
        }
    return show("desk/cases_import.html", status, **context)


def _change(payee: CasePayee, before: int | None, after: int) -> tuple[str, str, str, str]:
    """(name, masked number, owed so far, owed then) of somebody whom a later register brings or owes another sum."""
    return payee.name, mask_number(payee.number), "—" if before is None else format_amount(before), format_amount(after)


def _columns(head: Mapping[str, Any]) -> list[tuple[int, str, str, list[str]]]:
    """(place, heading, guessed field, samples) of each column."""
    guess = {at: name for name, at in head["guess"].items()}
    samples = head["samples"]
    return [
        (at, heading or _("（空）"), guess.get(at, ""), [row[at][:24] for row in samples if at < len(row)])
        for at, heading in enumerate(head["headings"])
    ]


def _control(found: RegisterImport) -> list[tuple[str, str, str, bool]]:
    """(what, said, found, agrees) of each number that a clerk has said."""
    said, held = found.control or {}, found.totals
    rows = []
    if said.get("rows") is not None:
        rows.append((_("行数"), f"{said['rows']:,}", f"{held['rows']:,}", said["rows"] == held["rows"]))
    if said.get("fen") is not None:
        rows.append(
            (_("总金额（元）"), format_amount(said["fen"]), format_amount(held["fen"]), said["fen"] == held["fen"])
        )
    return rows


@bp.post("/<import_id>/columns")
@open_to(*MAY_MANAGE)
def columns(case_id: str, import_id: str) -> BaseResponse:
    """Which column is which, said by a clerk."""
    found = _import_or_404(case_id, import_id)
    if found.state != ImportState.ASKS or found.head is None:
        return go(url_for("desk_import.one", case_id=case_id, import_id=import_id))
    fields = [request.form.get(f"column{at}", "") for at in range(len(found.head["headings"]))]
    try:
        with unit_of_work():
            answer_columns(import_id, fields, clerk_id=current_user.id, now=now())
    except ValueError:
        return _show_one(case_id, found, 422, _("姓名、证件号码和金额各要指定一列，每项只能指定一次。"))
    return go(url_for("desk_import.one", case_id=case_id, import_id=import_id))


@bp.post("/<import_id>/apply")
@open_to(*MAY_MANAGE)
def apply(case_id: str, import_id: str) -> BaseResponse:
    """Puts it into force."""
    found = _import_or_404(case_id, import_id)
    here = url_for("desk_import.one", case_id=case_id, import_id=import_id)
    require_fresh(here)
    try:
        with unit_of_work():
            spend(once_token(), now=now())
            by, meant = audit.Actor("clerk", current_user.id), "doubled" in request.form
            apply_import(import_id, actor=by, control=_said(found), doubled_meant=meant, now=now())
    except AlreadyDone:
        return go(here)
    except CannotApply as cannot:
        if cannot.why in ("changed", "paid"):
            with unit_of_work():
                read_again(import_id, now=now())
            return go(here)
        if cannot.why in REFUSED:
            return _show_one(case_id, found, 422, str(REFUSED[cannot.why]))
    return go(here)


def _said(found: RegisterImport) -> Control:
    return Control(**found.control) if found.control else Control()


@bp.post("/<import_id>/control")
@open_to(*MAY_MANAGE)
def control(case_id: str, import_id: str) -> BaseResponse:
    """Says the totals anew, where they were mistyped; nothing said is compared with nothing."""
    found = _import_or_404(case_id, import_id)
    form = TotalsForm()
    if not form.validate():
        return _show_one(case_id, found, 422, _("行数是一个整数，金额请写成 1234.50 的样子，或者留空。"))
    with unit_of_work():
        say_totals(import_id, Control(*form.control), clerk_id=current_user.id, now=now())
    return go(url_for("desk_import.one", case_id=case_id, import_id=import_id))


@bp.post("/<import_id>/discard")
@open_to(*MAY_MANAGE)
def discard(case_id: str, import_id: str) -> BaseResponse:
    """Puts it away."""
    _import_or_404(case_id, import_id)
    with unit_of_work():
        discard_import(import_id, clerk_id=current_user.id, now=now())
    return go(url_for("desk_import.register", case_id=case_id))


@bp.get("/<import_id>/faults.xlsx")
@open_to(*DESK)
def faults(case_id: str, import_id: str) -> Response:
    """Every faulty row with its number and why, as a workbook; of an import without faults its doubled rows."""
    found = _import_or_404(case_id, import_id)
    doubled = not found.faults

    def rows() -> Iterator[tuple[object, ...]]:
        for fault in each_fault(found.id, doubled=doubled):
            yield (
                fault.row_number or "",
                FIELD_WORDS.get(fault.column, fault.column),
                fault_text(fault.code),
                fault.value_hint,
            )

    file = tempfile.TemporaryFile()  # noqa: SIM115 (closed when it has been handed down)
    write_workbook(file, [_("行号"), _("列"), _("问题"), _("内容")], rows())
    file.seek(0)
    response = Response(_handed_down(file), headers={"Content-Type": XLSX})
    # RFC 6266: the plain name is for old clients
    names = {"filename": "errors.xlsx", "filename*": "UTF-8''" + quote(_faults_name(found.file_name, doubled=doubled))}
    response.headers.set("Content-Disposition", "attachment", **names)
    return response


@bp.get("/<import_id>/changes.xlsx")
@open_to(*MAY_MANAGE)
def changes(case_id: str, import_id: str) -> BaseResponse:
    """Everybody whom a register that waits would bring or owe another sum, as a workbook."""
    found = _import_or_404(case_id, import_id)
    if found.state != ImportState.READY or not comes_later(found):
        abort(404)
    require_fresh(url_for("desk_import.one", case_id=case_id, import_id=import_id))
    file = tempfile.TemporaryFile()  # noqa: SIM115 (closed when it has been handed down)
    write_workbook(file, [_("姓名"), _("证件号码"), _("原金额（元）"), _("新金额（元）")], _changes(found))
    file.seek(0)
    response = Response(_handed_down(file), headers={"Content-Type": XLSX})
    response.headers.set("Content-Disposition", "attachment", filename="changes.xlsx")
    return response


def _changes(found: RegisterImport) -> Iterator[tuple[object, ...]]:
    after = 0
    while owed := newly_owed(found.id, after=after, most=CHANGES_READ):
        after = owed[-1][0].id
        for payee, fen in owed:
            yield payee.name, payee.number, format_amount(payee.amount), format_amount(fen)
    after = 0
    while named := newly_named(found, after=after, most=CHANGES_READ):
        after = named[-1].id
        for payee in named:
            yield payee.name, payee.number, "", format_amount(payee.amount)


def _faults_name(register: str, *, doubled: bool) -> str:
    """The register's name with what this file holds, so that two of them aren't mixed up."""
    stem = re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", register.rsplit(".", 1)[0])
    what = _("完全相同的行") if doubled else _("有错误的行")
    return f"{stem}-{what}.xlsx"


def _handed_down(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(1 << 16):
            yield piece
