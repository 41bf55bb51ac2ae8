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


class Ledger:
    """Whom to ask; told when the application is put together. Before, nothing that depends on it can be done at all."""

    spent: Callable[[int], int] | None = None
    overspent: Callable[[str], Sequence[Overspent]] | None = None


def ask_ledger(spent: Callable[[int], int], overspent: Callable[[str], Sequence[Overspent]]) -> None:
    """Says whom to ask: `spent` gives the fen that a person was paid or will be by a batch under way; `overspent` the
    people whom an import would leave with less than that."""
    Ledger.spent, Ledger.overspent = staticmethod(spent), staticmethod(overspent)


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
