"""Asking the immigration authority whether a travel document, a name and a nationality belong together."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class ImmigrationVerdict(StrEnum):
    """`PENDING` means: ask again later with the same request id."""

    AGREED = "agreed"
    NUMBER_UNKNOWN = "number_unknown"
    NAME_DIFFERS = "name_differs"
    NATIONALITY_DIFFERS = "nationality_differs"
    EXPIRED = "expired"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class ImmigrationQuestion:
    """`document_type` is our own name of it; `nationality` is ISO 3166 alpha-3; `request_id` makes it idempotent."""

    request_id: str
    document_type: str
    number: str
    name: str
    nationality: str


@dataclass(frozen=True, slots=True)
class ImmigrationAnswer:
    """`reference` is the authority's own number for this answer, kept as evidence."""

    verdict: ImmigrationVerdict
    reference: str


class ImmigrationAuthority(Protocol):
    """Raises SeamUnavailable or SeamMisused; every answer, also "no", is an ImmigrationAnswer."""

    def ask(self, question: ImmigrationQuestion) -> ImmigrationAnswer: ...
