"""Passkeys of clerks (W3C Web Authentication level 2): what a browser's key is asked to sign, and whether it did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import delete, select
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from webapp.accounts.models import Clerk, Passkey, PasskeyChallenge
from webapp.core import audit
from webapp.core.db import db

LIFE = timedelta(minutes=5)
ADD, ENTER, PROVE = "add", "enter", "prove"
"""What a challenge is for: to add a key, to sign in after the password, to prove oneself again instead of the password."""


class BadPasskey(Exception):
    """No answer of a known key to the challenge that was put to this browser."""


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Whose keys these are: the host name they belong to, and the one origin that may use them."""

    host: str
    origin: str
    name: str

    @classmethod
    def at(cls, address: str, name: str) -> RelyingParty:
        """The party of the desk's address."""
        parts = urlsplit(address)
        return cls(parts.hostname or "", f"{parts.scheme}://{parts.netloc}", name)


def passkeys_of(clerk_id: str) -> Sequence[Passkey]:
    """A clerk's passkeys, the oldest first."""
    return db.session.scalars(select(Passkey).where(Passkey.clerk_id == clerk_id).order_by(Passkey.added_at)).all()


def ask_to_add(clerk_id: str, session_id: str, party: RelyingParty, *, now: datetime) -> str:
    """What the browser needs to make a key, as JSON. Inside a unit of work."""
    clerk = db.session.get_one(Clerk, clerk_id)
    options = webauthn.generate_registration_options(
        rp_id=party.host,
        rp_name=party.name,
        user_id=clerk.id.encode(),
        user_name=clerk.username,
        user_display_name=clerk.display_name,
        exclude_credentials=_described(clerk_id),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
    )
    _remember(session_id, ADD, options.challenge, now=now)
    return webauthn.options_to_json(options)


def ask_for(clerk_id: str, session_id: str, purpose: str, party: RelyingParty, *, now: datetime) -> str:
    """What the browser needs to use a key, as JSON. Inside a unit of work."""
    options = webauthn.generate_authentication_options(
        rp_id=party.host, allow_credentials=_described(clerk_id), user_verification=_verification(purpose)
    )
    _remember(session_id, purpose, options.challenge, now=now)
    return webauthn.options_to_json(options)


def take_challenge(session_id: str, purpose: str, *, now: datetime) -> bytes:
    """The challenge that this browser was given; it is used up, so this is a unit of work of its own. Raises BadPasskey."""
    mine = PasskeyChallenge.session_id == session_id, PasskeyChallenge.purpose == purpose
    taken = delete(PasskeyChallenge).where(*mine).returning(PasskeyChallenge.value, PasskeyChallenge.until)
    found = db.session.execute(taken).first()
    if found is None or found.until <= now:
        raise BadPasskey
    return bytes(found.value)


def add_passkey(
    clerk_id: str, challenge: bytes, answer: str, *, title: str, party: RelyingParty, now: datetime
) -> Passkey:
    """Takes a new key in. Inside a unit of work. Raises BadPasskey."""
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.host,
            expected_origin=party.origin,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as fault:
        raise BadPasskey from fault
    if db.session.scalar(select(Passkey.id).where(Passkey.credential_id == made.credential_id)) is not None:
        raise BadPasskey
    key = Passkey(
        clerk_id=clerk_id,
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        title=title,
        added_at=now,
    )
    db.session.add(key)
    db.session.flush()
    audit.record(audit.Actor("clerk", clerk_id), "staff.passkey_added", ("clerk", clerk_id), now=now, passkey=key.id)
    return key


def use_passkey(
    clerk_id: str, challenge: bytes, answer: str, purpose: str, *, party: RelyingParty, now: datetime
) -> None:
    """Holds when one of the clerk's keys signed this challenge for this origin. Inside a unit of work. Raises BadPasskey."""
    try:
        key = _answering(clerk_id, answer)
        used = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.host,
            expected_origin=party.origin,
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
            require_user_verification=purpose == PROVE,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as fault:
        raise BadPasskey from fault
    key.sign_count, key.used_at = used.new_sign_count, now
    db.session.flush()


def _answering(clerk_id: str, answer: str) -> Passkey:
    named = base64url_to_bytes(webauthn.helpers.parse_authentication_credential_json(answer).id)
    query = select(Passkey).where(Passkey.clerk_id == clerk_id, Passkey.credential_id == named).with_for_update()
    key = db.session.scalar(query)
    if key is None:
        raise BadPasskey
    return key


def _described(clerk_id: str) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=key.credential_id) for key in passkeys_of(clerk_id)]


def _verification(purpose: str) -> UserVerificationRequirement:
    """In place of a password a key must know its person: by finger, face or PIN."""
    return UserVerificationRequirement.REQUIRED if purpose == PROVE else UserVerificationRequirement.PREFERRED


def _remember(session_id: str, purpose: str, challenge: bytes, *, now: datetime) -> None:
    db.session.merge(PasskeyChallenge(session_id=session_id, purpose=purpose, value=challenge, until=now + LIFE))
    db.session.flush()
