"""The court's seal: every reader of PDFs sees it, any change breaks it, and only our own counts."""

from __future__ import annotations

import io
import random
import stat
import subprocess
import threading
from pathlib import Path
from typing import Any

import pkcs11
import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)  # fmt: skip
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509 import load_pem_x509_certificate
from pkcs11.util.x509 import decode_x509_certificate
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]  # it ships no types

from tests.seams.stamp_stand_in import StampStandIn
from webapp.adapters.seal.demo import CERTIFICATE, KEY, REVOKED, ROOT, demo_seal
from webapp.adapters.seal.keys import KeyUnusable, certificates_in, from_files, from_pkcs11, from_pkcs12, revocations_in
from webapp.adapters.seal.pades import PadesSealer
from webapp.adapters.seal.stamping import AskedTimeStamper, HttpStampAuthority, StampProbe
from webapp.core.clock import system_clock
from webapp.ports.failures import SeamFailure, SeamMisused, SeamUnavailable, Trouble
from webapp.ports.letter_sealer import SealVerdict

COURT = "深圳市中级人民法院"
SOFTHSM = Path("/usr/lib/softhsm/libsofthsm2.so")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo_seal(tmp_path_factory.mktemp("court") / "seal", COURT)


def sealer_of(folder: Path, **more: object) -> PadesSealer:
    roots = certificates_in(folder / ROOT)
    return PadesSealer(lambda: from_files(folder / CERTIFICATE, folder / KEY), roots=roots,
                       revocations=revocations_in(folder / REVOKED), place=COURT, **more)  # type: ignore[arg-type]  # fmt: skip


@pytest.fixture(scope="module")
def sealer(folder: Path) -> PadesSealer:
    return sealer_of(folder)


@pytest.fixture(scope="module")
def plain() -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.drawString(72, 700, "A letter that says 6226 2200 0000 0000 422.")
    canvas.save()
    return out.getvalue()


@pytest.fixture(scope="module")
def sealed(sealer: PadesSealer, plain: bytes) -> bytes:
    return sealer.seal(plain)


def seen_by_poppler(pdf: bytes, tmp_path: Path) -> str:
    file = tmp_path / "letter.pdf"
    file.write_bytes(pdf)
    return subprocess.run(["/usr/bin/pdfsig", file], capture_output=True, check=False, text=True).stdout


def test_a_sealed_letter_is_genuine_and_a_plain_one_is_not(sealer: PadesSealer, sealed: bytes, plain: bytes) -> None:
    report = sealer.check(sealed)
    assert (report.verdict, report.signer, report.stamped_at) == (SealVerdict.INTACT, f"{COURT} 演示电子印章", None)
    assert abs((system_clock() - report.sealed_at).total_seconds()) < 600
    assert sealer.check(plain).verdict is SealVerdict.UNSEALED
    assert sealed.startswith(plain)


def test_poppler_and_pyhanko_see_one_seal_over_the_whole_file(sealed: bytes, folder: Path, tmp_path: Path) -> None:
    seen = seen_by_poppler(sealed, tmp_path)
    for said in ("ETSI.CAdES.detached", "Signature is Valid", "Total document signed", f"{COURT} 演示电子印章"):
        assert said in seen
    (signature,) = PdfFileReader(io.BytesIO(sealed)).embedded_signatures
    status = validate_pdf_signature(signature, ValidationContext(trust_roots=certificates_in(folder / ROOT)))
    assert status.bottom_line
    assert status.docmdp_ok


def test_any_changed_byte_shows(sealer: PadesSealer, sealed: bytes) -> None:
    """Places at random, all of the end, and many in the room of the signature itself."""
    places = random.Random(8).sample(range(len(sealed)), 120)  # noqa: S311 (a choice of places, not a secret)
    places += range(len(sealed) - 120, len(sealed))
    start = sealed.index(b"/Contents <") + 10
    places += range(start, start + 2400, 17)
    untouched = []
    for place in places:
        changed = bytearray(sealed)
        changed[place] ^= 1
        if sealer.check(bytes(changed)).verdict is SealVerdict.INTACT:
            untouched.append(place)
    assert untouched == []


