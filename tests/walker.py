"""A payee's browser without JavaScript: opens pages, fills in forms by their labels, presses buttons by their words.

Every page that it gets is linted: one h1, a title, unique ids, a label for each field, nothing inline, no-store.
"""

from __future__ import annotations

import io
import itertools
import json
import re
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from lxml import html
from PIL import Image
from werkzeug.test import TestResponse

from tests.fakes import Fakes
from webapp.identity.rules.documents import normalise


def picture_bytes(width: int = 800, height: int = 600, colour: str = "#667788", kind: str = "JPEG") -> bytes:
    """A plain picture."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, kind)
    return out.getvalue()


WEBM = b"\x1aE\xdf\xa3" + bytes(2000)
TAKES = itertools.count()  # no two walkers of a run film the same take
STROKES = json.dumps(
    {
        "width": 350,
        "height": 260,
        "strokes": [
            [[20, 60, 0.5, 0], [180, 70, 0.6, 40], [330, 160, 0.4, 90]],
            [[60, 200, 0.5, 300], [300, 40, 0.5, 380]],
        ],
    }
)


class Browser(FlaskClient):
    """Sends a form again where it is told to (307), as browsers do."""

    def resolve_redirect(self, response: TestResponse, buffered: bool = False) -> TestResponse:
        if response.status_code == 307:
            response.request.environ["wsgi.input"].seek(0)
        return super().resolve_redirect(response, buffered)


class Walker:
    """One browser. `page` is the last page, parsed."""

    def __init__(self, client: FlaskClient, fakes: Fakes, work: Callable[[], int]) -> None:
        self.client, self.fakes, self.work = client, fakes, work
        self.response: TestResponse
        self.path = ""

    def open(self, path: str, **headers: str) -> Walker:
        self.response = self.client.get(path, follow_redirects=True, headers=headers)
        return self._arrived()

    def _arrived(self) -> Walker:
        self.path = self.response.request.path
        if self.response.mimetype == "text/html":
            self.page = html.fromstring(self.response.text)
            lint(self.response)
        return self

    @property
    def text(self) -> str:
        """What the page says, white space folded."""
        return re.sub(r"\s+", " ", self.page.text_content()).strip()

    @property
    def errors(self) -> list[str]:
        return [
            re.sub(r"\s+", " ", e.text_content()).strip()
            for e in self.page.cssselect(".err")
            if e.get("hidden") is None
        ]

    def press(self, words: str, /, files: dict[str, Any] | None = None, **fields: Any) -> Walker:
        """Presses the button or follows the link of these words, with fields set by name."""
        for link in self.page.cssselect("a[href]"):
            if _said(link) == words:
                return self.open(link.get("href"))
        for button in self.page.cssselect("button"):
            if _said(button) == words:
                return self._submit(button, files or {}, fields)
        raise AssertionError(f"no “{words}” on {self.path}: {self.text[:300]}")

    def _submit(self, button: Any, files: dict[str, Any], fields: dict[str, Any]) -> Walker:
        form = self._form_of(button)
        data: dict[str, Any] = dict(form.form_values())
        if button.get("name"):
            data[button.get("name")] = button.get("value")
        for key, value in {**fields, **files}.items():
            if value is None:
                data.pop(key, None)
            else:
                data[key] = (io.BytesIO(value), f"{key}.bin") if isinstance(value, bytes) else value
        outside = [e for e in self.page.cssselect("[name][form]") if e.get("form") == form.get("id")]
        known = {e.get("name") for e in [*form.cssselect("[name]"), *outside]}
        unknown = (set(fields) | set(files)) - known
        assert not unknown, f"the form on {self.path} has no {unknown}, only {known}"
        self.last_data, self.last_action = (
            {k: v for k, v in data.items() if not isinstance(v, tuple)},
            button.get("formaction") or form.get("action") or self.response.request.full_path.rstrip("?"),
        )
        self.response = self.client.post(self.last_action, data=data, follow_redirects=True)
        for sent in (*self.response.history, self.response):
            sent.request.environ["wsgi.input"].close()  # a large upload is a temporary file, which nobody else closes
        return self._arrived()

    def _form_of(self, button: Any) -> Any:
        wanted = button.get("form")
        if wanted:
            return next(form for form in self.page.forms if form.get("id") == wanted)
        return next(form for form in self.page.forms if button in form.iter())

    def again(self) -> Walker:
        """Sends the very same form once more, as a double tap does."""
        self.response = self.client.post(self.last_action, data=self.last_data, follow_redirects=True)
        return self._arrived()

    def wait(self) -> Walker:
        """The worker does its jobs, and the waiting page looks again."""
        self.work()
        waiting = self.page.cssselect(".wait[hx-get]")
        return self.open(waiting[0].get("hx-get") if waiting else self.path)

    # the way of a payee, step by step

    def accept_rules(self) -> Walker:
        return self.open("/verify").press("同意，开始认证", agree="y")

    def prove_phone(self, phone: str = "10000000001", e164: str = "+8610000000001") -> Walker:
        self.press("获取验证码", phone=phone)
        self.work()
        self.press("下一步", code=self.fakes.sms.code(e164))
        return self

    def give_document(
        self,
        kind: str = "resident_id",
        name: str = "何志豪",
        number: str = "440301198501010014",
        nationality: str = "CHN",
    ) -> Walker:
        self.fakes.documents.number = normalise(number)  # what stands on the document that is photographed next
        return self.press("同意，确认身份信息", document_type=kind, name=name, number=number, nationality=nationality)

    def show_face(self) -> Walker:
        return self.press("下一步", agree="y").film()

    def show_document(self, picture: bytes | None = None, court: str = "深圳市中级人民法院") -> Walker:
        fields = {e.get("name") for e in self.page.cssselect("input[type=file]")}
        return self.press("下一步", files={name: picture or picture_bytes() for name in fields}, court=court)

    def show_video(self) -> Walker:
        return self.film()

    def film(self) -> Walker:
        """Has gestures drawn, and hands in a film: each time another one."""
        return self.press("准备好了").press("提交认证", files={"video": WEBM + str(next(TAKES)).encode()})

    def sign(self) -> Walker:
        return self.press("同意并签名", strokes=STROKES)

    def verified_resident(self, phone: str = "10000000001", **document: str) -> Walker:
        """The whole way of a resident, to the end."""
        self.accept_rules().prove_phone(phone, f"+86{phone}").press("下一步")
        return self.give_document(**document).show_face().wait().sign()


def _said(element: Any) -> str:
    return element.get("aria-label") or re.sub(r"\s+", " ", element.text_content()).strip()


def lint(response: TestResponse) -> None:
    """What every page must keep."""
    page, path = html.fromstring(response.text), response.request.path
    assert response.headers["Cache-Control"] == "no-store", path
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy, path
    assert page.findtext(".//title"), path
    assert len(page.cssselect("h1")) == 1, f"{path} has {len(page.cssselect('h1'))} h1"
    ids = [e.get("id") for e in page.cssselect("[id]")]
    assert len(ids) == len(set(ids)), f"{path} repeats {[i for i in ids if ids.count(i) > 1]}"
    assert not page.cssselect("[style]"), f"{path} has inline style"
    assert not [e for e in page.iter() if isinstance(e.tag, str) and any(a.startswith("on") for a in e.attrib)], path
    nonce = re.search(r"nonce-([^']+)", policy)
    for script in page.cssselect("script"):
        assert nonce is not None and script.get("nonce") == nonce.group(1) and script.get("src"), path
    labelled = {label.get("for") for label in page.cssselect("label[for]")}
    for field in page.cssselect("input, select, textarea"):
        inside = any(parent.tag == "label" for parent in field.iterancestors())
        assert (
            field.get("type") in ("hidden", "submit")
            or field.get("id") in labelled
            or inside
            or field.get("aria-label")
        ), f"{path}: {field.get('name')} has no label"
    for image in page.cssselect("img"):
        assert image.get("alt") is not None, path
    for form in page.forms:
        if (form.get("method") or "").lower() == "post":
            assert form.cssselect("[name=csrf_token]"), f"{path}: a form without a CSRF token"
