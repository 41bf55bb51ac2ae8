"""The desk's forms about cases and their people."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError as BadCode
from werkzeug.datastructures import FileStorage
from wtforms import (
    BooleanField,
    FileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)

from webapp.accounts.rules import check_phone
from webapp.cases.models import UNFINISHED
from webapp.cases.people_models import TransferKind
from webapp.cases.rules import parse_amount, parse_case_number
from webapp.cases.words import STAGES, TRANSFERS
from webapp.core.clock import CHINA, in_china
from webapp.identity.rules.documents import DocumentType, check_number
from webapp.identity.rules.names import check_name
from webapp.identity.words import document_name
from webapp.web.desk_strangers import stranger_fault
from webapp.web.fields import options
from webapp.web.present import now, settings

YEARS = range(1950, 2100)
"""In which a case is open; a date outside is a slip of the fingers, and may have no midnight."""


class _Plain(FlaskForm):
    """Fields of one line lose the spaces around and between their words."""

    def _one_line(self, field: StringField, shortest: int, longest: int, words: Any) -> None:
        field.data = " ".join((field.data or "").split())
        if not shortest <= len(field.data) <= longest:
            raise ValidationError(words)


class CaseForm(_Plain):
    """What a case says of itself. `texts` gives the choices for each text it goes by."""

    number = StringField(_l("案号"))
    title = StringField(_l("案件名称"))
    court = SelectField(_l("法院"))
    partner_bank = StringField(_l("合作银行"))
    contact = StringField(_l("联系方式"))
    collects_from = StringField(_l("登记开始日期"))
    collects_until = StringField(_l("登记截止日期"))
    privacy_version = SelectField(_l("隐私政策的版本"))
    letter_version = SelectField(_l("确认书的版本"))

    def __init__(
        self, *, courts: tuple[str, ...], texts: dict[str, list[tuple[str, Any]]], is_new: bool, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.court.choices = options((name, name) for name in courts)
        self.privacy_version.choices = options(texts["privacy"])
        self.letter_version.choices = options(texts["letter"])
        if not is_new:
            del self.number

    def validate_number(self, field: StringField) -> None:
        """As courts write it (法〔2015〕137号)."""
        if parse_case_number(field.data or "") is None:
            raise ValidationError(_l("案号请写成“（2023）粤0399执1234号”的样子。"))

    def validate_title(self, field: StringField) -> None:
        """Payees read it in their list."""
        self._one_line(field, 2, 120, _l("请写案件名称，2 至 120 个字。"))

    def validate_partner_bank(self, field: StringField) -> None:
        """Named in the privacy policy."""
        self._one_line(field, 2, 40, _l("请写合作银行的名称，最多 40 个字。"))

    def validate_contact(self, field: StringField) -> None:
        """A person or a number that helps; the court's own where nothing is said."""
        self._one_line(field, 0, 60, _l("联系方式最多 60 个字。"))
        _no_strangers(field, contact=field.data)  # its own numbers are the ones that may be named

    def validate_collects_from(self, field: StringField) -> None:
        """A day or nothing."""
        _day(field)

    def validate_collects_until(self, field: StringField) -> None:
        """A day or nothing, not before the first."""
        last, first = _day(field), _day(self.collects_from, quiet=True)
        if first is not None and last is not None and last < first:
            raise ValidationError(_l("截止日期不能早于开始日期。"))

    @property
    def window(self) -> tuple[datetime | None, datetime | None]:
        """When the first day begins and the last one is over, by China's clock."""
        first, last = _day(self.collects_from, quiet=True), _day(self.collects_until, quiet=True)
        return _midnight(first), _midnight(last + timedelta(days=1) if last else None)

    @property
    def chosen_texts(self) -> dict[str, int]:
        """The versions chosen; a text that isn't among them goes by the version in force."""
        chosen = {"privacy": self.privacy_version.data, "letter": self.letter_version.data}
        return {kind: int(version) for kind, version in chosen.items() if version}


def _day(field: StringField, *, quiet: bool = False) -> date | None:
    text = (field.data or "").strip()
    try:
        found = date.fromisoformat(text) if text else None
        if found is None or found.year in YEARS:
            return found
    except ValueError:
        pass
    if quiet:
        return None
    raise ValidationError(_l("日期请写成 2026-11-30 的样子，或者留空。"))


