"""The desk's forms."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, TextAreaField, ValidationError

from webapp.review.words import COURT_REASONS
from webapp.web.fields import options


class DecisionForm(FlaskForm):
    """A refusal of an identity: a reason from the list, and words of one's own."""

    reason = SelectField(_l("不通过的原因"), choices=options([("", _l("请选择")), *COURT_REASONS.items()]))
    words = TextAreaField(_l("补充说明（会写进短信）"))

    def validate_reason(self, field: SelectField) -> None:
        """The payee must be told why."""
        if not field.data:
            raise ValidationError(_l("请选择原因：当事人需要知道怎么改。"))

    def validate_words(self, field: TextAreaField) -> None:
        """Short enough for an SMS, and there when the reason says nothing by itself."""
        field.data = " ".join((field.data or "").split())
        if len(field.data) > 120:
            raise ValidationError(_l("补充说明最多 120 个字。"))
        if self.reason.data == "court:other" and not field.data:
            raise ValidationError(_l("选择“请按补充说明修改”时，请写明要修改什么。"))


class ReturnForm(FlaskForm):
    """An account given back: the words that the payee gets."""

    words = TextAreaField(_l("退回的原因（会写进短信）"))

    def validate_words(self, field: TextAreaField) -> None:
        """The payee must be told why."""
        field.data = " ".join((field.data or "").split())
        if not 4 <= len(field.data) <= 120:
            raise ValidationError(_l("请写明退回的原因，4 至 120 个字。"))
