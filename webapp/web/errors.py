"""Error pages: what happened, in plain words, and what to do next. Nothing of the inside is shown."""

from __future__ import annotations

import logging

from flask import Flask, Response, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from webapp.ports.failures import SeamUnavailable
from webapp.web.rendering import show
from webapp.web.way_back import page_before

log = logging.getLogger(__name__)


def init_errors(app: Flask) -> None:
    """Installs the pages."""
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(SeamUnavailable, _party_down)
    app.register_error_handler(Exception, _defect)


def _stale_form(error: CSRFError) -> Response:  # noqa: ARG001 (Flask's signature)
    return show(
        "errors/error.html",
        400,
        heading=_("这个页面放得太久了"),
        words=_("请刷新页面后再试一次。您之前保存的内容都还在。"),
        back=page_before(),
    )


def _http_error(error: HTTPException) -> Response | HTTPException:
    code = error.code or 500
    if code < 400:
        return error
    heading, words = _words(code)
    return show("errors/error.html", code, heading=heading, words=words)


def _words(code: int) -> tuple[str, str]:
    table = {
        404: (_("没有找到这个页面"), _("地址可能不完整，或者内容已经移走。请从首页重新进入。")),
        413: (_("文件太大"), _("请重新拍照，或换一个小一些的文件。")),
        429: (_("操作太频繁"), _("请稍等片刻再试。")),
    }
    return table.get(code, (_("暂时无法完成"), _("请返回上一页再试一次；仍不行的话，请拨打法院电话。")))


def _party_down(error: SeamUnavailable) -> Response:
    """Pages wait for no party but the store of photos and letters: without it, later is the only answer."""
    log.warning("%s at %s %s", error.trouble, request.method, request.endpoint)
    heading, words = _("暂时无法完成"), _("现在存取不了照片和文件，请过一分钟再试。您已经保存的内容没有丢失。")
    response = show("errors/error.html", 503, heading=heading, words=words)
    response.headers["Retry-After"] = "60"
    return response


def _defect(error: Exception) -> Response:
    log.error("defect at %s %s: %s", request.method, request.endpoint, type(error).__name__, exc_info=error)
    heading, words = _("我们这边出了问题"), _("您已经保存的内容没有丢失。请过几分钟再试；仍不行的话，请拨打法院电话。")
    return show("errors/error.html", 500, heading=heading, words=words)
