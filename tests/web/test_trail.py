"""The auditor's desk: searching the trail, proving the chain, taking rows out; and that nobody's data stands in an address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from tests.fakes import TestClock
from tests.walker import Walker
from tests.web.conftest import PASSWORD, Clerk
from tests.web.test_collection import name_in_case
from tests.web.test_desk import open_first
from webapp.accounts.models import Account, Role
from webapp.core import audit
from webapp.core.audit import AuditEntry
from webapp.core.db import db, unit_of_work
from webapp.core.settings import Settings
from webapp.trail.exports import BadExport, check_export, public_key
from webapp.trail.heads import write_daily_head, written_heads


@pytest.fixture
def auditor(clerk: Clerk) -> Walker:
    return clerk("auditor", Role.AUDITOR)


def numbers(desk: Walker) -> list[int]:
    return [int(cell.text_content()) for cell in desk.page.cssselect("tr[data-row] td.num")]


def actions(desk: Walker) -> list[str]:
    return [row.cssselect("td")[3].text_content() for row in desk.page.cssselect("tr[data-row]")]


def fill(app: Flask, clock: TestClock, count: int, action: str = "test.deed") -> None:
    with app.app_context(), unit_of_work():
        for n in range(count):
            audit.record(audit.OPERATOR, action, ("thing", str(n)), now=clock(), n=n)


def cut(app: Flask, statement: str, **values: object) -> None:
    """What somebody with the database in hand can do."""
    with app.app_context(), unit_of_work():
        for deed in ("update", "delete"):
            on = " ON audit_entry" if db.engine.dialect.name == "postgresql" else ""
            db.session.execute(text(f"DROP TRIGGER IF EXISTS audit_entry_no_{deed}{on}"))
        db.session.execute(text(statement), values)


def test_the_trail_is_paged_without_gaps(auditor: Walker, app: Flask, clock: TestClock) -> None:
    fill(app, clock, 120)
    seen = numbers(auditor.open("/desk/trail"))
    fill(app, clock, 7)  # what comes meanwhile moves nothing
    while "更早的" in auditor.text:
        seen += numbers(auditor.press("更早的"))
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == len(set(seen)) >= 120
    assert min(seen) == 1
    auditor.press("回到最新")
    assert numbers(auditor)[0] == max(seen) + 7


def test_the_trail_is_searched_by_actor_action_record_and_day(auditor: Walker, app: Flask, clock: TestClock) -> None:
    fill(app, clock, 3)
    clock.move(days=2)
    fill(app, clock, 2, "other.deed")
    auditor.open("/desk/sign-in").press("登录", username="auditor", password=PASSWORD)
    assert actions(auditor.open("/desk/trail?action=other.deed")) == ["other.deed"] * 2
    assert set(actions(auditor.open("/desk/trail?action=test."))) == {"test.deed"}
    with app.app_context():
        auditor_id = db.session.query(AuditEntry).filter_by(action="desk.signed_in").first().actor_id
    assert actions(auditor.open(f"/desk/trail?actor={auditor_id}")) == ["登录审核台"] * 2
    assert len(actions(auditor.open("/desk/trail?subject=1"))) == 2
    assert actions(auditor.open("/desk/trail?since=2026-11-25&until=2026-11-25")) == [
        "登录审核台",
        "other.deed",
        "other.deed",
    ]
    assert set(actions(auditor.open("/desk/trail?action=test.deed&until=2026-11-24"))) == {"test.deed"}
    assert "没有符合条件的记录" in auditor.open("/desk/trail?until=2025-01-01").text
    assert auditor.open("/desk/trail?since=nonsense&before=x&actor=%01").response.status_code == 200


def test_a_person_is_found_by_number_or_name_and_every_look_is_there(
    auditor: Walker, clerk: Clerk, passport: Walker, app: Flask
) -> None:
    reviewer = open_first(clerk())
    reviewer.client.get(reviewer.page.cssselect("figure img")[0].get("src"))
    reviewer.press("通过 A")
    passport.work()
    passport.open("/verify").sign()
    auditor.open("/desk/trail").press("按人查询")
    assert auditor.press("查询").response.status_code == 422
    auditor.press("查询", number=" c01x00t47 ")
    assert auditor.path == "/desk/trail"
    assert "M**** A***" in auditor.text
    looks = [a for a in actions(auditor) if a == "查看"]
    assert len(looks) == 2
    assert {"身份得到证明", "通过", "同意文本", "验证手机号"} <= set(actions(auditor))
    assert "登录审核台" not in actions(auditor)
    asked = auditor.response.request.query_string.decode()
    with app.app_context():
        assert asked == f"person={db.session.query(Account).one().id}"
        searched = db.session.query(AuditEntry).filter_by(action="trail.searched").one()
        assert "C01X00T47" not in str(searched.detail)
    auditor.open("/desk/trail/person").press("查询", name="anna · Mueller")
    assert auditor.path == "/desk/trail"


def test_who_is_named_but_never_came_is_found_by_number(auditor: Walker, app: Flask, clock: TestClock) -> None:
    name_in_case(app, clock)
    auditor.open("/desk/trail/person").press("查询", number="440301198501010014")
    assert "在名册中，尚未认证" in auditor.text
    assert "440301198501010014" not in auditor.text
    auditor.open("/desk/trail/person").press("查询", number="440301198501010022", name="何志豪")
    assert "没有找到" in auditor.text


def test_only_auditors_see_the_trail(clerk: Clerk, auditor: Walker) -> None:
    assert "审计" in [link.text_content().strip() for link in auditor.page.cssselect(".desk-nav a")]
    for name, role in (("limin", Role.REVIEWER), ("wangfang", Role.MANAGER), ("sunli", Role.ADMINISTRATOR)):
        desk = clerk(name, role)
        assert "审计" not in [link.text_content().strip() for link in desk.page.cssselect(".desk-nav a")]
        for path in ("/desk/trail", "/desk/trail/person", "/desk/trail/proofs"):
            assert desk.client.get(path).status_code == 404


def prove(auditor: Walker, work: Callable[[], int]) -> Walker:
    auditor.open("/desk/trail/proofs").press("开始校验")
    assert "正在校验" in auditor.text
    work()
    return auditor.open(auditor.path)


def test_the_chain_is_proved_in_the_page(
    auditor: Walker, app: Flask, clock: TestClock, work: Callable[[], int]
) -> None:
    fill(app, clock, 30)
    assert "完整，没有被改动" in prove(auditor, work).text
    assert "完整" in auditor.open("/desk/trail/proofs").text


def test_a_changed_row_is_named_in_the_page(
    auditor: Walker, app: Flask, clock: TestClock, work: Callable[[], int]
) -> None:
    fill(app, clock, 30)
    cut(app, "UPDATE audit_entry SET actor_id = 'me' WHERE id = 20")
    assert "从第 20 号记录起与指纹不符" in prove(auditor, work).text


def test_rows_cut_off_the_end_are_missed_by_the_heads_that_were_written_down(
    auditor: Walker, app: Flask, clock: TestClock, work: Callable[[], int], settings: Settings
) -> None:
    fill(app, clock, 30)
    with app.app_context():
        assert write_daily_head(settings.heads_file, now=clock())
        assert not write_daily_head(settings.heads_file, now=clock())
        last = written_heads(settings.heads_file)[0].id
    cut(app, "DELETE FROM audit_entry WHERE id > :last", last=last - 3)
    with app.app_context():
        assert audit.verify_chain().holds
    run = app.test_cli_runner().invoke(args=["audit", "verify"])
    assert run.exit_code == 1
    assert "lacks what it once had" in run.output
    fill(app, clock, 3)  # a tail that was written anew doesn't help, nor a later head of the same place
    clock.move(days=1)
    with app.app_context():
        assert write_daily_head(settings.heads_file, now=clock())
        assert {head.id for head in written_heads(settings.heads_file)} >= {last}
    auditor.open("/desk/sign-in").press("登录", username="auditor", password=PASSWORD)
    assert "有 1 个另存的链尾在链上找不到" in prove(auditor, work).text


def test_the_head_is_printed_and_written_down_by_command(app: Flask, clock: TestClock, settings: Settings) -> None:
    fill(app, clock, 5)
    run = app.test_cli_runner()
    printed = run.invoke(args=["audit", "head", "--write"]).output.strip()
    assert settings.heads_file.read_text(encoding="utf-8").strip() == printed
    assert "1 heads found" in run.invoke(args=["audit", "verify"]).output
    settings.heads_file.write_text("nonsense\n", encoding="utf-8")
    assert run.invoke(args=["audit", "verify"]).exit_code == 1


def export(auditor: Walker, query: str = "") -> bytes:
    auditor.open(f"/desk/trail{query}").press("导出")
    assert auditor.response.mimetype == "text/csv"
    data: bytes = auditor.response.data
    return data


def test_an_export_proves_itself_and_only_as_it_was_signed(
    auditor: Walker, app: Flask, clock: TestClock, settings: Settings, tmp_path: Path
) -> None:
    fill(app, clock, 40)
    with app.app_context(), unit_of_work():
        audit.record(audit.OPERATOR, "test.deed", ("thing", "=cmd|calc"), now=clock(), words='a,"b"\r\nc')
    data, key = export(auditor), public_key(settings.audit_key)
    proved = check_export(data, key=key)
    assert (proved.first_id, proved.gaps) == (1, 0)
    assert proved.rows == proved.last_id
    assert b"'=cmd" in data
    some = check_export(export(auditor, "?subject=%3Dcmd%7Ccalc"), key=key)
    assert some.rows == 1
    file = tmp_path / "audit.csv"
    file.write_bytes(data)
    run = app.test_cli_runner()
    assert run.invoke(args=["audit", "public-key"]).output.strip() == key
    assert (
        "0 gaps between them, as signed" in run.invoke(args=["audit", "verify-export", str(file), "--key", key]).output
    )
    lines = data.split(b"\r\n")
    for harmed in (
        data.replace(b"test.deed", b"test.deet", 1),
        b"\r\n".join(lines[:5] + lines[6:]),
        b"\r\n".join(lines[:-2]),
        data[:-40],
        b"",
    ):
        with pytest.raises(BadExport):
            check_export(harmed, key=key)
        file.write_bytes(harmed)
        assert run.invoke(args=["audit", "verify-export", str(file)]).exit_code == 1
    with pytest.raises(BadExport, match="another key"):
        check_export(data, key=public_key("another secret, long enough to be one"))


def test_taking_rows_out_asks_who_sits_there_and_is_itself_in_the_trail(
    auditor: Walker, app: Flask, clock: TestClock
) -> None:
    clock.move(minutes=6)
    auditor.open("/desk/trail?action=desk.").press("导出")
    assert auditor.path == "/desk/prove"
    auditor.press("确认", password=PASSWORD)
    assert (auditor.path, auditor.response.request.args["action"]) == ("/desk/trail", "desk.")
    assert auditor.press("导出").response.data, "read to its end, which lets go of the database"
    with app.app_context():
        assert db.session.query(AuditEntry).filter_by(action="trail.exported").one().detail == {
            "filters": {"action": "desk."}
        }


def test_heads_are_read_from_where_the_settings_say(settings: Settings, tmp_path: Path) -> None:
    assert settings.heads_file == settings.data_dir / "audit-heads.txt"
    assert replace(settings, audit_heads=tmp_path / "x").heads_file == tmp_path / "x"
