"""One page per step: its form, its template, and what answering it does. The order is the table's, not ours."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import current_app, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from webapp.accounts.loading import device
from webapp.accounts.queries import phones_of
from webapp.accounts.sessions import note_device
from webapp.core.db import db, end_reading, unit_of_work
from webapp.core.masking import mask_phone
from webapp.core.once import spend
from webapp.evidence.models import Photo, PhotoKind
from webapp.evidence.queries import latest_draft, own_photo
from webapp.evidence.showing import photo_for
from webapp.evidence.usecases import TooManyDrafts, keep_draft, store_photo, take_in
from webapp.handover.usecases import handed
from webapp.identity.challenges import ChallengeSpent, FaceChallenge, standing_challenge, use_challenge
from webapp.identity.forms import (
    CourtForm,
    DocumentForm,
    FaceForm,
    PhoneChoiceForm,
    SignatureForm,
    VideoForm,
    differing_words,
)
from webapp.identity.jobs import photo_kinds
from webapp.identity.journeys import Means, means_for
from webapp.identity.models import StepRecord, Verification
from webapp.identity.portraits import contradictions, insisted_on, reading_of_portrait
from webapp.identity.queries import earlier_tries, latest_refusal, standing_records
from webapp.identity.rules.documents import DocumentType
from webapp.identity.rules.strokes import draw_name, draw_strokes
from webapp.identity.signing import reserve_signature, store_signature
from webapp.identity.usecases import DECIDED_BY_OTHERS, answer_step, choose_document
from webapp.journey.engine import StepState
from webapp.ports.failures import SeamFailure
from webapp.ports.liveness import Gesture
from webapp.texts.models import TextKind
from webapp.texts.queries import text_in_force
from webapp.texts.usecases import give_consent
from webapp.typed.usecases import close_typed, typed_before
from webapp.web.fields import options
from webapp.web.locale import current_language
from webapp.web.present import browser, now, once_token, seams

PHOTOS_REFUSED = ("court:unclear", "court:expired")


@dataclass(frozen=True, slots=True)
class Page:
    """How a step is asked (`form`), what a valid answer does (`answer`), and what is saved of a faulty one (`keep`)."""

    template: str
    form: Callable[[Verification], Any]
    answer: Callable[[Verification, Any], None]
    keep: Callable[[Any], None] = lambda _form: None


def last_answer(verification: Verification, step: str) -> Mapping[str, Any]:
    """What was answered last, standing or superseded: a page comes back filled in."""
    tries = earlier_tries(verification.id, step)
    return tries[0].answer if tries else {}


def still_refused(verification: Verification, step: str) -> StepRecord | None:
    """A person's or an authority's refusal that this step's last answer has not yet been renewed after.

    It leads back to the document; but what it complains of may be a photo or the video, which come later.
    """
    refusal, tries = latest_refusal(verification.id), earlier_tries(verification.id, step)
    if refusal is None or step not in ("evidence", "video") or refusal.step not in DECIDED_BY_OTHERS:
        return None
    answered = step in standing_records(verification.id)
    since = tries and refusal.decided_at is not None and tries[0].answered_at <= refusal.decided_at
    return refusal if since and not answered else None


def _record(verification: Verification, step: str, answer: Mapping[str, Any], state: StepState) -> StepRecord:
    spend(once_token(), now=now())
    note_device(verification.account_id, device(), now=now())
    return answer_step(db.session.get_one(Verification, verification.id), step, answer, state=state, now=now())


def _phone_form(verification: Verification) -> PhoneChoiceForm:
    phones = phones_of(verification.account_id)
    chosen = last_answer(verification, "phone").get("phone") or (phones[0].id if phones else None)
    form = PhoneChoiceForm(phone=chosen)
    form.phone.choices = options((phone.id, mask_phone(phone.number)) for phone in phones)
    return form


def _answer_phone(verification: Verification, form: PhoneChoiceForm) -> None:
    with unit_of_work():
        _record(verification, "phone", {"phone": form.phone.data}, StepState.ACCEPTED)


def _document_form(verification: Verification) -> DocumentForm:
    known = last_answer(verification, "document")
    typed = typed_before(verification.account_id, "document", now=now())
    if typed.get("document_type") not in set(DocumentType):
        typed.pop("document_type", None)
    chosen = {"document_type": verification.document_type} if verification.document_type else {}
    shown = {**_usual_document(), **chosen, **known}
    meant = {f"meant_{name}": read for name, read in known.get("insisted", {}).items()}
    return DocumentForm(
        data=shown | meant | typed, typed=not typed.items() <= shown.items(), reading=_read_of_document(verification)
    )


def _read_of_document(verification: Verification) -> Mapping[str, Any]:
    """What was read of the document that is handed in: of the photo among the evidence, else of the one that filled the form in.

    Nothing while it is being read, or where it is the photo of another type of document.
    """
    kind = request.form.get("document_type", "")
    if kind not in set(DocumentType):
        return {}
    side, evidence = next(iter(photo_kinds(kind).values())), standing_records(verification.id).get("evidence")
    if evidence is not None and verification.document_type == kind:
        return reading_of_portrait(evidence)
    draft = latest_draft(current_user.id, side, since=current_user.helped_since, now=now())
    return (db.session.get_one(Photo, draft).reading if draft else None) or {}


def _usual_document() -> dict[str, str]:
    """What most readers of the page's language have: a resident card, or a passport of a country that isn't guessed."""
    if current_language().code.startswith("zh"):
        return {"document_type": DocumentType.RESIDENT_ID, "nationality": "CHN"}
    return {"document_type": DocumentType.PASSPORT}


def _answer_document(verification: Verification, form: DocumentForm) -> None:
    kind = DocumentType(form.document_type.data)
    linked = means_for(kind, face=seams().face_authority is not None, immigration=seams().immigration is not None)
    by_court = verification.means == Means.COURT and verification.document_type == kind  # chosen, and still meant
    means = Means.COURT if by_court else linked
    answer = {
        "name": form.name.data,
        "number": form.number.data,
        "nationality": form.nationality.data,
        "document_type": kind.value,
        "insisted": dict(form.read_otherwise()),
    }
    with unit_of_work():
        spend(once_token(), now=now())
        fresh = db.session.get_one(Verification, verification.id)
        choose_document(fresh, kind, means, now=now())
        answer_step(fresh, "document", answer, state=StepState.ACCEPTED, now=now())
        close_typed(verification.account_id, "document", now=now())


def _asked(verification: Verification, step: str) -> FaceChallenge | None:
    return standing_challenge(verification.id, current_user.session_id, step, now=now())


def _face_form(verification: Verification) -> FaceForm:
    return FaceForm(asked=_asked(verification, "face"))


def _answer_face(verification: Verification, form: FaceForm) -> None:
    _answer_film(verification, "face", form, {})


def _answer_film(verification: Verification, step: str, form: FaceForm, more: Mapping[str, Any]) -> None:
    """Keeps the film with what was asked in it; raises ChallengeSpent when that was just answered elsewhere."""
    upload, asked = form.video.sent, form.asked
    if asked is None:
        raise ChallengeSpent(step)
    film = store_photo(
        current_user.id, PhotoKind.FACE_VIDEO, upload.data, upload.media_type, store=seams().store, now=now()
    )
    with unit_of_work():
        db.session.add(film)
        answer = {"video": film.id, "gestures": list(asked.asked), **more}
        _record(verification, step, answer, StepState.ANSWERED)
        use_challenge(asked.id, now=now())


def _evidence_form(verification: Verification) -> CourtForm:
    known = last_answer(verification, "evidence")
    wanted = photo_kinds(str(verification.document_type))
    refusal = still_refused(verification, "evidence")
    unusable = refusal is not None and (refusal.reason in PHOTOS_REFUSED or "evidence" in refusal.redo.split(","))
    earlier = known.get("photos", {})
    kept = {name: photo for name, photo in earlier.items() if name in wanted and not unusable}
    tries = earlier_tries(verification.id, "evidence")
    since = tries[0].answered_at if tries else None
    kept.update({name: photo for name, photo in _just_taken(wanted, since).items() if photo not in earlier.values()})
    kept = {name: photo for name, photo in kept.items() if photo_for(current_user, photo)}
    return CourtForm(wanted=wanted, kept=kept, data={"court": known.get("court")})


def _just_taken(wanted: Mapping[str, PhotoKind], since: datetime | None) -> dict[str, str]:
    """Photos that were sent as they were taken, or that a phone has taken for this page: the form's own, else the newest.

    The newest also where the form knows of none: it may have arrived when the page was drawn already.
    """
    posted = request.method == "POST"
    taken = {} if posted else handed(request.args.get("handover"), current_user.session_id, now=now())
    found: dict[str, str] = {}
    for name, kind in wanted.items():
        given = request.form.get(f"kept_{name}") if posted else taken.get(name)
        own = own_photo(given, current_user.id, kind, now=now())
        if photo := own or latest_draft(current_user.id, kind, since=since, now=now()):
            found[name] = photo
    return found


def _keep_evidence(form: CourtForm) -> None:
    """The photos that came with a faulty form stay, so that nothing is taken twice."""
    for name, kind in form.kinds.items():
        upload = form[name].upload
        if upload is not None:
            with suppress(TooManyDrafts):
                photo = keep_draft(current_user.id, kind, upload, upload_key="", store=seams().store, now=now())
                setattr(form, f"kept_{name}", photo.id)


def readings_of(verification: Verification) -> list[Mapping[str, Any]]:
    """What was read of the document's photos that stand."""
    evidence = standing_records(verification.id).get("evidence")
    photos = (evidence.answer.get("photos", {}) if evidence else {}).values()
    return [photo.reading for photo_id in photos if (photo := db.session.get(Photo, photo_id)) and photo.reading]


