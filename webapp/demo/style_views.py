"""The living style page of a demo: each part of templates/ui in each of its states, made by the macros that pages use."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, Response, current_app, request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, FileField, HiddenField, RadioField, SelectField, StringField, TextAreaField

from webapp.accounts.words import next_code_here
from webapp.web.access import Access, open_to
from webapp.web.fields import PictureField, VideoField, options
from webapp.web.locale import BY_CODE, LANGUAGES
from webapp.web.rendering import show

bp = Blueprint("style", __name__)
SCHEMES = ("", "light", "dark")
CONTRASTS = ("", "more")
SPOKEN = ("zh_Hans", "en", "ar")
"""The languages that stand in the page's head: two scripts, two directions."""


class SpecimenForm(FlaskForm):  # type: ignore[misc]  # flask-wtf has no types
    """One field of each kind. What is sent is never good, so that every fault can be seen."""

    name = StringField(_l("姓名"))
    number = StringField(_l("银行卡号"))
    kind = SelectField(
        _l("证件类型"), choices=options([("id", _l("居民身份证")), ("permanent", _l("外国人永久居留身份证"))])
    )
    language = RadioField(_l("选择语言"), choices=options((code, BY_CODE[code].name) for code in SPOKEN))
    note = TextAreaField(_l("法院的说明"))
    meant_number = HiddenField()
    agree = BooleanField(_l("我已阅读并同意"))
    letter = FileField(_l("收到的 PDF 文件"))
    card = PictureField(_l("银行卡照片"))
    front = PictureField(_l("证件正面"))
    back = PictureField(_l("证件背面"))
    page = PictureField(_l("护照资料页"))
    film = VideoField(_l("人脸视频"))
    signature = HiddenField(_l("请在框内签名"))

    def spoil(self) -> None:
        """Says a fault of each field."""
        self.number.data = "6299 9900 OOOO"
        self.differing = {"number": "6299990000000000012"}
        for field, words in (
            (self.name, _l("没有找到这个页面")),
            (self.number, _l("银行卡号只有数字，请检查。")),
            (self.kind, _l("请看一看下面的内容")),
            (self.language, _l("请看一看下面的内容")),
            (self.note, _l("请看一看下面的内容")),
            (self.agree, _l("请先阅读，再勾选同意。")),
            (self.letter, _l("请看一看下面的内容")),
            (self.back, _l("请拍证件的背面。")),
            (self.signature, _l("还没有签名，请在框内手写您的姓名。")),
        ):
            field.errors = [words]


@bp.route("/sandbox/style", methods=["GET", "POST"])
@open_to(Access.EVERYONE)
def page() -> Response:
    """Exists only in a demo (the factory mounts it there alone)."""
    good, bad = SpecimenForm(formdata=None), SpecimenForm(formdata=None, prefix="bad-")
    bad.spoil()
    return show(
        "demo/style.html",
        422 if request.method == "POST" else 200,
        good=good,
        bad=bad,
        look=_look(),
        next_code=next_code_here(42),
        case_number="（2023）粤0399执1234号",
        schemes=SCHEMES,
        contrasts=CONTRASTS,
        spoken=[language for language in LANGUAGES if language.code in SPOKEN],
        progress=SimpleNamespace(position=2, total=4, most=6, marks=("done", "now", "todo", "todo")),
    )


def _look() -> dict[str, str]:
    asked: dict[str, Any] = request.args
    found = {"scheme": asked.get("scheme", ""), "contrast": asked.get("contrast", "")}
    return {
        "scheme": found["scheme"] if found["scheme"] in SCHEMES else "",
        "contrast": found["contrast"] if found["contrast"] in CONTRASTS else "",
    }


@bp.get("/sandbox/style.css")
@open_to(Access.EVERYONE)
def look() -> Response:
    """The stylesheets as they are, with the reader's scheme and contrast answered by the address instead of the device."""
    folder, wanted = Path(current_app.static_folder or ""), _look()
    css = "".join((folder / name).read_text(encoding="utf-8") for name in ("app.css", "desk.css"))
    if wanted["scheme"]:
        css = css.replace("(prefers-color-scheme: dark)", "all" if wanted["scheme"] == "dark" else "not all")
        css = css.replace("color-scheme: light dark;", f"color-scheme: {wanted['scheme']};")
    if wanted["contrast"]:
        css = css.replace("(prefers-contrast: more)", "all")
    return Response(css, mimetype="text/css")


@bp.get("/sandbox/style/nothing")
@open_to(Access.EVERYONE)
def nothing() -> Response:
    """What the specimen of a waiting page asks for: nothing has changed."""
    return Response(status=204)
