"""Two at once: tabs, clerks and workers that meet on the same record. Nobody gets an error, and one deed is done."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import event

from tests.conftest import MakeApp
from tests.fakes import Fakes, TestClock
from tests.walker import Walker
from tests.web.conftest import PASSWORD, Clerk
from tests.web.test_collection import at_account, hand_in, name_in_case
from tests.web.test_desk import open_first, signed_permit
from webapp.accounts.models import Clerk as StaffClerk
from webapp.accounts.models import Role, SignInTry, WebSession
from webapp.accounts.phones import Asker, MustWait, send_code
from webapp.accounts.sessions import spend_proof
from webapp.cases.imports import apply_import, begin_import, read_rows
from webapp.cases.models import Case, CasePayee
from webapp.cases.people import Person, add_payee
from webapp.core import audit
from webapp.core.db import db, unit_of_work
from webapp.core.jobs import Job
from webapp.docket.models import DocketItem
from webapp.evidence.usecases import open_file
from webapp.identity.models import Identity
from webapp.identity.usecases import document_hash
from webapp.notices.models import Message
from webapp.payee import usecases as payee
from webapp.payee.jobs import letter_html, letter_qr
from webapp.payee.letters import letter_content
from webapp.payee.models import Letter, LetterState, Submission
from webapp.review.deciding import Choice, decide, decide_account, take_effect, undo
from webapp.review.holding import take
from webapp.review.models import Decision
from webapp.sms.models import SmsDelivery
from webapp.staff import usecases as staff
from webapp.texts.models import TextKind
from webapp.texts.queries import text_in_force


def at_once(app: Flask, *deeds: Callable[[], object]) -> list[object]:
    """Runs each deed in a thread with a database session of its own; returns what they gave, or what they raised."""
    results: list[object] = [None] * len(deeds)
    start = threading.Barrier(len(deeds))

    def run(place: int) -> None:
        with app.app_context():
            start.wait()
            try:
                results[place] = deeds[place]()
            except Exception as fault:  # noqa: BLE001 (told by the test's assertion)
                results[place] = fault

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def signing(submission_id: str, now: datetime, meet: threading.Barrier | None = None) -> str:
    """What the view does when 「确定」 is pressed; `meet`: both have read the account before either signs."""
    text = text_in_force(TextKind.LETTER, "zh_Hans", now=now)
    with unit_of_work():
        submission = db.session.get_one(Submission, submission_id)
        case = db.session.get_one(Case, submission.case_id)
        identity = db.session.get_one(Identity, submission.identity_id)
        content = letter_content(case, identity, submission, text, specimen=True, now=now)
        if meet is not None:
            meet.wait()
        return payee.sign_letter(submission, case, text, content, now=now).number


def both_read(app: Flask) -> threading.Barrier | None:
    """On SQLite writers queue before they read, so that two can never have read."""
    with app.app_context():
        return threading.Barrier(2) if db.engine.dialect.name == "postgresql" else None


def test_two_tabs_that_sign_at_the_same_moment_sign_once(
    verified: Walker,
    app: Flask,
    clock: TestClock,
) -> None:
    hand_in(at_account(verified)).wait()
    with app.app_context():
        chosen = db.session.query(Submission).one().id
    meet = both_read(app)
    results = at_once(app, *[lambda: signing(chosen, clock(), meet)] * 2)
    assert sorted(type(result).__name__ for result in results) == ["CannotSign", "str"]
    with app.app_context():
        assert db.session.query(Letter).count() == 1


def test_two_people_of_one_case_who_sign_at_the_same_moment_get_two_numbers(
    make_app: MakeApp, app: Flask, fakes: Fakes, work: Callable[[], int], clock: TestClock
) -> None:
    people = (("10000000001", "440301198501010014"), ("10000000002", "44030119850101009X"))
    for phone, number in people:
        name_in_case(app, clock, number)
        hand_in(at_account(Walker(app.test_client(), fakes, work).verified_resident(phone, number=number))).wait()
    with app.app_context():
        ids = [submission.id for submission in db.session.query(Submission)]
    assert len(ids) == 2
    meet = both_read(app)
    numbers = at_once(app, *[lambda chosen=chosen: signing(chosen, clock(), meet) for chosen in ids])
    assert sorted(str(number)[-6:] for number in numbers) == ["000001", "000002"], numbers


def test_a_letter_made_by_two_workers_is_the_file_that_its_hash_vouches_for(
    verified: Walker,
    app: Flask,
    clock: TestClock,
    fakes: Fakes,
) -> None:
    hand_in(at_account(verified)).wait().press("提交并签名").press("确定")
    meet, seams, made = threading.Barrier(2), fakes.seams(), iter((b"%PDF one", b"%PDF two"))

    def render(_html: str, _pictures: object) -> bytes:
        meet.wait()
        return next(made)

    fakes.letters.render = render  # type: ignore[method-assign, assignment]
    with app.app_context():
        letter_id = db.session.query(Letter).one().id
    make = [lambda: payee.make_letter(letter_id, seams=seams, html=letter_html, qr=letter_qr, now=clock())] * 2
    assert at_once(app, *make) == [None, None]
    with app.app_context():
        letter = db.session.query(Letter).one()
        assert hashlib.sha256(open_file(str(letter.pdf_key), store=seams.store)).hexdigest() == letter.pdf_sha256
        assert db.session.query(audit.AuditEntry).filter_by(action="payee.letter_made").count() == 1
    assert [key for key in fakes.store.files if key.startswith("letters/")] == [letter.pdf_key]


def test_two_clerks_who_open_the_same_item_at_once_and_one_has_it(walker: Walker, app: Flask, clock: TestClock) -> None:
    item = waiting_account(walker, app, clock)

    def open_it(who: str) -> bool:
        with unit_of_work():
            return take(item, who, now=clock()) is not None

    opened = at_once(app, *[lambda who=who: open_it(who) for who in four_clerks(app, clock)])
    assert sorted(map(str, opened)) == ["False"] * 3 + ["True"]


def test_clerks_who_decide_the_same_item_at_the_same_moment_decide_it_once(
    walker: Walker, app: Flask, clock: TestClock
) -> None:
    item, (one, *others) = waiting_account(walker, app, clock), four_clerks(app, clock)
    with app.app_context(), unit_of_work():
        token = take(item, one, now=clock())

    def approve(who: str) -> str:
        with unit_of_work():
            return decide(item, Choice(True), clerk_id=who, token=str(token), undo=timedelta(0), now=clock()).id

    results = at_once(app, *[lambda who=who: approve(who) for who in (one, one, *others)])
    assert [type(result).__name__ for result in results].count("str") == 1, results
    with app.app_context():
        assert db.session.query(Decision).count() == 1


def test_a_decision_that_two_workers_do_at_the_same_moment_takes_effect_once(
    walker: Walker, app: Flask, clock: TestClock
) -> None:
    item, (one, *_others) = waiting_account(walker, app, clock), four_clerks(app, clock)
    with app.app_context(), unit_of_work():
        token = take(item, one, now=clock())
        made = decide(item, Choice(True), clerk_id=one, token=str(token), undo=timedelta(0), now=clock()).id
    assert at_once(app, *[lambda: take_effect(made, now=clock())] * 2) == [None, None]
    with app.app_context():
        assert db.session.query(audit.AuditEntry).filter_by(action="payee.accepted").count() == 1
        assert db.session.query(Message).filter_by(kind="account_accepted").count() == 1


def test_undoing_at_the_very_moment_it_takes_effect_is_one_or_the_other(
    walker: Walker, app: Flask, clock: TestClock
) -> None:
    item, (one, *_others) = waiting_account(walker, app, clock), four_clerks(app, clock)
    with app.app_context(), unit_of_work():
        token = take(item, one, now=clock())
        made = decide(item, Choice(True), clerk_id=one, token=str(token), undo=timedelta(0), now=clock()).id

    def take_back() -> str:
        with unit_of_work():
            return undo(made, clerk_id=one, now=clock())

    undone, _done = at_once(app, take_back, lambda: take_effect(made, now=clock()))
    with app.app_context():
        state = db.session.get_one(Decision, made).state
        told = db.session.query(Message).filter_by(kind="account_accepted").count()
    assert (state, told) == (("undone", 0) if undone == item else ("done", 1))


def four_clerks(app: Flask, clock: TestClock) -> list[str]:
    with app.app_context(), unit_of_work():
        return [
            staff.create_clerk(
                name,
                display_name=name,
                password_hash=staff.hash_password(PASSWORD, username=name),
                role=Role.REVIEWER,
                courts=(),
                now=clock(),
            ).id
            for name in ("limin", "wangfang", "zhaolei", "sunli")
        ]


def waiting_account(walker: Walker, app: Flask, clock: TestClock) -> str:
    """The docket's item of an account that waits for a clerk."""
    signed_permit(walker, app, clock)
    with app.app_context():
        return db.session.query(DocketItem).filter_by(kind="account", state="open").one().id


