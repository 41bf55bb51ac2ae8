"""Writing a text, and sending one back."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, StringField, TextAreaField, ValidationError

from webapp.wording.rules import tidy, unknown_placeholders

LONGEST_BODY = 20_000


class TextForm(FlaskForm):
    """The next version of a text. `known`: the placeholders of a message; None for a text that has none."""

    title = StringField(_l("标题"))
    body = TextAreaField(_l("正文"))
    effective_on = DateField(_l("生效日期"))

    def __init__(self, *, known: list[str] | None, today: date, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.known, self.today = known, today

    def validate_title(self, field: StringField) -> None:
        """What people see above the text."""
        field.data = " ".join((field.data or "").split())
        if not 1 <= len(field.data) <= 120:
            raise ValidationError(_l("请填写标题，最多 120 个字。"))

    def validate_body(self, field: TextAreaField) -> None:
        """Not empty, and with nothing that couldn't be filled in."""
        field.data = tidy(field.data or "")
        if not 1 <= len(field.data) <= LONGEST_BODY:
            raise ValidationError(_l("请填写正文，最多 20000 个字。"))
        if self.known is None:
            return
        if unknown := unknown_placeholders(field.data, self.known):
            raise ValidationError(_("这里不能用：%(names)s。百分号请写成 %%%%。", names="、".join(unknown)))
        if "reason" in self.known and "%(reason)s" not in field.data:
            raise ValidationError(_("当事人需要知道原因：请保留 %(reason)s。"))

    def validate_effective_on(self, field: DateField) -> None:
        """Today or later; empty: as soon as it is approved."""
        if field.raw_data and field.raw_data[0] == "":
            field.errors, field.process_errors = [], []
        if field.data is not None and field.data < self.today:
            raise ValidationError(_l("生效日期不能早于今天。"))


class RefusalForm(FlaskForm):
    """Why a draft goes back."""

    reason = TextAreaField(_l("退回的原因"))

    def validate_reason(self, field: TextAreaField) -> None:
        """Its writer must know what to mend."""
        field.data = " ".join((field.data or "").split())
        if not 2 <= len(field.data) <= 200:
            raise ValidationError(_l("请写明退回的原因，2 至 200 个字。"))