@dataclass(frozen=True, slots=True)
class Contradicted:
    """What a photo says otherwise than was typed: of which field, what it says, and the sentence that names both."""

    name: str
    read: str
    words: str


def contradicted(verification: Verification) -> list[Contradicted]:
    """What is asked about where photos came back; not what the payee has confirmed already."""
    record, document = (standing_records(verification.id).get(step) for step in ("evidence", "document"))
    if record is None or document is None or record.state != StepState.RETURNED:
        return []
    insisted = insisted_on(record)
    return [
        Contradicted(name, read, differing_words(name, read, document.answer[name]))
        for name, read in contradictions(record).items()
        if name not in insisted
    ]


def _answer_evidence(verification: Verification, form: CourtForm) -> None:
    kinds, photos, fresh = photo_kinds(str(verification.document_type)), {}, []
    insisted = {one.name: one.read for one in contradicted(verification) if form[f"meant_{one.name}"].data == one.read}
    for name, kind in kinds.items():
        upload = form[name].upload
        if upload is None:
            photos[name] = getattr(form, f"kept_{name}")
            continue
        photo = store_photo(
            current_user.id,
            kind,
            upload.data,
            upload.media_type,
            size=(upload.width, upload.height),
            store=seams().store,
            now=now(),
        )
        photos[name] = photo.id
        fresh.append(photo)
    with unit_of_work():
        db.session.add_all(fresh)
        take_in(photos.values())
        answer = {"court": form.court.data, "photos": photos, "insisted": insisted}
        _record(verification, "evidence", answer, StepState.ANSWERED)


