"""The way of the payee through every kind of verification, with the weather of each seam."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.conftest import MakeApp, worker_of
from tests.fakes import Fakes, TestClock
from tests.walker import STROKES, WEBM, Walker, picture_bytes
from webapp.accounts.models import Account
from webapp.core.db import db, unit_of_work
from webapp.identity.models import StepRecord
from webapp.ports.document_reader import DocumentReading, DocumentSide, PictureFault
from webapp.ports.face_authority import FaceVerdict
from webapp.ports.face_checker import FaceFault, FaceInspection
from webapp.ports.immigration_authority import ImmigrationVerdict
from webapp.ports.video_inspector import VideoFault, VideoInspection

PERMIT = {"kind": "hk_macao_permit", "name": "陈大文", "number": "H12345678", "nationality": "CHN"}
PASSPORT = {"kind": "passport", "name": "MUELLER ANNA", "number": "C01X00T47", "nationality": "DEU"}


def at_document(walker: Walker, phone: str = "10000000001") -> Walker:
    return walker.accept_rules().prove_phone(phone, f"+86{phone}").press("下一步")


def test_a_resident_goes_from_the_rules_to_the_reserved_signature(walker: Walker) -> None:
    walker.open("/").press("未认证").press("继续", language="zh_Hans")
    walker.press("同意，开始认证", agree="y").prove_phone().press("下一步")
    walker.give_document().press("下一步", agree="y")
    walker.film()
    assert "正在核对人脸" in walker.text
    walker.wait().sign()
    assert walker.path == "/verify/done"
    assert "身份认证完成" in walker.text
    walker.press("返回首页")
    assert "已认证" in walker.text
    assert walker.fakes.face_authority.asked[0].id_number == "440301198501010014"


@pytest.mark.parametrize(
    ("document", "total"),
    [
        (PERMIT, 6),
        ({"kind": "taiwan_permit", "name": "林美玲", "number": "12345678", "nationality": "CHN"}, 6),
        ({"kind": "overseas_chinese_passport", "name": "周海", "number": "EA1234567", "nationality": "CHN"}, 6),
        (
            {
                "kind": "foreign_permanent_resident",
                "name": "SMITH JOHN",
                "number": "911124198108030024",
                "nationality": "CAN",
            },
            6,
        ),
    ],
)
def test_travel_documents_are_asked_of_the_immigration_authority(
    walker: Walker, document: dict[str, str], total: int
) -> None:
    at_document(walker).give_document(**document)
    assert f"第 3 步，共 {total} 步" in walker.text
    walker.show_document().wait().show_video().wait()
    assert walker.fakes.immigration.asked[0].number == document["number"]
    walker.sign()
    assert walker.path == "/verify/done"


def test_a_spinner_turns_for_machines_alone(walker: Walker) -> None:
    at_document(walker).give_document().press("下一步", agree="y").film()
    assert walker.page.cssselect(".wait .spin")
    assert not walker.page.cssselect(".wait .mark")


def test_who_waits_for_a_person_is_told_so(walker: Walker) -> None:
    """For days perhaps: a mark that stands still, and words of whom, about how long, and what comes then."""
    at_document(walker).give_document(**PASSPORT).show_document().wait().show_video().wait()
    assert walker.page.cssselect(".wait .mark")
    assert not walker.page.cssselect(".spin")
    assert walker.page.cssselect(".wait")[0].get("hx-trigger") == "every 10s"
    for words in ("工作人员亲自查看", "工作日", "短信通知"):
        assert words in walker.text


def test_an_ordinary_passport_waits_for_a_clerk(walker: Walker) -> None:
    at_document(walker).give_document(**PASSPORT).show_document().wait().show_video().wait()
    assert "已提交法院审核" in walker.text
    assert walker.fakes.immigration.asked == []


def test_the_rules_must_be_ticked(walker: Walker) -> None:
    walker.open("/verify").press("同意，开始认证")
    assert walker.response.status_code == 422
    assert "请先阅读，再勾选同意。" in walker.errors


@pytest.mark.parametrize(
    "step", ["document", "face", "evidence", "video", "immigration", "court_review", "signature", "done", "nonsense"]
)
def test_a_later_step_cannot_be_opened_by_typing_its_address(walker: Walker, step: str) -> None:
    walker.accept_rules().open(f"/verify/{step}")
    assert walker.path == "/verify/phone"


def test_a_later_step_cannot_be_answered_by_posting_to_it(walker: Walker) -> None:
    walker.accept_rules()
    token = walker.page.cssselect("[name=csrf_token]")[0].get("value")
    walker.response = walker.client.post(
        "/verify/signature", data={"csrf_token": token, "once": "x", "strokes": STROKES}, follow_redirects=True
    )
    assert walker.response.request.path == "/verify/phone"


@pytest.mark.parametrize(
    ("language", "kind", "nationality"),
    [
        ("zh_Hans", "resident_id", "CHN"),
        ("zh_Hant", "resident_id", "CHN"),
        ("en", "passport", ""),
        ("ar", "passport", ""),
    ],
)
def test_a_page_in_another_language_than_chinese_begins_with_a_passport_of_no_country(
    walker: Walker, app: Flask, language: str, kind: str, nationality: str
) -> None:
    at_document(walker)
    with app.app_context(), unit_of_work():
        db.session.query(Account).one().language = language
    walker.open("/verify/document")
    chosen = {
        name: (
            walker.page.cssselect(f"[name={name}] option[selected]") or walker.page.cssselect(f"[name={name}] option")
        )
        for name in ("document_type", "nationality")
    }
    assert (chosen["document_type"][0].get("value"), chosen["nationality"][0].get("value")) == (kind, nationality)


@pytest.mark.parametrize("name", ["穆勒安娜", "مولر", "ミュラー", "Мюллер", "MUELLER 安娜"])
def test_a_passport_name_in_other_letters_than_latin_is_told_once(walker: Walker, name: str) -> None:
    at_document(walker).give_document(**{**PASSPORT, "name": name})
    assert walker.path == "/verify/document"
    assert any("拉丁字母" in error for error in walker.errors)
    walker.give_document(**{**PASSPORT, "name": name})
    assert walker.path == "/verify/evidence", "whoever means it isn't held up"


def test_a_latin_name_on_a_passport_and_a_chinese_one_on_a_permit_pass_at_once(walker: Walker) -> None:
    at_document(walker).give_document(**{**PASSPORT, "name": "Müller-Łódź O’Neill, Anna"})
    assert walker.path == "/verify/evidence"
    walker.open("/verify/document").give_document(**PERMIT)
    assert walker.path == "/verify/evidence"


def test_a_wrong_check_digit_is_told_beside_the_field_and_nothing_is_lost(walker: Walker) -> None:
    at_document(walker).give_document(number="440301198501010015")
    assert walker.response.status_code == 422
    assert "号码有误" in walker.errors[0]
    assert walker.page.cssselect("[name=name]")[0].get("value") == "何志豪"


def test_a_number_of_another_document_says_which(walker: Walker) -> None:
    at_document(walker).give_document(number="H12345678")
    assert "港澳居民来往内地通行证" in walker.errors[0]


def test_a_nationality_that_the_document_excludes_is_refused(walker: Walker) -> None:
    at_document(walker).give_document(nationality="DEU")
    assert "国籍" in walker.errors[0]


def test_a_name_that_no_font_can_draw_is_told_before_anything_is_signed(walker: Walker) -> None:
    walker.fakes.letters.missing_characters = "豪"
    at_document(walker).give_document()
    assert "还不能显示这些字：豪" in walker.errors[0]


@pytest.mark.parametrize("fault", list(FaceFault))
def test_a_face_that_is_not_good_enough_comes_back_with_its_own_hint(walker: Walker, fault: FaceFault) -> None:
    walker.fakes.faces.inspection = FaceInspection(fault)
    at_document(walker).give_document().show_face().wait()
    assert walker.path == "/verify/face"
    assert "没有通过" in walker.text
    assert walker.fakes.face_authority.asked == []


@pytest.mark.parametrize("verdict", [v for v in FaceVerdict if v is not FaceVerdict.MATCH])
def test_each_no_of_the_face_authority_has_words_and_another_way(walker: Walker, verdict: FaceVerdict) -> None:
    walker.fakes.face_authority.verdict = verdict
    at_document(walker).give_document().show_face().wait()
    assert "没有通过" in walker.text
    walker.press("改由法院审核")
    assert walker.path == "/verify/evidence"


@pytest.mark.parametrize("verdict", [FaceVerdict.NAME_MISMATCH, FaceVerdict.NO_RECORD])
def test_a_wrong_name_or_number_is_put_right_where_it_was_typed(walker: Walker, verdict: FaceVerdict) -> None:
    walker.fakes.face_authority.verdict = verdict
    at_document(walker).give_document(name="何志好").show_face().wait()
    assert walker.path == "/verify/face"
    assert walker.press("返回修改").path == "/verify/document"
    assert walker.open("/").press("继续身份认证").path == "/verify/document"
    walker.fakes.face_authority.verdict = FaceVerdict.MATCH
    walker.give_document().film().wait()
    assert walker.path == "/verify/signature"


def test_a_bad_film_is_filmed_again_and_nothing_is_typed_anew(walker: Walker) -> None:
    walker.fakes.face_authority.verdict = FaceVerdict.POOR_PICTURE
    at_document(walker).give_document().show_face().wait()
    assert "没有通过" in walker.text and "返回修改" not in walker.text
    assert walker.open("/").press("继续身份认证").path == "/verify/face"


def test_another_number_on_the_photo_leads_to_the_number_that_was_typed(walker: Walker) -> None:
    at_document(walker).give_document().press("改由法院审核")
    shown = DocumentReading(None, {"number": "110105194912310021"})
    walker.fakes.documents.readings[DocumentSide.RESIDENT_FRONT] = shown
    walker.show_document().wait()
    assert walker.path == "/verify/evidence" and "照片上的证件号码与您填写的不一致" in walker.text
    assert walker.press("返回修改").path == "/verify/document"


def test_who_waits_for_the_court_reads_that_and_is_not_told_to_go_on(walker: Walker) -> None:
    at_document(walker).give_document().press("改由法院审核")
    walker.show_document().wait().show_video().wait().open("/")
    assert "已提交法院审核" in walker.text and "停在" not in walker.text and "继续身份认证" not in walker.text
    assert walker.press("查看进度").path == "/verify/court_review"


def test_an_unreachable_face_authority_makes_the_journey_wait_and_retry(walker: Walker, clock: TestClock) -> None:
    walker.fakes.face_authority.down = True
    at_document(walker).give_document().show_face().wait()
    assert "正在核对人脸" in walker.text
    walker.fakes.face_authority.down = False
    clock.move(minutes=2)
    walker.wait().sign()
    assert walker.path == "/verify/done"


def test_who_declines_face_recognition_is_reviewed_by_the_court(walker: Walker) -> None:
    at_document(walker).give_document().press("改由法院审核")
    walker.show_document().wait().show_video().wait()
    assert "已提交法院审核" in walker.text
    assert walker.fakes.face_authority.asked == []


def test_a_blurred_document_comes_back_twice_and_then_goes_to_a_person(walker: Walker) -> None:
    walker.fakes.documents.readings[DocumentSide.DATA_PAGE] = DocumentReading(PictureFault.BLURRED)
    at_document(walker).give_document(**PASSPORT)
    for _ in range(2):
        walker.show_document().wait()
        assert "照片模糊" in walker.text
    walker.show_document().wait()
    assert walker.path == "/verify/video"


def test_a_sharp_photo_of_something_else_comes_back_once_and_then_goes_to_a_person(walker: Walker, app: Flask) -> None:
    walker.fakes.documents.readings[DocumentSide.DATA_PAGE] = DocumentReading(None)
    at_document(walker).give_document(**PASSPORT).show_document().wait()
    assert walker.path == "/verify/evidence"
    assert "请看看是不是拍成了别的证件" in walker.text
    walker.show_document().wait()
    assert walker.path == "/verify/video"
    with app.app_context():
        last = db.session.query(StepRecord).filter_by(step="evidence", superseded_at=None).one()
        assert last.answer["doubt"] == "data_page/photo:nothing_read", "the clerk is told"


def test_who_chose_the_court_keeps_it_when_the_document_is_put_right(walker: Walker) -> None:
    at_document(walker).give_document().press("改由法院审核")
    walker.open("/verify/document").give_document(name="何志强")
    assert walker.path == "/verify/evidence"
    walker.open("/verify/document").give_document(**PERMIT)
    walker.show_document().wait().show_video().wait()
    assert "已提交法院审核" not in walker.text, "another type of document is another choice"


@pytest.mark.parametrize("fault", list(VideoFault))
def test_a_video_that_cannot_be_used_comes_back_with_its_reason(walker: Walker, fault: VideoFault) -> None:
    walker.fakes.videos.inspection = VideoInspection(fault)
    at_document(walker).give_document(**PASSPORT).show_document().wait().show_video().wait()
    assert walker.path == "/verify/video"
    assert "没有通过" in walker.text


def test_a_file_that_only_claims_to_be_a_video_is_refused_at_once(walker: Walker) -> None:
    at_document(walker).give_document(**PASSPORT).show_document().wait().press("准备好了")
    walker.press("提交认证", files={"video": b"GIF89a nonsense"})
    assert "不是可用的视频" in walker.errors[0]


@pytest.mark.parametrize(
    "verdict", [v for v in ImmigrationVerdict if v not in (ImmigrationVerdict.AGREED, ImmigrationVerdict.PENDING)]
)
def test_a_refusal_of_the_immigration_authority_leads_back_to_the_document_with_its_reason(
    walker: Walker, verdict: ImmigrationVerdict
) -> None:
    walker.fakes.immigration.verdict = verdict
    at_document(walker).give_document(**PERMIT).show_document().wait().show_video().wait()
    assert walker.path == "/verify/document"
    assert "没有通过" in walker.text
    assert walker.page.cssselect("[name=number]")[0].get("value") == "H12345678"
    assert "没有核实" in walker.fakes.sms.last("+8610000000001")


def test_a_pending_answer_of_the_immigration_authority_is_asked_again(walker: Walker, clock: TestClock) -> None:
    walker.fakes.immigration.verdict = ImmigrationVerdict.PENDING
    at_document(walker).give_document(**PERMIT).show_document().wait().show_video().wait()
    assert "正在向移民管理局核实" in walker.text
    walker.fakes.immigration.verdict = ImmigrationVerdict.AGREED
    clock.move(seconds=30)
    walker.wait()
    assert walker.path == "/verify/signature"
    assert {q.request_id for q in walker.fakes.immigration.asked} == {walker.fakes.immigration.asked[0].request_id}


def test_answering_the_document_again_voids_the_face_and_the_signature(walker: Walker) -> None:
    walker.verified_resident()
    walker.open("/verify/document").give_document(name="何志明")
    assert walker.path.startswith("/verify/face")
    walker.open("/")
    assert "未认证" in walker.text


def test_the_journey_goes_on_where_it_stopped_on_another_phone(
    app: Flask, fakes: Fakes, work: Callable[[], int], walker: Walker, clock: TestClock
) -> None:
    at_document(walker).give_document()
    clock.move(minutes=5)
    other = Walker(app.test_client(), fakes, work)
    other.open("/signin").press("获取验证码", phone="10000000001")
    work()
    other.press("下一步", code=fakes.sms.code("+8610000000001")).open("/verify")
    assert other.path.startswith("/verify/face")


def test_a_family_shares_a_phone_and_each_stays_who_they_are(
    app: Flask, fakes: Fakes, work: Callable[[], int], walker: Walker, clock: TestClock
) -> None:
    walker.verified_resident()
    clock.move(minutes=5)
    mother = Walker(app.test_client(), fakes, work)
    mother.accept_rules().prove_phone()
    assert "这个手机号以前用过" in mother.text
    assert "何**" in mother.text
    mother.press("继续", who="new").press("下一步")
    assert mother.path == "/verify/document"
    clock.move(minutes=5)
    again = Walker(app.test_client(), fakes, work)
    again.open("/signin").press("获取验证码", phone="10000000001")
    work()
    again.press("下一步", code=fakes.sms.code("+8610000000001"))
    assert "请选择您是谁" in again.text


def test_a_double_tap_on_a_form_acts_once(walker: Walker, app: Flask) -> None:
    from webapp.core.db import db  # noqa: PLC0415
    from webapp.identity.models import StepRecord  # noqa: PLC0415

    at_document(walker).give_document().again()
    with app.app_context():
        assert db.session.query(StepRecord).filter_by(step="document").count() == 1


@pytest.mark.parametrize(
    "strokes",
    [
        "",
        "[]",
        "{}",
        '{"width":350,"height":260,"strokes":[[[10,10,0.5,1],[12,11,0.5,2]]]}',
        "x" * 5000,
        '{"width":1e999,"height":2,"strokes":[]}',
    ],
)
def test_a_blank_or_broken_signature_is_refused(walker: Walker, strokes: str) -> None:
    at_document(walker).give_document().show_face().wait().press("同意并签名", strokes=strokes)
    assert walker.response.status_code == 422
    assert walker.errors


def test_who_cannot_draw_types_the_name(walker: Walker) -> None:
    at_document(walker).give_document().show_face().wait().press("同意并签名", typed_name="何志豪")
    assert walker.errors == ["请勾选：用输入的姓名代替手写签名。"]
    assert walker.page.cssselect("details[open] #typed_meant")  # what is still to be ticked is in sight
    walker.press("同意并签名", typed_meant="y")
    assert walker.path == "/verify/done"
    walker.open("/signature")
    assert "以输入的姓名代替" in walker.text


def test_the_signature_is_replaced_only_after_a_fresh_code(walker: Walker, clock: TestClock) -> None:
    walker.verified_resident()
    clock.move(minutes=2)
    walker.open("/signature").press("更换签名")
    walker.press("获取验证码")
    walker.work()
    walker.press("下一步", code=walker.fakes.sms.code("+8610000000001")).press("同意并签名", strokes=STROKES)
    assert walker.path == "/signature"
    assert len([key for key in walker.fakes.store.files if key.startswith("signatures") and key.endswith(".png")]) == 2


def test_a_court_without_links_reviews_everything_itself(make_app: MakeApp, fakes: Fakes) -> None:
    app = make_app(seams={"face": False, "immigration": False})
    for number, document in enumerate(({}, PERMIT)):
        walker = Walker(app.test_client(), fakes, worker_of(app))
        walker.accept_rules().prove_phone(f"1000000001{number}", f"+861000000001{number}").press("下一步")
        walker.give_document(**document).show_document().wait().show_video().wait()
        assert "已提交法院审核" in walker.text


def test_nothing_that_was_typed_or_photographed_lies_open_in_the_store(walker: Walker) -> None:
    at_document(walker).give_document(**PASSPORT).show_document()
    assert all(
        picture_bytes()[:100] not in data and WEBM[:50] not in data for data in walker.fakes.store.files.values()
    )


def test_a_photo_of_another_document_is_sent_back_at_once(walker: Walker) -> None:
    walker.fakes.documents.readings[DocumentSide.DATA_PAGE] = DocumentReading(
        None, {"number": "X99999999"}, mrz_valid=True
    )
    at_document(walker).give_document(**PASSPORT).show_document().wait()
    assert "照片上的证件号码与您填写的不一致" in walker.text
    walker.fakes.documents.readings[DocumentSide.DATA_PAGE] = DocumentReading(
        None, {"number": "C01X00T47"}, mrz_valid=True
    )
    walker.show_document().wait()
    assert walker.path == "/verify/video"


def test_an_expired_document_is_told_at_its_photo(walker: Walker, clock: TestClock) -> None:
    def reads(last_day: str) -> None:
        fields = {"number": "C01X00T47", "expiry_date": last_day}
        walker.fakes.documents.readings[DocumentSide.DATA_PAGE] = DocumentReading(None, fields, mrz_valid=True)

    reads("2026-11-22")
    at_document(walker).give_document(**PASSPORT).show_document().wait()
    assert walker.text.count("证件已经过期") == 1, "told once"
    reads("2026-11-23")  # its last day
    walker.show_document().wait()
    assert walker.path == "/verify/video"


def test_a_step_decided_between_two_requests_leads_on_instead_of_asking_again(walker: Walker) -> None:
    at_document(walker).give_document(**PERMIT).show_document()
    waiting = walker.response.request.full_path
    walker.work()
    assert walker.open(waiting).path == "/verify/video"


def test_without_javascript_the_page_says_how_to_sign_instead_of_asking_for_it_in_a_box(walker: Walker) -> None:
    walker.accept_rules().prove_phone().press("下一步").give_document().show_face().wait()
    assert walker.path == "/verify/signature"
    (instead,) = walker.page.cssselect("[data-sign] noscript")
    assert "不能手写" in instead.text_content() and "输入您的姓名代替" in instead.text_content()


def test_a_document_of_no_known_type_is_a_fault_beside_its_field(walker: Walker) -> None:
    at_document(walker)
    for kind in ("", "library_card"):
        walker.press(
            "同意，确认身份信息", document_type=kind, name="何志豪", number="440301198501010014", nationality="CHN"
        )
        assert walker.response.status_code == 422
        assert walker.page.cssselect("#document_type-error"), kind
