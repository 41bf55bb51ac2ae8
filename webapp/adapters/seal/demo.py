"""A certificate authority of one's own, for demos and tests: made once into a folder, its keys for this user alone.

Nobody trusts it but us, and a production start refuses it. One certificate seals, one authority has issued it, and an
empty revocation list stands beside them, so that a demo's letters have all that a real court's have.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from webapp.core.clock import system_clock

CERTIFICATE, KEY, ROOT, REVOKED = "seal.pem", "seal.key", "root.pem", "root.crl"
LIFE = timedelta(days=3652)


def demo_seal(folder: Path, court: str) -> Path:
    """The folder with the four files, made if they aren't there. Two processes at once end with the same files."""
    if not (folder / CERTIFICATE).exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".seal-"))  # for this user alone
        try:
            _make(fresh, court, now=system_clock())
            with suppress(OSError):  # another process was quicker: its files stand
                fresh.rename(folder)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return folder


def _make(folder: Path, court: str, *, now: datetime) -> None:
    root_key, seal_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = _name(court, f"{court} 演示根证书")
    root = _certificate(issuer, root_key.public_key(), issuer, root_key, authority=True, now=now)
    seal = _certificate(
        _name(court, f"{court} 演示电子印章"), seal_key.public_key(), issuer, root_key, authority=False, now=now
    )
    revoked = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer)
        .last_update(now - timedelta(hours=1))
        .next_update(now + LIFE)
        .add_extension(x509.CRLNumber(1), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    _write(folder / ROOT, root.public_bytes(Encoding.PEM))
    _write(folder / REVOKED, revoked.public_bytes(Encoding.PEM))
    _write(folder / KEY, seal_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    _write(folder / CERTIFICATE, seal.public_bytes(Encoding.PEM))


def _name(court: str, common: str) -> x509.Name:
    parts = ((NameOID.COUNTRY_NAME, "CN"), (NameOID.ORGANIZATION_NAME, court[:64]), (NameOID.COMMON_NAME, common[:64]))
    return x509.Name([x509.NameAttribute(kind, text) for kind, text in parts])


def _certificate(
    subject: x509.Name,
    key: ec.EllipticCurvePublicKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    authority: bool,
    now: datetime,
) -> x509.Certificate:
    usage = x509.KeyUsage(
        digital_signature=not authority, content_commitment=not authority, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=authority, crl_sign=authority,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LIFE)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=0 if authority else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )


def _write(file: Path, data: bytes) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
