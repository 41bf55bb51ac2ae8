"""Cases at the desk: the list, one case with how far its people have come, making and changing one, its poster."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, abort, make_response, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from webapp.cases.forms import CaseForm, CloseForm
from webapp.cases.models import Case, Collection, Stage
from webapp.cases.poster import DPI, PosterWords, poster_pdf, poster_png
from webapp.cases.queries import Courts, case_of, cases_of, imports_of, tally_of, text_of_case, versions_of
from webapp.cases.usecases import CaseExists, CaseFacts, close_collection, create_case, edit_case, open_collection
from webapp.cases.words import COLLECTION, IMPORTS, STAGES
from webapp.core import audit
from webapp.core.clock import in_china
from webapp.core.db import db, unit_of_work
from webapp.core.once import AlreadyDone, spend
from webapp.texts.models import TextKind
from webapp.web import desk_nav
from webapp.web.access import DESK, Access, open_to
from webapp.web.present import now, once_token, settings
from webapp.web.rendering import go, show

bp = Blueprint("desk_cases", __name__, url_prefix="/desk/cases")
desk_nav.add("desk_cases.cases", _l("涉众案件"), order=30)
MAY_MANAGE = (Access.MANAGER, Access.ADMINISTRATOR)
POSTER_LANGUAGES = ("zh_Hans", "en")
PREVIEW_DPI = 46
TOLD = (Stage.VERIFIED, Stage.SUBMITTED, Stage.SIGNED, Stage.ACCEPTED, Stage.RETURNED, Stage.PAID)


def my_courts() -> Courts:
    """The courts whose cases this clerk may see; None: all of them."""
    return getattr(current_user, "courts", None)


def case_or_404(case_id: str) -> Case:
    """A case that this clerk may see, else 404, as if it didn't exist."""
    return case_of(case_id, my_courts()) or abort(404)


def may_manage() -> bool:
    """True for those who may change cases."""
    return bool(current_user.marks & set(MAY_MANAGE))


@bp.get("")
@open_to(*DESK)
def cases() -> Response:
    """Every case with how far it has come."""
    rows = [(case, tally_of(case), COLLECTION[case.collection(now())]) for case in cases_of(my_courts())]
    return show("desk/cases.html", rows=rows, stages=TOLD, words=STAGES, may_manage=may_manage())


@bp.get("/<case_id>")
@open_to(*DESK)
def case(case_id: str) -> Response:
    """One case: its people by stage, its facts, its imports, its poster."""
    found = case_or_404(case_id)
    tally, standing = tally_of(found), found.collection(now())
    tiles = [
        (tally.at.get(stage, 0), STAGES[stage][0], url_for("desk_people.people", case_id=case_id, stage=stage))
        for stage in Stage
    ]
    texts = [
        (text_of_case(found, kind, "zh_Hans", now=now()), kind in found.texts)
        for kind in (TextKind.PRIVACY, TextKind.LETTER)
    ]
    return show(
        "desk/cases_one.html", case=found, tally=tally, tiles=tiles, standing=COLLECTION[standing], is_open=standing is Collection.OPEN,
        imports=[(one, IMPORTS[one.state]) for one in imports_of(case_id, most=5)], texts=texts, may_manage=may_manage(),  # type: ignore[index]
        link=f"{settings().public_url}/c/{found.code}", window=_window(found),
    )  # fmt: skip


def _window(found: Case) -> str:
    first, last = found.collects_from, found.collects_until
    if first is None and last is None:
        return str(_("不限"))
    began = f"{in_china(first):%Y-%m-%d}" if first is not None else ""
    return f"{began} — {_last_day(found)}".strip()


def _last_day(found: Case) -> str:
    """The last day on which accounts are taken in: the collection ends at the midnight after it."""
    return f"{in_china(found.collects_until - timedelta(seconds=1)):%Y-%m-%d}" if found.collects_until else ""


@bp.route("/new", methods=["GET", "POST"])
@open_to(*MAY_MANAGE)
def new_case() -> BaseResponse:
    """Making a case."""
    form = _form(None)
    if request.method == "POST" and form.validate():
        try:
            with unit_of_work():
                spend(once_token(), now=now())
                by, facts = audit.Actor("clerk", current_user.id), _facts(form)
                made = create_case(
                    form.number.data, title=facts.title, court=facts.court, partner_bank=facts.partner_bank, contact=facts.contact,
                    now=now(), actor=by,
                )  # fmt: skip
                edit_case(made, facts, form.chosen_texts, clerk_id=current_user.id, now=now())
        except CaseExists:
            form.number.errors = [_("这个案号已经建立。")]
        except AlreadyDone:
            return go(url_for("desk_cases.cases"))
        else:
            return go(url_for("desk_cases.case", case_id=made.id))
    return show("desk/cases_edit.html", 422 if form.errors else 200, form=form, case=None)


