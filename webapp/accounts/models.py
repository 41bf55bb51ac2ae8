"""Who signs in: payees by proved phones, clerks by passwords; and the sessions both hold."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Moment
from webapp.core.ids import new_id
from webapp.core.sealing import Sealed


class Account(Base):
    """A payee's account. It exists from the first consent on, before any phone is proved."""

    __tablename__ = "account"
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(Moment)
    language: Mapped[str] = mapped_column(String(12))
    large_text: Mapped[bool] = mapped_column(default=False)


class Phone(Base):
    """A phone number that an account has proved. Several accounts may share one (children help their parents)."""

    __tablename__ = "phone"
    __table_args__ = (Index("ix_phone_account_id_number_hash", "account_id", "number_hash", unique=True),)
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    number: Mapped[str] = mapped_column(Sealed("phone.number"))
    number_hash: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    proved_at: Mapped[datetime] = mapped_column(Moment)
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
    primary: Mapped[bool] = mapped_column(default=False)


class PhoneCode(Base):
    """One SMS code on its way. Only a hash of the code is kept; `tries` counts wrong ones."""

    __tablename__ = "phone_code"
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    number: Mapped[str] = mapped_column(Sealed("phone_code.number"))
    number_hash: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    client_hash: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    sent_at: Mapped[datetime] = mapped_column(Moment, index=True)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class Role(StrEnum):
    """What a clerk may do; the desk's own rules say which page needs which."""

    REVIEWER = "reviewer"
    MANAGER = "manager"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Clerk(Base):
    """A member of the court's staff."""

    __tablename__ = "clerk"
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(String(40), unique=True)
    display_name: Mapped[str] = mapped_column(String(40))
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(12), default="zh_Hans")
    created_at: Mapped[datetime] = mapped_column(Moment)
    disabled_at: Mapped[datetime | None] = mapped_column(Moment)


class SignInTry(Base):
    """A failed sign-in at the desk, counted by name and by client, so that guessing slows down."""

    __tablename__ = "sign_in_try"
    id: Mapped[int] = mapped_column(primary_key=True)
    name_hash: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    client_hash: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    at: Mapped[datetime] = mapped_column(Moment)


class WebSession(Base):
    """One signed-in browser. The cookie holds a random token, this row its hash; revoking the row signs it out.

    `proved_hash` is a phone just proved that several accounts share, until one is chosen. `code_proved_at`: when a code
    last showed that whoever sits here holds one of the account's own phones.
    """

    __tablename__ = "web_session"
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    surface: Mapped[str] = mapped_column(String(8))
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"), index=True)
    clerk_id: Mapped[str | None] = mapped_column(ForeignKey("clerk.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    browser: Mapped[str] = mapped_column(String(160))
    proved_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    proved_at: Mapped[datetime | None] = mapped_column(Moment)
    code_proved_at: Mapped[datetime | None] = mapped_column(Moment)
