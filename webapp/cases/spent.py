"""What of somebody's amount has gone out already: asked of the ledger, a room above this one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Overspent:
    """An import would leave a person (`case_payee.id`) less than was paid or is on its way. All in fen."""

    payee_id: int
    amount: int
    spent: int


@dataclass(frozen=True, slots=True)
class Money:
    """What was paid to a person and is on its way, in fen, and the account that stands for them, masked; "" for none."""

    paid: int
    on_its_way: int
    account: str


class Ledger:
    """Whom to ask; told when the application is put together. Before, nothing that depends on it can be done at all."""

    spent: Callable[[int], int] | None = None
    overspent: Callable[[str], Sequence[Overspent]] | None = None
    money: Callable[[int], Money] | None = None


def ask_ledger(
    spent: Callable[[int], int], overspent: Callable[[str], Sequence[Overspent]], money: Callable[[int], Money]
) -> None:
    """Says whom to ask: `spent` gives the fen that a person was paid or will be by a batch under way; `overspent` the
    people whom an import would leave with less than that; `money` where one person stands, for a clerk to see."""
    Ledger.spent, Ledger.overspent, Ledger.money = staticmethod(spent), staticmethod(overspent), staticmethod(money)


def spent_of(payee_id: int) -> int:
    """What one person was paid, or will be by a batch under way, in fen."""
    if Ledger.spent is None:
        raise LookupError("nobody said whom to ask about payments")
    return Ledger.spent(payee_id)


def overspent_by(import_id: str) -> Sequence[Overspent]:
    """Everybody whom an import would leave with less than what has gone out to them; one query, however large it is."""
    if Ledger.overspent is None:
        raise LookupError("nobody said whom to ask about payments")
    return Ledger.overspent(import_id)


def money_of(payee_id: int) -> Money:
    """Where one person stands with their money."""
    if Ledger.money is None:
        raise LookupError("nobody said whom to ask about payments")
    return Ledger.money(payee_id)