def test_poppler_sees_a_changed_account_number(sealed: bytes, plain: bytes, tmp_path: Path) -> None:
    place = plain.index(b"stream\r\n" if b"stream\r\n" in plain else b"stream\n") + 12
    changed = bytearray(sealed)
    changed[place] ^= 1
    assert "Signature is Valid" not in seen_by_poppler(bytes(changed), tmp_path)


def test_something_added_after_the_seal_is_a_change(sealer: PadesSealer, sealed: bytes) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(sealed))
    writer.root["/PageMode"] = pdf_name("/UseNone")
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    assert sealer.check(out.getvalue()).verdict is SealVerdict.CHANGED
    assert sealer.check(sealed + b"\n").verdict is not SealVerdict.INTACT


def test_somebody_elses_seal_is_not_ours(sealer: PadesSealer, plain: bytes, tmp_path: Path) -> None:
    stranger = sealer_of(demo_seal(tmp_path / "seal", COURT))
    assert sealer.check(stranger.seal(plain)).verdict is SealVerdict.FOREIGN


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"hello",
        b"%PDF-1.7\n",
        b"%PDF-1.4\n1 0 obj\n<</A 1 0 R>>\nendobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF",
    ],
)
def test_what_is_no_pdf_is_said_to_be_none(sealer: PadesSealer, file: bytes) -> None:
    assert sealer.check(file).verdict is SealVerdict.UNREADABLE


