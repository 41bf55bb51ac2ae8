"""What can be done with a signed letter: have it checked by anybody, mailed, corrected or kept, and proved by the court."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from tests.fakes import Fakes, TestClock
from tests.walker import STROKES, Walker, picture_bytes
from tests.web.conftest import Clerk
from tests.web.test_collection import at_account, hand_in, name_in_case, read_back
from tests.web.test_desk import open_first, signed_permit
from webapp.accounts.models import Role
from webapp.adapters.pdf.renderer import Xhtml2pdfLetterRenderer
from webapp.core import audit
from webapp.core.db import db
from webapp.evidence.models import Photo
from webapp.genuine.usecases import MOST_LOOKS
from webapp.identity.models import ReservedSignature
from webapp.payee.jobs import draw_first_letter, letter_html, letter_qr
from webapp.payee.models import Letter, LetterMail, LetterState, Submission
from webapp.payee.usecases import make_letter
from webapp.ports.account_check import AccountVerdict
from webapp.sweeping import OWNERS, sweep_store
from webapp.wiring import FONTS

OTHER_CARD = "6299 9900 0000 0000 020"


def sign(walker: Walker) -> Walker:
    return hand_in(at_account(walker)).wait().press("提交并签名").press("确定").wait()


def letter_of(app: Flask, version: int = 1) -> Letter:
    with app.app_context():
        return db.session.query(Letter).filter_by(version=version).one()


def pdf_of(app: Flask, fakes: Fakes, version: int = 1) -> bytes:
    letter = letter_of(app, version)
    with app.app_context():
        key = str(letter.pdf_key)
        return bytes(app.extensions["key_ring"].open(fakes.store.get(key), key))


def correct(walker: Walker) -> Walker:
    """The payee hands in another account, which is checked, and stops before signing."""
    return hand_in(walker.press("账户有误？重新提交"), card_number=OTHER_CARD).wait()


def test_anybody_may_ask_for_a_letter_by_its_code_and_learns_nothing_of_its_payee(
    verified: Walker, second: Walker, app: Flask
) -> None:
    sign(verified)
    letter = letter_of(app)
    second.open(f"/letters/{letter.verification_code}")
    assert "真实有效" in second.text
    assert letter.number in second.text
    typed = letter.verification_code.replace("-", " ").lower()
    assert "真实有效" in second.open("/letters").press("核验", code=typed).text
    for secret in ("何志豪", "440301198501010014", "6299", "0012", "10000000001"):
        assert secret not in second.response.text
    assert "没有找到" in second.press("再查一份").press("核验", code="AAAA-BBBB-CCCC").text


def test_a_replaced_letter_is_said_to_be_replaced_everywhere(
    verified: Walker, second: Walker, clerk: Clerk, app: Flask, fakes: Fakes
) -> None:
    sign(verified)
    correct(verified).press("提交并签名").press("确定").wait()
    old, new = letter_of(app, 1), letter_of(app, 2)
    assert (old.state, new.state) == (LetterState.REPLACED, LetterState.CURRENT)
    assert "已被替代" in second.open(f"/letters/{old.verification_code}").text
    assert "已被替代" in second.open("/letters").press("核验", files={"file": pdf_of(app, fakes, 1)}).text
    assert "真实有效" in second.open("/letters").press("核验", files={"file": pdf_of(app, fakes, 2)}).text
    assert f"取代本人此前签署的编号 {old.number} 的确认书" in fakes.letters.pages[-1]
    desk = open_first(clerk(), "/desk/cases").press("确认书")
    assert desk.text.index("有效") < desk.text.index("已作废")


def test_a_mistyped_code_stands_in_its_field_to_be_put_right(verified: Walker, second: Walker, app: Flask) -> None:
    sign(verified)
    code = letter_of(app).verification_code
    typed = f"{'3' if code[0] == '2' else '2'}{code[1:]}"
    for answer in (second.open("/letters").press("核验", code=typed), second.open(f"/letters/{typed}")):
        assert "没有找到" in answer.text
        assert answer.page.cssselect("input[name=code]")[0].get("value") == typed
    assert "真实有效" in second.press("核验", code=code).text
    assert not second.page.cssselect("input[name=code]")


def test_the_first_letter_is_the_first_version_however_often_the_bank_said_no(
    verified: Walker, second: Walker, app: Flask, fakes: Fakes
) -> None:
    fakes.bank.verdict = AccountVerdict.NAME_DIFFERS
    hand_in(at_account(verified)).wait()
    fakes.bank.verdict = AccountVerdict.AGREED
    read_back(verified.press("下一步", card_number=OTHER_CARD)).wait().press("提交并签名").press("确定").wait()
    letter = letter_of(app)
    assert (letter.version, letter.content["version"]) == (1, 1)
    shown = second.open(f"/letters/{letter.verification_code}").page.cssselect("dd")
    assert "1" in [one.text_content().strip() for one in shown]
    assert "版）" not in verified.open(verified.path + "/text").text


def test_a_file_is_checked_byte_by_byte(verified: Walker, second: Walker, app: Flask, fakes: Fakes) -> None:
    sign(verified)
    pdf = pdf_of(app, fakes)
    for file, said in (
        (pdf, "逐字节相同"),
        (pdf.replace("何志豪".encode(), "何志家".encode()), "文件被改动过"),
        (b"%PDF-1.4 nothing", "不是确认书"),
        (b"a photo", "不是确认书"),
        (fakes.sealer.seal(b"%PDF-1.4 of another system"), "没有找到"),
    ):
        assert said in second.open("/letters").press("核验", files={"file": file}).text
    assert "请输入核验码" in second.open("/letters").press("核验").text
    assert second.response.status_code == 422
    assert "文件太大" in second.press("核验", files={"file": b"%PDF" + bytes(4_000_001)}).text


def test_codes_cannot_be_tried_without_end(second: Walker, clock: TestClock) -> None:
    for _ in range(MOST_LOOKS):
        assert second.client.get("/letters/AAAA-AAAA-AAAA").status_code == 200
    assert second.client.get("/letters/AAAA-AAAA-AAAA").status_code == 429
    assert "查询次数太多，请 10 分钟后再试" in second.open("/letters/AAAA-AAAA-AAAA").text
    clock.move(minutes=11)
    assert second.client.get("/letters/AAAA-AAAA-AAAA").status_code == 200


def test_who_begins_a_correction_may_keep_the_old_letter_and_the_clerks_see_it_again(
    walker: Walker, clerk: Clerk, app: Flask, clock: TestClock
) -> None:
    signed_permit(walker, app, clock)
    desk = clerk()
    assert "张**" not in desk.open("/desk/accounts").text
    waiting = len(desk.page.cssselect("tr[data-row]"))
    hand_in(walker.press("账户有误？重新提交"), card_number=OTHER_CARD).wait()
    assert waiting - len(desk.open("/desk/accounts").page.cssselect("tr[data-row]")) == 1
    assert letter_of(app).number in walker.text
    walker.press("不改了，保留原来的账户")
    assert "确认书已签署" in walker.text
    assert len(desk.open("/desk/accounts").page.cssselect("tr[data-row]")) == waiting
    with app.app_context():
        assert sorted(s.state for s in db.session.query(Submission)) == ["signed", "withdrawn"]
    walker.again()
    assert "确认书已签署" in walker.text
    hand_in(walker.press("账户有误？重新提交"), card_number=OTHER_CARD).wait().press("提交并签名").press("确定").wait()
    assert letter_of(app, 2).state == LetterState.CURRENT


def test_a_correction_that_changes_nothing_leaves_the_letter_as_it_is(verified: Walker, app: Flask) -> None:
    sign(verified).press("账户有误？重新提交").press("下一步")
    assert verified.path.endswith("/account") and "没有改动任何内容" in verified.text
    with app.app_context():
        assert [one.state for one in db.session.query(Submission)] == ["signed"]
    front = picture_bytes(colour="#123456")
    verified.press("下一步", files={"front": front}).wait()
    assert verified.path.endswith("/letter/preview"), "a new photo is a change"


def test_a_correction_that_waits_for_its_signature_is_reminded_of_once(
    verified: Walker, fakes: Fakes, clock: TestClock, work: Callable[[], int]
) -> None:
    sign(verified)
    correct(verified)
    clock.move(hours=23)
    work()
    assert "还没有签名" not in fakes.sms.last("+8610000000001")
    clock.move(hours=9)
    work()
    assert "重新提交的账户还没有签名" in fakes.sms.last("+8610000000001")
    count = len(fakes.sms.sent)
    clock.move(days=3)
    work()
    assert len(fakes.sms.sent) == count


def test_a_correction_that_was_signed_is_not_reminded_of(
    verified: Walker, fakes: Fakes, clock: TestClock, work: Callable[[], int]
) -> None:
    sign(verified)
    correct(verified).press("提交并签名").press("确定").wait()
    clock.move(days=2)
    work()
    assert "还没有签名" not in fakes.sms.last("+8610000000001")


def test_a_payee_mails_the_letter_to_themselves_once(
    verified: Walker, app: Flask, fakes: Fakes, work: Callable[[], int]
) -> None:
    sign(verified).press("发送到我的邮箱")
    assert "这不像电子邮箱地址" in verified.press("发送", address="nobody").text
    verified.press("发送", address="he@example.com")
    verified.again()
    assert "正在发往您的邮箱" in verified.text
    work()
    (mail,) = fakes.mail.sent
    assert (mail.to, mail.file) == ("he@example.com", pdf_of(app, fakes))
    assert "何志豪" not in mail.subject + mail.body
    with app.app_context():
        kept = db.session.execute(db.text("SELECT address FROM letter_mail")).scalar()
        assert kept and b"he@example.com" not in bytes(kept)
        sent = db.session.query(LetterMail).one()
    assert mail.key == sent.id
    assert "已经发到您的邮箱" in verified.open(verified.path).text


def test_a_letter_is_mailed_three_times_a_day_at_most(verified: Walker, fakes: Fakes, work: Callable[[], int]) -> None:
    sign(verified)
    letter = verified.path
    for _ in range(3):
        verified.open(f"{letter}/mail").press("发送", address="he@example.com")
    assert "今天发送的次数太多了" in verified.open(f"{letter}/mail").press("发送", address="he@example.com").text
    work()
    assert len(fakes.mail.sent) == 3


def test_a_mail_server_that_is_down_is_waited_for(
    verified: Walker, fakes: Fakes, clock: TestClock, work: Callable[[], int]
) -> None:
    sign(verified).press("发送到我的邮箱").press("发送", address="he@example.com")
    fakes.mail.down = True
    work()
    fakes.mail.down = False
    clock.move(minutes=1)
    work()
    assert len(fakes.mail.sent) == 1


def test_a_time_stamp_authority_that_is_down_only_delays_the_letter(
    verified: Walker, app: Flask, fakes: Fakes, clock: TestClock, work: Callable[[], int]
) -> None:
    fakes.sealer.down = True
    sign(verified)
    assert "正在生成确认书" in verified.text
    fakes.sealer.down = False
    clock.move(minutes=1)
    work()
    assert letter_of(app).state == LetterState.CURRENT
    assert fakes.sealer.sealed == 1


def test_a_clerk_takes_the_evidence_of_a_letter_out_sealed_and_it_is_noted(
    verified: Walker, clerk: Clerk, app: Flask, fakes: Fakes
) -> None:
    sign(verified)
    letter = letter_of(app)
    desk = clerk(role=Role.AUDITOR).open(f"/desk/letters?code={letter.number}")
    sheet = desk.client.get(next(a.get("href") for a in desk.page.cssselect("a") if a.text_content() == "下载证据单"))
    assert (sheet.status_code, sheet.mimetype) == (200, "application/pdf")
    page = fakes.letters.pages[-1]
    with app.app_context():
        signature = db.session.query(ReservedSignature).one()
        made = db.session.query(audit.AuditEntry).filter_by(action="payee.letter_made").one()
        noted = db.session.query(audit.AuditEntry).filter_by(action="desk.evidence_sheet").one()
        photos = db.session.query(Photo).filter(Photo.draft_until.is_(None)).all()
    for said in ("何志豪", "440301198501010014", "+8610000000001", "F-1", "B-1", "在线诉讼规程", letter.pdf_sha256,
                 signature.strokes_sha256, made.hash.hex(), "identity.signature_reserved"):  # fmt: skip
        assert said in page
    assert [p.sha256 for p in photos if p.sha256 not in page] == []
    assert noted.subject_id == letter.id
    assert fakes.sealer.check(sheet.data).verdict == "intact"


@pytest.mark.parametrize("typed", [False, True])
def test_a_typed_name_is_said_to_be_one_before_it_signs_in_the_letter_and_in_its_evidence(
    walker: Walker, clerk: Clerk, app: Flask, fakes: Fakes, clock: TestClock, typed: bool
) -> None:
    name_in_case(app, clock)
    walker.accept_rules().prove_phone().press("下一步").give_document().show_face().wait()
    how: dict[str, str] = {"typed_name": "何志豪", "typed_meant": "y"} if typed else {"strokes": STROKES}
    walker.press("同意并签名", files=None, **how)
    hand_in(at_account(walker)).wait()
    preview = walker.text
    said = ["这个签名是输入的姓名，确认书里会注明。" in preview, "（不能手写，以本人输入的姓名代替）" in preview]
    said.append("这个签名是输入的姓名" in walker.open(walker.path.replace("preview", "sign")).text)
    walker.press("确定").wait()
    said.append("（不能手写，以本人输入的姓名代替）" in fakes.letters.pages[-1])
    said.append("以本人输入的姓名代替" in walker.open(f"{walker.path}/text").text)
    desk = clerk(role=Role.AUDITOR).open(f"/desk/letters?code={letter_of(app).number}")
    desk.client.get(next(a.get("href") for a in desk.page.cssselect("a") if a.text_content() == "下载证据单"))
    said.append("本人输入的姓名，代替手写" in fakes.letters.pages[-1])
    assert said == [typed] * 6


def test_an_administrator_and_a_payee_get_no_evidence_sheet(verified: Walker, clerk: Clerk, app: Flask) -> None:
    sign(verified)
    address = f"/desk/letters/{letter_of(app).id}/evidence.pdf"
    assert clerk("admin", Role.ADMINISTRATOR).client.get(address).status_code == 404
    assert verified.client.get(address).status_code in (302, 303, 404)


def test_letters_are_verified_at_the_command_line(verified: Walker, app: Flask, fakes: Fakes, tmp_path: Path) -> None:
    sign(verified)
    good, bad = tmp_path / "good.pdf", tmp_path / "bad.pdf"
    good.write_bytes(pdf_of(app, fakes))
    bad.write_bytes(pdf_of(app, fakes).replace("何志豪".encode(), "何志家".encode()))
    run = app.test_cli_runner()
    done = run.invoke(args=["letters", "verify", str(good)])
    assert done.exit_code == 0
    assert f"genuine; seal intact; letter {letter_of(app).number}, current; hash in audit row" in done.output
    done = run.invoke(args=["letters", "verify", "--json", str(good), str(bad)])
    assert done.exit_code == 1
    told = [json.loads(line) for line in done.output.splitlines()]
    assert [(line["genuine"], line["seal"], line["kind"]) for line in told] == [
        (True, "intact", "letter"), (False, "changed", ""),
    ]  # fmt: skip


def unmade(app: Flask, count: int) -> None:
    """`count` letters of one case that are signed and have no file, as a queue that stood still leaves them."""
    first = letter_of(app)
    with app.app_context():
        from tests.letters_in_bulk import write_unmade  # noqa: PLC0415 (shared with the benchmark)

        write_unmade(first.id, count)


def test_many_letters_are_made_in_one_go_and_after_a_kill_the_rest(
    verified: Walker, app: Flask, fakes: Fakes, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign(verified)
    unmade(app, 30)
    seal, killed = fakes.sealer.seal, 12

    def seal_until_killed(pdf: bytes) -> bytes:
        if fakes.sealer.sealed > killed:
            raise KeyboardInterrupt
        return seal(pdf)

    monkeypatch.setattr(fakes.sealer, "seal", seal_until_killed)
    make = ["letters", "make", "--case", "（2023）粤0399执1234号"]
    assert app.test_cli_runner().invoke(args=make).exit_code != 0
    with app.app_context():
        made = {letter.id: letter.pdf_key for letter in db.session.query(Letter).filter(Letter.pdf_key.is_not(None))}
    assert len(made) == 1 + killed
    monkeypatch.setattr(fakes.sealer, "seal", seal)
    done = app.test_cli_runner().invoke(args=make)
    assert (done.exit_code, "18 letters made" in done.output) == (0, True)
    with app.app_context():
        after = {letter.id: letter.pdf_key for letter in db.session.query(Letter)}
        assert {key: after[key] for key in made} == made
        assert None not in after.values()
        assert db.session.query(audit.AuditEntry).filter_by(action="payee.letter_made").count() == 31
        assert audit.verify_chain().broken_at is None
    assert "0 letters made" in app.test_cli_runner().invoke(args=make).output


def test_a_file_that_nobody_points_to_is_swept_after_its_grace_and_noted(
    verified: Walker, app: Flask, fakes: Fakes, clock: TestClock
) -> None:
    sign(verified)
    kept = set(fakes.store.files)
    fakes.store.files |= {
        "letters/x/lost.pdf": b"1",
        "photos/202611/lost": b"2",
        "letters/x/young.pdf": b"3",
        "exports/a": b"4",
    }
    fakes.store.ages["letters/x/young.pdf"] = clock() - timedelta(hours=2)
    run = app.test_cli_runner()
    assert "1 that nobody points to" in run.invoke(args=["store", "sweep", "--dry-run"]).output
    assert "letters/x/lost.pdf" in fakes.store.files
    assert run.invoke(args=["store", "sweep"]).exit_code == 0
    assert set(fakes.store.files) == kept | {"letters/x/young.pdf", "exports/a"}
    with app.app_context():
        rows = db.session.query(audit.AuditEntry).filter_by(action="store.swept").all()
        assert sorted(key for row in rows for key in row.detail["keys"]) == ["letters/x/lost.pdf", "photos/202611/lost"]
        assert sweep_store(fakes.store, grace=timedelta(days=1), now=clock())["letters/"][1] == 0
    assert run.invoke(args=["store", "sweep", "--grace-hours", "0.1"]).exit_code != 0


def test_every_column_that_holds_a_file_is_known_to_the_sweep() -> None:
    """A column named …_key of 80 characters holds the key of a file: whoever adds one must say so in OWNERS."""
    known = {column.property.columns[0] for columns in OWNERS.values() for column in columns}
    holding = [
        column
        for table in db.metadata.tables.values()
        for column in table.columns
        if column.name.endswith("_key") and getattr(column.type, "length", None) == 80
    ]
    assert [str(column) for column in holding if column not in known] == []


def test_what_is_drawn_before_the_first_letter_is_drawn_as_letters_are(app: Flask) -> None:
    real, drawn = Xhtml2pdfLetterRenderer(FONTS), []

    class Drawing:
        missing = real.missing

        def render(self, html: str, pictures: Mapping[str, bytes]) -> bytes:
            drawn.append((html, real.render(html, pictures)))
            return drawn[-1][1]

    with app.app_context():
        draw_first_letter(replace(app.extensions["seams"], letters=Drawing()))
    [(html, pdf)] = drawn
    assert "执行款收款账户确认书" in html and pdf.startswith(b"%PDF")


def test_a_letter_made_twice_at_the_same_time_leaves_one_file(
    verified: Walker, app: Flask, fakes: Fakes, clock: TestClock
) -> None:
    sign(verified)
    before = set(fakes.store.files)
    with app.app_context():
        make_letter(letter_of(app).id, seams=app.extensions["seams"], html=letter_html, qr=letter_qr, now=clock())
    assert set(fakes.store.files) == before


def test_beside_the_chinese_stands_the_language_that_the_signer_reads(verified: Walker, fakes: Fakes) -> None:
    verified.open("/")
    verified.press("继续", language="en")
    hand_in_english(verified)
    page = fakes.letters.pages[-1]
    for said in ("执行款收款账户确认书", "Payee Account Confirmation Letter", "以上账户为本人名下", "The account above is a Class I debit card",
                 "Account number", "The Chinese"):  # fmt: skip
        assert said in page


def hand_in_english(walker: Walker) -> Walker:
    from tests.walker import picture_bytes  # noqa: PLC0415

    walker.open("/cases")
    walker.open(next(a.get("href") for a in walker.page.cssselect("a[href^='/cases/']")))
    walker.press(walker.page.cssselect("button[form]")[-1].text_content().strip(), agree="y")
    names = [e.get("name") for e in walker.page.cssselect("input[type=file]")]
    files = {name: picture_bytes() for name in names if name in ("front", "back", "data_page")}
    fields = {"card_number": "6299 9900 0000 0000 012", "bank": "SPECIMEN", "branch": "深圳福田支行"}
    walker.press(walker.page.cssselect("button[form=form]")[-1].text_content().strip(), files=files, **fields)
    walker.press(walker.page.cssselect("button[form=form]:not([name])")[0].text_content().strip())
    walker.wait()
    sign = walker.path.replace("preview", "sign")
    walker.open(sign)
    walker.press(walker.page.cssselect("form[action$='/sign'] button")[0].text_content().strip())
    return walker.wait()
