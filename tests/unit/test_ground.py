"""The ground under every room: settings, sealing, the audit chain, one-time tokens, units of work."""

from __future__ import annotations

import base64
import dataclasses
import threading
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from tests.fakes import TestClock
from webapp.core import audit
from webapp.core.db import NestedUnitOfWork, db, end_reading, unit_of_work
from webapp.core.once import AlreadyDone, SpentToken, forget_old_tokens, spend
from webapp.core.quiet import TransactionLeftOpen, quiet
from webapp.core.sealing import CannotOpen, KeyRing
from webapp.core.settings import DEMO_KEY, BadSettings, Settings
from webapp.notices.models import Message

GOOD = {
    "ENV": "production", "SECRET_KEY": "s" * 40, "INDEX_KEY": "i" * 40, "AUDIT_KEY": "a" * 40, "SEALING_KEYS": "2:" + base64.b64encode(b"k" * 32).decode(),
    "FACE_AUTHORITY": "review", "IMMIGRATION": "review", "ACCOUNT_CHECK": "review", "SECURE_COOKIES": "1", "TEST_PHONES": "0", "SPECIMEN_BANK": "0",
    "CLERK_SECOND_FACTOR": "demand",
}  # fmt: skip


def test_every_setting_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
    for setting in dataclasses.fields(Settings):
        assert len(setting.metadata["doc"]) > 10
        assert f"`{setting.name.upper()}`" in page, f"docs/operations.md doesn't tell of {setting.name.upper()}"


@pytest.mark.parametrize(
    "changed",
    [
        {"SECRET_KEY": ""}, {"SECRET_KEY": "short"}, {"INDEX_KEY": ""}, {"SEALING_KEYS": DEMO_KEY}, {"SEALING_KEYS": "1:abc"}, {"SMS": "sandbox"},
        {"FACE_AUTHORITY": "sandbox"}, {"IMMIGRATION": "sandbox"}, {"ACCOUNT_CHECK": "sandbox"}, {"SECURE_COOKIES": "0"}, {"TEST_PHONES": "1"},
        {"SPECIMEN_BANK": "1"}, {"COURTS": " , "}, {"ENV": "staging"}, {"OBJECT_STORE": "plain"}, {"CLERK_SECOND_FACTOR": "offer"}, {"AUDIT_KEY": ""},
        {"SEAL": "sandbox"}, {"MAIL": "sandbox"},
    ],
)  # fmt: skip
def test_production_refuses_what_is_made_for_a_demo(changed: dict[str, str]) -> None:
    name = next(iter(changed))
    with pytest.raises(BadSettings, match=name):
        Settings.from_env({**GOOD, **changed})


def test_every_fault_of_the_environment_is_told_at_once() -> None:
    with pytest.raises(BadSettings) as told:
        Settings.from_env({"ENV": "production"})
    assert all(word in str(told.value) for word in ("SECRET_KEY", "INDEX_KEY", "SEALING_KEYS", "SMS", "SECURE_COOKIES"))


def test_what_is_sealed_opens_only_in_its_own_place_and_unchanged() -> None:
    ring = KeyRing({1: b"a" * 32}, b"index")
    sealed = ring.seal("何志豪".encode(), "identity.name")
    assert ring.open(sealed, "identity.name").decode() == "何志豪"
    for wrong, place in (
        (sealed, "identity.number"),
        (sealed[:-1] + bytes([sealed[-1] ^ 1]), "identity.name"),
        (b"\x09" + sealed[1:], "identity.name"),
        (b"", "x"),
    ):
        with pytest.raises(CannotOpen):
            ring.open(wrong, place)


def test_an_old_key_still_opens_after_a_new_one_seals() -> None:
    old = KeyRing({1: b"a" * 32}, b"index")
    both = KeyRing({2: b"b" * 32, 1: b"a" * 32}, b"index")
    assert both.open(old.seal(b"x", "p"), "p") == b"x"
    assert both.seal(b"x", "p")[0] == 2
    with pytest.raises(CannotOpen):
        old.open(both.seal(b"x", "p"), "p")


def test_the_same_value_seals_differently_and_hashes_alike() -> None:
    ring = KeyRing({1: b"a" * 32}, b"index")
    assert ring.seal(b"x", "p") != ring.seal(b"x", "p")
    assert ring.keyed_hash("card", "1") == ring.keyed_hash("card", "1") != ring.keyed_hash("phone", "1")
    assert ring.keyed_hash("card", "1") != KeyRing({1: b"a" * 32}, b"other").keyed_hash("card", "1")