@bp.route("/<case_id>/edit", methods=["GET", "POST"])
@open_to(*MAY_MANAGE)
def edit(case_id: str) -> BaseResponse:
    """Changing what a case says of itself."""
    found = case_or_404(case_id)
    form = _form(found)
    if request.method == "POST" and form.validate():
        with unit_of_work():
            edit_case(
                db.session.get_one(Case, found.id), _facts(form), form.chosen_texts, clerk_id=current_user.id, now=now()
            )
        return go(url_for("desk_cases.case", case_id=case_id))
    return show("desk/cases_edit.html", 422 if form.errors else 200, form=form, case=found)


def _form(found: Case | None) -> CaseForm:
    texts = {
        kind.value: [
            ("", _("当前有效的版本")),
            *((str(t.version), _version_name(t)) for t in versions_of(kind, now=now())),
        ]
        for kind in (TextKind.PRIVACY, TextKind.LETTER)
    }
    mine = my_courts()
    courts = tuple(name for name in settings().court_list if mine is None or name in mine)
    courts += tuple(sorted(set(mine or ()) - set(courts)))
    if found is not None and found.court not in courts:
        courts = (found.court, *courts)
    data: dict[str, Any] = {"contact": settings().court_phone}
    if found is not None:
        data = {
            "title": found.title, "court": found.court, "partner_bank": found.partner_bank, "contact": found.contact,
            "collects_from": f"{in_china(found.collects_from):%Y-%m-%d}" if found.collects_from else "",
            "collects_until": _last_day(found),
            "privacy_version": str(found.texts.get("privacy", "")), "letter_version": str(found.texts.get("letter", "")),
        }  # fmt: skip
    return CaseForm(courts=courts, texts=texts, is_new=found is None, data=data)


def _version_name(text: Any) -> str:
    return str(_("第 %(n)s 版，%(date)s 起", n=text.version, date=f"{in_china(text.effective_at):%Y-%m-%d}"))


def _facts(form: CaseForm) -> CaseFacts:
    first, last = form.window
    return CaseFacts(
        title=form.title.data, court=form.court.data, partner_bank=form.partner_bank.data, contact=form.contact.data,
        collects_from=first, collects_until=last,
    )  # fmt: skip


@bp.route("/<case_id>/collection", methods=["GET", "POST"])
@open_to(*MAY_MANAGE)
def collection(case_id: str) -> BaseResponse:
    """Ending the collection with words for the payees, or beginning it again."""
    found = case_or_404(case_id)
    form = CloseForm(contact=found.contact)
    is_open = found.collection(now()) is Collection.OPEN
    if request.method == "POST" and ("open" in request.form or form.validate()):
        with unit_of_work():
            held = db.session.get_one(Case, found.id)
            if "open" in request.form:
                open_collection(held, clerk_id=current_user.id, now=now())
            else:
                close_collection(held, form.why.data, clerk_id=current_user.id, now=now())
        return go(url_for("desk_cases.case", case_id=case_id))
    return show("desk/cases_collection.html", 422 if form.errors else 200, case=found, form=form, is_open=is_open)


@bp.get("/<case_id>/poster.<kind>")
@open_to(*DESK)
def poster(case_id: str, kind: str) -> Response:
    """The A4 poster of a case, PDF or PNG, in Chinese or English (`?language=`)."""
    found, language = case_or_404(case_id), request.args.get("language", "zh_Hans")
    if kind not in ("pdf", "png") or language not in POSTER_LANGUAGES:
        abort(404)
    words = _poster_words(found, language)
    data = poster_pdf(words) if kind == "pdf" else poster_png(words, PREVIEW_DPI if "small" in request.args else DPI)
    media_type = "application/pdf" if kind == "pdf" else "image/png"
    name = f"poster-{found.code}-{'en' if language == 'en' else 'zh'}.{kind}"
    headers = {"Content-Type": media_type, "Content-Disposition": f'inline; filename="{name}"'}
    return make_response(data, 200, headers)


def _poster_words(found: Case, language: str) -> PosterWords:
    with force_locale(language):
        dates = (
            str(_("登记时间：%(window)s", window=_window(found))) if found.collects_from or found.collects_until else ""
        )
        return PosterWords(
            language="en" if language == "en" else "zh",
            court=found.court,
            title=str(_("案款发放登记")),
            case=found.number,
            about=found.title,
            invitation=str(_("扫一扫，登记您的收款账户")),
            steps=(
                (str(_("扫码打开")), str(_("用手机相机或微信扫描二维码，不必安装任何软件"))),
                (str(_("身份认证")), str(_("准备好您的身份证件，按提示拍照和面向镜头"))),
                (str(_("填写银行卡")), str(_("拍摄您本人的银行卡，核对卡号"))),
                (str(_("签署确认书")), str(_("核对无误后签名，等待法院发放"))),
            ),
            link=f"{settings().public_url}/c/{found.code}",
            help=str(
                _("不会用手机？请拨打 %(phone)s，或到法院窗口办理。", phone=found.contact or settings().court_phone)
            ),
            warning=str(_("法院不会要求您转账，也不会索要银行卡密码或短信验证码。")),
            dates=dates,
        )
