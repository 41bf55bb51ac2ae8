"""What makes it an application of its own: the manifest, the service worker's version, one version of scripts at a time."""

from __future__ import annotations

import gzip
import io
import re
import shutil
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from tests.conftest import MakeApp
from tests.walker import Walker
from tests.web.test_letters import sign
from tests.web.test_verification import at_document
from webapp.web.locale import LANGUAGES

IMPORTED = re.compile(r'from "\./([a-z_]+\.js)\?v=([0-9a-f]{12})"')


def version_of(app: Flask, name: str) -> str:
    with app.test_request_context():
        return str(app.jinja_env.globals["static_url"](name)).split("v=")[1]


@pytest.fixture
def changed(make_app: MakeApp, tmp_path: Path) -> Flask:
    """The next version of the product, in which a module that others import is another."""
    app = make_app()
    static = tmp_path / "static"
    shutil.copytree(Path(app.static_folder or ""), static, ignore=shutil.ignore_patterns("fonts", "specimens"))
    with (static / "js" / "lens.js").open("a") as file:
        file.write("\n// changed\n")
    app.static_folder = str(static)
    return app


@pytest.mark.parametrize("language", [one.tag for one in LANGUAGES])
def test_the_manifest_is_whole_and_speaks_the_readers_language(client: FlaskClient, language: str) -> None:
    manifest = client.get("/manifest.webmanifest", headers={"Accept-Language": language}).get_json(force=True)
    assert manifest["lang"] == language and manifest["dir"] == ("rtl" if language == "ar" else "ltr")
    assert (manifest["id"], manifest["scope"], manifest["start_url"]) == ("/", "/", "/")
    assert len(manifest["short_name"]) <= 24 and manifest["name"] and manifest["description"]
    assert {shortcut["url"] for shortcut in manifest["shortcuts"]} == {"/cases", "/messages", "/help"}


def test_its_icons_are_there_with_one_for_a_mask(client: FlaskClient) -> None:
    manifest = client.get("/manifest.webmanifest").get_json(force=True)
    assert {(icon["purpose"], icon["sizes"]) for icon in manifest["icons"]} == {
        (purpose, size) for purpose in ("any", "maskable") for size in ("192x192", "512x512")
    }
    for icon in manifest["icons"]:
        with client.get(icon["src"]) as reply:
            picture = Image.open(io.BytesIO(reply.data))
        assert f"{picture.width}x{picture.height}" == icon["sizes"]
        corner = picture.convert("RGBA").crop((0, 0, 1, 1)).tobytes()
        assert corner[3] == (255 if icon["purpose"] == "maskable" else 0), "a mask cuts corners off by itself"


def test_a_module_names_the_version_of_what_it_imports(app: Flask, client: FlaskClient) -> None:
    camera = client.get(f"/static/js/camera.js?v={version_of(app, 'js/camera.js')}")
    imported = dict(IMPORTED.findall(camera.text))
    assert set(imported) == {"lens.js", "looking.js", "picture.js", "sending.js"}
    for name, version in imported.items():
        assert version == version_of(app, f"js/{name}")
        kept = client.get(f"/static/js/{name}?v={version}").headers["Cache-Control"]
        assert "immutable" in kept


def test_a_page_never_gets_a_script_of_another_version(app: Flask, client: FlaskClient, changed: Flask) -> None:
    """Also one that is itself the same, and imports what is another."""
    for name in ("js/lens.js", "js/camera.js"):
        older, newer = version_of(app, name), version_of(changed, name)
        assert older != newer
        assert client.get(f"/static/{name}?v={newer}").status_code == 404, "a server that isn't renewed yet"
        assert changed.test_client().get(f"/static/{name}?v={older}").status_code == 404
    same = version_of(app, "js/otp.js")
    assert changed.test_client().get(f"/static/js/otp.js?v={same}").status_code == 200
    style = client.get("/static/app.css?v=000000000000")
    assert style.status_code == 200 and style.headers["Cache-Control"] == "no-store"


def test_a_page_of_another_version_comes_whole(walker: Walker) -> None:
    at_document(walker)
    mine = walker.page.cssselect("body")[0].get("data-assets")
    part = {"HX-Request": "true", "HX-Target": "page", "HX-Boosted": "true"}
    same = walker.client.get("/verify/document", headers={**part, "X-Assets": mine})
    assert same.status_code == 200 and "<html" not in same.text
    other = walker.client.get("/verify/document?waited=1", headers={**part, "X-Assets": "of yesterday"})
    assert (other.status_code, other.headers["HX-Redirect"]) == (204, "/verify/document?waited=1")


def test_the_service_worker_is_another_when_anything_it_keeps_is(client: FlaskClient, changed: Flask) -> None:
    scripts = [one.get("/sw.js").text for one in (client, client, changed.test_client())]
    assert scripts[0] == scripts[1] != scripts[2]
    assert re.match(r'const VERSION = "[0-9a-f]{12}";\n', scripts[0])


def test_the_offline_page_names_nobody(walker: Walker) -> None:
    at_document(walker)
    page = walker.open("/offline").response.text
    assert "csrf_token" not in page and "10000000001" not in page


def test_styles_and_scripts_leave_packed_where_the_browser_takes_it(app: Flask, client: FlaskClient) -> None:
    address = f"/static/app.css?v={version_of(app, 'app.css')}"
    plain, packed = client.get(address), client.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in packed.headers["Vary"]
    assert gzip.decompress(packed.data) == plain.data and len(packed.data) < len(plain.data) / 3


def test_no_address_leads_out_of_the_folder_of_static_files(client: FlaskClient) -> None:
    for name in ("../wsgi.py", "..%2fwsgi.py", "js/../../wsgi.py", "js", "nothing.js"):
        assert client.get(f"/static/{name}?v=000000000000").status_code == 404, name


def test_the_offer_to_install_stands_where_nothing_is_left_to_do_and_not_before(verified: Walker) -> None:
    assert not verified.open("/cases").page.cssselect("[data-install]"), "first the account"
    sign(verified)
    assert verified.open("/cases").page.cssselect("[data-install][hidden]")
    for path in ("/", "/help", "/messages"):
        assert not verified.open(path).page.cssselect("[data-install]"), path