def test_the_clerk_who_came_second_is_told_who_has_it_and_may_take_over(
    walker: Walker,
    clerk: Clerk,
    app: Flask,
    clock: TestClock,
) -> None:
    signed_permit(walker, app, clock)
    open_first(clerk(), "/desk/accounts")
    second = open_first(clerk("wangfang"), "/desk/accounts")
    assert "limin正在处理这一件" in second.text
    assert "已通过" in second.press("接手").press("接受 A").text


def test_the_banks_late_answer_does_not_revive_an_account_that_was_replaced(
    verified: Walker,
    app: Flask,
    clock: TestClock,
    fakes: Fakes,
) -> None:
    hand_in(at_account(verified))
    seams, bank = fakes.seams(), fakes.bank.verify
    with app.app_context():
        chosen = db.session.query(Submission).one().id

        def replaced_meanwhile() -> None:
            with app.app_context(), unit_of_work():
                db.session.get_one(Submission, chosen).state = "replaced"

        def verify(question: object) -> object:
            thread = threading.Thread(target=replaced_meanwhile)
            thread.start()
            thread.join()
            return bank(question)  # type: ignore[arg-type]

        fakes.bank.verify = verify  # type: ignore[method-assign, assignment]
        payee.check_account(chosen, seams=seams, now=clock())
    with app.app_context():
        assert db.session.get_one(Submission, chosen).state == "replaced"


