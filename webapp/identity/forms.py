"""The forms of a verification's steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, ValidationError

from webapp.core.clock import in_china
from webapp.evidence.models import PhotoKind
from webapp.identity.challenges import FaceChallenge
from webapp.identity.rules.contradictions import other_name_read, other_number_read
from webapp.identity.rules.documents import CheckedNumber, DocumentType, check_number
from webapp.identity.rules.names import check_name, in_latin
from webapp.identity.rules.nationalities import allowed, country_names, offered
from webapp.identity.rules.strokes import BadStrokes, Strokes, parse_strokes
from webapp.identity.words import DOCUMENT_TYPES, NAME, NUMBER_HINTS, STROKES, number_words
from webapp.web.context import in_order, unbroken
from webapp.web.fields import FileWanted, PictureField, VideoField, options
from webapp.web.locale import current_language
from webapp.web.naming import court_title
from webapp.web.present import now, seams, settings
from webapp.web.second_look import SecondLook

ON_ONE_LINE = 12  # characters: a name of Chinese characters would break in its midst, a longer one must be able to
OFFERED = {code for kind in DocumentType for code in offered(kind)}


class PhoneChoiceForm(FlaskForm):
    """Which of the proved numbers is used."""

    phone = RadioField(_l("手机号码"))


def differing_words(name: str, read: str, typed: str) -> Markup:
    """A photo says something else than was typed, both named: of a name or a number, by the field's name."""
    words = (
        _("照片上的姓名是 %(read)s，您填写的是 %(typed)s。请与证件核对。")
        if name == "name"
        else _("照片上的证件号码是 %(read)s，您填写的是 %(typed)s。请与证件逐位核对。")
    )
    whole = unbroken if max(len(read), len(typed)) <= ON_ONE_LINE else in_order
    return Markup.escape(words) % {"read": whole(read), "typed": whole(typed)}


class DocumentForm(SecondLook, FlaskForm):
    """Name, type, number, nationality. `.checked` is the judged number; `typed`: it comes back as it was left.

    `reading`: what was read of the document's photo, if one was taken to fill the form in.
    """

    document_type = SelectField(_l("证件类型"), choices=options((t.value, w) for t, w in DOCUMENT_TYPES.items()))
    name = StringField(_l("姓名"))
    number = StringField(_l("证件号码"))
    nationality = SelectField(_l("国籍"))
    meant_name = HiddenField()
    meant_number = HiddenField()
    name_told = HiddenField()
    checked: CheckedNumber | None = None

    def __init__(
        self, *args: Any, typed: bool = False, reading: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.typed, self.reading = typed, reading or {}
        self.differing: dict[str, str] = {}
        countries = [pair for pair in country_names(current_language().code) if pair[0] in OFFERED]
        self.nationality.choices = options([("", _l("请选择")), *countries])

    @property
    def kinds(self) -> dict[str, dict[str, Any]]:
        """For each type of document: how its number looks, and which nationalities its bearer can have."""
        return {
            kind.value: {"hint": str(NUMBER_HINTS[kind]), "nationalities": list(offered(kind))} for kind in DocumentType
        }

    def read_otherwise(self) -> Mapping[str, str]:
        """What the document's photo surely says otherwise: the name, and a number of the chosen type."""
        kind = self.document_type.data
        if kind not in set(DocumentType):
            return {}
        number = other_number_read(DocumentType(kind), self.number.data or "", self.reading)
        if number and check_number(DocumentType(kind), number, today=in_china(now()).date()).fault:
            number = ""  # the photo is of another document than was chosen
        read = {"name": other_name_read(self.name.data or "", self.reading), "number": number}
        return {name: shown for name, shown in read.items() if shown}

    def validate_name(self, field: StringField) -> None:
        """One way of writing it; and only what a letter can be set in. Another one on the photo is asked about."""
        checked = check_name(field.data or "")
        if read := self.ask_once(field):
            raise ValidationError(differing_words("name", read, checked.value))
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
        """The number's own rules; it is shown as it was understood. Another one on the photo is asked about first."""
        if self.document_type.data not in set(DocumentType):
            return  # said beside the type
        kind = DocumentType(self.document_type.data)
        if read := self.ask_once(field):
            raise ValidationError(differing_words("number", read, field.data))
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
    """受诉法院, and whichever photos the document needs. `meant_…`: what a photo said, and isn't so, as with DocumentForm."""

    court = SelectField(_l("受诉法院"))
    meant_name = HiddenField()
    meant_number = HiddenField()
    front = PictureField(_l("证件正面"), [FileWanted(_l("请拍证件的正面。"))])
    back = PictureField(_l("证件背面"), [FileWanted(_l("请拍证件的背面。"))])
    data_page = PictureField(_l("护照资料页"), [FileWanted(_l("请拍护照的资料页，包括下方的两行字符。"))])

    def __init__(self, *, wanted: Mapping[str, PhotoKind], kept: dict[str, str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kinds = wanted
        courts = [(name, court_title(name)) for name in settings().court_list]
        self.court.choices = options(courts if len(courts) == 1 else [("", _l("请选择")), *courts])
        for name in ("front", "back", "data_page"):
            setattr(self, f"kept_{name}", kept.get(name))
            if name not in wanted:
                delattr(self, name)

    def validate_court(self, field: SelectField) -> None:
        """Nobody's case goes to the first court of a list because that stood there."""
        if not field.data:
            raise ValidationError(_l("请选择受诉法院。"))


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
