"""The court's certificate and key, from where it keeps them: plain files (demo), a PKCS#12 file, a PKCS#11 token."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from asn1crypto import crl, pem, x509
from pyhanko.sign.signers import Signer, SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore


class KeyUnusable(Exception):
    """The certificate or its key can't be read: no such file, a wrong passphrase, no such token."""


def from_files(certificate: Path, key: Path) -> Signer:
    """A key in a plain file. Raises KeyUnusable."""
    return _usable(SimpleSigner.load(str(key), str(certificate)), str(certificate))


def from_pkcs12(file: Path, passphrase: str) -> Signer:
    """A PKCS#12 file with the certificate, its key and the chain above it. Raises KeyUnusable.

    A root that is in the file stays out of the letters: whoever checks has it already, and nothing would vouch for a copy.
    """
    signer = SimpleSigner.load_pkcs12(str(file), passphrase=passphrase.encode())
    if signer is None or signer.signing_cert is None:
        raise KeyUnusable(f"{file}: no certificate with its key, or a wrong passphrase")
    between = [cert for cert in signer.cert_registry if cert.self_signed == "no" and cert != signer.signing_cert]
    return SimpleSigner(
        signing_cert=signer.signing_cert, signing_key=signer.signing_key, cert_registry=_store_of(between)
    )


def from_pkcs11(module: Path, *, token: str, pin: str, label: str) -> Signer:
    """A key that never leaves its token. `module` is the maker's library, `label` names certificate and key on it.

    Of an elliptic curve's key the token signs our digest: not every token can digest for it by itself. Raises KeyUnusable,
    also when python-pkcs11 isn't installed.
    """
    try:
        from pkcs11 import PKCS11Error  # noqa: PLC0415 (a library that only a court with a token has)
        from pyhanko.config.pkcs11 import TokenCriteria  # noqa: PLC0415
        from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session  # noqa: PLC0415
    except ImportError as missing:
        raise KeyUnusable("install python-pkcs11 to use a token") from missing
    try:
        session = open_pkcs11_session(str(module), token_criteria=TokenCriteria(label=token), user_pin=pin)
        signer = _usable(PKCS11Signer(session, cert_label=label, key_label=label), token)
        raw = signer.signing_cert is not None and signer.signing_cert.public_key.algorithm == "ec"
        return PKCS11Signer(session, cert_label=label, key_label=label, use_raw_mechanism=raw)
    except (PKCS11Error, RuntimeError, OSError) as fault:
        raise KeyUnusable(f"token {token}: {type(fault).__name__}") from fault


def certificates_in(file: Path) -> list[x509.Certificate]:
    """Every certificate of a PEM file. Raises KeyUnusable."""
    try:
        found = [x509.Certificate.load(der) for _kind, _headers, der in pem.unarmor(file.read_bytes(), multiple=True)]
    except (OSError, ValueError) as fault:
        raise KeyUnusable(f"{file}: {type(fault).__name__}") from fault
    return found


def revocations_in(file: Path) -> list[crl.CertificateList]:
    """Every revocation list of a PEM file. Raises KeyUnusable."""
    try:
        return [crl.CertificateList.load(der) for _k, _h, der in pem.unarmor(file.read_bytes(), multiple=True)]
    except (OSError, ValueError) as fault:
        raise KeyUnusable(f"{file}: {type(fault).__name__}") from fault


def _store_of(certificates: Sequence[x509.Certificate]) -> SimpleCertificateStore:
    return SimpleCertificateStore.from_certs(list(certificates))


def _usable(signer: Signer | None, where: str) -> Signer:
    if signer is None or signer.signing_cert is None:
        raise KeyUnusable(f"{where}: no certificate with its key, or a wrong passphrase")
    return signer
