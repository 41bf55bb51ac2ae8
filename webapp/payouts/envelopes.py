"""What goes to the bank: the files and their cover in an AES-256 ZIP with a password, or sealed for the bank's certificate."""

from __future__ import annotations

import io
import secrets
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pyzipper
from cryptography import x509
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7EnvelopeBuilder, PKCS7Options

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
GROUPS = 5
WHEN = (2026, 1, 1, 0, 0, 0)  # one date for every file, so that an archive depends on its content alone


def new_password() -> str:
    """Five groups of four letters that are read out without doubt: 99 random bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(GROUPS))


def pack(files: Mapping[str, bytes]) -> bytes:
    """The files as one plain ZIP, to be sealed in the store."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, WHEN), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def with_password(packed: bytes, password: str) -> bytes:
    """The same files in a ZIP that opens with a password (WinZip AES-256, which 7-Zip, WinRAR and WinZip read)."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(packed)) as plain,
        pyzipper.AESZipFile(out, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as archive,
    ):
        archive.setencryption(pyzipper.WZ_AES, nbits=256)
        archive.setpassword(password.encode())
        for name in plain.namelist():
            archive.writestr(name, plain.read(name))
    return out.getvalue()


def for_certificate(packed: bytes, certificate: Path) -> bytes:
    """The ZIP in a CMS envelope (RFC 5652, AES-256) that only the holder of the certificate's key opens."""
    to = x509.load_pem_x509_certificate(certificate.read_bytes())
    envelope = PKCS7EnvelopeBuilder().set_data(packed).add_recipient(to).set_content_encryption_algorithm(AES256)
    return envelope.encrypt(Encoding.DER, [PKCS7Options.Binary])