def test_the_demo_makes_its_seal_once_with_a_key_for_this_user_alone(tmp_path: Path) -> None:
    folders = [tmp_path / "seal"] * 8
    threads = [threading.Thread(target=demo_seal, args=(f, COURT)) for f in folders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    key = (tmp_path / "seal" / KEY).read_bytes()
    demo_seal(tmp_path / "seal", COURT)
    assert (tmp_path / "seal" / KEY).read_bytes() == key
    assert stat.S_IMODE((tmp_path / "seal" / KEY).stat().st_mode) == 0o600
    assert [f.name for f in tmp_path.iterdir()] == ["seal"]


def pkcs12(folder: Path, passphrase: str) -> bytes:
    key: Any = load_pem_private_key((folder / KEY).read_bytes(), None)
    certificate = load_pem_x509_certificate((folder / CERTIFICATE).read_bytes())
    root = load_pem_x509_certificate((folder / ROOT).read_bytes())
    return serialize_key_and_certificates(
        b"seal", key, certificate, [root], BestAvailableEncryption(passphrase.encode())
    )


def test_a_court_brings_its_certificate_as_pkcs12(
    folder: Path, sealer: PadesSealer, plain: bytes, tmp_path: Path
) -> None:
    file = tmp_path / "court.p12"
    file.write_bytes(pkcs12(folder, "a secret"))
    court = PadesSealer(lambda: from_pkcs12(file, "a secret"), roots=certificates_in(folder / ROOT))
    assert sealer.check(court.seal(plain)).verdict is SealVerdict.INTACT
    with pytest.raises(KeyUnusable):
        from_pkcs12(file, "another")


def on_token(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token of its own with the demo's key on it, as `softhsm2-util` and a PKCS#11 tool put it there."""
    (tmp_path / "tokens").mkdir()
    (tmp_path / "softhsm2.conf").write_text(f"directories.tokendir = {tmp_path / 'tokens'}\nlog.level = ERROR\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "softhsm2.conf"))
    key: Any = load_pem_private_key((folder / KEY).read_bytes(), None)
    (tmp_path / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    for deed in (
        ["--init-token", "--free", "--label", "court", "--pin", "1234", "--so-pin", "5678"],
        ["--import", tmp_path / "key.pem", "--token", "court", "--label", "seal", "--id", "01", "--pin", "1234"],
    ):
        subprocess.run(["/usr/bin/softhsm2-util", *deed], check=True, capture_output=True)
    (certificate,) = certificates_in(folder / CERTIFICATE)
    with pkcs11.lib(str(SOFTHSM)).get_token(token_label="court").open(rw=True, user_pin="1234") as session:
        own = {pkcs11.Attribute.LABEL: "seal", pkcs11.Attribute.TOKEN: True}
        session.create_object({**decode_x509_certificate(certificate.dump()), **own})


def test_a_court_keeps_its_key_on_a_token(
    folder: Path, sealer: PadesSealer, plain: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_token(folder, tmp_path, monkeypatch)
    court = PadesSealer(
        lambda: from_pkcs11(SOFTHSM, token="court", pin="1234", label="seal"), roots=certificates_in(folder / ROOT)
    )
    assert sealer.check(court.seal(plain)).verdict is SealVerdict.INTACT
    with pytest.raises(KeyUnusable):
        from_pkcs11(SOFTHSM, token="nobody's", pin="1234", label="seal")


def stamped(folder: Path, tsa: StampStandIn, *, lasting: bool = True) -> PadesSealer:
    authority = HttpStampAuthority(tsa.url, seconds=2)
    sealer = sealer_of(folder, stamper=AskedTimeStamper(authority), stamp_roots=tsa.roots)
    if not lasting:
        sealer._revocations = []
    return sealer


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_time_stamp_and_all_that_proves_it_travel_inside_the_letter(
    folder: Path, plain: bytes, tmp_path: Path
) -> None:
    """PAdES B-LT: a stamp from the authority, and the revocation lists in the file, under one seal over all of it."""
    with StampStandIn(tmp_path) as tsa:
        lasting = stamped(folder, tsa).seal(plain)
        short = stamped(folder, tsa, lasting=False).seal(plain)
        report = stamped(folder, tsa).check(lasting)
        assert report.verdict is SealVerdict.INTACT
        assert abs((report.stamped_at - report.sealed_at).total_seconds()) < 60
        assert stamped(folder, tsa).check(short).stamped_at is not None
    inside = PdfFileReader(io.BytesIO(lasting)).root["/DSS"]
    assert len(inside["/CRLs"]) >= 1
    assert len(inside["/Certs"]) >= 2
    assert "/DSS" not in PdfFileReader(io.BytesIO(short)).root
    assert "Signature is Valid" in seen_by_poppler(lasting, tmp_path)


@pytest.mark.allow_hosts(["127.0.0.1"])
@pytest.mark.parametrize(
    ("weather", "raised", "trouble"),
    [
        ("down", SeamUnavailable, Trouble.SERVER),
        ("nonsense", SeamUnavailable, Trouble.NONSENSE),
        ("refused", SeamMisused, Trouble.QUESTION),
        ("page", SeamMisused, Trouble.QUESTION),
        ("cut_off", SeamUnavailable, Trouble.UNREACHABLE),
    ],
)
def test_without_its_time_stamp_no_letter_is_sealed(
    folder: Path, plain: bytes, tmp_path: Path, weather: str, raised: type[SeamFailure], trouble: Trouble
) -> None:
    with StampStandIn(tmp_path) as tsa:
        tsa.weather = weather
        with pytest.raises(raised) as failure:
            stamped(folder, tsa).seal(plain)
    assert failure.value.trouble is trouble


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_an_operator_can_try_the_time_stamp_authority(tmp_path: Path) -> None:
    with StampStandIn(tmp_path) as tsa:
        StampProbe(HttpStampAuthority(tsa.url, seconds=2)).ping()
    with pytest.raises(SeamUnavailable):
        StampProbe(HttpStampAuthority(tsa.url, seconds=2)).ping()
