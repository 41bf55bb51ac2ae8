"""The forms of a verification's steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, ValidationError

from webapp.core.clock import in_china
from webapp.evidence.models import PhotoKind
from webapp.identity.challenges import FaceChallenge
from webapp.identity.rules.documents import CheckedNumber, DocumentType, check_number
from webapp.identity.rules.names import check_name, in_latin
from webapp.identity.rules.nationalities import allowed, country_names, offered
from webapp.identity.rules.strokes import BadStrokes, Strokes, parse_strokes
from webapp.identity.words import DOCUMENT_TYPES, NAME, NUMBER_HINTS, STROKES, number_words
from webapp.web.fields import FileWanted, PictureField, VideoField, options
from webapp.web.locale import current_language
from webapp.web.naming import court_title
from webapp.web.present import now, seams, settings

OFFERED = {code for kind in DocumentType for code in offered(kind)}


class PhoneChoiceForm(FlaskForm):
    """Which of the proved numbers is used."""

    phone = RadioField(_l("手机号码"))


class DocumentForm(FlaskForm):
    """Name, type, number, nationality. `.checked` is the judged number; `typed`: it comes back as it was left."""

    document_type = SelectField(_l("证件类型"), choices=options((t.value, w) for t, w in DOCUMENT_TYPES.items()))
    name = StringField(_l("姓名"))
    number = StringField(_l("证件号码"))
    nationality = SelectField(_l("国籍"))
    name_told = HiddenField()
    checked: CheckedNumber | None = None

    def __init__(self, *args: Any, typed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.typed = typed
        countries = [pair for pair in country_names(current_language().code) if pair[0] in OFFERED]
        self.nationality.choices = options([("", _l("请选择")), *countries])

    @property
    def kinds(self) -> dict[str, dict[str, Any]]:
        """For each type of document: how its number looks, and which nationalities its bearer can have."""
        return {
            kind.value: {"hint": str(NUMBER_HINTS[kind]), "nationalities": list(offered(kind))} for kind in DocumentType
        }

    def validate_name(self, field: StringField) -> None:
        """One way of writing it; and only what a letter can be set in."""
        checked = check_name(field.data or "")
        if checked.fault:
            raise ValidationError(NAME[checked.fault])
        field.data = checked.value
        if self.document_type.data == DocumentType.PASSPORT and not in_latin(checked.value):
            meant, self.name_told.data = self.name_told.data == checked.value, checked.value
            if not meant:  # told once: whoever hands the same in again means it, and a clerk looks
                raise ValidationError(
                    _l("护照上的姓名请用拉丁字母填写，见资料页下方两行字符。确实只能这样写的，请再提交一次。")
                )
        if missing := seams().letters.missing(checked.value):
            raise ValidationError(
                _l(
                    "确认书里还不能显示这些字：%(characters)s。持护照的请按资料页上的拉丁字母填写；其他情况请拨打法院电话。",
                    characters=" ".join(missing),
                )
            )

    def validate_number(self, field: StringField) -> None:
        """The number's own rules; it is shown as it was understood."""
        kind = DocumentType(self.document_type.data)
        self.checked = check_number(kind, field.data or "", today=in_china(now()).date())
        if self.checked.fault:
            raise ValidationError(number_words(self.checked))
        field.data = self.checked.value

    def validate_nationality(self, field: SelectField) -> None:
        """Only what the document allows."""
        if not field.data:
            raise ValidationError(_l("请选择国籍。"))
        if self.document_type.data in set(DocumentType) and not allowed(
            DocumentType(self.document_type.data), self.number.data or "", field.data or ""
        ):
            raise ValidationError(_l("持这种证件的人不会是这个国籍，请检查证件类型和国籍。"))


class DocumentPhotoForm(FlaskForm):
    """The photo side of a document, and which document it is."""

    document_picture = PictureField(_l("证件照片"), [FileWanted(_l("请先拍照或选择照片。"))])
    kind = SelectField(choices=options((t.value, w) for t, w in DOCUMENT_TYPES.items()))
    key = HiddenField()
    kept_document_picture = None


class FaceForm(FlaskForm):
    """A film of the living face, that shows what was asked. `asked` is the challenge that stands; None: none was drawn."""

    video = VideoField(_l("人脸视频"), [FileWanted(_l("请先录制一段视频。"))])
    challenge = HiddenField()
    kept_video = None

    def __init__(self, *args: Any, asked: FaceChallenge | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = asked

    def validate_challenge(self, field: HiddenField) -> None:
        """Only what was asked of this browser for this step, once, a few minutes ago at most."""
        if self.asked is None or field.data != self.asked.id:
            raise ValidationError(_l("这一组动作已经过了时间。请重新开始，按新的动作录制。"))


class CourtForm(FlaskForm):
    """受诉法院, and whichever photos the document needs."""

    court = SelectField(_l("受诉法院"))
    front = PictureField(_l("证件正面"), [FileWanted(_l("请拍证件的正面。"))])
    back = PictureField(_l("证件背面"), [FileWanted(_l("请拍证件的背面。"))])
    data_page = PictureField(_l("护照资料页"), [FileWanted(_l("请拍护照的资料页，包括下方的两行字符。"))])

    def __init__(self, *, wanted: Mapping[str, PhotoKind], kept: dict[str, str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kinds = wanted
        self.court.choices = options((name, court_title(name)) for name in settings().court_list)
        for name in ("front", "back", "data_page"):
            setattr(self, f"kept_{name}", kept.get(name))
            if name not in wanted:
                delattr(self, name)


class VideoForm(FaceForm):
    """The same, and how the result is told."""

    tell_me = BooleanField(_l("审核结果请用短信通知我"), default=True)


class SignatureForm(FlaskForm):
    """Strokes; or, for those who can't draw, the name typed."""

    strokes = HiddenField(_l("请在框内签名"))
    typed_name = StringField(_l("不能手写的，请输入您的姓名代替"))
    typed_meant = BooleanField(_l("我确认：用输入的姓名代替手写签名"))
    drawn: Strokes | None = None

    def __init__(self, *args: Any, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._name = name

    def validate_strokes(self, field: HiddenField) -> None:
        """Blank, a dot and a broken record are refused, unless a name is typed."""
        if self.typed_name.data:
            return
        try:
            self.drawn = parse_strokes(field.data or "")
        except BadStrokes as bad:
            raise ValidationError(STROKES[bad.fault]) from bad

    def validate_typed_name(self, field: StringField) -> None:
        """A typed signature must be the person's own name."""
        if field.data and check_name(field.data).value != self._name:
            raise ValidationError(_l("输入的姓名与认证的姓名不一致。"))

    def validate_typed_meant(self, field: BooleanField) -> None:
        """A name in a text field becomes a signature only by a deed of its own."""
        if self.typed_name.data and not field.data:
            raise ValidationError(_l("请勾选：用输入的姓名代替手写签名。"))
