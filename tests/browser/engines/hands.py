"""A payee in any engine that WebDriver drives, who knows nothing but the words on the screen."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drawing.face_clips import RATE, live

from tests.browser.conftest import PATIENCE, SPECIMENS, Demo, patiently
from tests.browser.engines.driver import ELEMENT, PASSING, Engine, EngineError, again_while_passing
from tests.browser.payee import Words
from webapp.adapters.sandbox.moving_face import as_webm

KINDS = {
    "press": "button, a[href], input[type=submit]",
    "field": "input:not([type=hidden], [type=file], [type=radio], [type=checkbox]), select, textarea",
    "radio": "input[type=radio]",
    "heading": "h1, h2, h3",
}
FIND = """
const [kinds, name] = arguments, fold = (text) => (text || "").replace(/\\s+/g, " ").trim();
const sheets = [...document.querySelectorAll("dialog[open]")], within = sheets.at(-1) || document;
const texts = (ids) => ids.split(" ").map((id) => document.getElementById(id)?.textContent).join(" ");
const pointed = (e) => texts(e.getAttribute("aria-labelledby") || "");
const called = (e) => fold(e.getAttribute("aria-label") || pointed(e) || e.labels?.[0]?.textContent || e.innerText);
const seen = (e) => e.getClientRects().length > 0 && getComputedStyle(e).visibility === "visible" && !e.disabled;
const all = [...within.querySelectorAll(kinds)].filter((e) => seen(e) && (!name || called(e).includes(name)));
return all.find((e) => called(e) === name) || all[0] || null;"""
LISTEN = """const keep = (fault) => { sessionStorage.faults = JSON.stringify([...JSON.parse(sessionStorage.faults || "[]"), fault]); };
if (!window.heard) {
  window.heard = true;
  addEventListener("error", (e) => keep(String(e.message || `${e.target.localName} ${e.target.src || e.target.href} was not loaded`)), true);
  addEventListener("unhandledrejection", (e) => keep(`unhandled: ${e.reason}`));
  addEventListener("securitypolicyviolation", (e) => keep(`policy: ${e.violatedDirective} ${e.blockedURI}`));
  const said = console.error; console.error = (...words) => { keep(words.join(" ")); said.apply(console, words); };
  document.addEventListener("htmx:afterSettle", () => { sessionStorage.swaps = Number(sessionStorage.swaps || 0) + 1; });
}"""
STROKES = (((0.1, 0.3), (0.9, 0.35)), ((0.5, 0.1), (0.3, 0.9)), ((0.5, 0.4), (0.85, 0.85)))


def _ref(element: str) -> dict[str, str]:
    """An element as a script gets it."""
    return {ELEMENT: element}


@dataclass
class Hands:
    """Presses, types and reads by visible names; whatever isn't there yet is waited for."""

    engine: Engine
    demo: Demo
    words: Words

    def open(self, path: str = "/") -> None:
        """Once more, as a person would, where WebKitGTK shows "Service Worker context closed" in place of the page: it ends a
        worker whose last page goes away, though the next page asks it already."""

        def opened() -> bool | None:
            self.engine.command("Navigate", url=self.demo.address + path)
            return str(self.value("return location.href;")).startswith(self.demo.address) or None

        patiently(opened, f"{path} never opened")

    def value(self, script: str, *args: Any) -> Any:
        """What the script returns, once the page lets it."""
        found: list[Any] = []

        def asked() -> bool:
            found.append(self.engine.run(script, *args))
            return True

        again_while_passing(asked, lambda: script, PATIENCE)
        return found[-1]

    def until(self, script: str, *args: Any) -> Any:
        """The first value that is true of an expression."""
        return patiently(lambda: self.value(f"return {script};", *args) or None, f"never: {script}; {self.text()}")

    def faults(self) -> list[str]:
        """What went wrong in the pages since it was last asked, by their own telling and by the browser's log."""
        told = self.value("const told = sessionStorage.faults || '[]'; delete sessionStorage.faults; return told;")
        return [*json.loads(told), *self.engine.output()]

    def swaps(self) -> int:
        """How often htmx has put something into a page."""
        return int(self.value("return sessionStorage.swaps || 0;"))

    def text(self) -> str:
        """What stands in the page; of an empty one, where and how far it is."""
        return str(
            self.value(
                "return document.querySelector('main')?.innerText.slice(0, 400) || "
                "[location.href, document.readyState, document.documentElement?.outerHTML.slice(0, 400)].join(' ');"
            )
        )

    def find(self, kind: str, name: str) -> str | None:
        found = self.engine.run(LISTEN + FIND, KINDS[kind], name)
        return None if found is None else str(found)

    def _on(self, kind: str, name: str, deed: str, **more: Any) -> None:
        def done() -> bool:
            element = self.find(kind, name)
            if element is None:
                return False
            label = self.engine.command("GetComputedLabel", id=element)
            assert name in label, f"{name} is called {label!r} by the accessibility tree"
            self.engine.run("arguments[0].scrollIntoView({ block: 'center' });", _ref(element))
            self.engine.command(deed, id=element, **more)
            return True

        again_while_passing(done, lambda: f"{kind} {name!r}: {self.text()!r}", PATIENCE)

    def press(self, name: str) -> None:
        self._on("press", name, "ElementClick")

    def tick(self, name: str = "") -> None:
        """A radio by its name, or the page's only checkbox."""
        self._on("radio", name, "ElementClick")

    def agree(self) -> None:
        again_while_passing(self._ticked, lambda: "the checkbox", PATIENCE)

    def _ticked(self) -> bool:
        box = self.engine.run(
            "return [...document.querySelectorAll('main input[type=checkbox]')].find((e) => e.getClientRects().length) || null;"
        )
        if box is None:
            return False
        if not self.engine.run("return arguments[0].checked;", _ref(box)):
            self.engine.command("ElementClick", id=box)
        return bool(self.engine.run("return arguments[0].checked;", _ref(box)))

    def write(self, name: str, words: str) -> None:
        self._on("field", name, "ElementSendKeys", text=words)

    def choose(self, name: str, option: str) -> None:
        """An option by its value, as a form would be filled in; the change is told to the page."""
        self.sees_field(name)
        element = self.find("field", name)
        assert element
        self.value(
            "const [list, value] = arguments; list.value = value; list.dispatchEvent(new Event('input', { bubbles: true }));"
            "list.dispatchEvent(new Event('change', { bubbles: true })); return list.value;",
            _ref(element),
            option,
        )

    def holds(self, name: str, words: str) -> None:
        """The field has this in it: the page wrote it there."""

        def held() -> bool | None:
            field = self._there("field", name)
            return (field and self.value("return arguments[0].value;", _ref(field)) == words) or None

        patiently(held, f"{name} never became {words}")

    def sees_field(self, name: str) -> None:
        patiently(lambda: self._there("field", name), f"no field {name}")

    def sees(self, heading: str) -> None:
        patiently(lambda: self._there("heading", heading), f"never came to {heading!r}")

    def _there(self, kind: str, name: str) -> str | None:
        try:
            return self.find(kind, name)
        except EngineError as error:
            if error.kind in PASSING:
                return None
            raise

    def hand_over(self, selector: str, place: int, file: Path) -> None:
        """A file from this device into the `place`-th field of this kind; its preview shows that the page took it in."""
        self.until(
            "(([field]) => field?.classList.contains('armed') || field?.querySelector('.say-now').textContent)"
            f"([document.querySelectorAll(arguments[0])[{place}]])",
            selector,
        )  # its script is there, or has said why the browser can't
        input_ = self.until(
            f"document.querySelectorAll(arguments[0])[{place}]?.querySelector('input[type=file]')", selector
        )
        self.engine.command("ElementSendKeys", id=input_, text=str(file))
        self.until(
            f"document.querySelectorAll(arguments[0])[{place}]?.querySelector('.shot img, .shot video') !== null",
            selector,
        )

    def photograph(self, place: int, picture: str) -> None:
        self.hand_over("[data-capture]", place, SPECIMENS / picture)

    def begin(self, phone: str) -> None:
        w = self.words
        self.open()
        self.press(w.not_verified)
        self.tick(w.language)
        self.press(w.go_on)
        self.agree()
        self.press(w.start)
        before = sum("#" in text for text in self.demo.sms(f"+86{phone}"))
        self.write(w.phone, phone)
        self.press(w.get_code)
        self.sees_field(w.code)
        self.write(w.code, self.demo.code(f"+86{phone}", after=before))
        self.press(w.next)
        self.until("[...document.querySelectorAll('main input[type=radio]')].length > 0")
        self.tick()
        self.press(w.next)

    def document(self, kind: str, name: str, number: str) -> None:
        w = self.words
        self.choose(w.document_type, kind)
        self.write(w.name, name)
        self.write(w.number, number)
        self.choose(w.nationality, "CHN")
        self.press(w.confirm_identity)

    def film(self, folder: Path) -> None:
        """Has gestures drawn and hands in a film of them that was made elsewhere."""
        w = self.words
        self.press(w.ready)
        drawn = "document.querySelector('[data-record]')?.dataset.gestures"
        gestures = str(self.until(drawn)).split(",")
        while "blink" in gestures:
            self.press(w.cannot_blink)
            asked = ",".join(gestures)
            self.until(f"![undefined, arguments[0]].includes({drawn})", asked)
            gestures = str(self.until(drawn)).split(",")
        path = folder / "face.webm"
        path.write_bytes(as_webm(live("collins", gestures, seed=secrets.randbits(32)), RATE))
        self.hand_over("[data-record]", 0, path)

    def draw(self) -> None:
        """Three strokes on the pad, by a pointer."""
        self.until("document.querySelector('[data-sign].armed canvas') !== null")
        pad = self.value(
            "const pad = document.querySelector('[data-sign] canvas'); pad.scrollIntoView({ block: 'center' });"
            "const { x, y, width, height } = pad.getBoundingClientRect(); return [x, y, width, height];"
        )
        left, top, width, height = pad
        actions: list[dict[str, Any]] = []
        for (x1, y1), (x2, y2) in STROKES:
            steps = [(x1 + (x2 - x1) * step / 12, y1 + (y2 - y1) * step / 12) for step in range(13)]
            moves = [
                {"type": "pointerMove", "x": round(left + x * width), "y": round(top + y * height), "duration": 15}
                for x, y in steps
            ]
            actions += [moves[0], {"type": "pointerDown", "button": 0}, *moves[1:], {"type": "pointerUp", "button": 0}]
        finger = {"type": "pointer", "id": "finger", "parameters": {"pointerType": "mouse"}, "actions": actions}
        self.engine.command("PerformActions", actions=[finger])

    def no_camera(self) -> None:
        """Asks for the camera, is told why there is none and that a photo can be chosen, and closes it again."""
        self.until("document.querySelector('[data-capture].armed') !== null")
        self.press(self.words.take_photo)
        self.until("document.querySelector('dialog.lens .panel:not([hidden])') !== null")
        if self._there("press", "打开摄像头"):
            self.press("打开摄像头")
        self.sees("摄像头用不了")
        assert self._there("press", "选择照片"), "no other way is offered"
        self.press("关闭")
        self.until("!document.querySelector('dialog.lens')")

    def saved(self, pattern: str) -> bytes:
        """What came into the folder for downloads, once it is whole."""

        def whole() -> bytes | None:
            for path in self.engine.downloads.glob(pattern):
                content = path.read_bytes()
                if content.rstrip().endswith(b"%%EOF"):
                    return content
            return None

        return patiently(whole, f"nothing was saved: {sorted(p.name for p in self.engine.downloads.iterdir())}")
