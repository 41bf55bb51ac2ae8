"""An auditor's deeds: proving the chain, searching for a person, taking rows out. Each of them is in the trail itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from webapp.core import audit, jobs
from webapp.core.db import db, unit_of_work
from webapp.trail.heads import written_heads
from webapp.trail.models import ChainProof

PROVE_CHAIN = "prove_chain"


def ask_for_proof(clerk_id: str, *, now: datetime) -> ChainProof:
    """Has the worker walk the chain. Inside a unit of work."""
    proof = ChainProof(asked_by=clerk_id, asked_at=now, rows_total=audit.count_rows())
    db.session.add(proof)
    db.session.flush()
    jobs.enqueue(PROVE_CHAIN, {"proof": proof.id}, now=now, key=f"{PROVE_CHAIN}:{proof.id}")
    return proof


def prove(proof_id: str, *, heads_file: Path, now: Callable[[], datetime]) -> None:
    """The worker's part: walks the chain, tells how far it has come, and writes down what it found."""
    heads = written_heads(heads_file)

    def tell(rows: int) -> None:
        with unit_of_work():
            db.session.get_one(ChainProof, proof_id).rows_seen = rows

    report = audit.verify_chain(heads=heads, tell=tell)
    with unit_of_work():
        proof = db.session.get_one(ChainProof, proof_id)
        proof.rows_seen = report.rows
        proof.rows_total = max(report.rows, proof.rows_total) if report.broken_at else report.rows
        proof.finished_at, proof.broken_at, proof.head = now(), report.broken_at, report.head
        proof.heads, proof.missing = len(heads), len(report.missing)
        actor = audit.Actor("clerk", proof.asked_by)
        audit.record(actor, "trail.proved", ("proof", proof_id), now=now(), rows=report.rows, holds=report.holds)


def note_search(clerk_id: str, found: Sequence[str], *, now: datetime) -> None:
    """Looking somebody up in the trail is a look at them. Inside a unit of work."""
    actor = audit.Actor("clerk", clerk_id)
    for person in found or ["nobody"]:
        audit.record(actor, "trail.searched", ("account", person), now=now)


def note_export(clerk_id: str, wanted: Mapping[str, str], *, now: datetime) -> None:
    """Taking rows out is a deed. Inside a unit of work."""
    audit.record(audit.Actor("clerk", clerk_id), "trail.exported", ("trail", "export"), now=now, filters=wanted)
