"""What is asked before the camera: drawn by the court, good once, for a few minutes, in one browser; and no film twice."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from tests.fakes import Fakes, TestClock
from tests.walker import WEBM, Walker
from tests.web.conftest import Clerk
from tests.web.test_races import at_once
from tests.web.test_verification import PASSPORT, PERMIT, at_document
from webapp.core.db import db, unit_of_work
from webapp.identity.challenges import (
    LIFE,
    MOST_DRAWS,
    ChallengeSpent,
    FaceChallenge,
    FilmPrint,
    draw_challenge,
    use_challenge,
)
from webapp.identity.models import StepRecord, Verification
from webapp.identity.words import GESTURES
from webapp.ports.face_checker import FaceComparison, FaceFault, FaceInspection, Likeness
from webapp.ports.liveness import Gesture, Liveness, LivenessFault, Seen

LIVE = Liveness(None, (), True, False, 0.9, 20.0, 0.8, b"best", tuple(f"{n:018x}" for n in range(20)))


def at_camera(walker: Walker) -> Walker:
    return at_document(walker).give_document().press("下一步", agree="y")


def asked(walker: Walker) -> list[str]:
    """The gestures that the page asks for, in order."""
    return [item.text_content().strip() for item in walker.page.cssselect(".gestures b")]


def hand_in(walker: Walker, film: bytes = WEBM) -> Walker:
    return walker.press("提交认证", files={"video": film})


def test_two_gestures_are_asked_for_and_the_film_is_held_against_them(walker: Walker) -> None:
    at_camera(walker).press("准备好了")
    words = asked(walker)
    assert len(set(words)) == 2
    hand_in(walker).wait()
    assert walker.path == "/verify/signature"
    assert [str(GESTURES[gesture]) for gesture in walker.fakes.videos.challenges[-1]] == words
    assert walker.fakes.face_authority.asked[0].picture == b"best"


def test_what_is_asked_stays_when_the_page_is_opened_again(walker: Walker) -> None:
    at_camera(walker).press("准备好了")
    words = asked(walker)
    for _ in range(3):
        assert asked(walker.open("/verify/face")) == words
    walker.client.post("/verify/face/challenge", data={"csrf_token": csrf(walker)})
    assert asked(walker.open("/verify/face")) == words


def csrf(walker: Walker) -> str:
    return str(walker.page.cssselect("[name=csrf_token]")[0].get("value"))


def test_a_challenge_of_some_minutes_ago_is_no_longer_good(walker: Walker, clock: TestClock) -> None:
    at_camera(walker).press("准备好了")
    clock.move(seconds=LIFE.total_seconds() + 1)
    hand_in(walker)
    assert walker.response.status_code == 422
    assert "已经过了时间" in walker.errors[0]
    walker.press("准备好了")
    hand_in(walker).wait()
    assert walker.path == "/verify/signature"


def test_whoever_is_slow_before_the_camera_gets_more_time_for_the_same_gestures(
    walker: Walker, clock: TestClock
) -> None:
    at_camera(walker).press("准备好了")
    asked = walker.page.cssselect("[data-record]")[0].get("data-gestures")
    for _time in range(10):
        clock.move(minutes=4, seconds=50)
        walker.press("我需要更多时间")
        assert "好的，又有 5 分钟。" in walker.text
        assert walker.page.cssselect("[data-record]")[0].get("data-gestures") == asked
    walker.press("我需要更多时间")
    assert "不能再延长了。时间到后请重新开始。" in walker.text
    clock.move(minutes=4)
    walker.press("提交认证", files={"video": WEBM + b"slow"})
    assert walker.page.cssselect(".wait")


def test_a_challenge_that_is_over_gets_no_more_time(walker: Walker, app: Flask, clock: TestClock) -> None:
    at_camera(walker).press("准备好了")
    clock.move(minutes=6)
    walker.press("我需要更多时间")
    assert walker.page.cssselect("button[form=form]")[0].text_content() == "准备好了"


def test_more_time_by_htmx_leaves_the_page_and_its_film_alone(walker: Walker) -> None:
    at_camera(walker).press("准备好了")
    button = next(form for form in walker.page.forms if "more-time" in (form.get("action") or ""))
    sent = {"csrf_token": button.fields["csrf_token"], "next": button.fields["next"]}
    answer = walker.client.post(button.get("action"), data=sent, headers={"HX-Request": "true"})
    assert "好的，又有 5 分钟。" in answer.text
    assert "<form" not in answer.text


def test_a_challenge_is_good_once(walker: Walker, app: Flask, clock: TestClock) -> None:
    at_camera(walker).press("准备好了")
    hand_in(walker)
    with app.app_context():
        [challenge] = db.session.query(FaceChallenge)
        assert challenge.used_at == clock()
        with pytest.raises(ChallengeSpent), unit_of_work():
            use_challenge(challenge.id, now=clock())


def test_somebody_elses_challenge_is_not_ones_own(walker: Walker, app: Flask, work: Callable[[], int]) -> None:
    other = Walker(app.test_client(), walker.fakes, work)
    at_document_of(other, "10000000002").give_document(number="44030119850101009X").press("下一步", agree="y")
    other.press("准备好了")
    theirs = other.page.cssselect("[name=challenge]")[0].get("value")
    at_camera(walker).press("准备好了")
    walker.press("提交认证", files={"video": WEBM}, challenge=theirs)
    assert walker.response.status_code == 422


def at_document_of(walker: Walker, phone: str) -> Walker:
    return walker.accept_rules().prove_phone(phone, f"+86{phone}").press("下一步")


def test_what_one_browser_was_asked_is_not_answered_in_another(
    walker: Walker, app: Flask, work: Callable[[], int], clock: TestClock
) -> None:
    at_camera(walker).press("准备好了")
    theirs = walker.page.cssselect("[name=challenge]")[0].get("value")
    clock.move(minutes=2)
    other = Walker(app.test_client(), walker.fakes, work)
    other.accept_rules().prove_phone()
    me = other.page.cssselect("[name=who]")[0].get("value")
    other.press("继续", who=me).open("/verify/face")
    assert other.path == "/verify/face"
    assert asked(other) == []
    data = {"csrf_token": csrf(other), "challenge": theirs, "video": (io.BytesIO(WEBM), "face.webm")}
    assert other.client.post("/verify/face", data=data).status_code == 422


def test_who_cannot_do_a_gesture_gets_another_one(walker: Walker) -> None:
    at_camera(walker).press("准备好了")
    first = asked(walker)[0]
    walker.press(f"我做不了“{first}”，换一个")
    assert len(asked(walker)) == 2
    assert first not in asked(walker)
    hand_in(walker).wait()
    assert walker.path == "/verify/signature"


def test_who_can_do_hardly_any_gesture_is_shown_the_way_by_the_court(walker: Walker) -> None:
    at_camera(walker).press("准备好了")
    for _ in range(3):
        assert asked(walker)
        walker.press(f"我做不了“{asked(walker)[0]}”，换一个")
    assert "没有别的动作可以换了" in walker.text
    walker.press("改由法院审核")
    assert walker.path == "/verify/evidence"


def test_on_the_way_by_the_court_a_plain_film_goes_to_a_clerk(walker: Walker, clerk: Clerk) -> None:
    at_document(walker).give_document(**PERMIT).show_document().wait().press("准备好了")
    for _ in range(3):
        walker.press(f"我做不了“{asked(walker)[0]}”，换一个")
    assert asked(walker) == []
    assert "不用做动作" in walker.text
    hand_in(walker).wait()
    assert "已提交法院审核" in walker.text
    clerk().open("/desk/identity")
    desk = clerk("wangfang").open("/desk/identity").press("陈大文")
    assert "没有要求做动作" in desk.text


def test_challenges_are_not_drawn_without_end(walker: Walker, clock: TestClock) -> None:
    at_camera(walker)
    for _ in range(MOST_DRAWS):
        walker.open("/verify/face").press("准备好了")
        assert asked(walker)
        clock.move(minutes=6)
    walker.open("/verify/face").press("准备好了")
    assert asked(walker) == []
    clock.move(hours=24)
    assert asked(walker.open("/verify").press("准备好了"))


def test_a_gesture_that_was_not_seen_is_named_and_not_asked_again(walker: Walker) -> None:
    at_camera(walker).press("准备好了")
    missing = next(gesture for gesture, words in GESTURES.items() if words == asked(walker)[1])
    first = next(gesture for gesture, words in GESTURES.items() if words == asked(walker)[0])
    walker.fakes.videos.live = replace(LIVE, fault=LivenessFault.UNSEEN, seen=(Seen(first, 2.0), Seen(missing, None)))
    hand_in(walker).wait()
    assert walker.path == "/verify/face"
    assert "没有看到" in walker.text
    assert walker.fakes.face_authority.asked == []
    walker.press("准备好了")
    assert str(GESTURES[missing]) not in asked(walker)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (LivenessFault.UNCLEAR, "没有一直看清您的脸"),
        (LivenessFault.FROZEN, "画面停住不动了"),
        (LivenessFault.SWAPPED, "不是同一张脸"),
        (LivenessFault.UNSURE, "看不清前后"),
        (LivenessFault.TOO_SLOW, "看不出眨眼"),
        (LivenessFault.OTHER, "动作的顺序不对"),
    ],
)
def test_each_fault_of_liveness_has_its_own_words(walker: Walker, fault: LivenessFault, words: str) -> None:
    walker.fakes.videos.live = replace(LIVE, fault=fault)
    at_document(walker).give_document().show_face().wait()
    assert walker.path == "/verify/face"
    assert words in walker.text


def test_a_camera_too_slow_for_blinks_is_not_asked_for_one_again(walker: Walker) -> None:
    walker.fakes.videos.live = replace(LIVE, fault=LivenessFault.TOO_SLOW)
    at_document(walker).give_document().show_face().wait()
    for _ in range(4):
        walker.press("准备好了")
        assert str(GESTURES[Gesture.BLINK]) not in asked(walker)
        hand_in(walker, WEBM + random.randbytes(4)).wait()  # noqa: S311 (another film)


def test_the_same_film_is_not_taken_twice_from_anybody(walker: Walker, app: Flask, work: Callable[[], int]) -> None:
    at_camera(walker).press("准备好了")
    hand_in(walker).wait()
    assert walker.path == "/verify/signature"
    other = Walker(app.test_client(), walker.fakes, work)
    at_document_of(other, "10000000002").give_document(number="44030119850101009X").press("下一步", agree="y")
    hand_in(other.press("准备好了")).wait()
    assert other.path == "/verify/face"
    assert "这段视频以前交过了" in other.text
    assert len(walker.fakes.face_authority.asked) == 1


def test_a_film_packed_anew_is_known_by_its_frames(walker: Walker, app: Flask, work: Callable[[], int]) -> None:
    walker.fakes.videos.live = LIVE
    at_camera(walker).press("准备好了")
    hand_in(walker).wait()
    other = Walker(app.test_client(), walker.fakes, work)
    at_document_of(other, "10000000002").give_document(number="44030119850101009X").press("下一步", agree="y")
    some = tuple(f"{n:018x}" for n in range(100, 107))
    walker.fakes.videos.live = replace(LIVE, prints=(*LIVE.prints[:10], *some))
    hand_in(other.press("准备好了"), WEBM + b"anew").wait()
    assert "这段视频以前交过了" in other.text


def test_another_take_of_the_same_room_is_no_repetition(walker: Walker) -> None:
    walker.fakes.videos.live = replace(LIVE, fault=LivenessFault.UNCLEAR)
    at_camera(walker).press("准备好了")
    hand_in(walker).wait()
    walker.fakes.videos.live = replace(LIVE, prints=(*LIVE.prints[:3], *(f"{n:018x}" for n in range(200, 215))))
    hand_in(walker.press("准备好了"), WEBM + b"second").wait()
    assert walker.path == "/verify/signature"


def test_a_copy_that_comes_later_says_nothing_against_the_film_that_came_first(
    walker: Walker, app: Flask, work: Callable[[], int], clock: TestClock
) -> None:
    walker.fakes.face_authority.down = True
    at_camera(walker).press("准备好了")
    hand_in(walker).wait()
    clock.move(seconds=10)
    other = Walker(app.test_client(), walker.fakes, work)
    at_document_of(other, "10000000002").give_document(number="44030119850101009X").press("下一步", agree="y")
    hand_in(other.press("准备好了")).wait()
    assert "这段视频以前交过了" in other.text
    walker.fakes.face_authority.down = False
    clock.move(minutes=5)
    assert walker.open("/verify").wait().path == "/verify/signature"


def test_a_photo_from_before_there_were_films_is_answered_kindly(walker: Walker, app: Flask) -> None:
    at_camera(walker).press("准备好了")
    hand_in(walker)
    with app.app_context(), unit_of_work():
        db.session.query(StepRecord).filter_by(step="face").one().answer = {"photo": "an old one"}
    walker.wait()
    assert walker.path == "/verify/face"
    assert "现在改为录制一段人脸视频" in walker.text


def test_prints_are_kept_as_keyed_hashes_alone(walker: Walker, app: Flask) -> None:
    at_camera(walker).press("准备好了")
    hand_in(walker).wait()
    with app.app_context():
        kept = db.session.query(FilmPrint).all()
    assert len(kept) == 16
    assert all(len(one.hash) == 16 for one in kept)


def test_a_bad_still_comes_back_twice_on_the_way_by_the_court_and_then_goes_to_a_clerk(walker: Walker) -> None:
    walker.fakes.faces.inspection = FaceInspection(FaceFault.EYES_CLOSED)
    at_document(walker).give_document(**PASSPORT).show_document().wait()
    for _ in range(2):
        walker.show_video().wait()
        assert "眼睛闭着" in walker.text
    walker.show_video().wait()
    assert "已提交法院审核" in walker.text


def test_a_face_that_differs_from_the_portrait_waits_for_a_person(walker: Walker, clerk: Clerk) -> None:
    walker.fakes.faces.comparison = FaceComparison(Likeness.DIFFER, 0.12)
    at_document(walker).give_document(**PERMIT).show_document().wait().show_video().wait()
    assert "已提交法院审核" in walker.text
    desk = clerk().open("/desk/identity").press("陈大文")
    assert "0.12" in desk.text


def test_a_step_without_a_film_has_no_challenge(walker: Walker) -> None:
    at_document(walker)
    for step in ("document", "face", "signature", "nothing"):
        answer = walker.client.post(f"/verify/{step}/challenge", data={"csrf_token": csrf(walker)})
        assert answer.status_code == 303


def test_every_pair_is_drawn_and_both_orders(app: Flask, walker: Walker, fakes: Fakes, clock: TestClock) -> None:
    at_camera(walker).press("准备好了")
    with app.app_context():
        verification, session = db.session.query(Verification).one(), db.session.query(FaceChallenge).one().session_id
        drawn, chance = set(), random.Random(3)  # noqa: S311 (a test's own dice)
        for turn in range(200):
            with unit_of_work():
                db.session.query(FaceChallenge).delete()
                now = clock() + timedelta(minutes=6 * turn)
                drawn.add(draw_challenge(verification, session, "face", now=now, chance=chance).asked)
    assert len(drawn) == 20


def test_two_tabs_that_begin_at_once_are_asked_the_same(walker: Walker, app: Flask, clock: TestClock) -> None:
    at_camera(walker).press("准备好了")
    with app.app_context(), unit_of_work():
        verification = db.session.query(Verification).one().id
        session = db.session.query(FaceChallenge).one().session_id
        db.session.query(FaceChallenge).delete()

    def draw() -> str:
        with unit_of_work():
            mine = db.session.get_one(Verification, verification)
            return draw_challenge(mine, session, "face", now=clock()).id

    assert len(set(map(str, at_once(app, draw, draw)))) == 1


def test_a_challenge_that_two_use_at_once_counts_for_one(walker: Walker, app: Flask, clock: TestClock) -> None:
    at_camera(walker).press("准备好了")
    with app.app_context():
        challenge = db.session.query(FaceChallenge).one().id

    def use() -> str:
        with unit_of_work():
            use_challenge(challenge, now=clock())
        return "used"

    results = at_once(app, use, use)
    assert results.count("used") == 1
    assert sum(isinstance(result, ChallengeSpent) for result in results) == 1


def test_the_authoritys_own_gestures_are_asked_for_and_ours_while_it_is_down(walker: Walker, app: Flask) -> None:
    walker.fakes.face_authority.wanted = (Gesture.BLINK, Gesture.OPEN_MOUTH)
    at_camera(walker).press("准备好了")
    with app.app_context():
        assert db.session.query(FaceChallenge).one().asked == (Gesture.BLINK, Gesture.OPEN_MOUTH)
    hand_in(walker).wait()
    [question] = walker.fakes.face_authority.asked
    assert question.gestures == (Gesture.BLINK, Gesture.OPEN_MOUTH)
    assert question.video.startswith(WEBM)


def test_while_the_authority_is_down_our_own_gestures_are_asked_for(walker: Walker, app: Flask) -> None:
    walker.fakes.face_authority.down = True
    at_camera(walker).press("准备好了")
    with app.app_context():
        assert len(db.session.query(FaceChallenge).one().asked) == 2
