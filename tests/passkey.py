"""A security key in software: makes a key pair and signs challenges as a browser and its authenticator would (WebAuthn 2)."""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class SoftwareKey:
    """One key for one host. `verifies`: it asks its person for a PIN; `count` is its signature counter."""

    def __init__(self, *, origin: str = "http://localhost", verifies: bool = True) -> None:
        self.origin, self.verifies, self.count = origin, verifies, 0
        self.id = secrets.token_bytes(32)
        self.private = ec.generate_private_key(ec.SECP256R1())

    def make(self, options: str) -> str:
        """The answer to navigator.credentials.create()."""
        asked = json.loads(options)
        point = self.private.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        credential = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(cose)
        data = self._data(asked["rp"]["id"], ATTESTED) + credential
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(
            {
                "clientDataJSON": encoded(self._client("webauthn.create", asked["challenge"])),
                "attestationObject": encoded(attestation),
            }
        )

    def use(self, options: str) -> str:
        """The answer to navigator.credentials.get()."""
        asked = json.loads(options)
        data = self._data(asked["rpId"], 0)
        client = self._client("webauthn.get", asked["challenge"])
        signature = self.private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": encoded(client),
                "authenticatorData": encoded(data),
                "signature": encoded(signature),
            }
        )

    def _data(self, host: str, flags: int) -> bytes:
        self.count += 1
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return hashlib.sha256(host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _answer(self, response: dict[str, Any]) -> str:
        whole = {"id": encoded(self.id), "rawId": encoded(self.id), "type": "public-key", "response": response}
        return json.dumps({**whole, "clientExtensionResults": {}})
