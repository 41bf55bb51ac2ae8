"""What is checked before money goes: why somebody is left out of a batch, what a releaser should look at, the control sum."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class LeftOut(StrEnum):
    """Why somebody with a letter isn't in a batch this time. Each is paid later, when the cause is gone."""

    NOTHING_DUE = "nothing_due"
    ON_ITS_WAY = "on_its_way"
    HELD = "held"
    NO_LETTER_FILE = "no_letter_file"
    REPLACING = "replacing"
    NOT_ACCEPTED = "not_accepted"


class Flag(StrEnum):
    """What a releaser should look at; it stops nothing by itself. All that a line can have fit into its 120 characters.

    BY_HAND: named by a clerk and no register, or corrected by one in name, number or amount. INSTEAD: gets what another is
    owed, as an heir, a representative or a company.
    MERGED: another entry went into this one. CHANGED: the payment before went, or was to go, into another account.
    AT_COUNTER: handed in or signed with a clerk beside. UNPROVED: and no code had gone to the payee's phone before.
    LATER: came, or is owed another sum, by a later register than the first one in force. ONE_REVIEWER: identity and account
    were passed by one clerk alone.
    """

    SAME_ACCOUNT = "same_account"
    NO_BRANCH = "no_branch"
    OTHER_NAME = "other_name"
    BY_CLERK = "by_clerk"
    CHECK_DIGIT = "check_digit"
    TOO_LONG = "too_long"
    BY_HAND = "hand"
    INSTEAD = "heir"
    MERGED = "twin"
    CHANGED = "moved"
    AT_COUNTER = "counter"
    UNPROVED = "unproved"
    ONE_REVIEWER = "solo"
    LATER = "later"


AGAIN = "again"
"""Marks a line that pays again what was booked as paid; worked out when it is looked at, as an answer may come at any time."""
BACK = "back"
"""Marks a line that pays again what was sent and came back at once: one file of the bank is all that says so."""


@dataclass(frozen=True, slots=True)
class Payment:
    """One line as a bank's file holds it. `amount` is in fen."""

    number: int
    export_no: str
    name: str
    account: str
    amount: int
    bank: str
    bank_number: str
    branch: str
    remark: str

    @property
    def canonical(self) -> bytes:
        """What the control sum covers: whom, how much, into which account, under which number."""
        return f"{self.export_no}|{self.account}|{self.name}|{self.amount}\n".encode()


@dataclass(frozen=True, slots=True)
class Control:
    """Count, total in fen, and SHA-256 over the canonical lines in their order."""

    count: int
    total: int
    sha256: str


class Controlling:
    """Adds lines up as they pass."""

    def __init__(self) -> None:
        self._count = self._total = 0
        self._hash = hashlib.sha256()

    def add(self, payment: Payment) -> Payment:
        """Counts one more, and hands it on."""
        self._count += 1
        self._total += payment.amount
        self._hash.update(payment.canonical)
        return payment

    @property
    def sum(self) -> Control:
        """The sum so far."""
        return Control(self._count, self._total, self._hash.hexdigest())


def control_of(payments: Iterable[Payment]) -> Control:
    """The control sum of whole lines."""
    controlling = Controlling()
    for payment in payments:
        controlling.add(payment)
    return controlling.sum


def export_number(batch_code: str, number: int) -> str:
    """The name of a line for the bank and back: eight letters of the batch and seven digits."""
    return f"{batch_code}{number:07d}"