def chain(app: Flask, clock: TestClock, length: int = 5) -> None:
    with app.app_context():
        for number in range(length):
            with unit_of_work():
                audit.record(audit.OPERATOR, "test.deed", ("thing", str(number)), now=clock(), number=number)


def test_an_untouched_chain_is_proved(app: Flask, clock: TestClock) -> None:
    chain(app, clock)
    with app.app_context():
        report = audit.verify_chain()
    assert report.broken_at is None
    assert report.rows >= 5


def test_the_database_refuses_to_change_or_remove_an_audit_row(app: Flask, clock: TestClock) -> None:
    chain(app, clock)
    for statement in ("UPDATE audit_entry SET action = 'x' WHERE id = 2", "DELETE FROM audit_entry WHERE id = 2"):
        with app.app_context(), pytest.raises(DatabaseError, match="append-only"), unit_of_work():
            db.session.execute(text(statement))


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE audit_entry SET detail = '{\"number\": 99}' WHERE id = :id",
        "UPDATE audit_entry SET actor_id = 'me' WHERE id = :id",
        "DELETE FROM audit_entry WHERE id = :id",
    ],
)
def test_a_change_behind_the_databases_back_breaks_the_chain_at_its_row(
    app: Flask, clock: TestClock, harm: str
) -> None:
    chain(app, clock)
    with app.app_context():
        victim = db.session.query(audit.AuditEntry).order_by(audit.AuditEntry.id).offset(2).first().id
        db.session.rollback()
        with unit_of_work():
            for deed in ("update", "delete"):
                on = " ON audit_entry" if db.engine.dialect.name == "postgresql" else ""
                db.session.execute(text(f"DROP TRIGGER audit_entry_no_{deed}{on}"))
            db.session.execute(text(harm), {"id": victim})
        report = audit.verify_chain()
    assert report.broken_at in (victim, victim + 1)


def test_writers_in_many_threads_keep_one_chain(app: Flask, clock: TestClock) -> None:
    threads = [threading.Thread(target=chain, args=(app, clock, 6)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        report = audit.verify_chain()
    assert report.broken_at is None
    assert report.rows >= 24


def test_a_token_is_spent_once_even_by_many_at_the_same_moment(app: Flask, clock: TestClock) -> None:
    outcomes: list[str] = []

    def try_it() -> None:
        with app.app_context():
            try:
                with unit_of_work():
                    spend("the-token", now=clock())
                outcomes.append("did")
            except AlreadyDone:
                outcomes.append("already")

    threads = [threading.Thread(target=try_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["already"] * 7 + ["did"]


def test_a_form_without_a_token_never_acts_and_old_tokens_are_forgotten(app: Flask, clock: TestClock) -> None:
    with app.app_context():
        with pytest.raises(AlreadyDone), unit_of_work():
            spend("", now=clock())
        with unit_of_work():
            spend("old", now=clock())
        clock.move(days=4)
        with unit_of_work():
            forget_old_tokens(now=clock())
        assert db.session.query(SpentToken).count() == 0


def test_a_unit_of_work_is_all_or_nothing_and_never_nested(app: Flask, clock: TestClock) -> None:
    with app.app_context():
        with pytest.raises(ZeroDivisionError), unit_of_work():
            audit.record(audit.OPERATOR, "test.deed", ("thing", "1"), now=clock())
            raise ZeroDivisionError
        assert db.session.query(audit.AuditEntry).filter_by(action="test.deed").count() == 0
        db.session.rollback()
        with pytest.raises(NestedUnitOfWork), unit_of_work(), unit_of_work():
            pass


def test_a_change_outside_a_unit_of_work_is_refused(app: Flask, clock: TestClock) -> None:
    with app.app_context():
        db.session.add(Message(account_id="x", kind="letter_signed", facts={}, created_at=clock()))
        with pytest.raises(RuntimeError, match="outside unit_of_work"):
            end_reading()


def test_a_seam_may_not_be_asked_while_a_transaction_is_open(app: Flask) -> None:
    class Seam:
        def ask(self) -> str:
            return "yes"

    with app.app_context():
        guarded = quiet(Seam())
        db.session.execute(text("SELECT 1"))
        with pytest.raises(TransactionLeftOpen, match="Seam.ask"):
            guarded.ask()
        end_reading()
        assert guarded.ask() == "yes"
