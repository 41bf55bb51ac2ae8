"""A verification code, or the file itself."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from wtforms import FileField, StringField, ValidationError
from wtforms.validators import Length

MOST_BYTES = 4_000_000  # a letter has some 60 kB


class AskForm(FlaskForm):
    """`pdf` is the file's content once valid, empty where none was chosen; a file that was chosen goes before a code."""

    code = StringField(_l("核验码"), [Length(max=40, message=_l("核验码没有这么长，请检查。"))])
    file = FileField(_l("收到的 PDF 文件"))
    pdf: bytes = b""

    def validate_file(self, field: Any) -> None:
        """Reads it, and asks for one of the two."""
        sent = _chosen(field.data)
        if sent is not None:
            self.pdf = sent.stream.read(MOST_BYTES + 1)
            sent.close()
        if len(self.pdf) > MOST_BYTES:
            raise ValidationError(_l("文件太大，确认书不会超过 4 MB。"))
        if sent is not None and not self.pdf:
            raise ValidationError(_l("这个文件是空的，请换一个文件。"))

    def validate_code(self, field: Any) -> None:
        """A page without either asks nothing."""
        if _chosen(self.file.data) is None and not (field.data or "").strip():
            raise ValidationError(_l("请输入核验码，或选择收到的 PDF 文件。"))


def _chosen(sent: Any) -> FileStorage | None:
    """The file, or None: a browser sends an empty one where none was chosen."""
    return sent if isinstance(sent, FileStorage) and sent.filename else None
