"""`flask seams …`: what an operator asks when an outside party doesn't answer."""

from __future__ import annotations

import time
from collections.abc import Callable

import click
from flask import current_app
from flask.cli import AppGroup

from webapp.ports.failures import SeamFailure, Trouble
from webapp.wiring import pings

seams = AppGroup("seams", help="The outside parties.")

WORDS = {
    Trouble.NAME: "its name is not resolved: check the address in the settings, and this machine's DNS",
    Trouble.UNREACHABLE: "nothing answers there: check the address, the port and the firewall",
    Trouble.CERTIFICATE: "its certificate is not trusted: expired, made for another name, or from an unknown issuer",
    Trouble.TIMEOUT: "it takes too long to answer (SEAM_SECONDS)",
    Trouble.CUT_OFF: "the answer breaks off in the middle",
    Trouble.NONSENSE: "the answer is not of the agreed form, or not rightly signed",
    Trouble.BUSY: "it limits the rate of our questions",
    Trouble.SERVER: "it says that it is out of order itself",
    Trouble.PAUSED: "it is known to be down",
    Trouble.CLOCK: "the two clocks differ too much: set this machine's time (NTP)",
    Trouble.SECRET: "the secret or the app's name is wrong: compare both with what the party gave",
    Trouble.PERMISSION: "we are known, but not allowed to do this: ask the party to switch it on",
    Trouble.QUOTA: "the package is used up, or a bill is unpaid",
    Trouble.QUESTION: "it doesn't take our question: another version, a wrong path or a wrong bucket",
    Trouble.OTHER: "the reason is unknown",
}


@seams.command("check")
def seams_check() -> None:
    """Tries each party and says what is wrong. Ends with 1 when one of them fails."""
    failed = 0
    for seam, ping in pings(current_app.extensions["settings"]).items():
        if isinstance(ping, str):
            click.echo(f"{seam}: {ping}, nobody to ask")
        else:
            failed += _try(seam, ping)
    if failed:
        raise click.ClickException(f"{failed} of them can't be used")


def _try(seam: str, ping: Callable[[], None]) -> int:
    started = time.monotonic()
    try:
        ping()
    except SeamFailure as failure:
        click.echo(f"{seam}: FAILS, {WORDS[failure.trouble]} ({failure})")
    except (ValueError, OSError) as fault:
        click.echo(f"{seam}: FAILS, its settings can't be used: {fault}")
    else:
        click.echo(f"{seam}: answers, in {1000 * (time.monotonic() - started):.0f} ms")
        return 0
    return 1
