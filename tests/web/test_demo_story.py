"""A demo that nobody has used has work for everybody, made by the product's own deeds, once, and never where real people are paid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.conftest import MakeApp
from tests.databases import ROOT
from tests.fakes import TestClock
from webapp.charts.queries import charted_cases
from webapp.core import audit
from webapp.core.db import db
from webapp.core.jobs import Job
from webapp.core.settings import Environment, Settings
from webapp.docket.models import DocketItem
from webapp.docket.rules import overdue_before
from webapp.factory import create_app
from webapp.ledger.models import PayoutBatch, PayoutLine
from webapp.payee.models import Letter
from webapp.ports.document_reader import DocumentSide
from webapp.seeding import OnlyForDemos, seed_demo
from webapp.seeding.readers import (
    RecalledCards,
    RecalledDocuments,
    RecalledFaces,
    RecalledFilms,
    gestures_of,
    picture,
    take_of,
)
from webapp.wiring import build_seams


@pytest.fixture
def demo(settings: Settings, clock: TestClock) -> Iterator[Flask]:
    """A demo over the sandboxes, seeded, on a day when the texts of the template have long been in force."""
    clock.move(days=30)
    app = create_app(replace(settings, env=Environment.DEMO), clock=clock)
    with app.app_context():
        seed_demo(app, now=clock())
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_each_queue_has_work_the_payments_too_and_seeding_again_changes_nothing(demo: Flask, clock: TestClock) -> None:
    with demo.app_context():
        assert _counts(DocketItem.kind, DocketItem.state == "open") == {"identity": 4, "account": 3}
        late = overdue_before(clock(), demo.extensions["settings"].review_target_days)
        assert db.session.scalars(
            select(DocketItem.flags).where(DocketItem.since < late, DocketItem.state == "open")
        ).all()
        assert _counts(PayoutBatch.state) == {"released": 1, "ready": 1}
        assert _counts(PayoutLine.state) == {"paid": 2, "returned": 1, "live": 2}
        chart = next(chart for _, chart in charted_cases(frozenset(demo.extensions["settings"].court_list)) if chart)
        funnel = chart.numbers["funnel"]
        assert (funnel["named"], funnel["paid"], funnel["returned"]) == (48, 2, 1)
        assert funnel["named"] > funnel["begun"] > funnel["verified"] > funnel["submitted"] > funnel["signed"] > 2
        assert len(chart.numbers["days"]) >= 8
        assert audit.verify_chain().holds
        waiting = db.session.scalars(select(Job.kind).where(Job.state != "done")).all()
        assert set(waiting) == {"make_letter"}, "what is left is for the worker that starts with the demo"
        assert db.session.scalars(select(Letter.id).where(Letter.pdf_key.is_(None))).all()
        before = _rows()
        seed_demo(demo, now=clock())
        assert _rows() == before
    _the_reviewer_finds_the_name_that_differs(demo)


def _the_reviewer_finds_the_name_that_differs(demo: Flask) -> None:
    client = demo.test_client()
    page = client.get("/desk/sign-in")
    token = page.text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    sent = {"username": "limin", "password": "demo-limin-2026", "csrf_token": token}
    queue = client.post("/desk/sign-in", data=sent, follow_redirects=True).text
    assert "身份审核" in queue
    with demo.app_context():
        doubtful = db.session.scalars(select(DocketItem).where(DocketItem.flags.contains("doubt"))).all()
        assert {item.facts["name"] for item in doubtful} == {"BAUER LUKAS MARTIN", "黄嘉欣"}
        item_id = next(item.id for item in doubtful if item.facts["name"].startswith("BAUER"))
    evidence = client.get(f"/desk/review/{item_id}", follow_redirects=True).text
    assert "WEBER LUKAS MARTIN" in evidence


def test_made_up_people_are_refused_where_real_ones_are_paid(make_app: MakeApp, clock: TestClock) -> None:
    app = make_app()
    app.extensions["settings"] = replace(app.extensions["settings"], env=Environment.PRODUCTION)
    with app.app_context():
        with pytest.raises(OnlyForDemos):
            seed_demo(app, now=clock())
        assert _rows()["clerk"] == 0


def test_what_was_written_down_is_what_the_readers_say(settings: Settings) -> None:
    app = create_app(settings)
    with app.app_context():
        seams = build_seams(replace(settings, models_dir=ROOT / "models"))
        page, card, film = picture("passport-bauer"), picture("card-zheng"), take_of("film-2", 7)
        kept = RecalledDocuments().read(page, DocumentSide.DATA_PAGE)
        assert dict(seams.documents.read(page, DocumentSide.DATA_PAGE).fields) == dict(kept.fields)
        assert seams.cards.read([card]).number == RecalledCards().read([card]).number
        seen = seams.videos.inspect(film, longest=7.0, challenge=gestures_of("film-2"))
        known = RecalledFilms().inspect(film, longest=7.0, challenge=gestures_of("film-2"))
        assert seen.liveness is not None and known.liveness is not None
        assert (seen.fault, seen.liveness.fault, seen.liveness.seen) == (None, None, known.liveness.seen)
        still, permit = picture("film-2-still"), picture("permit-huang-front")
        assert seams.faces.compare(still, permit).likeness is RecalledFaces().compare(still, permit).likeness


def _counts(column: object, *where: object) -> dict[str, int]:
    query = select(column, func.count()).where(*where).group_by(column)  # type: ignore[call-overload]
    return dict(db.session.execute(query).all())


def _rows() -> dict[str, int]:
    """How many rows each table has."""
    return {
        table.name: db.session.scalar(select(func.count()).select_from(table)) or 0
        for table in db.metadata.sorted_tables
    }
