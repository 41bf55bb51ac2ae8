"""The form of a picture that is sent as soon as it is taken."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, MultipleFileField, SelectField

from webapp.evidence.models import PhotoKind
from webapp.web.fields import FileWanted, PictureField, options
from webapp.web.uploads import Upload, clean_frames, upload_key

DRAFTED = [kind for kind in PhotoKind if kind not in (PhotoKind.FACE, PhotoKind.FACE_VIDEO)]


class DraftForm(FlaskForm):
    """One picture, perhaps with further looks at the same card; `key` is the page's own name for it."""

    picture = PictureField(_l("照片"), [FileWanted(_l("请先拍照或选择照片。"))])
    kind = SelectField(choices=options((kind.value, "") for kind in DRAFTED))
    frames = MultipleFileField()
    key = HiddenField()
    kept_picture = None

    @property
    def upload_key(self) -> str:
        """The key, or "" when it isn't one of ours."""
        return upload_key(self.key.data)

    @property
    def clean_frames(self) -> list[Upload]:
        """The further looks, clean."""
        return clean_frames(self.frames.data or ())
