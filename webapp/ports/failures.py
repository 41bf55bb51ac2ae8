"""How a seam fails. "No" is an answer, never an exception; only these two are raised."""

from __future__ import annotations

from enum import StrEnum


class Trouble(StrEnum):
    """What is the matter with the other side, as far as it can be told: the operator mends each in another way."""

    NAME = "name"
    UNREACHABLE = "unreachable"
    CERTIFICATE = "certificate"
    TIMEOUT = "timeout"
    CUT_OFF = "cut_off"
    NONSENSE = "nonsense"
    BUSY = "busy"
    SERVER = "server"
    PAUSED = "paused"
    CLOCK = "clock"
    SECRET = "secret"  # noqa: S105 (the name of a trouble)
    PERMISSION = "permission"
    QUOTA = "quota"
    QUESTION = "question"
    OTHER = "other"


class SeamFailure(Exception):
    """What both have in common: the trouble, and words for the log that hold no personal data and no secret."""

    def __init__(self, words: str = "", trouble: Trouble = Trouble.OTHER) -> None:
        self.trouble = trouble
        super().__init__(words or trouble.value)


class SeamUnavailable(SeamFailure):
    """The other side is down, slow or talking nonsense: the same question may be asked again later.

    `again_in`, in seconds, is set where nobody was asked at all, because the seam is known to be down.
    """

    def __init__(self, words: str = "", trouble: Trouble = Trouble.OTHER, *, again_in: float | None = None) -> None:
        self.again_in = again_in
        super().__init__(words, trouble)


class SeamMisused(SeamFailure):
    """We asked wrongly (a missing field, a wrong credential): asking again cannot help, mending code or settings can."""
