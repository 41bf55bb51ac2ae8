"""Which accounts clerks have before them: what waits of an entry goes on the docket, what waits no more comes off."""

from __future__ import annotations

from webapp.accounts.models import Account
from webapp.cases.models import Case
from webapp.core.db import db
from webapp.core.masking import mask_number
from webapp.docket import usecases as docket
from webapp.docket.models import Flag, ItemKind
from webapp.docket.usecases import Entry
from webapp.identity.models import Identity
from webapp.payee.queries import corrects_signed, money_back, shows_other_number, waiting_for_clerk


def put_before_clerk(case_payee_id: int) -> None:
    """Puts the account of an entry that waits for a clerk on the docket, and takes off what waits no more.

    Safe to call after whatever changed an entry's accounts. Inside a unit of work, before the audit chain is written to.
    """
    db.session.flush()
    waiting = waiting_for_clerk(case_payee_id)
    docket.take_off(thread_of(case_payee_id), besides=waiting.id if waiting else "")
    if waiting is None:
        return
    case, identity = db.session.get_one(Case, waiting.case_id), db.session.get_one(Identity, waiting.identity_id)
    marks = {
        Flag.CORRECTION: corrects_signed(waiting),
        Flag.OTHER_NUMBER: shows_other_number(waiting, identity),
        Flag.AT_COUNTER: waiting.helped_by is not None,
        Flag.INSISTED: bool(waiting.insisted),
        Flag.WITHOUT_PHONE: waiting.unproved_visit is not None,
        Flag.MONEY_BACK: money_back(waiting.case_payee_id, waiting.card_hash) is not None,
    }
    entry = Entry(
        ItemKind.ACCOUNT, waiting.id, thread_of(case_payee_id), waiting.submitted_at,
        {"name": identity.name, "number": mask_number(identity.number), "verdict": waiting.verdict, "tries": waiting.version},
        document_type=identity.document_type, court=case.court, case_id=case.id,
        language=db.session.get_one(Account, waiting.account_id).language,
        flags=frozenset(flag for flag, stands in marks.items() if stands),
    )  # fmt: skip
    docket.put_on(entry)


def thread_of(case_payee_id: int) -> str:
    """What all accounts of one entry share on the docket."""
    return f"entry:{case_payee_id}"
