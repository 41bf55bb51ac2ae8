"""The seal itself: PAdES by pyHanko, one signature over the whole file.

What it reaches depends on what it is given (ETSI EN 319 142-1): B-B with a certificate alone, B-T with a time stamp
authority, B-LT with revocation lists as well, which then travel inside the file: it can be checked in ten years without
asking anybody. Changes afterwards are forbidden by the signature itself (DocMDP 1), so that every reader shows them.
"""

from __future__ import annotations

import asyncio
import io
import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from asn1crypto import cms, crl, tsp, x509
from asn1crypto.parser import parse
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.attributes import CMSAttributeProvider, SignedAttributeProviderSpec
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.general import as_signing_certificate_v2
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer
from pyhanko.sign.signers.pdf_signer import DSSContentSettings, SigDSSPlacementPreference
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from webapp.core.clock import system_clock
from webapp.ports.letter_sealer import SealReport, SealVerdict

FIELD = "CourtSeal"
SIGNATURE_ROOM, STAMP_ROOM = 6144, 16384
"""Hex digits kept free for the signature; measured once, so that no trial signature is made for each letter."""
logging.getLogger("pyhanko").setLevel(logging.ERROR)  # it warns of every letter that we fetch nothing


class PadesSealer:
    """The port LetterSealer with one certificate; `roots` are those whom a seal must lead to, ours and none else's.

    `signer` gives the key when something is sealed for the first time: a process that only checks never holds it.
    """

    def __init__(
        self,
        signer: Callable[[], Signer],
        *,
        roots: Sequence[x509.Certificate],
        revocations: Sequence[crl.CertificateList] = (),
        stamper: TimeStamper | None = None,
        stamp_roots: Sequence[x509.Certificate] = (),
        place: str = "",
    ) -> None:
        self._signer, self._stamper, self._place = cache(lambda: _naming(signer())), stamper, place
        self._roots, self._stamp_roots = list(roots), [*roots, *stamp_roots]
        self._revocations = list(revocations)
        self._one_at_a_time = threading.Lock()  # a token has one session

    def seal(self, pdf: bytes) -> bytes:
        """The same file with the seal after it. Raises SeamUnavailable, SeamMisused."""
        lasting = self._stamper is not None and bool(self._revocations)
        meaning = PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            location=self._place or None,
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
            embed_validation_info=lasting,
            validation_context=self._context(self._stamp_roots) if lasting else None,
            dss_settings=DSSContentSettings(
                placement=SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE, include_vri=False
            ),
        )
        out = io.BytesIO()
        with self._one_at_a_time:
            writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
            room = STAMP_ROOM if self._stamper is not None else SIGNATURE_ROOM
            by = PdfSigner(meaning, signer=self._signer(), timestamper=self._stamper)
            asyncio.run(by.async_sign_pdf(writer, bytes_reserved=room, output=out))
        return out.getvalue()

    def check(self, pdf: bytes) -> SealReport:
        """Whether our seal is there and covers every byte. Nothing is fetched, and no file makes it raise."""
        try:
            signatures = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
        except Exception:  # noqa: BLE001 (anybody may send us a file, and it may make the library raise anything)
            return SealReport(SealVerdict.UNREADABLE)
        if not signatures:
            return SealReport(SealVerdict.UNSEALED)
        try:
            return self._report(signatures, pdf)
        except Exception:  # noqa: BLE001 (as above)
            return SealReport(SealVerdict.CHANGED)

    def _report(self, signatures: Sequence[EmbeddedPdfSignature], pdf: bytes) -> SealReport:
        first = signatures[0]
        claimed = first.self_reported_timestamp
        status = validate_pdf_signature(
            first,
            self._context(self._roots, at=claimed),
            ts_validation_context=self._context(self._stamp_roots, at=claimed),
            key_usage_settings=KeyUsageConstraints(key_usage={"digital_signature"}),
            skip_diff=True,
        )
        stamp = status.timestamp_validity
        return SealReport(
            _verdict(status, alone=len(signatures) == 1, tidy=_is_tidy(first, pdf)),
            signer=str(status.signing_cert.subject.native.get("common_name", "")),
            sealed_at=claimed,
            stamped_at=stamp.timestamp if stamp is not None and stamp.valid and stamp.trusted else None,
        )

    def _context(self, roots: Sequence[x509.Certificate], *, at: datetime | None = None) -> ValidationContext:
        """Certificates are judged as of the moment of sealing: a letter outlives the certificate that sealed it."""
        moment = None if at is None or at > system_clock() else at
        more: dict[str, Any] = {"moment": moment} if moment else {}
        return ValidationContext(
            trust_roots=list(roots), crls=list(self._revocations), allow_fetching=False, revocation_mode="soft-fail", **more
        )  # fmt: skip


class _SigningCertificate(CMSAttributeProvider, SignedAttributeProviderSpec):
    """All that PAdES signs beside the digest, whose certificate it is (RFC 5035), written once: it would be written anew, and from
    its smallest parts, some thirty times a letter."""

    attribute_type = "signing_certificate_v2"

    def __init__(self, certificate: x509.Certificate) -> None:
        self._named = as_signing_certificate_v2(certificate).dump()

    def signed_attr_providers(self, *_: Any, **__: Any) -> Iterable[CMSAttributeProvider]:
        return [self]

    async def build_attr_value(self, *_: Any, **__: Any) -> tsp.SigningCertificateV2:
        return tsp.SigningCertificateV2.load(self._named)


def _naming(signer: Signer) -> Signer:
    signer.signed_attr_prov_spec = _SigningCertificate(signer.signing_cert)
    return signer


def _verdict(status: PdfSignatureStatus, *, alone: bool, tidy: bool) -> SealVerdict:
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE and alone and tidy
    if not (status.intact and status.valid and whole):
        return SealVerdict.CHANGED if status.trusted or not status.intact else SealVerdict.FOREIGN
    return SealVerdict.INTACT if status.trusted else SealVerdict.FOREIGN


def _is_tidy(signature: EmbeddedPdfSignature, pdf: bytes) -> bool:
    """True when the room that no signature can cover, its own, holds what we put there and nothing but zeros after it.

    The frame of a CMS message is covered by no signature either: it must be the one frame that these parts can have.
    """
    start, length = int(signature.byte_range[0]), int(signature.byte_range[1])
    room = pdf[start + length : int(signature.byte_range[2])]
    parts = cms.ContentInfo.load(bytes(signature.pkcs7_content))["content"]
    if not _is_plain(parts["signer_infos"].contents):
        return False
    frame = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [{"algorithm": "sha256"}],
            "encap_content_info": {"content_type": "data"},
            "certificates": parts["certificates"],
            "signer_infos": parts["signer_infos"],
        }
    )
    whole = cms.ContentInfo({"content_type": "signed_data", "content": frame}).dump()
    return room == b"<" + whole.hex().upper().encode().ljust(len(room) - 2, b"0") + b">"


def _is_plain(signers: bytes) -> bool:
    """True for one signer whose unsigned beginning (version, whose certificate, which digest) is written as we write it."""
    kind, method, tag, _header, contents, _trailer = parse(signers, strict=True)
    sid = cms.SignerInfo.load(signers)["sid"].dump()
    begins = b"\x02\x01\x01" + sid + cms.DigestAlgorithm({"algorithm": "sha256"}).dump()
    return (kind, method, tag) == (0, 1, 16) and contents.startswith(begins)
