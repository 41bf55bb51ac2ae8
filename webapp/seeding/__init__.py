"""What a demo starts with: texts, clerks, a case or two, and payees whose numbers can't be real."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta

from flask import Flask

from webapp.accounts.models import Role
from webapp.accounts.queries import clerk_by_name
from webapp.cases.queries import case_by_number
from webapp.cases.usecases import create_case, import_register
from webapp.core.clock import in_china
from webapp.core.db import end_reading, unit_of_work
from webapp.core.settings import Environment, Settings
from webapp.demo_people import CLERKS, PEOPLE
from webapp.notices.usecases import publish_messages
from webapp.seeding.story import DAYS, tell_story
from webapp.staff.usecases import create_clerk, hash_password
from webapp.texts.bodies import publish_bodies
from webapp.texts.models import TextKind
from webapp.texts.queries import current_text

CASES = (
    ("（2023）粤0399执1234号", "示例集资案", "DEMO2345", 1.0),
    ("（2024）粤0399执恢56号", "示例预付卡案", "DEMO6789", 0.35),
)


class OnlyForDemos(Exception):
    """Made-up people have no place where real ones are paid."""


def seed_demo(app: Flask, *, now: datetime, story: bool = True) -> str:
    """Adds what is missing; safe to run at every start. Returns one line about it. Raises OnlyForDemos in production.

    A demo that nobody has used gets a `story` too: a case with twelve days behind it, in which there is something for everybody
    to do. It is told once, before anybody can have come in, unless the texts that people agree to in it are younger than it.
    """
    settings = app.extensions["settings"]
    if settings.env is Environment.PRODUCTION:
        raise OnlyForDemos
    began = now - timedelta(days=DAYS, hours=1)
    untouched = clerk_by_name(CLERKS[0].username) is None
    end_reading()
    _add_missing(settings, now=began if untouched else now)
    told = story and untouched and current_text(TextKind.RULES, "zh_Hans", now=began) is not None
    end_reading()
    if told:
        tell_story(app, now=now)
    return f"demo: {len(PEOPLE)} people, {len(CASES)} cases{', a story' if told else ''}"


def _add_missing(settings: Settings, *, now: datetime) -> None:
    with unit_of_work():
        publish_bodies(court=settings.court_name, platform=settings.platform_name, now=now)
        publish_messages(now=now)
    missing = [clerk for clerk in CLERKS if clerk_by_name(clerk.username) is None]
    hashes = {clerk.username: hash_password(clerk.password, username=clerk.username) for clerk in missing}
    end_reading()
    with unit_of_work():
        for clerk in missing:
            if clerk_by_name(clerk.username) is None:  # two servers may start at once
                create_clerk(
                    clerk.username,
                    display_name=clerk.display_name,
                    password_hash=hashes[clerk.username],
                    role=Role(clerk.role),
                    courts=settings.court_list,
                    now=now,
                )
    fresh = [made for made in CASES if case_by_number(made[0]) is None]
    for number, title, code, share in fresh:
        with unit_of_work():
            case = create_case(
                number,
                title=title,
                court=settings.court_name,
                partner_bank="样本银行",
                contact=settings.court_phone,
                now=now,
            )
            case.code = code
        import_register(case, "demo.csv", _register(share), today=in_china(now).date(), now=now)


def _register(share: float) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["姓名", "证件类型", "证件号码", "金额"])
    for place, person in enumerate(PEOPLE):
        writer.writerow(
            [person.name, person.document_type, person.number, f"{round((12000 + 731.5 * place) * share, 2):.2f}"]
        )
    return out.getvalue().encode("utf-8-sig")
