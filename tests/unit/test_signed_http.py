"""The signature between courts and their partners: as docs/seams.md prints it, and nothing altered passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from webapp.core.signed_http import (
    NONCE,
    SIGNATURE,
    TIMESTAMP,
    BadSignature,
    ClockSkew,
    Unsigned,
    check_reply,
    check_request,
    sign_reply,
    sign_request,
)

DOCS = Path(__file__).parents[2] / "docs" / "seams.md"
AT, ONE = 1763870400, "0" * 31 + "1"


def headers() -> dict[str, str]:
    return sign_request(
        "secret", app="court", method="POST", path="/v1/verifications", body=b"{}", timestamp=AT, nonce=ONE
    )


def check(sent: dict[str, str], **changed: object) -> str:
    asked = {"app": "court", "method": "POST", "path": "/v1/verifications", "body": b"{}", "now": AT, **changed}
    return check_request("secret", sent, **asked)  # type: ignore[arg-type]


def test_the_example_of_the_document_is_right() -> None:
    assert headers()[SIGNATURE] in DOCS.read_text(encoding="utf-8")


def test_a_request_in_order_gives_its_nonce() -> None:
    assert check(headers()) == ONE


@pytest.mark.parametrize(
    "changed",
    [{"method": "PUT"}, {"path": "/v1/verifications?x=1"}, {"body": b"{ }"}, {"app": "another"}],
)
def test_nothing_may_be_altered_on_the_way(changed: dict[str, object]) -> None:
    with pytest.raises(BadSignature):
        check(headers(), **changed)


@pytest.mark.parametrize("now", [AT - 301, AT + 301])
def test_a_request_of_another_time_is_refused(now: int) -> None:
    with pytest.raises(ClockSkew):
        check(headers(), now=now)


@pytest.mark.parametrize(("name", "value"), [(NONCE, "1"), (TIMESTAMP, "-1"), (TIMESTAMP, "١"), (SIGNATURE, "")])
def test_headers_without_form_are_no_signature(name: str, value: str) -> None:
    with pytest.raises(Unsigned):
        check({**headers(), name: value})


def test_a_reply_belongs_to_its_request_and_its_status() -> None:
    sent = sign_reply("secret", status=200, nonce=ONE, body=b"{}", timestamp=AT)
    check_reply("secret", sent, status=200, nonce=ONE, body=b"{}", now=AT)
    for changed in ({"status": 422}, {"nonce": "0" * 32}, {"body": b"[]"}):
        asked = {"status": 200, "nonce": ONE, "body": b"{}", **changed}
        with pytest.raises(BadSignature):
            check_reply("secret", sent, now=AT, **asked)  # type: ignore[arg-type]
