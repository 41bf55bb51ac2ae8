"""Codes that people copy from paper, and time-based ones (TOTP, RFC 6238), without a database."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime

import pyotp

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's Base32: no I, L, O, U, so that nothing is read for something else."""
_MISREAD = str.maketrans("OIL", "011")
STEP_SECONDS = 30


def new_code(groups: int, each: int) -> str:
    """Random characters in groups, 5 bits each: 7KQ2M-X0R4T-…"""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(each)) for _ in range(groups))


def plain_code(typed: str) -> str:
    """A code as it was meant: without spaces and hyphens, in capitals, O for 0 and I for 1 understood."""
    return "".join(c for c in typed.upper() if c.isalnum()).translate(_MISREAD)


def new_totp_secret() -> str:
    """A fresh secret of an authenticator app, in Base32, 160 bits."""
    return pyotp.random_base32()


def totp_address(secret: str, *, username: str, issuer: str) -> str:
    """What the QR code of an authenticator app says."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=issuer)


def totp_code(secret: str, *, now: datetime) -> str:
    """The six digits of this moment."""
    return pyotp.TOTP(secret).generate_otp(_step(now))


def fitting_step(secret: str, typed: str, *, now: datetime, after: int) -> int | None:
    """The time step whose code was typed, or None. A clock may be 30 s off; a step up to `after` is used up."""
    wanted = "".join(typed.split())
    for step in (_step(now), _step(now) - 1, _step(now) + 1):
        if step > after and hmac.compare_digest(pyotp.TOTP(secret).generate_otp(step).encode(), wanted.encode()):
            return step
    return None


def _step(now: datetime) -> int:
    return int(now.timestamp()) // STEP_SECONDS