def _no_strangers(field: StringField, *, contact: str) -> None:
    if fault := stranger_fault(field.data, contact=contact):
        raise ValidationError(fault)


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), CHINA)


class CloseForm(_Plain):
    """Why no accounts are taken in any more; payees read it."""

    why = TextAreaField(_l("截止的原因（当事人会看到）"))

    def __init__(self, *, contact: str = "", **given: Any) -> None:
        super().__init__(**given)
        self.contact = contact

    def validate_why(self, field: TextAreaField) -> None:
        """Payees must be told why."""
        self._one_line(field, 4, 300, _l("请写明原因，4 至 300 个字：当事人会看到。"))
        _no_strangers(field, contact=self.contact)


class TotalsForm(_Plain):
    """What a clerk says that a register holds."""

    rows = StringField(_l("名册行数"))
    total = StringField(_l("名册总金额（元）"))

    def validate_rows(self, field: StringField) -> None:
        """A whole number or nothing."""
        field.data = re.sub(r"[\s,，]", "", field.data or "")
        if field.data and not re.fullmatch(r"[0-9]{1,9}", field.data):
            raise ValidationError(_l("行数是一个整数，或者留空。"))

    def validate_total(self, field: StringField) -> None:
        """An amount or nothing."""
        if (field.data or "").strip() and parse_amount(field.data or "") is None:
            raise ValidationError(_l("金额请写成 1234.50 的样子，或者留空。"))

    @property
    def control(self) -> tuple[int | None, int | None]:
        """(rows, fen) as far as they were said."""
        return int(self.rows.data) if self.rows.data else None, parse_amount(self.total.data or "")


class RegisterForm(TotalsForm):
    """A register's file, and what the clerk says it holds."""

    file = FileField(_l("名册文件（CSV 或 XLSX）"))

    def validate_file(self, field: FileField) -> None:
        """Something with a name of the two kinds."""
        if not isinstance(field.data, FileStorage) or not field.data.filename:
            raise ValidationError(_l("请选择名册文件。"))
        if not field.data.filename.lower().endswith((".csv", ".xlsx", ".txt")):
            raise ValidationError(_l("只能上传 CSV 或 XLSX 文件；旧版 .xls 请另存为 .xlsx。"))


class PersonForm(_Plain):
    """Somebody who is named by hand. `.clean_number`, `.fen` and `.e164` once valid."""

    name = StringField(_l("姓名"))
    document_type = SelectField(_l("证件类型"), choices=options((k.value, document_name(k)) for k in DocumentType))
    number = StringField(_l("证件号码"))
    amount = StringField(_l("金额（元）"))
    phone = StringField(_l("手机号（可不填）"))
    company = StringField(_l("单位名称（只在代表单位领款时填写）"))
    company_code = StringField(_l("统一社会信用代码"))
    reason = TextAreaField(_l("原因"))
    clean_number, fen, e164 = "", 0, ""

    def validate_name(self, field: StringField) -> None:
        """A name in its one way of writing."""
        checked = check_name(field.data or "")
        if checked.fault:
            raise ValidationError(_l("请写完整的姓名。"))
        field.data = checked.value

    def validate_number(self, field: StringField) -> None:
        """By the rule of its type."""
        kind = self.document_type.data
        checked = (
            check_number(DocumentType(kind), field.data or "", today=in_china(now()).date())
            if kind in set(DocumentType)
            else None
        )
        if checked is None or checked.fault:
            raise ValidationError(_l("这不是所选证件的号码，请检查。"))
        self.clean_number = checked.value

    def validate_amount(self, field: StringField) -> None:
        """Yuan, above nothing."""
        self.fen = parse_amount(field.data or "") or 0
        if self.fen <= 0:
            raise ValidationError(_l("金额要大于零，最多两位小数。"))

    def validate_phone(self, field: StringField) -> None:
        """A number that takes SMS, or nothing."""
        if (field.data or "").strip():
            checked = check_phone(field.data or "", allow_test_numbers=settings().test_phones)
            if checked.fault:
                raise ValidationError(_l("这不是能收短信的手机号码。"))
            self.e164 = checked.value

    def validate_company(self, field: StringField) -> None:
        """A body that this person acts for."""
        self._one_line(field, 0, 80, _l("单位名称最多 80 个字。"))

    def validate_company_code(self, field: StringField) -> None:
        """The code of 18 characters with its check digit (GB 32100), where a company is named."""
        field.data = re.sub(r"[\s-]", "", (field.data or "")).upper()
        if bool(field.data) != bool((self.company.data or "").strip()):
            raise ValidationError(_l("代表单位领款时，单位名称和统一社会信用代码都要填写。"))
        if field.data:
            try:
                uscc.validate(field.data)
            except BadCode:
                raise ValidationError(_l("统一社会信用代码不对：共 18 位，请检查。")) from None

    def validate_reason(self, field: TextAreaField) -> None:
        """Whoever looks later must know why."""
        self._one_line(field, 4, 300, _l("请写明原因，4 至 300 个字。"))

    @property
    def acts_for(self) -> dict[str, str] | None:
        """Name and code of the company, or None."""
        return {"name": self.company.data, "code": self.company_code.data} if self.company.data else None


