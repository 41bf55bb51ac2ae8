"""`flask …`: what an operator does at the command line."""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask, current_app
from flask.cli import AppGroup

from webapp.accounts.models import Role
from webapp.audit_cli import audit_commands
from webapp.cases.imports import CannotApply, ImportPending
from webapp.cases.queries import case_by_number
from webapp.cases.rules import parse_case_number
from webapp.cases.usecases import create_case, import_register
from webapp.core import audit, jobs
from webapp.core.clock import in_china
from webapp.core.db import unit_of_work
from webapp.letters_cli import letters
from webapp.notices.usecases import publish_messages
from webapp.payee.jobs import draw_first_letter
from webapp.reading_cli import read
from webapp.seams_cli import seams
from webapp.seeding import OnlyForDemos, seed_demo
from webapp.staff.usecases import create_clerk, hash_password
from webapp.store_cli import store
from webapp.texts.bodies import publish_bodies
from webapp.wiring import check_models
from webapp.worker import Worker, begin_warm
from webapp.working import all_handlers

cases = AppGroup("cases", help="Cases and their registers.")
clerks = AppGroup("clerks", help="Members of the staff.")
texts = AppGroup("texts", help="Legal texts.")
keys = AppGroup("keys", help="Secrets.")
queue = AppGroup("jobs", help="The worker's queue.")
MEANWHILE = {
    "gone": "somebody put this import away at the desk meanwhile",
    "changed": "somebody changed this case meanwhile (import the file again)",
    "paid": "money went out meanwhile to people whom the file leaves with less than that",
}


@cases.command("import")
@click.argument("case_number")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--doubled-meant", is_flag=True, help="Rows that are wholly the same are several sums: add them up.")
def cases_import(case_number: str, file: Path, *, doubled_meant: bool) -> None:
    """Imports a register (CSV) into a case: whole, or not at all with a report of bad rows."""
    number = parse_case_number(case_number)
    case = case_by_number(number.canonical) if number else None
    if case is None:
        raise click.ClickException(f"no case {case_number}")
    now = current_app.extensions["clock"]()
    settings = current_app.extensions["settings"]
    try:
        report = import_register(
            case,
            file.name,
            file.read_bytes(),
            today=in_china(now).date(),
            now=now,
            test_phones=settings.test_phones,
            doubled_meant=doubled_meant,
        )
    except ImportPending:
        raise click.ClickException("another import of this case waits at the desk: apply or discard it first") from None
    except CannotApply as cannot:
        raise click.ClickException(f"{MEANWHILE[cannot.why]}; nothing was imported") from None
    for fault in report.faults:
        click.echo(f"row {fault.row_number}: {fault.column}: {fault.reason} {fault.value_hint}")
    if report.faults:
        raise click.ClickException(f"{len(report.faults)} faults; nothing was imported")
    click.echo(
        f"{report.rows} rows: {report.added} added, {report.changed} changed, total {report.total_fen / 100:.2f} yuan"
    )


@cases.command("create")
@click.argument("case_number")
@click.argument("title")
@click.option("--court", default="")
@click.option("--partner-bank", default="")
@click.option("--contact", default="")
def cases_create(case_number: str, title: str, court: str, partner_bank: str, contact: str) -> None:
    """Creates a case."""
    settings, now = current_app.extensions["settings"], current_app.extensions["clock"]()
    with unit_of_work():
        case = create_case(
            case_number,
            title=title,
            court=court or settings.court_name,
            partner_bank=partner_bank,
            contact=contact,
            now=now,
        )
    click.echo(f"{case.number} {settings.public_url}/c/{case.code}")


@clerks.command("create")
@click.argument("username")
@click.argument("display_name")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--court", "courts", multiple=True, help="A court that the clerk works for; left out: all of them.")
@click.password_option()
def clerks_create(username: str, display_name: str, role: str, courts: tuple[str, ...], password: str) -> None:
    """Creates a clerk; the password is asked for."""
    known = current_app.extensions["settings"].court_list
    if unknown := set(courts) - set(known):
        raise click.ClickException(f"no court {', '.join(sorted(unknown))}; COURTS has {', '.join(known)}")
    hashed = hash_password(password, username=username)
    with unit_of_work():
        create_clerk(
            username,
            display_name=display_name,
            password_hash=hashed,
            role=Role(role),
            courts=courts or known,
            now=current_app.extensions["clock"](),
        )
    click.echo(f"{username} may sign in as {role}")


