"""The desk's forms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, SelectMultipleField, StringField, TextAreaField, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.docket.models import ItemKind
from webapp.review.models import Verdict
from webapp.review.reasons import LONGEST, NEEDS_WORDS, Choosable
from webapp.review.words import REDO, VERDICTS
from webapp.web.desk_strangers import stranger_fault
from webapp.web.fields import options

MOST_WORDS = 120
REDOABLE = {ItemKind.IDENTITY: ("document", "evidence", "video"), ItemKind.ACCOUNT: ("card", "documents")}


def folded(text: str | None) -> str:
    """What was typed, on one line."""
    return " ".join((text or "").split())


class DecisionForm(FlaskForm):
    """A refusal: a reason from the list, words of one's own, and what alone must be handed in again.

    `contact`: how the item's case is reached, which the words may name.
    """

    reason = SelectField(_l("不通过的原因"))
    words = TextAreaField(_l("补充说明（会写进短信）"))
    redo = SelectMultipleField(
        _l("只需要重做（都不选就是全部重做）"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )

    def __init__(self, kind: ItemKind, reasons: Sequence[Choosable], *, contact: str = "", **given: Any) -> None:
        super().__init__(**given)
        self.kind, self.contact = kind, contact
        if kind is ItemKind.ACCOUNT:
            self.reason.label.text = _l("退回的原因")
        self.reason.choices = options([("", _l("请选择")), *((reason.code, reason.words) for reason in reasons)])
        self.redo.choices = options((part, REDO[part]) for part in REDOABLE[kind])

    def validate_reason(self, field: SelectField) -> None:
        """The payee must be told why: by a reason, or, for an account, by the clerk's own words."""
        if not field.data and not (self.kind is ItemKind.ACCOUNT and len(folded(self.words.data)) >= 4):
            raise ValidationError(_l("请选择原因：当事人需要知道怎么改。"))

    def validate_words(self, field: TextAreaField) -> None:
        """Short enough for an SMS, leading to nobody but the court, and there when the reason says nothing by itself."""
        field.data = folded(field.data)
        if len(field.data) > MOST_WORDS:
            raise ValidationError(_l("补充说明最多 120 个字。"))
        if fault := stranger_fault(field.data, contact=self.contact):
            raise ValidationError(fault)
        if self.reason.data in NEEDS_WORDS and not field.data:
            raise ValidationError(_l("选择“请按补充说明修改”时，请写明要修改什么。"))


class NoteForm(FlaskForm):
    """A note for colleagues."""

    note = TextAreaField(_l("备注（当事人看不到）"))

    def validate_note(self, field: TextAreaField) -> None:
        """Something, and not a novel."""
        field.data = (field.data or "").strip()
        if not 1 <= len(field.data) <= 1000:
            raise ValidationError(_l("请写备注，最多 1000 个字。"))


class AskForm(FlaskForm):
    """A question to a colleague."""

    colleague = SelectField(_l("问哪位同事"))
    question = StringField(_l("想问什么"))

    def __init__(self, colleagues: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.colleague.choices = options(colleagues)

    def validate_question(self, field: StringField) -> None:
        """Something, on one line."""
        field.data = folded(field.data)
        if not 2 <= len(field.data) <= 200:
            raise ValidationError(_l("请写明想问什么，2 至 200 个字。"))


class OpinionForm(FlaskForm):
    """What a colleague thinks."""

    verdict = SelectField(_l("您的意见"), choices=options((verdict.value, VERDICTS[verdict]) for verdict in Verdict))
    opinion = StringField(_l("说明"))

    def validate_opinion(self, field: StringField) -> None:
        """On one line; needed where it isn't a plain yes."""
        field.data = folded(field.data)
        if len(field.data) > 200 or (self.verdict.data != Verdict.APPROVE and len(field.data) < 2):
            raise ValidationError(_l("请写明理由，最多 200 个字。"))


def reason_fault(words: str, code: str) -> str:
    """What is wrong with a reason's words in one language; empty: nothing."""
    if not 2 <= len(words) <= LONGEST * (1 if any("\u3400" <= c <= "\u9fff" for c in words) else 3):
        return str(_l("请填写：中文 2 至 60 个字，其他文字最多 180 个字符。"))
    if "%" in words or not code.isprintable():
        return str(_l("请不要使用百分号。"))
    return stranger_fault(words)
