"""Who signs in: payees by proved phones, clerks by passwords and second factors; and the sessions both hold."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, SmallInteger, String
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
    """One SMS code on its way. Only a hash of the code is kept; `tries` counts wrong ones.

    `device_hash`: the browser that asked. `known`: that browser, or its account, had proved the number before.
    """

    __tablename__ = "phone_code"
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    number: Mapped[str] = mapped_column(Sealed("phone_code.number"))
    number_hash: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    client_hash: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    device_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    known: Mapped[bool] = mapped_column(default=False)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    sent_at: Mapped[datetime] = mapped_column(Moment, index=True)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class DeviceUse(Base):
    """An account was used in a browser: `device_hash` is the keyed hash of a random cookie, which tells nothing by itself."""

    __tablename__ = "device_use"
    device_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True, index=True)
    seen_at: Mapped[datetime] = mapped_column(Moment)


class Role(StrEnum):
    """What a clerk may do; the desk's own rules say which page needs which."""

    REVIEWER = "reviewer"
    MANAGER = "manager"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Clerk(Base):
    """A member of the court's staff. `temporary_until`: the password was given by somebody else and must be changed by then.

    `tour_step` is where they stand in the first-day tour (None: it isn't shown); `tour_ended_at` when they ended it last.
    """

    __tablename__ = "clerk"
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(String(40), unique=True)
    display_name: Mapped[str] = mapped_column(String(40))
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(12), default="zh_Hans")
    created_at: Mapped[datetime] = mapped_column(Moment)
    disabled_at: Mapped[datetime | None] = mapped_column(Moment)
    temporary_until: Mapped[datetime | None] = mapped_column(Moment)
    tour_step: Mapped[int | None] = mapped_column(SmallInteger)
    tour_ended_at: Mapped[datetime | None] = mapped_column(Moment)


class ClerkCourt(Base):
    """A court that a clerk works for: of other courts' cases and people a clerk sees nothing."""

    __tablename__ = "clerk_court"
    clerk_id: Mapped[str] = mapped_column(ForeignKey("clerk.id"), primary_key=True)
    court: Mapped[str] = mapped_column(String(60), primary_key=True)


class Authenticator(Base):
    """A clerk's authenticator app (TOTP, RFC 6238). `last_step` is the time step of the code used last: none is good twice."""

    __tablename__ = "authenticator"
    clerk_id: Mapped[str] = mapped_column(ForeignKey("clerk.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(Sealed("authenticator.secret"))
    added_at: Mapped[datetime] = mapped_column(Moment)
    last_step: Mapped[int] = mapped_column(BigInteger)


class Passkey(Base):
    """A clerk's passkey (W3C WebAuthn). `sign_count` only ever grows, where the device counts at all."""

    __tablename__ = "passkey"
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    clerk_id: Mapped[str] = mapped_column(ForeignKey("clerk.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1023), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    title: Mapped[str] = mapped_column(String(40))
    added_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class PasskeyChallenge(Base):
    """What one browser's passkey is to sign next: good once, and until `until`."""

    __tablename__ = "passkey_challenge"
    session_id: Mapped[str] = mapped_column(ForeignKey("web_session.id"), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(8), primary_key=True)
    value: Mapped[bytes] = mapped_column(LargeBinary(64))
    until: Mapped[datetime] = mapped_column(Moment)


class RecoveryCode(Base):
    """One way in without the second factor, good once. Only a keyed hash of the code is kept."""

    __tablename__ = "recovery_code"
    hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    clerk_id: Mapped[str] = mapped_column(ForeignKey("clerk.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


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
    last showed that whoever sits here holds one of the account's own phones. A clerk's session at the stage `second` has
    shown the password and nothing else: it opens no page but the one that asks for the second factor. `fresh_at`: when a
    clerk last proved here who they are.
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
    stage: Mapped[str] = mapped_column(String(8), default="open", server_default="open")
    fresh_at: Mapped[datetime | None] = mapped_column(Moment)
