"""Form fields that WTForms lacks: a picture and a video that arrive clean, and the words for what's wrong with them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage
from wtforms import FileField, Form, ValidationError
from wtforms.fields.choices import SelectChoice

from webapp.web.uploads import BadUpload, Upload, UploadFault, clean_picture, clean_video

WORDS = {
    UploadFault.EMPTY: _l("这个文件是空的，请重新拍照或换一个文件。"),
    UploadFault.TOO_LARGE: _l("文件太大，请重新拍照，或换一个 20 MB 以内的文件。"),
    UploadFault.NOT_A_PICTURE: _l("这个文件不是照片。请重新拍照，或换一张 JPG、PNG 或 HEIC 照片。"),
    UploadFault.DAMAGED: _l("这张照片不完整，打不开。请重新拍照，或换一张照片。"),
    UploadFault.MORE_THAN_A_PICTURE: _l("这个文件除了照片还夹着别的内容，不能使用。请重新拍照，或换一张照片。"),
    UploadFault.TOO_MANY_PIXELS: _l("照片的像素太多，请重新拍照，或换一张小一些的照片。"),
    UploadFault.TOO_SMALL: _l("照片太小，看不清内容。请靠近一些重新拍照。"),
    UploadFault.NOT_A_VIDEO: _l("这个文件不是可用的视频。请重新录制，或换一个 MP4 或 WebM 视频。"),
}


def options(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """(value, label) pairs as a select or radio field wants them."""
    return [SelectChoice(value=value, label=label) for value, label in pairs]


class PictureField(FileField):  # type: ignore[misc]  # WTForms has no types
    """`.upload` is the clean picture, or None when none was sent."""

    upload: Upload | None = None

    @property
    def sent(self) -> Upload:
        """The clean file of a field that is known to have one. Raises LookupError otherwise."""
        if self.upload is None:
            raise LookupError(self.name)
        return self.upload

    def pre_validate(self, form: Form) -> None:  # noqa: ARG002 (WTForms' signature)
        if isinstance(self.data, FileStorage) and self.data.filename:
            self.upload = self._clean(self.data)

    def _clean(self, file: FileStorage) -> Upload:
        try:
            return self.read(file)
        except BadUpload as bad:
            raise ValidationError(WORDS[bad.fault]) from bad

    def read(self, file: FileStorage) -> Upload:
        """How this field cleans its file."""
        return clean_picture(file)


class VideoField(PictureField):
    """`.upload` is the video as it came, known to be WebM or MP4."""

    def read(self, file: FileStorage) -> Upload:
        return clean_video(file)


class FileWanted:
    """Validator: a file must be sent, unless `kept` (a photo from an earlier try) stands in for it."""

    field_flags: ClassVar[dict[str, Any]] = {}

    def __init__(self, message: Any) -> None:
        self.message = message

    def __call__(self, form: Form, field: PictureField) -> None:
        if field.upload is None and not field.errors and not getattr(form, f"kept_{field.name}", None):
            raise ValidationError(self.message)