def test_nobody_is_told_of_a_letter_that_was_given_back_while_it_was_made(
    walker: Walker,
    clerk: Clerk,
    app: Flask,
    clock: TestClock,
) -> None:
    signed_permit(walker, app, clock)
    with app.app_context(), unit_of_work():
        letter = db.session.query(Letter).one()
        letter.state, letter.pdf_key, letter.pdf_sha256 = LetterState.SIGNING, None, None
        db.session.query(Job).filter_by(kind="make_letter").one().state = "queued"
    open_first(clerk(), "/desk/accounts").press("确认退回", words="证件照片反光，看不清号码。")
    with app.app_context():
        before = db.session.query(SmsDelivery).count()
    walker.work()
    with app.app_context():
        letter = db.session.query(Letter).one()
        assert (letter.state, bool(letter.pdf_key)) == ("replaced", True)
        assert db.session.query(SmsDelivery).count() == before


def test_a_clerk_cannot_accept_an_account_that_its_payee_is_replacing(
    walker: Walker,
    clerk: Clerk,
    app: Flask,
    clock: TestClock,
) -> None:
    signed_permit(walker, app, clock)
    desk = open_first(clerk(), "/desk/accounts")
    walker.press("账户有误？重新提交").press("下一步", branch="深圳南山支行")
    assert "已由别人处理，或者当事人已经撤回" in desk.press("接受 A").text
    assert "没有待审的收款账户" in desk.open("/desk/accounts").text
    walker.wait().press("提交并签名").press("确定")
    walker.wait()
    with app.app_context():
        assert sorted((s.version, s.state) for s in db.session.query(Submission)) == [(1, "replaced"), (2, "signed")]
    open_first(desk, "/desk/accounts").press("接受 A")
    with app.app_context():
        assert sorted((s.version, s.state) for s in db.session.query(Submission)) == [(1, "replaced"), (2, "accepted")]


