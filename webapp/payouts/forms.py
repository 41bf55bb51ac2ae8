"""The forms of payments."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import FileField, HiddenField, RadioField, SelectField, StringField, ValidationError

from webapp.cases.rules import parse_amount
from webapp.ledger.rules import MILLION, RoundKind
from webapp.payouts.answers import MOST_BYTES
from webapp.payouts.templates import templates
from webapp.payouts.words import KINDS
from webapp.web.fields import options


class RoundForm(FlaskForm):
    """A round: everything, a percentage, or a sum to be divided. `part` and `fen` are what was typed, once valid."""

    kind = RadioField(_l("发放方式"), default=RoundKind.FULL, choices=options((k.value, w) for k, w in KINDS.items()))
    percent = StringField(_l("比例（%）"))
    pot = StringField(_l("总额（元）"))
    part: int | None = None
    fen: int | None = None

    def validate_kind(self, field: RadioField) -> None:
        """A figure that belongs to another way of paying is never passed over: everything would go out instead."""
        typed = {RoundKind.PERCENT: self.percent.data, RoundKind.POT: self.pot.data}
        if any((text or "").strip() for kind, text in typed.items() if kind != field.data):
            raise ValidationError(_l("您填写了比例或总额，但选择的不是这种方式。请选对发放方式，或清空多余的一栏。"))

    def validate_percent(self, field: StringField) -> None:
        """More than nothing, at most a hundred, at most four decimals."""
        if self.kind.data != RoundKind.PERCENT:
            return
        try:
            percent = Decimal((field.data or "").strip().rstrip("%％"))
        except InvalidOperation:
            percent = Decimal(0)
        in_bounds = percent.is_finite() and 0 < percent <= 100  # a hundred per cent
        millionths = percent * (MILLION // 100) if in_bounds else Decimal(0)
        if not millionths or millionths != millionths.to_integral_value():
            raise ValidationError(_l("请输入大于 0、不超过 100 的比例，最多四位小数，例如 35 或 12.5。"))
        self.part = int(millionths)

    def validate_pot(self, field: StringField) -> None:
        """An amount of yuan."""
        if self.kind.data != RoundKind.POT:
            return
        self.fen = parse_amount(field.data or "")
        if not self.fen:
            raise ValidationError(_l("请输入要分配的总额，例如 1,000,000.00。"))


class BatchForm(FlaskForm):
    """A batch in a bank's file format."""

    template = SelectField(_l("银行的文件格式"))

    def __init__(self) -> None:
        super().__init__()
        self.template.choices = options((code, template.title) for code, template in templates().items())


class ReleaseForm(FlaskForm):
    """The second person's yes, to the lines that were on the screen."""

    control = HiddenField()


class ResultForm(FlaskForm):
    """The bank's result file."""

    file = FileField(_l("银行的结果文件（CSV 或 XLSX）"))
    data_read: bytes = b""

    def validate_file(self, field: FileField) -> None:
        """There, and not larger than can be read."""
        self.data_read = field.data.stream.read(MOST_BYTES + 1) if field.data else b""
        if not self.data_read:
            raise ValidationError(_l("请选择银行给的结果文件。"))
        if len(self.data_read) > MOST_BYTES:
            raise ValidationError(_l("文件太大，最多 40 MB。请让银行分成几个文件。"))
