"""`flask letters …`: checking letters offline, and making many of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from webapp.cases.queries import case_by_number
from webapp.cases.rules import parse_case_number
from webapp.core import audit
from webapp.core.db import db
from webapp.genuine.usecases import FileReport, inspect_file
from webapp.payee.jobs import letter_html, letter_qr
from webapp.payee.queries import unmade_letters
from webapp.payee.usecases import make_letter
from webapp.ports.failures import SeamFailure
from webapp.ports.seams import Seams

letters = AppGroup("letters", help="Confirmation letters.")


@letters.command("verify")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def letters_verify(files: tuple[Path, ...], as_json: bool) -> None:
    """Checks seal, hash and audit chain of each file without asking anybody. Ends with 1 when one isn't genuine."""
    chain = audit.verify_chain()
    sealer = current_app.extensions["seams"].sealer
    false = 0
    for file in files:
        report = inspect_file(file.read_bytes(), sealer=sealer)
        genuine = report.genuine and chain.broken_at is None
        false += not genuine
        click.echo(_line(file, report, chain, genuine) if as_json else _words(file, report, chain, genuine))
    if false:
        raise click.exceptions.Exit(1)


def _line(file: Path, report: FileReport, chain: audit.ChainReport, genuine: bool) -> str:
    shown: dict[str, Any] = {
        "file": str(file),
        "genuine": genuine,
        **report.as_dict(),
        "chain_broken_at": chain.broken_at,
    }
    return json.dumps(shown, ensure_ascii=False)


def _words(file: Path, report: FileReport, chain: audit.ChainReport, genuine: bool) -> str:
    parts = [f"{file}: {'genuine' if genuine else 'NOT GENUINE'}", f"seal {report.seal}"]
    parts.append(f"{report.kind} {report.number}, {report.state}" if report.kind else "no file of ours has this hash")
    if report.kind:
        parts.append(
            f"hash in audit row {report.audit_row}" if report.audit_row else "its hash isn't in the audit chain"
        )
    parts.append("chain unbroken" if chain.broken_at is None else f"the chain breaks at row {chain.broken_at}")
    return "; ".join(parts)


@letters.command("make")
@click.option("--case", "case_number", required=True, help="Number of the case.")
def letters_make(case_number: str) -> None:
    """Makes every letter of a case that is signed and has no file yet.

    Each is a transaction of its own: stopped or killed, the command goes on where it was when it is run again, and beside
    workers or a second run of itself no letter is made twice.
    """
    number = parse_case_number(case_number)
    case = case_by_number(number.canonical) if number else None
    if case is None:
        raise click.ClickException(f"no case {case_number}")
    waiting = unmade_letters(case.id)
    seams: Seams = current_app.extensions["seams"]
    failed: dict[str, int] = {}
    with click.progressbar(waiting, label=f"{len(waiting)} letters") as bar:
        for letter_id in bar:
            try:
                make_letter(
                    letter_id, seams=seams, html=letter_html, qr=letter_qr, now=current_app.extensions["clock"]()
                )
            except SeamFailure as failure:
                failed[type(failure).__name__] = failed.get(type(failure).__name__, 0) + 1
            db.session.rollback()
            db.session.expunge_all()  # ten thousand letters don't fit a session
    click.echo(f"{len(waiting) - sum(failed.values())} letters made")
    if failed:
        raise click.ClickException(", ".join(f"{count} failed: {name}" for name, count in failed.items()))