@pytest.mark.parametrize("name", ["limin", "nobody"])
def test_a_password_is_looked_at_while_no_transaction_is_open(
    app: Flask,
    clerk: Clerk,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    desk, seen = clerk().press("退出"), []
    fits = staff._fits

    def watched(stored: str, password: str) -> bool:
        seen.append(db.session().in_transaction())
        return fits(stored, password)

    monkeypatch.setattr(staff, "_fits", watched)
    desk.open("/desk/sign-in").press("登录", username=name, password="wrong wrong wrong")
    assert seen == [False], (
        "argon2 takes its time; nothing may be locked meanwhile, for unknown names as for known ones"
    )


def test_guessing_at_many_names_from_one_place_slows_down_there_alone(
    app: Flask,
    clerk: Clerk,
    fakes: Fakes,
    work: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clerk().press("退出")
    monkeypatch.setattr(staff, "_fits", lambda _stored, password: password == PASSWORD)
    guesser = Walker(app.test_client(), fakes, work)
    for n in range(20):
        guesser.open("/desk/sign-in").press("登录", username=f"name{n}", password="guess guess guess")
        assert "用户名或密码不对" in guesser.text
    assert "尝试次数太多" in guesser.press("登录", username="limin", password=PASSWORD).text
    elsewhere = app.test_client()
    elsewhere.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    there = Walker(elsewhere, fakes, work).open("/desk/").press("登录", username="limin", password=PASSWORD)
    assert "身份审核" in there.text


def test_guesses_sent_all_at_once_are_counted_before_any_is_looked_at(app: Flask, clock: TestClock) -> None:
    with app.app_context():
        for _ in range(staff.FREE_TRIES):
            with unit_of_work():
                staff.begin_try("limin", client="192.0.2.1", now=clock())
        with pytest.raises(staff.TooManyTries), unit_of_work():
            staff.begin_try("limin", client="192.0.2.1", now=clock())


def test_a_right_password_leaves_no_try_and_old_tries_are_forgotten(
    app: Flask,
    clerk: Clerk,
    clock: TestClock,
) -> None:
    desk = clerk()
    with app.app_context():
        assert db.session.query(SignInTry).count() == 0
    desk.press("退出")
    desk.open("/desk/sign-in").press("登录", username="limin", password="wrong wrong wrong")
    clock.move(minutes=16)
    with app.app_context():
        with unit_of_work():
            staff.forget_old_tries(now=clock())
        assert db.session.query(SignInTry).count() == 0


def test_a_waiting_payee_may_have_the_bank_asked_again_at_once(
    verified: Walker,
    clock: TestClock,
) -> None:
    verified.fakes.bank.down = True
    hand_in(at_account(verified))
    assert "现在再试一次" not in verified.text, "nothing has failed yet"
    for _ in range(6):
        verified.wait()
        clock.move(minutes=11)
    verified.wait()
    assert "银行系统暂时没有回应" in verified.text
    verified.fakes.bank.down = False
    verified.wait()
    assert "正在向银行核实账户" in verified.text, "it waits for some minutes"
    verified.press("现在再试一次").wait()
    assert verified.path.endswith("/letter/preview")


def test_the_desk_lists_dead_jobs_and_revives_them(
    verified: Walker,
    app: Flask,
    clerk: Clerk,
    clock: TestClock,
    fakes: Fakes,
) -> None:
    hand_in(at_account(verified))
    with app.app_context(), unit_of_work():
        job = db.session.query(Job).filter_by(kind="check_account").one()
        job.state, job.attempts, job.last_error, job.finished_at = "dead", 12, "ZeroDivisionError", clock()
    looking = clerk("auditor", Role.AUDITOR).open("/desk/jobs")
    assert "ZeroDivisionError" in looking.text
    assert "重试" not in [button.text_content() for button in looking.page.cssselect("button")]
    desk = clerk().open("/desk/jobs")
    assert "向银行核实账户" in desk.text
    desk.press("全部重试")
    assert "已重新排队 1 件" in desk.text
    assert "没有停下的任务" in desk.text
    verified.wait()
    assert verified.path.endswith("/letter/preview")
    with app.app_context():
        assert db.session.query(audit.AuditEntry).filter_by(action="job.revived", actor_kind="clerk").count() == 1


def test_a_waiting_payee_may_have_the_face_authority_asked_again_at_once(walker: Walker, clock: TestClock) -> None:
    walker.fakes.face_authority.down = True
    walker.accept_rules().prove_phone().press("下一步").give_document().show_face()
    for _ in range(8):
        walker.wait()
        clock.move(minutes=11)
    walker.wait()
    assert "对方系统暂时没有回应" in walker.text
    walker.fakes.face_authority.down = False
    walker.press("现在再试一次").wait()
    assert walker.path == "/verify/signature"


def test_a_clerk_who_gives_back_and_a_worker_who_makes_the_letter_do_not_stop_each_other(
    walker: Walker,
    clerk: Clerk,
    app: Flask,
    clock: TestClock,
    fakes: Fakes,
) -> None:
    """What changed is written before the audit chain's lock is taken, so both take the letter first."""
    signed_permit(walker, app, clock)
    clerk()
    with app.app_context(), unit_of_work():
        letter, submission = db.session.query(Letter).one(), db.session.query(Submission).one()
        letter.state, letter.pdf_key, letter.pdf_sha256 = LetterState.SIGNING, None, None
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
        with unit_of_work():
            decide_account(
                submission.id,
                Choice(False, words="看不清号码"),
                clerk_id=db.session.query(StaffClerk).one().id,
                now=clock(),
            )
        event.remove(db.engine, "before_cursor_execute", note)
    chain = next(n for n, s in enumerate(statements) if "audit_entry" in s or "pg_advisory" in s)
    changed = [n for n, s in enumerate(statements) if s.startswith(("UPDATE letter", "UPDATE submission"))]
    assert changed
    assert max(changed) < chain


def how_many_pass(app: Flask, deed: Callable[[], object]) -> int:
    """Of twelve at the same moment; a refusal is the only fault that may come."""
    results = at_once(app, *[deed] * 12)
    faults = {type(result) for result in results if isinstance(result, Exception)}
    assert faults <= {MustWait, staff.TooManyTries}
    return sum(result is True for result in results)


def test_codes_asked_for_at_the_same_moment_are_one_code(app: Flask, clock: TestClock) -> None:
    def ask() -> bool:
        with unit_of_work():
            send_code("+8610000000001", Asker("192.0.2.1"), words=str, now=clock())
        return True

    assert how_many_pass(app, ask) == 1


def test_guesses_and_proofs_at_the_same_moment_are_counted_one_by_one(
    app: Flask, clock: TestClock, clerk: Clerk
) -> None:
    clerk()
    with app.app_context():
        limin = db.session.query(StaffClerk.id).filter_by(username="limin").scalar()
        session_id = db.session.query(WebSession.id).filter_by(clerk_id=limin).scalar()

    def password() -> bool:
        with unit_of_work():
            staff.begin_try("limin", client="192.0.2.1", now=clock())
        return True

    def code() -> bool:
        with unit_of_work():
            staff.begin_code_try(limin, "totp", client="192.0.2.1", now=clock())
        return True

    def pay() -> bool:
        with unit_of_work():
            return spend_proof(session_id, now=clock())

    assert how_many_pass(app, password) == staff.FREE_TRIES
    assert how_many_pass(app, code) == staff.FREE_CODES
    assert how_many_pass(app, pay) == 1, "one proof is good for one deed with money"


@pytest.mark.parametrize("first", ["clerk", "payee"])
def test_who_proves_a_number_while_a_clerk_names_it_counts_as_verified(
    walker: Walker, app: Flask, clock: TestClock, first: str
) -> None:
    """Whichever comes first, the other one waits for it, and sees it."""
    name_in_case(app, clock, "440301199003070019")
    number, done = "440301198501010014", {"clerk": threading.Event(), "payee": threading.Event()}
    walker.accept_rules().prove_phone().press("下一步").give_document(number=number).show_face().wait()

    def pause(who: str) -> None:
        """Inside the transaction: all is written; the other one has three seconds to come in between."""
        if who == first:
            done[who].set()
            done["payee" if who == "clerk" else "clerk"].wait(3)

    def name() -> int:
        if first == "payee":
            done["payee"].wait(30)
        with unit_of_work():
            person = Person(name="何志豪", document_type="resident_id", number=number)
            case = db.session.query(Case).one()
            added = add_payee(case, person, 100, "判决后补充", clerk_id="a clerk", now=clock())
            pause("clerk")
        done["clerk"].set()
        return added.id

    def prove() -> str:
        if first == "clerk":
            done["clerk"].wait(30)
        walker.sign()
        done["payee"].set()
        return walker.path

    def proved(*_: object) -> None:
        pause("payee")

    event.listen(Identity, "after_insert", proved)
    try:
        entry, path = at_once(app, name, prove)
    finally:
        event.remove(Identity, "after_insert", proved)
    assert path == "/verify/done"
    with app.app_context():
        assert db.session.get_one(CasePayee, entry).stage == "verified"


def test_who_proves_a_number_while_a_register_that_lists_it_is_read_counts_as_verified_once_it_is_in_force(
    walker: Walker, app: Flask, clock: TestClock
) -> None:
    """Neither sees the other: the identity comes before the last rows do, and is there only after the reading has marked."""
    name_in_case(app, clock, "440301199003070019")
    number, proved, read = "440301198501010014", threading.Event(), threading.Event()
    walker.accept_rules().prove_phone().press("下一步").give_document(number=number).show_face().wait()
    with app.app_context(), unit_of_work():
        case_id = db.session.query(Case).one().id
        import_id = begin_import(case_id, "r.csv", "0" * 64, clerk_id=None, now=clock()).id

    def stage() -> str:
        query = db.session.query(CasePayee).filter_by(number_hash=document_hash("resident_id", number))
        found = str(query.one().stage)
        db.session.rollback()
        return found

    def enter() -> tuple[str, str]:
        proved.wait(30)
        data = f"姓名,证件号码,金额\n何志豪,{number},100\n".encode()
        read_rows(import_id, lambda: iter([data]), today=date(2026, 11, 23), test_phones=True, now=clock, ask=False)
        before = stage()
        read.set()
        with unit_of_work():
            apply_import(import_id, actor=audit.OPERATOR, now=clock())
        return before, stage()

    def prove() -> str:
        walker.sign()
        return walker.path

    def wait_for_the_reading(*_: object) -> None:
        """Inside the proof's transaction, after its trigger. SQLite has one writer: the reading waits for this one's end."""
        proved.set()
        if read.wait(3):
            time.sleep(0.5)  # the register is coming into force meanwhile

    event.listen(Identity, "after_insert", wait_for_the_reading)
    try:
        entered, path = at_once(app, enter, prove)
    finally:
        event.remove(Identity, "after_insert", wait_for_the_reading)
    assert path == "/verify/done"
    missed = "none" if app.extensions["settings"].database_url else "verified"
    assert entered == (missed, "verified")
