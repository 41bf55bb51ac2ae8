"""What waits for a clerk: one row an item, plain enough to be filtered and paged at any size, and what is odd about it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Double, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Moment
from webapp.core.ids import new_id
from webapp.core.sealing import SealedJson


class ItemKind(StrEnum):
    """IDENTITY: a step record that a clerk decides. ACCOUNT: a signed account that only a clerk can judge."""

    IDENTITY = "identity"
    ACCOUNT = "account"


class ItemState(StrEnum):
    """OPEN waits; DECIDED has a decision that may still be undone; CLOSED is decided, or was taken back by its payee."""

    OPEN = "open"
    DECIDED = "decided"
    CLOSED = "closed"


class Flag(StrEnum):
    """What a clerk should know before deciding."""

    SAME_FACE = "same_face"
    SAME_DEVICE = "same_device"
    SAME_ACCOUNT = "same_account"
    SAME_NUMBER = "same_number"
    CORRECTION = "correction"
    MONEY_BACK = "money_back"
    DOUBT = "doubt"
    OTHER_NUMBER = "other_number"
    AT_COUNTER = "at_counter"
    INSISTED = "insisted"
    WITHOUT_PHONE = "without_phone"


WAS_SAME_FACE = "was_same_face"
"""In place of SAME_FACE once a later film has shown another face: kept for the history, and marks nothing any more."""

FLAGGED = text("state = 'open' AND flags <> ''")
"""What the index of flagged items holds; a query must say it in the same words, without parameters, to be served by it."""


class DocketItem(Base):
    """One item. `subject_id` is the step record or the submission, `thread` what its earlier and later tries share.

    `hold_token` changes whenever the item goes into other hands, so that a page that was opened before can't write.
    """

    __tablename__ = "docket_item"
    __table_args__ = (
        Index("ix_docket_item_queue", "kind", "state", "since", "id"),
        Index("ix_docket_item_flagged", "since", "id", postgresql_where=FLAGGED, sqlite_where=FLAGGED),
        Index("ix_docket_item_assigned", "assigned_to", "state"),
        Index("ix_docket_item_holder", "holder_id", "state"),
    )
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(12))
    subject_id: Mapped[str] = mapped_column(String(22), unique=True)
    thread: Mapped[str] = mapped_column(String(40), index=True)
    state: Mapped[str] = mapped_column(String(8), default=ItemState.OPEN)
    since: Mapped[datetime] = mapped_column(Moment)
    document_type: Mapped[str] = mapped_column(String(28), default="")
    court: Mapped[str] = mapped_column(String(60), default="")
    case_id: Mapped[str | None] = mapped_column(String(22))
    language: Mapped[str] = mapped_column(String(12), default="")
    flags: Mapped[str] = mapped_column(String(120), default="")
    facts: Mapped[dict[str, Any]] = mapped_column(SealedJson("docket_item.facts"))
    assigned_to: Mapped[str | None] = mapped_column(ForeignKey("clerk.id"))
    assigned_by: Mapped[str | None] = mapped_column(ForeignKey("clerk.id"))
    holder_id: Mapped[str | None] = mapped_column(ForeignKey("clerk.id"))
    held_since: Mapped[datetime | None] = mapped_column(Moment)
    held_until: Mapped[datetime | None] = mapped_column(Moment)
    hold_token: Mapped[str | None] = mapped_column(String(22))

    @property
    def flag_list(self) -> tuple[Flag, ...]:
        """The flags one by one."""
        return tuple(Flag(name) for name in self.flags.split())


class DocketFlag(Base):
    """Something odd about a thread: which other thread it has in common what `flag` names. `score`: a cosine, for faces."""

    __tablename__ = "docket_flag"
    thread: Mapped[str] = mapped_column(String(40), primary_key=True)
    flag: Mapped[str] = mapped_column(String(16), primary_key=True)
    other: Mapped[str] = mapped_column(String(40), primary_key=True, default="")
    score: Mapped[float | None] = mapped_column(Double)
    found_at: Mapped[datetime] = mapped_column(Moment)
