"""Why a payment comes back: the bank's codes and words, as one of our reasons, and what follows from it.

The table is data/reasons.csv: our code; may the same data be sent again; must the payee mend something; codes of ISO 20022
(ExternalStatusReason1Code) and of one bank's set; and pieces of the words that Chinese banks write.
"""

from __future__ import annotations

import csv
import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path

TABLE = Path(__file__).parent / "data" / "reasons.csv"
OTHER = "OTHER"


class Follows(StrEnum):
    """ASK: the payee mends the account; AGAIN: a later batch sends the same; WAIT: nobody knows yet, the bank is asked
    again and nothing is sent; LOOK: a clerk decides, and nothing is paid before."""

    ASK = "ask"
    AGAIN = "again"
    WAIT = "wait"
    LOOK = "look"


@dataclass(frozen=True, slots=True)
class Reason:
    """One row of the table."""

    code: str
    follows: Follows
    codes: frozenset[str]
    words: tuple[str, ...]


@cache
def reasons() -> dict[str, Reason]:
    """Every reason by its code, in the table's order."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["code"]: _reason(row) for row in csv.DictReader(file)}


def passes(code: str | None) -> bool:
    """True for a reason that lay with the bank or the payer at that moment and says nothing against the account."""
    reason = reasons().get(code or OTHER)
    return reason is not None and reason.follows in (Follows.AGAIN, Follows.WAIT)


def _reason(row: dict[str, str]) -> Reason:
    codes = {row["code"], *row["iso20022"].split(";"), *row["cbhb_rc"].split(";")} - {""}
    return Reason(row["code"], _follows(row), frozenset(codes), tuple(word for word in row["words"].split(";") if word))


def _follows(row: dict[str, str]) -> Follows:
    if row["code"] == "TIMEOUT":
        return Follows.WAIT
    if row["ask_payee_again"] == "1":
        return Follows.ASK
    return Follows.AGAIN if row["retry_same_data"] == "1" else Follows.LOOK


@lru_cache(maxsize=256)  # a file says the same few things over and over
def find_reason(code: str, words: str) -> Reason:
    """The reason that a bank's code and words mean; words weigh more, as many codes stand for several reasons.

    What is in no table is OTHER: a person looks before anything is paid again. A code of several reasons that have the same
    consequence is OTHER with that consequence, as nobody should be told the wrong one.
    """
    said = unicodedata.normalize("NFKC", words).replace(" ", "")
    by_words = [
        reason for reason in reasons().values() if any(unicodedata.normalize("NFKC", w) in said for w in reason.words)
    ]
    if by_words:
        return by_words[0]
    wanted = code.strip().upper()
    by_code = [reason for reason in reasons().values() if wanted and wanted in reason.codes]
    if len(by_code) == 1:
        return by_code[0]
    follows = {reason.follows for reason in by_code}
    other = reasons()[OTHER]
    return replace(other, follows=follows.pop()) if len(follows) == 1 else other
