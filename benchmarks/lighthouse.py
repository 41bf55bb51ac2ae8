"""What Lighthouse says of the pages that payees open most, on a phone's slow network: home, a step, the case list, the letter.

Usage: python -m benchmarks.lighthouse [--runs 3] [--only home,document,cases,preview] [--languages zh_Hans,en,ar]
Needs Debian's chromium, nodejs and npm; Lighthouse itself goes into a temporary folder and away again. The first language is
measured `--runs` times, of which the medians count, the others once. Ends with 1 where a page is below its goal.

A demo is served as `make run` serves it, and walked through as a payee walks it; Lighthouse is given that browser's cookies.
Search engines are told to keep no page but the public ones, so `is-crawlable` isn't asked of the others: there the header that says so
is demanded instead.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from playwright.sync_api import BrowserContext, sync_playwright  # noqa: E402 (the path must be set first)

from tests.browser.conftest import FLAGS, Camera, Demo, new_context  # noqa: E402
from tests.browser.payee import Payee  # noqa: E402
from tools.make_screens import fresh_demo, until_preview  # noqa: E402

LIGHTHOUSE = "lighthouse@12.8.2"  # the newest that runs on Debian's Node.js 20
CHROMIUM = "/usr/bin/chromium"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
FIGURES = (
    "largest-contentful-paint",
    "cumulative-layout-shift",
    "total-blocking-time",
    "total-byte-weight",
)
PUBLIC = {"home"}
GOAL, LCP_GOAL = 100, 1500.0


@dataclass(frozen=True)
class Place:
    """A page, and the browser of the person who sees it."""

    name: str
    path: str
    who: BrowserContext


def main(runs: int, only: list[str], languages: list[str]) -> int:
    """Measures, prints, and tells by its code whether the goal was met."""
    missing = [name for name in ("node", "npm", CHROMIUM) if shutil.which(name) is None]
    if missing:
        print(f"needs {', '.join(missing)}: apt-get install nodejs npm chromium")
        return 2
    with lighthouse() as measure, fresh_demo() as (demo, folder), sync_playwright() as playwright:
        print(machine(measure), flush=True)
        camera = Camera(folder / "now.mjpeg")
        camera.show("face.jpg")
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*FLAGS, f"--use-file-for-fake-video-capture={camera.clip}"]
        )
        places = walked(only, demo, camera, lambda: new_context(browser))
        print(f"\n{'page':10} {'':8} perf a11y best  seo   LCP s   CLS TBT ms    kB  load", flush=True)
        short = [
            f"{place.name} ({language}): {words}"
            for at, language in enumerate(languages)
            for place in places
            for words in table_row(measure, demo, place, language, 1 if at else runs)
        ]
        browser.close()
    print("\nbelow the goal:\n  " + "\n  ".join(short) if short else f"\nall pages: {GOAL} in all four")
    return 1 if short else 0


@contextmanager
def lighthouse() -> Iterator[Callable[..., Any]]:
    """Lighthouse in a temporary folder: called with its arguments, it gives its report."""
    with tempfile.TemporaryDirectory(prefix="lighthouse-") as folder:
        install = ["npm", "install", "--prefix", folder, "--no-audit", "--no-fund", "--loglevel=error", LIGHTHOUSE]
        subprocess.run(install, check=True, stdout=subprocess.DEVNULL)
        command = ["node", f"{folder}/node_modules/lighthouse/cli/index.js"]
        environ = {**os.environ, "CHROME_PATH": CHROMIUM}

        def run(*arguments: str) -> Any:
            done = subprocess.run(
                [*command, *arguments], check=True, capture_output=True, text=True, env=environ, timeout=300
            )
            return json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout.strip()

        yield run


def machine(measure: Callable[..., Any]) -> str:
    """What it was measured with."""
    versions = [
        subprocess.run([name, "--version"], check=True, capture_output=True, text=True).stdout.strip()
        for name in (CHROMIUM, "node")
    ]
    cpu = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        "?",
    )
    return f"Lighthouse {measure('--version')} mobile, {versions[0]}, Node.js {versions[1]}, {platform.system()}, {os.cpu_count()} × {cpu}"


def walked(only: list[str], demo: Demo, camera: Camera, new: Callable[[], BrowserContext]) -> list[Place]:
    """A stranger at home, one payee at the document, and one who has handed in an account."""
    places = [Place("home", "/", new())] if "home" in only else []
    if "document" in only:
        beginner = Payee(new().new_page(), demo, camera)
        beginner.begin("10000000008")
        places.append(Place("document", urlsplit(beginner.page.url).path, beginner.page.context))
    if {"cases", "preview"} & set(only):
        owner = Payee(new().new_page(), demo, camera)
        until_preview(owner)
        preview = Place("preview", urlsplit(owner.page.url).path, owner.page.context)
        places += [place for place in (Place("cases", "/cases", preview.who), preview) if place.name in only]
    return places


def speak(demo: Demo, place: Place, language: str) -> None:
    """Chooses the language as a person does."""
    page = place.who.new_page()
    page.goto(f"{demo.address}/language?next=/offline")
    page.locator(f"main input[value={language}]").check()
    page.locator("main form:has(input[name=language]) button.btn").click()
    page.wait_for_url("**/offline")
    page.close()


def table_row(measure: Callable[..., Any], demo: Demo, place: Place, language: str, runs: int) -> list[str]:
    """Measures one page and prints its medians; returns what is below the goal."""
    speak(demo, place, language)
    reports = [audit(measure, demo, place) for _ in range(runs)]
    scores = [round(100 * statistics.median(r["categories"][c]["score"] for r in reports)) for c in CATEGORIES]
    lcp, cls, tbt, weight = (statistics.median(r["audits"][f]["numericValue"] for r in reports) for f in FIGURES)
    load = os.getloadavg()[0]
    print(
        f"{place.name:10} {language:8} {' '.join(f'{score:4}' for score in scores)}  {lcp / 1000:6.2f} {cls:5.3f} {tbt:6.0f} {weight / 1000:5.1f} {load:5.1f}",
        flush=True,
    )
    short = [f"{name} {score}" for name, score in zip(CATEGORIES, scores, strict=True) if score < GOAL]
    short += [f"LCP {lcp:.0f} ms"] if lcp >= LCP_GOAL else []
    failed = {
        f"{category}: {one['title']}"
        for report in reports
        for category in CATEGORIES[1:]
        for ref in report["categories"][category]["auditRefs"]
        if ref["weight"] and (one := report["audits"][ref["id"]])["score"] is not None and one["score"] < 1
    }
    return short + sorted(failed)


def audit(measure: Callable[..., Any], demo: Demo, place: Place) -> Any:
    """One report. A page that came as another, or a private one that search engines may keep, is an error."""
    cookies = "; ".join(f"{c.get('name')}={c.get('value')}" for c in place.who.cookies(demo.address + place.path))
    arguments = [demo.address + place.path, "--output=json", "--quiet", "--chrome-flags=--headless=new --no-sandbox"]
    if cookies:
        arguments.append("--extra-headers=" + json.dumps({"Cookie": cookies}))
    if place.name not in PUBLIC:
        reply = place.who.request.get(demo.address + place.path)
        assert "noindex" in reply.headers.get("x-robots-tag", ""), f"search engines may keep {place.path}"
        arguments.append("--skip-audits=is-crawlable")
    report = measure(*arguments)
    assert urlsplit(report["finalDisplayedUrl"]).path == place.path, report["finalDisplayedUrl"]
    return report


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", type=lambda s: s.split(","), default=["home", "document", "cases", "preview"])
    parser.add_argument("--languages", type=lambda s: s.split(","), default=["zh_Hans", "en", "ar"])
    given = parser.parse_args()
    sys.exit(main(given.runs, given.only, given.languages))
