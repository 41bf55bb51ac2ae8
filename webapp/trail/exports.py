"""Rows of the audit trail as a file that proves itself: CSV, its last line an Ed25519 signature over all before it.

Each row carries its own fields and hashes, so that it can be checked against itself and, where rows follow one another in
the chain, against its neighbour. RFC 8032 for the signature, RFC 4180 for the lines.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from webapp.core.audit import row_hash

HEADS = ("id", "at", "actor_kind", "actor_id", "action", "subject_kind", "subject_id", "detail", "previous", "hash")
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
SIGNATURE = "signature"


class BadExport(Exception):
    """The file isn't what was signed; the message says where."""


@dataclass(frozen=True, slots=True)
class Proved:
    """What a file holds that proved itself."""

    rows: int
    first_id: int
    last_id: int
    gaps: int


def signing_key(secret: str) -> Ed25519PrivateKey:
    """The key of exports, made from AUDIT_KEY."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"audit export\x1f{secret}".encode()).digest())


def public_key(secret: str) -> str:
    """What an inspector needs to check a file: 64 hex digits."""
    return signing_key(secret).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def exported(entries: Iterable[Any], *, secret: str) -> Iterator[bytes]:
    """The file, line by line: heads, rows, signature."""
    digest = hashlib.sha512()
    for cells in (HEADS, *map(_cells, entries)):
        line = _line(cells)
        digest.update(line)
        yield line
    signature = signing_key(secret).sign(digest.digest())
    yield _line((SIGNATURE, "Ed25519-SHA512", public_key(secret), signature.hex()))


def _cells(entry: Any) -> tuple[str, ...]:
    detail = json.dumps(entry.detail, ensure_ascii=False, sort_keys=True)
    at = entry.at.isoformat(timespec="microseconds")
    deed = (entry.actor_kind, entry.actor_id, entry.action, entry.subject_kind, entry.subject_id)
    return (str(entry.id), at, *map(_guarded, deed), detail, entry.previous.hex(), entry.hash.hex())


def _guarded(text: str) -> str:
    """A spreadsheet takes a cell that begins like a formula for one; an apostrophe tells it not to."""
    return f"'{text}" if text.startswith((*FORMULAS, "'")) else text


def _line(cells: Iterable[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue().encode()


def check_export(data: bytes, *, key: str) -> Proved:
    """Holds when the file is as it was signed with this public key and each row's hash is its own. Raises BadExport."""
    body, _newline, last = data.rstrip(b"\r\n").rpartition(b"\r\n")
    signed = last.decode("utf-8", "replace").split(",")
    if len(signed) != 4 or signed[0] != SIGNATURE:
        raise BadExport("the last line is no signature: the file is cut off")
    _check_signature(body + b"\r\n", signed, key)
    return _check_rows(csv.reader(io.StringIO(body.decode("utf-8"), newline="")))


def _check_signature(body: bytes, signed: list[str], key: str) -> None:
    if signed[2] != key:
        raise BadExport("signed with another key")
    try:
        known = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        known.verify(bytes.fromhex(signed[3]), hashlib.sha512(body).digest())
    except (InvalidSignature, ValueError) as fault:
        raise BadExport("the signature doesn't fit: the file was changed") from fault


def _check_rows(lines: Iterator[list[str]]) -> Proved:
    if tuple(next(lines)) != HEADS:
        raise BadExport("the heads of the columns aren't ours")
    ids, gaps, previous = [], 0, None
    for cells in lines:
        entry = _entry(cells)
        if row_hash(entry).hex() != cells[9]:
            raise BadExport(f"row {cells[0]} isn't what its hash says")
        gaps += previous is not None and cells[8] != previous
        previous = cells[9]
        ids.append(int(cells[0]))
    return Proved(len(ids), ids[0] if ids else 0, ids[-1] if ids else 0, gaps)


def _entry(cells: list[str]) -> Any:
    plain = [cell.removeprefix("'") for cell in cells[2:7]]
    named = dict(zip(HEADS[2:7], plain, strict=True))
    moment, detail = datetime.fromisoformat(cells[1]), json.loads(cells[7])
    return SimpleNamespace(at=moment, detail=detail, previous=bytes.fromhex(cells[8]), **named)