@texts.command("publish")
def texts_publish() -> None:
    """Puts the shipped texts into force where they differ from the versions in force."""
    settings = current_app.extensions["settings"]
    with unit_of_work():
        count = publish_bodies(
            court=settings.court_name, platform=settings.platform_name, now=current_app.extensions["clock"]()
        ) + publish_messages(now=current_app.extensions["clock"]())
    click.echo(f"{count} texts are in force")


@keys.command("new")
@click.option("--id", "key_id", default=1, show_default=True)
def keys_new(key_id: int) -> None:
    """Prints a fresh sealing key and three secrets."""
    click.echo(f"SEALING_KEYS={key_id}:{base64.b64encode(os.urandom(32)).decode()}")
    click.echo(f"SECRET_KEY={base64.urlsafe_b64encode(os.urandom(36)).decode()}")
    click.echo(f"INDEX_KEY={base64.urlsafe_b64encode(os.urandom(36)).decode()}")
    click.echo(f"AUDIT_KEY={base64.urlsafe_b64encode(os.urandom(36)).decode()}")


@keys.command("vapid")
def keys_vapid() -> None:
    """Prints a fresh key of Web Push; changing it ends every subscription."""
    key = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    click.echo(f"VAPID_KEY={base64.urlsafe_b64encode(key.to_bytes(32, 'big')).decode().rstrip('=')}")


@queue.command("dead")
def jobs_dead() -> None:
    """Lists the jobs that failed too often, the newest first: id, kind, when, error."""
    for job in jobs.dead_jobs():
        when = f"{in_china(job.finished_at):%Y-%m-%d %H:%M:%S}" if job.finished_at else "-"
        click.echo(f"{job.id}\t{job.kind}\t{when}\t{job.last_error or '-'}")
    click.echo(f"{jobs.count_dead()} dead jobs")


@queue.command("revive")
@click.argument("ids", type=int, nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every dead job.")
def jobs_revive(ids: tuple[int, ...], everything: bool) -> None:
    """Puts dead jobs back into the queue, with all their attempts."""
    if bool(ids) == everything:
        raise click.UsageError("name some ids, or --all")
    with unit_of_work():
        count = jobs.revive(None if everything else ids, actor=audit.OPERATOR, now=current_app.extensions["clock"]())
    click.echo(f"{count} jobs are back in the queue")


@click.command("worker")
@click.option("--quick", is_flag=True, help="Only codes and warnings, beside a worker that does everything.")
def worker_command(quick: bool) -> None:
    """Runs the background worker until it is stopped."""
    if quick:
        _worker(jobs.QUICK).run_forever()
        return
    if fault := check_models(current_app.extensions["settings"]):
        raise click.ClickException(fault)
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    begin_warm(app, lambda: draw_first_letter(app.extensions["seams"]))
    _worker(jobs.ALL_TURNS).run_forever()


def _worker(turns: Sequence[jobs.Turn]) -> Worker:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return Worker(app, all_handlers(app), lease=app.extensions["settings"].job_lease, turns=turns)


@click.command("seed-demo")
@click.option(
    "--story/--no-story", default=True, help="A case with twelve days behind it, in a demo that nobody has used."
)
def seed_command(story: bool) -> None:
    """Fills an empty demo with made-up people, cases and clerks; does nothing the second time."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    try:
        click.echo(seed_demo(app, now=app.extensions["clock"](), story=story))
    except OnlyForDemos:
        raise click.ClickException("made-up people are for demos: ENV is production") from None


def add_commands(app: Flask) -> None:
    """Makes the commands known."""
    for command in (
        cases,
        clerks,
        texts,
        audit_commands,
        keys,
        queue,
        read,
        seams,
        letters,
        store,
        worker_command,
        seed_command,
    ):
        app.cli.add_command(command)
