"""`flask store …`: the sealed files and what points to them."""

from __future__ import annotations

from datetime import timedelta

import click
from flask import current_app
from flask.cli import AppGroup

from webapp.sweeping import SHORTEST_GRACE, sweep_store

store = AppGroup("store", help="The object store.")


@store.command("sweep")
@click.option("--grace-hours", default=24.0, show_default=True, help="Younger files are left alone.")
@click.option("--dry-run", is_flag=True, help="Only counts.")
def store_sweep(grace_hours: float, dry_run: bool) -> None:
    """Removes sealed files that no record points to: what a crash left between a file and its record."""
    grace = timedelta(hours=grace_hours)
    if grace < SHORTEST_GRACE:
        raise click.UsageError(f"a grace of less than {SHORTEST_GRACE} could take a file whose record is being written")
    now = current_app.extensions["clock"]()
    swept = sweep_store(current_app.extensions["seams"].store, grace=grace, now=now, dry_run=dry_run)
    for prefix, (seen, orphans) in swept.items():
        click.echo(f"{prefix}: {seen} files, {orphans} that nobody points to{'' if dry_run else ', removed'}")
