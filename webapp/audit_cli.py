"""`flask audit …`: proving the chain and its exports at the command line."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from webapp.core import audit
from webapp.core.settings import Settings
from webapp.trail.exports import BadExport, check_export, public_key
from webapp.trail.heads import line_of, write_head, written_heads

audit_commands = AppGroup("audit", help="The audit chain.")


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


@audit_commands.command("verify")
@click.option("--heads", type=click.Path(exists=True, path_type=Path), help="Heads that were kept elsewhere.")
def verify(heads: Path | None) -> None:
    """Proves the audit chain, also against the heads that were written down, or names what doesn't fit."""
    known = written_heads(heads or _settings().heads_file)
    report = audit.verify_chain(heads=known)
    if report.broken_at is not None:
        raise click.ClickException(f"the chain breaks at row {report.broken_at}")
    if report.missing:
        lost = ", ".join(f"{head.rows} rows with id {head.id}" for head in report.missing)
        raise click.ClickException(f"the chain lacks what it once had: {lost}")
    click.echo(f"{report.rows} rows, unbroken, {len(known)} heads found, head {report.head}")


@audit_commands.command("head")
@click.option("--write", is_flag=True, help="Appends it to the file of heads as well.")
def head(write: bool) -> None:
    """Prints the chain's newest row, to be kept where nobody who can change the database can reach it."""
    now = current_app.extensions["clock"]()
    found = write_head(_settings().heads_file, now=now) if write else audit.present_head()
    if found is None:
        raise click.ClickException("the chain has no rows yet")
    click.echo(line_of(found, now=now))


@audit_commands.command("public-key")
def audit_public_key() -> None:
    """Prints the key by which anybody can check an export."""
    click.echo(public_key(_settings().audit_key))


@audit_commands.command("verify-export")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", default="", help="Public key as it was published; left out: this deployment's own.")
def verify_export(file: Path, key: str) -> None:
    """Checks a file that an auditor took out: its signature, and the hash of each row."""
    try:
        proved = check_export(file.read_bytes(), key=key or public_key(_settings().audit_key))
    except BadExport as bad:
        raise click.ClickException(str(bad)) from bad
    click.echo(f"{proved.rows} rows, {proved.first_id} to {proved.last_id}, {proved.gaps} gaps between them, as signed")
