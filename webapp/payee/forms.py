"""The forms of the collection: the account with its photos, and the dialogs' ticks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, MultipleFileField, SelectField, StringField, ValidationError

from webapp.payee.rules.banks import BankMark, CardType, Prefix, bank_by_code, banks, find_prefix
from webapp.payee.rules.cards import CardFault, check_card_number, in_groups, surely_read
from webapp.payee.words import CARD, CREDIT, PREPAID
from webapp.web.context import in_order
from webapp.web.fields import FileWanted, PictureField, options
from webapp.web.locale import current_language
from webapp.web.present import seams, settings
from webapp.web.second_look import SecondLook
from webapp.web.uploads import Upload, clean_frames, upload_key

ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)


class AccountForm(SecondLook, FlaskForm):
    """银行卡信息. `kept` maps front, back and card to photos of an earlier try; `typed`: it comes back as it was left.

    `reading`: what was read of the card's photo. The bank that the number's prefix belongs to is asked about in the same way.
    """

    card_number = StringField(_l("银行卡号"))
    card_confirmed = BooleanField(_l("我已与卡面逐组核对，卡号无误"))
    still_right = BooleanField(_l("我已经与银行确认，这个账户现在可以收款"))
    card_photo = HiddenField()
    bank = SelectField(_l("开户银行"))
    branch = StringField(_l("开户支行"))
    phone = SelectField(_l("银行预留手机号"))
    meant_card_number = HiddenField()
    meant_bank = HiddenField()
    front = PictureField(_l("证件正面照片"), [FileWanted(_l("请拍证件的正面。"))])
    back = PictureField(_l("证件背面照片"), [FileWanted(_l("请拍证件的背面。"))])
    data_page = PictureField(_l("护照资料页照片"), [FileWanted(_l("请拍护照的资料页。"))])
    prefix: Prefix | None = None
    luhn_in_doubt = False

    def __init__(
        self,
        *,
        phones: list[tuple[str, str]],
        wanted: tuple[str, ...],
        kept: dict[str, str | None],
        typed: bool = False,
        reading: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.typed, self.reading, self.differing = typed, reading or {}, {}
        known = banks(include_specimen=settings().specimen_bank)
        self.bank.choices = options(
            [("", _l("请选择")), *((bank.code, bank.title(current_language().code)) for bank in known)]
        )
        self.phone.choices = options(phones)
        for name in ("front", "back", "data_page"):
            setattr(self, f"kept_{name}", kept.get(name))
            if name not in wanted:
                delattr(self, name)

    def process_kept(self, kept: Mapping[str, str | None]) -> None:
        """Notes the ids of photos that have been saved by now."""
        for name, photo_id in kept.items():
            setattr(self, f"kept_{name}", photo_id)

    @property
    def kept(self) -> dict[str, str | None]:
        """The ids of the photos that this form has, by the names of their fields."""
        return {name: getattr(self, f"kept_{name}") for name in ("front", "back", "data_page") if name in self}

    @property
    def marks(self) -> Mapping[str, BankMark]:
        """The mark of each bank by its code."""
        return {bank.code: bank.mark for bank in banks(include_specimen=settings().specimen_bank)}

    def read_otherwise(self) -> Mapping[str, str]:
        """The number that was surely read off the card's photo, and the bank that the typed number belongs to."""
        number, read = check_card_number(self.card_number.data or "").value, surely_read(self.reading)
        prefix = find_prefix(number, include_specimen=settings().specimen_bank)
        bank = prefix.bank_code if prefix and prefix.bank_code in self.marks else ""
        pairs = ("card_number", number, read), ("bank", self.bank.data, bank)
        return {name: shown for name, stands, shown in pairs if shown and shown != stands}

    def take(self, name: str) -> bool:
        """Also chooses the bank of a number that is taken."""
        taken = super().take(name)
        if taken and name == "card_number":
            self.bank.data = self.read_otherwise().get("bank", self.bank.data)
        return taken

    def validate_card_number(self, field: StringField) -> None:
        """Digits, length, Luhn (which may be overridden by the tick), and no credit or prepaid card.

        Another number on the card's photo is asked about first.
        """
        checked = check_card_number(field.data or "")
        field.data = checked.value
        if read := self.ask_once(field):
            shown = {"read": in_order(in_groups(read)), "typed": in_order(in_groups(checked.value))}
            raise ValidationError(_("照片上读到的卡号是 %(read)s，您填写的是 %(typed)s。请与卡面逐组核对。", **shown))
        if checked.fault is CardFault.LUHN:
            self.luhn_in_doubt = True
        if checked.fault and not (checked.may_insist and self.card_confirmed.data):
            raise ValidationError(CARD[checked.fault])
        self.prefix = find_prefix(checked.value, include_specimen=settings().specimen_bank)
        if self.prefix and self.prefix.card_type is not CardType.DEBIT:
            raise ValidationError(PREPAID if self.prefix.card_type is CardType.PREPAID else CREDIT)

    def validate_bank(self, field: SelectField) -> None:
        """Chosen by the card's prefix where the payee has chosen none; a contradiction is asked about."""
        if not field.data and self.prefix:
            field.data = self.prefix.bank_code
        if not field.data:
            raise ValidationError(_l("请选择开户银行。"))
        if self.prefix and (code := self.ask_once(field)):
            raise ValidationError(_("这个卡号是%(bank)s的，请检查卡号，或者改选开户银行。", bank=self.title_of(code)))

    def title_of(self, code: str) -> str:
        """A bank's name in the language of the page."""
        bank = bank_by_code(code, include_specimen=settings().specimen_bank)
        return bank.title(current_language().code) if bank else code

    def validate_branch(self, field: StringField) -> None:
        """Free text: no open list of branches exists. What is pasted along unseen goes; the letter must be able to show it."""
        seen = "".join(c for c in field.data or "" if c.isspace() or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
        field.data = " ".join(seen.split())
        if missing := seams().letters.missing(field.data):
            raise ValidationError(
                _l("确认书里不能显示这些字符：%(characters)s。请改用文字。", characters=" ".join(missing))
            )
        if not 2 <= len(field.data) <= 60:
            raise ValidationError(_l("请输入开户支行，例如“深圳福田支行”。不清楚的，可以查看银行卡或拨打银行电话。"))


class PrivacyForm(FlaskForm):
    """The tick of the bank's privacy policy."""

    agree = BooleanField(_l("我已阅读并同意《人民法院在线服务隐私政策》"))

    def validate_agree(self, field: BooleanField) -> None:
        """Nothing goes on without it."""
        if not field.data:
            raise ValidationError(_l("请先阅读，再勾选同意。"))


class SignForm(FlaskForm):
    """「确定」: the token, and the mark of the letter that was shown (payee/shown.py)."""

    shown = HiddenField()


class CardPhotoForm(FlaskForm):
    """A photo of a bank card, to be read."""

    card_picture = PictureField(_l("银行卡照片"), [FileWanted(_l("请拍银行卡有卡号的一面。"))])
    frames = MultipleFileField()
    key = HiddenField()
    kept_card_picture = None

    @property
    def upload_key(self) -> str:
        """The page's own name for this photo, or ""."""
        return upload_key(self.key.data)

    @property
    def clean_frames(self) -> list[Upload]:
        """Further looks at the card, clean."""
        return clean_frames(self.frames.data or ())


class MailForm(FlaskForm):
    """「发送到我的邮箱」: one address."""

    address = StringField(_l("电子邮箱"))

    def validate_address(self, field: StringField) -> None:
        """As far as an address can be told by looking at it (RFC 5321, 4.5.3.1: 254 characters)."""
        field.data = unicodedata.normalize("NFKC", field.data or "").strip()
        if not field.data:
            raise ValidationError(_l("请输入电子邮箱。"))
        if len(field.data) > 254 or not ADDRESS.fullmatch(field.data):
            raise ValidationError(_l("这不像电子邮箱地址，请检查，例如 name@example.com。"))