def _video_form(verification: Verification) -> VideoForm:
    return VideoForm(asked=_asked(verification, "video"))


def _answer_video(verification: Verification, form: VideoForm) -> None:
    _answer_film(verification, "video", form, {"tell_me": bool(form.tell_me.data)})


def _signature_form(verification: Verification) -> SignatureForm:
    return SignatureForm(name=standing_records(verification.id)["document"].answer["name"])


def _answer_signature(verification: Verification, form: SignatureForm) -> None:
    signature = made_signature(form)
    notice = text_in_force(TextKind.NOTICE, current_language().code, now=now())
    with unit_of_work():
        reserve_signature(signature, now=now())
        give_consent(current_user.id, notice, client=browser(), now=now(), about=signature.id)
        _record(verification, "signature", {"signature": signature.id}, StepState.ACCEPTED)


SIGNATURE_FONTS = ("song", "song-latin", "song-hangul", "song-arabic", "song-more", "song-rare")


def made_signature(form: SignatureForm) -> Any:
    """The stored signature of a valid form: drawn strokes, or the typed name set in type and marked as such."""
    if form.drawn is not None:
        strokes, picture, made_by = (form.strokes.data or "").encode(), draw_strokes(form.drawn), "drawn"
    else:
        fonts = Path(current_app.static_folder or "") / "fonts" / "letter"
        picture = draw_name(form.typed_name.data, tuple(str(fonts / f"{name}.ttf") for name in SIGNATURE_FONTS))
        strokes, made_by = json.dumps({"typed": form.typed_name.data}, ensure_ascii=False).encode(), "typed"
    return store_signature(current_user.id, strokes, picture, made_by=made_by, store=seams().store, now=now())


PAGES = {
    "phone": Page("identity/phone.html", _phone_form, _answer_phone),
    "document": Page("identity/document.html", _document_form, _answer_document),
    "face": Page("identity/face.html", _face_form, _answer_face),
    "evidence": Page("identity/evidence.html", _evidence_form, _answer_evidence, _keep_evidence),
    "video": Page("identity/video.html", _video_form, _answer_video),
    "signature": Page("identity/signature.html", _signature_form, _answer_signature),
}

WAITING: Mapping[str, tuple[Callable[[], str], Callable[[], str]]] = {
    "face": (lambda: _("正在核对人脸"), lambda: _("通常只要几秒钟。您可以离开，结果会保存。")),
    "evidence": (lambda: _("正在检查照片"), lambda: _("通常只要几秒钟。")),
    "video": (lambda: _("正在检查视频"), lambda: _("通常只要几秒钟。")),
    "immigration": (
        lambda: _("正在向移民管理局核实"),
        lambda: _("通常不到一分钟。对方系统繁忙时会自动再试；您可以离开，核实后用短信通知您。"),
    ),
    "court_review": (
        lambda: _("已提交法院审核"),
        lambda: _(
            "由工作人员亲自查看，在工作时间按提交的先后办理，一般需要一到几个工作日。有了结果会发短信通知您，您可以关闭本页。"
        ),
    ),
}


def photo_address(photo_id: str | None) -> str:
    """Where the payee's own picture is shown."""
    return url_for("evidence.photo", photo_id=photo_id) if photo_id else ""


def wanted_gestures(key: str) -> tuple[Gesture, ...]:
    """What the authority wants to see; where it doesn't answer, or leaves it to us, ours are as good."""
    authority = seams().face_authority
    if key != "face" or authority is None:
        return ()
    end_reading()
    try:
        return authority.wanted_gestures()
    except SeamFailure:
        return ()
