"""Serves the demo: migrates, seeds, starts two workers (one for what is urgent) and the web server, and tells how to come in."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
sys.path.insert(0, str(ROOT))
os.chdir(ROOT)
HOST, PORT = os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "8000")
ADDRESS = os.environ.setdefault("PUBLIC_URL", f"http://{HOST}:{PORT}")
if HOST == "127.0.0.1":
    os.environ.setdefault(
        "DESK_URL", f"http://localhost:{PORT}"
    )  # a passkey belongs to a name, never to a bare address
os.environ.setdefault("QUIET_HOURS", "off")  # whoever tries it out in the evening wants to see the SMS
os.environ.setdefault("COURT_ADDRESS", "深圳市示例路 1 号，诉讼服务中心")  # made up, as everything in a demo

import segno  # noqa: E402 (the path and the address must be set first)
from flask_migrate import upgrade  # noqa: E402

from tools.keeping import Kept  # noqa: E402
from webapp.core.settings import Settings  # noqa: E402
from webapp.demo_people import CLERKS, PEOPLE  # noqa: E402
from webapp.factory import create_app  # noqa: E402


def prepare() -> Settings:
    """Brings the database up to date and fills in the demo."""
    settings = Settings.from_env(os.environ)
    app = create_app(settings)
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        if settings.demo:
            story = "--no-story" if os.environ.get("DEMO_STORY") == "off" else "--story"
            app.test_cli_runner().invoke(args=["seed-demo", story], catch_exceptions=False)
    return settings


def tell(settings: Settings) -> None:
    """Addresses, people, passwords, and a QR code of the address."""
    print(f"\n  payees   {ADDRESS}/\n  clerks   {settings.desk}/desk/")
    if settings.demo:
        print(f"  sandbox  {ADDRESS}/sandbox   (SMS inbox, specimen pictures, which number gives which answer)\n")
        for person in PEOPLE:
            print(f"  {person.phone.removeprefix('+86')}  {person.number:20} {person.name}  ({person.note})")
        print()
        for clerk in CLERKS:
            print(f"  {clerk.username:10} {clerk.password:22} {clerk.role}  {clerk.display_name}")
    print()
    segno.make(ADDRESS, error="l").terminal(compact=True, border=2)
    print("  Ctrl-C stops everything.\n", flush=True)


def server() -> list[str]:
    """granian, or gunicorn where granian can't run."""
    if shutil.which(str(BIN / "granian")):
        return [
            str(BIN / "granian"),
            "--interface",
            "wsgi",
            "--host",
            HOST,
            "--port",
            PORT,
            "--workers",
            "2",
            "--blocking-threads",
            "4",
            "--no-ws",
            "--log-level",
            "warning",
            "wsgi:app",
        ]
    return [
        str(BIN / "gunicorn"),
        "--bind",
        f"{HOST}:{PORT}",
        "--workers",
        "2",
        "--threads",
        "4",
        "--reuse-port",
        "wsgi:app",
    ]


def main() -> int:
    """Runs until it is stopped, or until the web server ends."""
    tell(prepare())
    command, environ = [str(BIN / "flask"), "--app", "wsgi", "worker"], {**os.environ, "SURFACE": "both"}
    workers = [Kept(command, environ), Kept([*command, "--quick"], environ)]
    web = subprocess.Popen(server())

    def stop(*_: object) -> None:
        web.terminate()
        for worker in workers:
            worker.stop()

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, stop)
    code = web.wait()
    for worker in workers:
        worker.stop()
    for worker in workers:
        worker.wait()
    return 0 if code < 0 else code


if __name__ == "__main__":
    sys.exit(main())
