"""At the desk: a QR code, and the pictures as they come. On the phone: a code, the camera, done."""

from __future__ import annotations

import io

import segno
from flask import Blueprint, abort, make_response, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response

from webapp.core.db import db, unit_of_work
from webapp.evidence.models import Photo, PhotoKind
from webapp.evidence.usecases import TooManyDrafts, keep_draft
from webapp.evidence.views import photo_response, refused_draft
from webapp.handover import usecases
from webapp.handover.forms import DeskCodeForm, PhonePhotoForm
from webapp.handover.models import Handover
from webapp.handover.usecases import CodeVerdict, HandoverEnd, Offer, Offered
from webapp.handover.words import SLOTS
from webapp.web.access import Access, open_to
from webapp.web.present import now, seams, settings
from webapp.web.rendering import fragment, go, show

bp = Blueprint("handover", __name__)
COOKIE, COOKIE_PATH = "handover", "/handover"


# ── at the desk ──


def begin(wish: Offer) -> Response:
    """Offers a phone the pictures of the page that calls this, and shows the QR code."""
    with unit_of_work():
        offered = usecases.offer(current_user.id, current_user.session_id, wish, now=now())
    return _desk(db.session.get_one(Handover, offered.id), offered)


def _desk(handover: Handover, offered: Offered | None = None) -> Response:
    """What the desk sees; with `offered` the QR code, which is shown once: only the link's hash is kept."""
    link = settings().public_url.rstrip("/") + url_for("handover.phone", token=offered.token) if offered else ""
    photos = usecases.landed(handover, now=now())
    stamp = f"{handover.confirmed_at is not None:d}{handover.end or ''}{usecases.is_open(handover, now=now()):d}"
    stamp += "".join(photo[:5] for photo in photos.values())
    if request.args.get("seen") == stamp:
        return make_response("", 204)
    bare = request.headers.get("HX-Target") == "handover"
    draw = fragment if bare else show
    return draw(
        "handover/_desk.html" if bare else "handover/desk.html",
        handover=handover,
        alive=usecases.is_open(handover, now=now()),
        qr=_qr(link) if link else "",
        code=offered.code if offered else "",
        photos=photos,
        waiting=[str(SLOTS[PhotoKind(k)].label) for name, k in handover.wanted.items() if name not in photos],
        stamp=stamp,
        bare=bare,
    )


def _qr(link: str) -> Markup:
    """The link as an SVG, drawn here: black on white in either theme, four modules of quiet around it."""
    out = io.BytesIO()
    segno.make(link, error="m").save(
        out, kind="svg", xmldecl=False, svgns=True, border=4, light="#fff", omitsize=True, svgclass=None, lineclass=None
    )
    return Markup(out.getvalue().decode())  # noqa: S704 (segno draws it from a link of our own)


@bp.get("/handovers/<handover_id>")
@open_to(Access.PAYEE)
def desk(handover_id: str) -> Response:
    """How the hand-over stands; the desk's page asks every two seconds."""
    found = usecases.of_desk(handover_id, current_user.session_id) or abort(404)
    return _desk(found)


@bp.post("/handovers/<handover_id>/cancel")
@open_to(Access.PAYEE)
def cancel(handover_id: str) -> Response:
    """The desk takes it back: the link and the phone are worth nothing from now on."""
    found = usecases.of_desk(handover_id, current_user.session_id) or abort(404)
    with unit_of_work():
        usecases.finish(found.id, HandoverEnd.CANCELLED, now=now())
    return go(url_for("handover.desk", handover_id=handover_id))


# ── on the phone ──


@bp.route("/handover/<token>", methods=["GET", "POST"])
@open_to(Access.EVERYONE)
def phone(token: str) -> Response:
    """Whose step this is, and the code that the desk shows."""
    found, form = usecases.by_link(token, now=now()), DeskCodeForm()
    if found is None:
        return show("handover/gone.html", 410)
    if request.method == "POST" and form.validate():
        with unit_of_work():
            verdict, phone_token = usecases.confirm(token, form.code.data, now=now())
        if verdict is CodeVerdict.GONE:
            return show("handover/gone.html", 410, guessed=True)
        if verdict is CodeVerdict.RIGHT:
            response = make_response(redirect(url_for("handover.photos"), code=303))
            age = int(usecases.LONGEST_VISIT.total_seconds())
            secure = settings().secure_cookies
            response.set_cookie(
                COOKIE, phone_token, age, path=COOKIE_PATH, httponly=True, samesite="Lax", secure=secure
            )
            return response
        form.code.errors = [_("数字不对，请看一看电脑上的 4 位数字。")]
    return show("handover/code.html", 422 if form.errors else 200, form=form, whose=found.whose)


def _helped() -> Handover | None:
    return usecases.by_phone(request.cookies.get(COOKIE, ""), now=now())


@bp.get("/handover/photos")
@open_to(Access.EVERYONE)
def photos() -> Response:
    """The pictures that the desk waits for, each with the camera."""
    found = _helped()
    if found is None:
        return show("handover/gone.html", 410)
    return _photos(found)


def _photos(found: Handover, errors: dict[str, str] | None = None) -> Response:
    slots = {name: SLOTS[PhotoKind(kind)] for name, kind in found.wanted.items()}
    landed = usecases.landed(found, now=now())
    return show(
        "handover/photos.html",
        422 if errors else 200,
        slots=slots,
        landed=landed,
        whose=found.whose,
        errors=errors or {},
    )


@bp.post("/handover/photos/<field>")
@open_to(Access.EVERYONE)
def send(field: str) -> Response:
    """One picture: JSON for the page's script, a page for a plain form."""
    found = _helped()
    by_script = "application/json" in request.headers.get("Accept", "")
    if found is None or field not in found.wanted:
        words = _("这次协助已经结束，请回到电脑上重新开始。")
        return refused_draft(words, 410) if by_script else show("handover/gone.html", 410)
    kind = PhotoKind(found.wanted[field])
    form = PhonePhotoForm(kind)
    words = _keep(found, field, kind, form) if form.validate() else str(next(iter(form.errors.values()))[0])
    if by_script and words:
        return refused_draft(words, 422)
    if by_script:
        return make_response({"id": field, "src": url_for("handover.picture", field=field)}, 201)
    return _photos(found, {field: words}) if words else go(url_for("handover.photos"))


def _keep(found: Handover, field: str, kind: PhotoKind, form: PhonePhotoForm) -> str:
    """Keeps the picture for the desk's account; returns words when it can't."""
    try:
        photo = keep_draft(
            found.account_id,
            kind,
            form.picture.sent,
            form.clean_frames,
            upload_key=form.upload_key,
            store=seams().store,
            now=now(),
        )
    except TooManyDrafts:
        return str(_("今天拍的照片太多了。请明天再试，或拨打法院电话。"))
    with unit_of_work():
        usecases.note_photo(found.id, field, photo.id, now=now())
    return ""


@bp.get("/handover/photos/<field>.jpg")
@open_to(Access.EVERYONE)
def picture(field: str) -> Response:
    """What this phone has taken for a field."""
    found = _helped() or abort(404)
    photo = db.session.get(Photo, usecases.landed(found, now=now()).get(field) or abort(404))
    return photo_response(photo) if photo is not None else abort(404)


@bp.post("/handover/done")
@open_to(Access.EVERYONE)
def done() -> Response:
    """The phone's part is over: its cookie opens nothing any more."""
    found = _helped()
    if found is not None:
        with unit_of_work():
            usecases.finish(found.id, HandoverEnd.DONE, now=now())
    response = show("handover/done.html")
    response.delete_cookie(COOKIE, path=COOKIE_PATH)
    return response
