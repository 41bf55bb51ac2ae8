"""The worker's handlers of this room, each for one kind of job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from webapp.core.jobs import Handler
from webapp.payee import corrections, mailing, usecases
from webapp.payee.letters import labels, verification_picture
from webapp.payee.models import Letter
from webapp.ports.seams import Seams


def handlers(seams: Seams) -> Mapping[str, Handler]:
    """Kind of job → what does it."""

    def now() -> Any:
        return current_app.extensions["clock"]()

    return {
        usecases.CHECK_ACCOUNT: lambda p: usecases.check_account(p["submission"], seams=seams, now=now()),
        usecases.READ_CARD: lambda p: usecases.read_card(p["photo"], p.get("frames", ()), seams=seams, now=now()),
        mailing.SEND_LETTER_MAIL: lambda p: mailing.send_letter_mail(
            p["mail"], seams=seams, words=mail_words, now=now()
        ),
        corrections.REMIND_CORRECTION: lambda p: corrections.remind_correction(p["submission"], now=now()),
        usecases.MAKE_LETTER: lambda p: usecases.make_letter(
            p["letter"], seams=seams, html=letter_html, qr=letter_qr, now=now()
        ),
    }


def letter_html(content: Mapping[str, Any]) -> str:
    """The letter's page, as the renderer wants it; it depends on its content alone, not on who asks."""
    companion = content.get("companion")
    with force_locale(companion["language"] if companion else "zh_Hans"):
        template = current_app.jinja_env.get_template("letters/account_confirmation.html")
        return template.render(**{"companion": None, **content}, beside=labels())


NOBODYS_LETTER: Mapping[str, Any] = {
    "court_name": "法院",
    "case_number": "（2026）粤0399执1号",
    "letter_number": "2026-0-000000",
    "previous_letter": "",
    "version": 1,
    "party": {"name": "甲", "document_type": "居民身份证", "document_number": "0", "nationality": "中国", "phone": "0"},
    "account": {"holder": "甲", "bank": "银行", "branch": "支行", "number_grouped": "0000"},
    "declarations": ["本人确认。"],
    "signed_on_chinese": "二〇二六年一月一日",
    "verification_code": "2222-2222-2222",
}
"""Drawn and thrown away: nobody is named in it, and it is neither sealed nor kept."""


def draw_first_letter(seams: Seams) -> None:
    """Has the libraries, fonts and style rules loaded before a payee waits for them; needs an application context."""
    picture = letter_qr(NOBODYS_LETTER["verification_code"])
    html = letter_html({**NOBODYS_LETTER, "signature": "", "qr": "qr"})
    seams.sealer.check(seams.letters.render(html, {"qr": picture}))  # finds no seal, with what makes seals loaded


def mail_words(letter: Letter, language: str) -> tuple[str, str]:
    """Subject and body: they name nobody and no account, the file says the rest."""
    with force_locale(language):
        settings = current_app.extensions["settings"]
        subject = _("执行款收款账户确认书 %(number)s", number=letter.number)
        body = _(
            "附件是您签署的执行款收款账户确认书，编号 %(number)s，带有法院的电子印章。\n\n"
            "核验真伪：%(address)s\n法院电话：%(phone)s\n\n"
            "这封邮件是应您的要求自动发送的，请不要回复。法院不会通过邮件索要验证码或者要求付款。",
            number=letter.number,
            address=verification_address(letter.verification_code),
            phone=settings.court_phone,
        )
        return str(subject), str(body)


def letter_qr(code: str) -> bytes:
    """The picture of the address that vouches for a letter."""
    return verification_picture(verification_address(code))


def verification_address(code: str) -> str:
    """Where the letter's QR code leads: the public page that vouches for it."""
    return f"{current_app.extensions['settings'].public_url}/letters/{code}"
