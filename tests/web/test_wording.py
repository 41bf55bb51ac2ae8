"""Texts at the desk: versions, drafts that a second person approves, and what a payee agreed to, as it was."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.fakes import Fakes, TestClock
from tests.walker import Walker
from tests.web.conftest import Clerk
from tests.web.test_collection import at_account, name_in_case
from webapp.accounts.models import Account, Role
from webapp.core.audit import AuditEntry
from webapp.core.db import db, unit_of_work
from webapp.notices.usecases import publish_messages
from webapp.texts.bodies import publish_bodies
from webapp.texts.models import Consent, TextKind
from webapp.texts.queries import text_in_force
from webapp.wording.models import TextDraft

RULES = "/desk/texts/rules/zh_Hans"
REFUSED = "/desk/texts/message.review_refused/zh_Hans"
BODY = "第一条 新的规程。\n\n第二条 请使用本人的证件。"


@pytest.fixture
def writer(clerk: Clerk) -> Walker:
    return clerk("wangfang", Role.MANAGER)


@pytest.fixture
def approver(clerk: Clerk) -> Walker:
    return clerk("zhaojun", Role.MANAGER)


def propose(desk: Walker, body: str = BODY, where: str = RULES, **fields: Any) -> str:
    """Hands a draft in; where it is."""
    desk.open(where).press("起草新版本").press("提交批准", body=body, **fields)
    assert "等待另一位管理员批准" in desk.text
    return desk.path


def rules(app: Flask, clock: TestClock) -> str:
    with app.app_context():
        return text_in_force(TextKind.RULES, "zh_Hans", now=clock()).body


def test_a_text_takes_effect_when_a_second_person_approves_it(
    writer: Walker, approver: Walker, app: Flask, clock: TestClock
) -> None:
    draft = propose(writer, title="新的规程")
    assert rules(app, clock) != BODY
    approver.open("/desk/texts")
    assert "等待批准" in approver.text
    approver.open(draft).press("批准")
    assert "已批准" in approver.text
    assert rules(app, clock) == BODY
    with app.app_context():
        deeds = [(row.action, row.actor_kind) for row in db.session.query(AuditEntry).order_by(AuditEntry.id)][-3:]
    assert deeds == [("texts.proposed", "clerk"), ("texts.published", "clerk"), ("texts.approved", "clerk")]


def test_who_wrote_it_can_t_approve_it(writer: Walker, app: Flask, clock: TestClock) -> None:
    draft = propose(writer)
    assert "批准" not in [button.text_content() for button in writer.page.cssselect("button")]
    token = writer.page.cssselect("[name=csrf_token]")[0].get("value")
    for deed in ("approve", "refuse"):
        writer.client.post(draft, data={"csrf_token": token, "deed": deed, "reason": "不合适"})
    assert "等待批准" in writer.open(draft).text
    assert rules(app, clock) != BODY


def test_a_draft_goes_back_with_words(writer: Walker, approver: Walker) -> None:
    draft = propose(writer)
    assert approver.open(draft).press("确认退回", reason=" ").response.status_code == 422
    approver.press("确认退回", reason="第二条漏了例外。")
    assert "第二条漏了例外。" in writer.open(draft).text
    assert "已退回" in writer.text


def test_its_writer_takes_a_draft_back(writer: Walker, approver: Walker, app: Flask, clock: TestClock) -> None:
    draft = propose(writer)
    approver.open(draft)
    writer.press("撤回")
    approver.press("批准")
    assert "已经处理过" in approver.text
    assert rules(app, clock) != BODY


def test_a_draft_over_an_older_version_is_not_approved(
    writer: Walker, approver: Walker, app: Flask, clock: TestClock
) -> None:
    first, second = propose(writer), propose(writer, body="第一条 另一个写法。")
    approver.open(first).press("批准")
    approver.open(second).press("批准")
    assert "之后又有了新的版本" in approver.text
    assert rules(app, clock) == BODY


def test_a_text_takes_effect_at_midnight_of_its_day_in_china(
    writer: Walker, approver: Walker, app: Flask, clock: TestClock
) -> None:
    draft = propose(writer, effective_on="2026-12-01")
    approver.open(draft).press("批准")
    assert "未生效" in approver.open(RULES).text
    clock.move(days=7, hours=13, minutes=59)  # the clock stands at 10:00 of 23 November in China
    assert rules(app, clock) != BODY
    clock.move(minutes=2)
    assert rules(app, clock) == BODY
    assert (
        "生效中"
        in approver.open("/desk/sign-in")
        .press("登录", username="zhaojun", password="a long enough password")
        .open(RULES)
        .text
    )


def test_an_update_of_the_product_leaves_a_court_s_coming_text_alone(
    writer: Walker, approver: Walker, app: Flask, clock: TestClock
) -> None:
    approver.open(propose(writer, effective_on="2026-12-01")).press("批准")
    with app.app_context(), unit_of_work():
        publish_bodies(court="另一个法院", platform="另一个平台", now=clock())
    clock.move(days=9)
    assert rules(app, clock) == BODY


def test_faults_are_told_beside_their_fields_and_what_was_typed_is_kept(writer: Walker) -> None:
    desk = writer.open(RULES).press("起草新版本")
    desk.press("提交批准", title=" ", body=" ", effective_on="2026-11-01")
    assert desk.response.status_code == 422
    assert len(desk.errors) == 3
    desk.press("提交批准", title="规程", body=BODY, effective_on="31/12/2026")
    assert len(desk.errors) == 1
    assert desk.page.cssselect("textarea")[0].text_content().strip() == BODY


def test_a_preview_shows_what_changed_and_publishes_nothing(writer: Walker, app: Flask, clock: TestClock) -> None:
    desk = writer.open(RULES).press("起草新版本")
    old = rules(app, clock)
    desk.press("预览和对比", body=old.replace("第四条", "第肆条"))
    assert [e.text_content() for e in desk.page.cssselect("del")] == ["删除：四"]
    assert [e.text_content() for e in desk.page.cssselect("ins")] == ["新增：肆"]
    assert rules(app, clock) == old
    desk.press("提交批准")
    assert "第肆条" in desk.text


def test_a_message_keeps_its_reason_and_only_what_can_be_filled_in(
    writer: Walker, app: Flask, clock: TestClock
) -> None:
    with app.app_context(), unit_of_work():
        publish_messages(now=clock())
    desk = writer.open(REFUSED).press("起草新版本")
    desk.press("提交批准", body="%(name)s，请重新提交。")
    assert "请保留 %(reason)s" in desk.errors[0]
    desk.press("提交批准", body="%(name)s，%(reason)s 卡号 %(card)s，手续费 5%。")
    assert "card、%" in desk.errors[0]
    desk.press("预览和对比", body="%(name)s，没有通过：%(reason)s")
    assert "【深圳法院】王小明，没有通过：证件照片不清楚。" in desk.text
    assert "按 1 条短信计费" in desk.text


def test_only_managers_write(clerk: Clerk, writer: Walker) -> None:
    draft = propose(writer)
    for name, role in (("limin", Role.REVIEWER), ("sun", Role.ADMINISTRATOR), ("zhou", Role.AUDITOR)):
        desk = clerk(name, role)
        assert desk.open(RULES).page.cssselect("a[href$='/new']") == []
        assert desk.client.get(f"{RULES}/new").status_code == 404
        token = desk.open(draft).page.cssselect("[name=csrf_token]")[0].get("value")
        assert desk.client.post(draft, data={"csrf_token": token, "deed": "approve"}).status_code == 404


def test_what_a_payee_agreed_to_is_shown_as_it_was(
    walker: Walker, writer: Walker, approver: Walker, app: Flask, clock: TestClock
) -> None:
    name_in_case(app, clock)
    at_account(walker.verified_resident())
    before = rules(app, clock).split("\n\n")[0]
    clock.move(minutes=1)
    approver.open(propose(writer)).press("批准")
    walker.open("/").press("我的授权您同意过的文本")
    titles = [link.text_content() for link in walker.page.cssselect("main a.cell b")]
    assert len(titles) == 4
    assert "粤" in walker.text
    walker.client.set_cookie("language", "en")
    with app.app_context(), unit_of_work():
        db.session.query(Account).update({"language": "en"})
    row = next(e for e in walker.open("/consents").page.cssselect("main a.cell") if "诉讼规程" in e.text_content())
    assert row.cssselect("b")[0].text_content() != titles[-1], "the title is in the language of the page"
    assert row.cssselect("[lang=zh-Hans]")[0].text_content() in titles, "what was agreed to is beside it"
    assert "(Beijing time)" in row.text_content()
    with app.app_context(), unit_of_work():
        db.session.query(Account).update({"language": "zh_Hans"})
    walker.open("/consents").open(
        next(a.get("href") for a in walker.page.cssselect("main a.cell") if "诉讼规程" in a.text_content())
    )
    assert before in walker.text
    assert "第一条 新的规程" not in walker.text
    with app.app_context():
        consent = db.session.query(Consent).filter_by(kind="rules").one()
    approver.open(f"/desk/people/{consent.account_id}/consents")
    assert "何**" in approver.text
    approver.open(f"/desk/consents/{consent.id}")
    assert before in approver.text
    with app.app_context():
        looks = db.session.query(AuditEntry).filter_by(action="desk.looked").all()
        assert {(row.subject_kind, row.subject_id) for row in looks} == {
            ("account", consent.account_id),
            ("consent", consent.id),
        }


def test_nobody_sees_what_another_agreed_to(walker: Walker, app: Flask, fakes: Fakes) -> None:
    walker.accept_rules()
    with app.app_context():
        consent = db.session.query(Consent).one().id
    other = Walker(app.test_client(), fakes, walker.work).accept_rules()
    assert other.client.get(f"/consents/{consent}").status_code == 404
    assert walker.client.get(f"/consents/{consent}").status_code == 200


def test_who_approves_a_message_is_told_what_leads_elsewhere_in_it(writer: Walker, approver: Walker) -> None:
    body = "%(name)s，审核未通过：%(reason)s 请打开 http://evil.example 。"
    writer.open(REFUSED).press("起草新版本").press("预览和对比", body=body)
    assert "批准前请核实" in writer.text
    approver.open(propose(writer, body, REFUSED))
    assert "http://evil.example" in approver.page.cssselect(".notice.warned")[0].text_content()
    approver.press("批准")
    assert "已批准" in approver.text
    assert not approver.page.cssselect(".notice.warned")
    approver.open(propose(writer, "%(name)s，审核未通过：%(reason)s", REFUSED))
    assert not approver.page.cssselect(".notice.warned")


def test_the_same_words_handed_in_twice_are_one_draft(writer: Walker, clerk: Clerk, app: Flask) -> None:
    first = propose(writer, title="新的规程")
    assert propose(writer, title="新的规程") == first, "the way back, and the button once more"
    assert propose(writer, title="新的规程", effective_on="2026-12-31") != first
    assert propose(writer, BODY + "\n\n第三条", title="新的规程") != first
    assert propose(clerk("zhaojun", Role.MANAGER), title="新的规程") != first
    writer.open(first).press("撤回")
    assert propose(writer, title="新的规程") != first, "what was taken back may be handed in anew"
    with app.app_context():
        assert db.session.query(TextDraft).count() == 5
