"""Coming in at the desk: passwords, second factors, proving oneself again, staying signed in, and what no stranger can do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.conftest import MakeApp
from tests.fakes import Fakes, TestClock
from tests.passkey import SoftwareKey
from tests.walker import Walker
from tests.web.conftest import PASSWORD
from webapp.accounts.models import Authenticator, Clerk, Passkey, RecoveryCode, Role, SignInTry, WebSession
from webapp.core.audit import AuditEntry
from webapp.core.db import db, unit_of_work
from webapp.staff.rules import totp_code
from webapp.staff.usecases import create_clerk, hash_password

NEW = "seven blue umbrellas sing"


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """A desk with a name of its own, as passkeys need one, where a second factor is demanded."""
    return make_app(clerk_second_factor="demand", desk_url="http://localhost")


@pytest.fixture
def lax(make_app: MakeApp) -> Flask:
    """A desk where a second factor is offered only."""
    return make_app(desk_url="http://localhost")


Enter = Callable[..., Walker]


@pytest.fixture
def newcomer(app: Flask, fakes: Fakes, clock: TestClock) -> Enter:
    """A clerk who has given the password for the first time."""

    def enter(username: str = "limin", role: Role = Role.REVIEWER, *, at: Flask = app, fresh: bool = True) -> Walker:
        if fresh:
            with at.app_context(), unit_of_work():
                courts = at.extensions["settings"].court_list
                create_clerk(
                    username,
                    display_name=username,
                    password_hash=hash_password(PASSWORD, username=username),
                    role=role,
                    courts=courts,
                    now=clock(),
                )
        walker = Walker(at.test_client(), fakes, lambda: 0)
        return walker.open("/desk/").press("登录", username=username, password=PASSWORD)

    return enter


def add_app(desk: Walker, clock: TestClock) -> tuple[str, list[str]]:
    """Sets an authenticator app up; its secret, and the recovery codes that were shown."""
    secret = desk.page.cssselect("code")[0].text_content()
    desk.press("启用", code=totp_code(secret, now=clock()))
    return secret, [code.text_content() for code in desk.page.cssselect(".codes code")]


def add_key(desk: Walker, key: SoftwareKey) -> None:
    desk.press("添加通行密钥", answer=key.make(options_of(desk)))


def options_of(desk: Walker) -> str:
    options: str = desk.page.cssselect("[data-passkey]")[0].get("data-options")
    return options


def test_a_clerk_sets_a_second_factor_up_before_anything_else(newcomer: Enter, clock: TestClock) -> None:
    desk = newcomer()
    assert desk.path == "/desk/security/second-factor"
    assert desk.open("/desk/identity").path == "/desk/security/second-factor"
    _secret, codes = add_app(desk, clock)
    assert len(set(codes)) == 10
    assert desk.press("我已经保存好了").path == "/desk/identity"


def test_the_app_s_code_is_asked_for_and_is_good_once(newcomer: Enter, clock: TestClock) -> None:
    secret, _codes = add_app(newcomer(), clock)
    desk = newcomer(fresh=False)
    assert desk.path == "/desk/sign-in/second"
    assert desk.press("继续", code=totp_code(secret, now=clock())).response.status_code == 422
    clock.move(seconds=30)
    code = totp_code(secret, now=clock())
    assert desk.press("继续", code=code).path == "/desk/identity"
    other = newcomer(fresh=False)
    assert other.press("继续", code=code).response.status_code == 422


def test_the_password_alone_opens_nothing(newcomer: Enter, clock: TestClock) -> None:
    add_app(newcomer(), clock)
    desk = newcomer(fresh=False)
    for path in ("/desk/identity", "/desk/security", "/desk/prove", "/desk/time-left", "/desk/security/second-factor"):
        assert desk.open(path).path.startswith("/desk/sign-in"), path


def test_a_password_without_its_second_factor_lapses(newcomer: Enter, clock: TestClock) -> None:
    secret, _codes = add_app(newcomer(), clock)
    desk = newcomer(fresh=False)
    clock.move(minutes=11)
    assert desk.press("继续", code=totp_code(secret, now=clock())).path == "/desk/sign-in"


def test_the_second_factor_changes_the_cookie(newcomer: Enter, clock: TestClock) -> None:
    secret, _codes = add_app(newcomer(), clock)
    desk = newcomer(fresh=False)
    before = desk.client.get_cookie("desk_session", path="/desk").value
    clock.move(seconds=30)
    desk.press("继续", code=totp_code(secret, now=clock()))
    planted = Walker(desk.client.application.test_client(), desk.fakes, lambda: 0)
    planted.client.set_cookie("desk_session", before, path="/desk")
    assert planted.open("/desk/identity").path == "/desk/sign-in"


def test_a_recovery_code_lets_in_once_however_it_is_typed(newcomer: Enter, clock: TestClock, app: Flask) -> None:
    _secret, codes = add_app(newcomer(), clock)
    desk = newcomer(fresh=False)
    typed = codes[3].lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert desk.press("用恢复码登录", recovery=typed).path == "/desk/identity"
    again = newcomer(fresh=False)
    assert again.press("用恢复码登录", recovery=codes[3]).response.status_code == 422
    with app.app_context():
        stored = db.session.query(RecoveryCode).all()
        assert sum(code.used_at is not None for code in stored) == 1
        assert not {code.encode() for code in codes} & {bytes(code.hash) for code in stored}


def test_fresh_recovery_codes_end_the_old_ones(newcomer: Enter, clock: TestClock) -> None:
    desk = newcomer()
    _secret, codes = add_app(desk, clock)
    desk.open("/desk/security").press("换一批恢复码")
    fresh = [code.text_content() for code in desk.page.cssselect(".codes code")]
    assert len(fresh) == 10 and not set(fresh) & set(codes)
    other = newcomer(fresh=False)
    assert other.press("用恢复码登录", recovery=codes[0]).response.status_code == 422
    assert other.press("用恢复码登录", recovery=fresh[0]).path == "/desk/identity"


def test_a_passkey_is_added_and_lets_in(newcomer: Enter, app: Flask) -> None:
    desk, key = newcomer(), SoftwareKey()
    add_key(desk, key)
    assert desk.press("我已经保存好了").path == "/desk/identity"
    other = newcomer(fresh=False)
    assert other.press("使用通行密钥", answer=key.use(options_of(other))).path == "/desk/identity"
    with app.app_context():
        assert db.session.query(Passkey).one().sign_count == key.count
        assert db.session.query(AuditEntry).filter_by(action="desk.signed_in").all()[-1].detail == {"by": "passkey"}


def test_a_passkey_s_answer_is_good_once_for_one_browser_and_one_address(newcomer: Enter) -> None:
    key = SoftwareKey()
    add_key(newcomer(), key)
    desk, other = newcomer(fresh=False), newcomer(fresh=False)
    answer = key.use(options_of(desk))
    assert other.press("使用通行密钥", answer=answer).response.status_code == 422
    assert desk.press("使用通行密钥", answer=answer).path == "/desk/identity"
    desk.press("退出")
    third = newcomer(fresh=False)
    assert third.press("使用通行密钥", answer=answer).response.status_code == 422
    key.origin = "https://phishing.example"
    assert third.press("使用通行密钥", answer=key.use(options_of(third))).response.status_code == 422
    key.origin, key.count = "http://localhost", 0
    assert third.press("使用通行密钥", answer=key.use(options_of(third))).response.status_code == 422


def test_nobody_else_s_passkey_and_no_nonsense_lets_in(newcomer: Enter) -> None:
    mine, theirs = SoftwareKey(), SoftwareKey()
    add_key(newcomer(), mine)
    add_key(newcomer("wangfang"), theirs)
    desk = newcomer(fresh=False)
    for answer in (theirs.use(options_of(desk)), "", "{}", "[]", "null", '{"id": 1}', '{"id": "a", "rawId": "é"}'):
        assert desk.press("使用通行密钥", answer=answer).response.status_code == 422, answer
    assert desk.press("使用通行密钥", answer=mine.use(options_of(desk))).path == "/desk/identity"


def test_guessed_codes_are_stopped_but_a_passkey_still_lets_in(newcomer: Enter, clock: TestClock) -> None:
    key, desk = SoftwareKey(), newcomer()
    add_key(desk, key)
    add_app(desk.open("/desk/security/second-factor"), clock)
    guesser = newcomer(fresh=False)
    for _ in range(10):
        guesser.press("继续", code="000000")
    assert "尝试次数太多" in guesser.press("继续", code="000000").text
    assert guesser.press("使用通行密钥", answer=key.use(options_of(guesser))).path == "/desk/identity"


def test_what_matters_most_is_asked_for_again_after_five_minutes(newcomer: Enter, clock: TestClock) -> None:
    key, desk = SoftwareKey(), newcomer()
    add_key(desk, key)
    clock.move(minutes=6)
    desk.open("/desk/security/second-factor")
    assert desk.path == "/desk/prove"
    assert desk.press("确认", password="wrong wrong wrong").response.status_code == 422
    assert desk.press("确认", password=PASSWORD).path == "/desk/security/second-factor"
    clock.move(minutes=6)
    desk.open("/desk/security/second-factor")
    assert desk.press("使用通行密钥", answer=key.use(options_of(desk))).path == "/desk/security/second-factor"


def test_a_key_that_doesn_t_know_its_person_stands_in_for_no_password(newcomer: Enter, clock: TestClock) -> None:
    key, desk = SoftwareKey(verifies=False), newcomer()
    add_key(desk, key)
    clock.move(minutes=6)
    desk.open("/desk/security/second-factor")
    assert desk.press("使用通行密钥", answer=key.use(options_of(desk))).response.status_code == 422


def test_the_last_second_factor_stays_where_one_is_demanded(newcomer: Enter, clock: TestClock, app: Flask) -> None:
    desk = newcomer()
    add_app(desk, clock)
    desk.open("/desk/security").press("删除 身份验证器应用")
    assert "至少要留一种" in desk.text
    add_key(desk.open("/desk/security/second-factor"), SoftwareKey())
    desk.open("/desk/security").press("删除 身份验证器应用")
    assert "已删除" in desk.text
    with app.app_context():
        assert (db.session.query(Authenticator).count(), db.session.query(Passkey).count()) == (0, 1)


def test_a_second_factor_that_is_only_offered_may_be_left_out(newcomer: Enter, lax: Flask) -> None:
    assert newcomer(at=lax).path == "/desk/identity"


def test_under_a_bare_address_no_passkey_is_offered(newcomer: Enter, make_app: MakeApp) -> None:
    desk = newcomer(at=make_app(desk_url="http://127.0.0.1")).open("/desk/security/second-factor")
    assert desk.page.cssselect("[data-passkey]") == []
    assert "通行密钥只能在 http://127.0.0.1 使用" in desk.text


def test_a_clerk_changes_the_password_and_other_browsers_are_signed_out(newcomer: Enter, lax: Flask) -> None:
    desk, other = newcomer(at=lax), newcomer(at=lax, fresh=False)
    desk.open("/desk/security").press("修改密码")
    for old, new, again, said in (
        (PASSWORD, "short", "short", "至少 12 个字符"),
        (PASSWORD, "aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa", "重复的字符太多"),
        (PASSWORD, NEW, NEW + "!", "两次输入的新密码不一样"),
        ("wrong wrong wrong", NEW, NEW, "现在的密码不对"),
        (PASSWORD, "liminlimin2026", "liminlimin2026", "用户名改写"),
    ):
        desk.press("保存", old=old, new=new, again=again)
        assert desk.response.status_code == 422 and said in desk.text, said
    assert "密码已修改" in desk.press("保存", old=PASSWORD, new=NEW, again=NEW).text
    assert other.open("/desk/identity").path == "/desk/sign-in"
    assert desk.open("/desk/identity").path == "/desk/identity"


def test_sessions_are_listed_and_signed_out_from_afar(newcomer: Enter, lax: Flask) -> None:
    desk, other, third = newcomer(at=lax), newcomer(at=lax, fresh=False), newcomer(at=lax, fresh=False)
    desk.open("/desk/security")
    assert "这一个" in desk.text
    ends = desk.page.cssselect("form[action='/desk/security/sessions/end'] button[name=session]")
    assert len(ends) == 3
    desk.press("退出其他全部")
    assert other.open("/desk/identity").path == third.open("/desk/identity").path == "/desk/sign-in"
    assert desk.open("/desk/security").path == "/desk/security"


def test_nobody_signs_another_clerk_out(newcomer: Enter, lax: Flask) -> None:
    desk, victim = newcomer(at=lax), newcomer("wangfang", at=lax)
    with lax.app_context():
        theirs = db.session.query(WebSession).join(Clerk).filter(Clerk.username == "wangfang").one().id
    token = desk.page.cssselect("[name=csrf_token]")[0].get("value")
    reply = desk.client.post("/desk/security/sessions/end", data={"csrf_token": token, "session": theirs})
    assert reply.status_code == 404
    assert victim.open("/desk/identity").path == "/desk/identity"


def test_asking_how_long_is_left_keeps_nobody_signed_in(newcomer: Enter, lax: Flask, clock: TestClock) -> None:
    desk = newcomer(at=lax)
    assert desk.client.get("/desk/time-left").json == {"left": 1800, "longest": 36000}
    clock.move(minutes=28)
    assert desk.client.get("/desk/time-left").json == {"left": 120, "longest": 34320}
    token = desk.page.cssselect("[name=csrf_token]")[0].get("value")
    stayed = desk.client.post("/desk/stay", headers={"X-CSRFToken": token})
    assert stayed.json == {"left": 1800, "longest": 34320}
    codes = []
    for _ in range(4):
        clock.move(minutes=8)
        codes.append(desk.client.get("/desk/time-left").status_code)
    assert codes == [200, 200, 200, 303]


def test_a_disabled_clerk_is_out_at_once(newcomer: Enter, lax: Flask, clock: TestClock) -> None:
    desk, admin = newcomer(at=lax), newcomer("sunli", Role.ADMINISTRATOR, at=lax)
    admin.open("/desk/staff").press("limin").press("停用")
    assert "已停用" in admin.text
    assert desk.open("/desk/identity").path == "/desk/sign-in"
    assert "用户名或密码不对" in desk.press("登录", username="limin", password=PASSWORD).text
    admin.press("恢复")
    assert desk.press("登录", username="limin", password=PASSWORD).path == "/desk/identity"


def courts(desk: Walker) -> list[str]:
    return [box.get("value") for box in desk.page.cssselect("[name=courts]")]


def test_an_administrator_adds_a_clerk_who_changes_the_password_first(
    newcomer: Enter, lax: Flask, clock: TestClock
) -> None:
    admin = newcomer("sunli", Role.ADMINISTRATOR, at=lax).open("/desk/staff").press("添加")
    assert admin.press("保存", username="Zhou Lei", display_name=" ", role="").response.status_code == 422
    assert len(admin.errors) == 4
    assert admin.page.cssselect("[name=username]")[0].get("value") == "zhou lei"
    admin.press("保存", username="zhoulei", display_name="周磊", role="reviewer", courts=courts(admin)[0])
    given = admin.page.cssselect("dd")[2].text_content()
    assert "zhoulei" in admin.open("/desk/staff").text
    assert given not in admin.text
    desk = Walker(lax.test_client(), admin.fakes, lambda: 0).open("/desk/")
    desk.press("登录", username="zhoulei", password=given)
    assert desk.path == "/desk/security/password"
    assert desk.open("/desk/identity").path == "/desk/security/password"
    refused = desk.press("保存", new=given, again=given)
    assert (refused.response.status_code, refused.path) == (422, "/desk/security/password")
    assert "另设一个只有您自己知道的" in refused.text
    assert desk.press("保存", new=NEW, again=NEW).path == "/desk/identity"


def test_a_temporary_password_lapses_after_a_week(newcomer: Enter, lax: Flask, clock: TestClock) -> None:
    newcomer(at=lax)
    admin = newcomer("sunli", Role.ADMINISTRATOR, at=lax).open("/desk/staff").press("limin").press("重置登录方式")
    given = admin.page.cssselect("dd")[2].text_content()
    clock.move(days=7)
    desk = Walker(lax.test_client(), admin.fakes, lambda: 0).open("/desk/")
    assert "用户名或密码不对" in desk.press("登录", username="limin", password=given).text


def test_a_reset_ends_second_factors_and_sessions(newcomer: Enter, app: Flask, clock: TestClock) -> None:
    desk = newcomer()
    add_app(desk, clock)
    admin = newcomer("sunli", Role.ADMINISTRATOR)
    add_app(admin, clock)
    admin.open("/desk/staff").press("limin").press("重置登录方式")
    given = admin.page.cssselect("dd")[2].text_content()
    assert desk.open("/desk/identity").path == "/desk/sign-in"
    desk.press("登录", username="limin", password=given)
    assert desk.path == "/desk/security/password"
    assert desk.press("保存", new=NEW, again=NEW).path == "/desk/security/second-factor"


def test_rights_are_changed_at_once_and_what_was_and_is_stands_in_the_trail(newcomer: Enter, lax: Flask) -> None:
    desk, admin = newcomer(at=lax), newcomer("sunli", Role.ADMINISTRATOR, at=lax)
    admin.open("/desk/staff").press("limin")
    admin.press("保存", role="auditor")
    assert "已保存" in admin.text
    assert "审计员" in desk.open("/desk/identity").text
    with lax.app_context():
        row = db.session.query(AuditEntry).filter_by(action="staff.rights_changed").one()
        assert (row.detail["before"]["role"], row.detail["after"]["role"]) == ("reviewer", "auditor")


def test_nobody_changes_their_own_rights(newcomer: Enter, lax: Flask) -> None:
    admin = newcomer("sunli", Role.ADMINISTRATOR, at=lax).open("/desk/staff").press("sunli")
    assert admin.page.cssselect("[name=role], [name=courts]") == []
    token = admin.page.cssselect("[name=csrf_token]")[0].get("value")
    data = {"csrf_token": token, "once": "x", "to": "off", "role": "manager", "display_name": "孙丽"}
    for deed in ("switch", "reset"):
        assert admin.client.post(f"{admin.path}/{deed}", data=data).status_code == 404
    admin.client.post(admin.path, data=data)
    with lax.app_context():
        assert db.session.query(Clerk).one().role == "administrator"


def test_a_right_second_factor_leaves_no_try(newcomer: Enter, clock: TestClock, app: Flask) -> None:
    secret, _codes = add_app(newcomer(), clock)
    desk = newcomer(fresh=False)
    clock.move(seconds=30)
    desk.press("继续", code=totp_code(secret, now=clock()))
    with app.app_context():
        assert db.session.query(SignInTry).count() == 0


def test_the_secret_of_the_app_is_sealed(newcomer: Enter, clock: TestClock, app: Flask) -> None:
    secret, _codes = add_app(newcomer(), clock)
    with app.app_context():
        raw = db.session.connection().exec_driver_sql("SELECT secret FROM authenticator").scalar_one()
        assert secret.encode() not in bytes(raw)
        assert db.session.query(Authenticator).one().secret == secret
