"""Next, back, resume, undo and "you can't skip ahead", for every table there is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from webapp.identity.journeys import JOURNEYS, Means, means_for
from webapp.identity.rules.documents import DocumentType
from webapp.journey.engine import (
    Journey,
    Mark,
    StepState,
    current_step,
    is_finished,
    is_waiting,
    may_answer,
    progress,
    step_before,
)

ACCEPTED, ANSWERED, RETURNED = StepState.ACCEPTED, StepState.ANSWERED, StepState.RETURNED
ANY = st.sampled_from(list(JOURNEYS.values()))


@given(ANY, st.data())
def test_nobody_can_skip_ahead_whatever_was_answered(journey: Journey, data: st.DataObject) -> None:
    states = {
        step.key: data.draw(st.sampled_from([ACCEPTED, ANSWERED, RETURNED]))
        for step in journey.steps
        if data.draw(st.booleans())
    }
    current = current_step(journey, states)
    if current is None:
        assert all(states.get(step.key) is ACCEPTED for step in journey.steps)
        return
    later = journey.from_step(current.key)[1:]
    assert not any(may_answer(journey, states, key) for key in later)


@given(ANY)
def test_answering_step_by_step_reaches_the_end_and_back_leads_to_the_start(journey: Journey) -> None:
    states: dict[str, StepState] = {}
    for step in journey.steps:
        assert current_step(journey, states) == step
        assert may_answer(journey, states, step.key)
        states[step.key] = ANSWERED
        assert is_waiting(journey, states)
        assert not may_answer(journey, states, step.key)
        states[step.key] = ACCEPTED
    assert is_finished(journey, states)
    key = journey.steps[-1].key
    for expected in reversed(journey.steps[:-1]):
        before = step_before(journey, key)
        assert before == expected
        key = expected.key
    assert step_before(journey, journey.steps[0].key) is None


def test_a_returned_step_is_the_current_one_and_may_be_answered() -> None:
    journey = JOURNEYS[DocumentType.RESIDENT_ID, Means.ONLINE]
    states = {"phone": ACCEPTED, "document": ACCEPTED, "face": RETURNED}
    assert current_step(journey, states) == journey.step("face")
    assert may_answer(journey, states, "face")


def test_an_earlier_answer_may_be_changed_while_a_later_one_waits() -> None:
    journey = JOURNEYS[DocumentType.PASSPORT, Means.COURT]
    states = {
        "phone": ACCEPTED,
        "document": ACCEPTED,
        "evidence": ACCEPTED,
        "video": ACCEPTED,
        "court_review": ANSWERED,
    }
    assert may_answer(journey, states, "document")
    assert not may_answer(journey, states, "court_review")
    assert journey.from_step("evidence") == ("evidence", "video", "court_review", "signature")


def test_the_step_bar_shows_what_is_done_now_and_to_come() -> None:
    journey = JOURNEYS[DocumentType.RESIDENT_ID, Means.ONLINE]
    bar = progress(journey, {"phone": ACCEPTED, "document": ACCEPTED}, "face")
    assert (bar.position, bar.total, bar.marks) == (3, 4, (Mark.DONE, Mark.DONE, Mark.NOW, Mark.TODO))


def test_every_refusal_is_mended_at_a_step_of_its_own_table() -> None:
    for journey in JOURNEYS.values():
        for step in journey.steps:
            assert journey.step(step.mended_by) is not None
            assert journey.from_step(step.mended_by)[-1] == journey.steps[-1].key


def test_the_manuals_orders_stand_in_the_tables() -> None:
    assert [s.key for s in JOURNEYS[DocumentType.RESIDENT_ID, Means.ONLINE].steps] == [
        "phone",
        "document",
        "face",
        "signature",
    ]
    for kind in (
        DocumentType.OVERSEAS_CHINESE_PASSPORT,
        DocumentType.HK_MACAO_PERMIT,
        DocumentType.TAIWAN_PERMIT,
        DocumentType.FOREIGN_PERMANENT_RESIDENT,
    ):
        assert [s.key for s in JOURNEYS[kind, Means.ONLINE].steps] == [
            "phone",
            "document",
            "evidence",
            "video",
            "immigration",
            "signature",
        ]
    assert [s.key for s in JOURNEYS[DocumentType.PASSPORT, Means.ONLINE].steps] == [
        "phone",
        "document",
        "evidence",
        "video",
        "court_review",
        "signature",
    ]


def test_a_type_whose_authority_is_not_linked_goes_to_the_court() -> None:
    assert means_for(DocumentType.RESIDENT_ID, face=False, immigration=True) is Means.COURT
    assert means_for(DocumentType.RESIDENT_ID, face=True, immigration=False) is Means.ONLINE
    assert means_for(DocumentType.HK_MACAO_PERMIT, face=True, immigration=False) is Means.COURT
    assert means_for(DocumentType.PASSPORT, face=True, immigration=True) is Means.COURT