class CorrectionForm(PersonForm):
    """An entry as it should stand: nothing may be owed any more, but a reason is always given."""

    company = company_code = None

    def validate_amount(self, field: StringField) -> None:
        """Yuan; nothing is an amount, too."""
        found = parse_amount(field.data or "")
        if found is None:
            raise ValidationError(_l("金额请写成 1234.50 的样子，最多两位小数。"))
        self.fen = found


class TransferForm(PersonForm):
    """Somebody who gets what another was owed, or a part of it."""

    kind = SelectField(
        _l("身份"), choices=options((k.value, TRANSFERS[k]) for k in TransferKind if k is not TransferKind.MERGE)
    )
    amount = StringField(_l("划给此人的金额（元）"))

    def validate_kind(self, field: SelectField) -> None:
        """A company is named where one is paid."""
        if field.data == TransferKind.COMPANY and not (self.company.data or "").strip():
            raise ValidationError(_l("请填写单位名称和统一社会信用代码。"))


class PaperForm(_Plain):
    """A paper that shows why: a picture or a PDF."""

    title = StringField(_l("材料名称"))
    paper = FileField(_l("材料（照片或 PDF）"))

    def validate_title(self, field: StringField) -> None:
        """What it is."""
        self._one_line(field, 2, 60, _l("请写材料名称，例如“继承公证书”。"))

    def validate_paper(self, field: FileField) -> None:
        """There must be one."""
        if not isinstance(field.data, FileStorage) or not field.data.filename:
            raise ValidationError(_l("请选择文件。"))


class MergeForm(_Plain):
    """Which entry is the same person, and why."""

    other = StringField(_l("另一条的证件号码"))
    reason = TextAreaField(_l("原因"))

    def validate_reason(self, field: TextAreaField) -> None:
        """Whoever looks later must know why."""
        self._one_line(field, 4, 300, _l("请写明原因，4 至 300 个字。"))


class ReminderForm(FlaskForm):
    """Whom to remind."""

    stages = SelectMultipleField(
        _l("提醒哪些人"), choices=options((s.value, STAGES[s][0]) for s in UNFINISHED), validate_choice=False
    )

    def validate_stages(self, field: SelectMultipleField) -> None:
        """Somebody who hasn't finished."""
        if not field.data or not set(field.data) <= {stage.value for stage in UNFINISHED}:
            raise ValidationError(_l("请至少选择一种状态。"))


class CounterForm(FlaskForm):
    """A clerk vouches for who stands at the counter, and says why, where no code can come to the payee's phone."""

    seen = BooleanField(_l("我已当面核对本人和证件原件"))
    phone = RadioField(_l("本人的手机"), default="code")
    reason = TextAreaField(_l("不能用手机验证的原因"))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.phone.choices = options(
            [("code", _l("手机在身边，能收短信")), ("without", _l("手机不在身边、号码已停用，或收不到短信"))]
        )

    @property
    def given_reason(self) -> str:
        """Why it goes without a code; "" where one is asked for."""
        return " ".join((self.reason.data or "").split()) if self.phone.data == "without" else ""

    def validate_reason(self, field: TextAreaField) -> None:
        """Two other people read it before money goes: the one who reviews, and the one who releases."""
        if self.phone.data == "without" and not 4 <= len(self.given_reason) <= 300:
            field.data = (field.data or "")[:600]
            raise ValidationError(_l("请写明原因，4 至 300 个字。"))

    def validate_seen(self, field: BooleanField) -> None:
        """Without this the payee's surface isn't opened."""
        if not field.data:
            raise ValidationError(_l("请先当面核对本人和证件原件，再勾选。"))
