"""The forms of a phone that helps a desk out."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, MultipleFileField, StringField, ValidationError

from webapp.evidence.models import PhotoKind
from webapp.handover.words import SLOTS
from webapp.web.fields import FileWanted, PictureField
from webapp.web.uploads import Upload, clean_frames, upload_key


class DeskCodeForm(FlaskForm):
    """The four digits that the desk shows."""

    code = StringField(_l("电脑上显示的 4 位数字"))

    def validate_code(self, field: StringField) -> None:
        """Four digits, full-width ones and spaces forgiven."""
        field.data = "".join(str(int(c)) for c in field.data or "" if c.isdecimal())
        if len(field.data) != 4:
            raise ValidationError(_l("请输入电脑上显示的 4 位数字。"))


class PhonePhotoForm(FlaskForm):
    """One picture of one field of the desk's page."""

    picture = PictureField(_l("照片"), [FileWanted(_l("请先拍照或选择照片。"))])
    frames = MultipleFileField()
    key = HiddenField()
    kept_picture = None

    def __init__(self, kind: PhotoKind, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.picture.label.text = SLOTS[kind].label

    @property
    def upload_key(self) -> str:
        """The page's own name for this photo, or ""."""
        return upload_key(self.key.data)

    @property
    def clean_frames(self) -> list[Upload]:
        """Further looks at the same card, clean."""
        return clean_frames(self.frames.data or ())
