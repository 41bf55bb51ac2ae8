"""Legal texts in versions, and who agreed to which."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Moment
from webapp.core.ids import new_id


class TextKind(StrEnum):
    """Each text that somebody agrees to or signs."""

    RULES = "rules"
    FACE = "face"
    NOTICE = "notice"
    PRIVACY = "privacy"
    LETTER = "letter"


class Origin(StrEnum):
    """Who wrote a version: a COURT's own stays in force when the product brings a newer wording."""

    PRODUCT = "product"
    COURT = "court"


def message_kind(kind: str) -> str:
    """The kind under which the words of a message are kept."""
    return f"message.{kind}"


def reason_kind(code: str) -> str:
    """The kind under which a court's words of a reason for a refusal are kept."""
    return f"reason.{code}"


class TextVersion(Base):
    """One version of one text in one language; never edited after it took effect.

    `kind` is a TextKind, or `message.` and the kind of a message, whose body then has %(name)s placeholders.
    """

    __tablename__ = "text_version"
    __table_args__ = (Index("ix_text_version_kind_language_version", "kind", "language", "version", unique=True),)
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(12))
    version: Mapped[int]
    origin: Mapped[str] = mapped_column(String(8), default=Origin.PRODUCT)
    title: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    effective_at: Mapped[datetime] = mapped_column(Moment)


class Consent(Base):
    """Somebody agreed to a text: in which version and language, when and with which client."""

    __tablename__ = "consent"
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    text_id: Mapped[str] = mapped_column(ForeignKey("text_version.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    about: Mapped[str] = mapped_column(String(22), default="")
    given_at: Mapped[datetime] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    client: Mapped[str] = mapped_column(String(160))
