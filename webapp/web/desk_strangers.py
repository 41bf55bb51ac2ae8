"""What one clerk writes to payees alone leads to nobody but the court: said beside the field, with the part that offends."""

from __future__ import annotations

from flask_babel import gettext as _

from webapp.core.strangers import first_stranger
from webapp.web.present import settings


def stranger_in(text: str, *, contact: str | None = None) -> str:
    """The first address or number in `text` that isn't the court's; `contact`: what a case says of how it is reached."""
    own = settings()
    return first_stranger(text, addresses=(own.public_url,), numbers=(own.court_phone, contact or ""))


def stranger_fault(text: str, *, contact: str | None = None) -> str:
    """What is wrong with words that go out in the court's name; empty: nothing."""
    found = stranger_in(text, contact=contact)
    if not found:
        return ""
    return str(_("不能写法院以外的网址、邮箱或电话：%(part)s。当事人会以为是法院要求的。", part=found))


def stranger_warning(body: str) -> str:
    """What whoever approves a text should look at before."""
    found = stranger_in(body)
    return str(_("正文里有法院以外的网址、邮箱或电话：%(part)s。批准前请核实。", part=found)) if found else ""
