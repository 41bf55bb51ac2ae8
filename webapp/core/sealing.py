"""Sealing personal data: AES-256-GCM with a key id for values and files, HMAC-SHA256 for looking them up.

A sealed value is: 1 byte key id, 12 bytes nonce, ciphertext with its 16-byte tag (NIST SP 800-38D). The place where it
belongs (table.column, or an object's key) is authenticated with it, so that a value moved elsewhere doesn't open.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app
from sqlalchemy import LargeBinary
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class CannotOpen(Exception):
    """The bytes were changed, moved, or sealed with a key that this process doesn't hold."""


class KeyRing:
    """Seals with the first key, opens with any; look-up hashes use a key of their own."""

    def __init__(self, keys: Mapping[int, bytes], index_key: bytes) -> None:
        self._keys = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self.sealing_id = next(iter(keys))
        self._index_key = index_key

    def seal(self, plain: bytes, place: str) -> bytes:
        """Seals `plain` for `place`."""
        nonce = os.urandom(12)
        sealed = self._keys[self.sealing_id].encrypt(nonce, plain, place.encode())
        return bytes([self.sealing_id]) + nonce + sealed

    def sealer(self, place: str) -> Callable[[str], bytes]:
        """`seal` for many texts of one place: the same result with less to do for each."""
        encrypt, head, aad, fresh = (
            self._keys[self.sealing_id].encrypt,
            bytes([self.sealing_id]),
            place.encode(),
            os.urandom,
        )

        def seal(text: str) -> bytes:
            nonce = fresh(12)
            return head + nonce + encrypt(nonce, text.encode(), aad)

        return seal

    def hasher(self, kind: str) -> Callable[[str], bytes]:
        """`keyed_hash` for many values of one kind (RFC 2104 with both pads hashed once)."""
        key = self._index_key if len(self._index_key) <= 64 else hashlib.sha256(self._index_key).digest()
        inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key.ljust(64, b"\0")) + f"{kind}\x1f".encode())
        outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in key.ljust(64, b"\0")))

        def keyed(value: str) -> bytes:
            within, around = inner.copy(), outer.copy()
            within.update(value.encode())
            around.update(within.digest())
            return around.digest()

        return keyed

    def open(self, sealed: bytes, place: str) -> bytes:
        """Opens what `seal` made for the same `place`; raises CannotOpen."""
        key = self._keys.get(sealed[0]) if sealed else None
        if key is None:
            raise CannotOpen(place)
        try:
            return key.decrypt(sealed[1:13], sealed[13:], place.encode())
        except InvalidTag:
            raise CannotOpen(place) from None

    def keyed_hash(self, kind: str, value: str) -> bytes:
        """32 bytes that are equal for equal values of one kind, and tell nothing without the key (a blind index)."""
        return hmac.new(self._index_key, f"{kind}\x1f{value}".encode(), hashlib.sha256).digest()


def key_ring() -> KeyRing:
    """The ring of the running application."""
    ring: KeyRing = current_app.extensions["key_ring"]
    return ring


def keyed_hash(kind: str, value: str) -> bytes:
    """`KeyRing.keyed_hash` of the running application."""
    return key_ring().keyed_hash(kind, value)


class Sealed(TypeDecorator[Any]):
    """A text column that only the application can read. `place` is "table.column" and never changes."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:  # noqa: ARG002 (SQLAlchemy's signature)
        return None if value is None else key_ring().seal(self._dump(value), self.place)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:  # noqa: ARG002 (SQLAlchemy's signature)
        return None if value is None else self._load(key_ring().open(bytes(value), self.place))

    def _dump(self, value: Any) -> bytes:
        return str(value).encode()

    def _load(self, plain: bytes) -> Any:
        return plain.decode()


class SealedJson(Sealed):
    """A JSON value that only the application can read."""

    cache_ok = True

    def _dump(self, value: Any) -> bytes:
        return json.dumps(value, ensure_ascii=False, sort_keys=True).encode()

    def _load(self, plain: bytes) -> Any:
        return json.loads(plain)
