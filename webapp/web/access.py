"""Access marks: every route says who may call it, and a route that says nothing is refused (a test finds it first).

A deed that moves money or hands out many people's data also asks `require_fresh`: whoever sits there must have shown
within the last minutes that they are still the clerk who signed in.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from enum import StrEnum
from typing import ParamSpec, TypeVar

from flask import abort, current_app, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

P = ParamSpec("P")
View = Callable[P, "str | BaseResponse"]
V = TypeVar("V", bound=Callable[..., object])


class Access(StrEnum):
    """Who may call a route. The names of the desk's roles are those of `accounts.models.Role`.

    ALONE is a payee with no clerk beside, as at the counter: on their own phone they see what is theirs and no court's.
    NEWCOMER is a clerk who still has to set a password of their own or a second factor, before anything else.
    """

    EVERYONE = "everyone"
    PAYEE = "payee"
    ALONE = "alone"
    REVIEWER = "reviewer"
    MANAGER = "manager"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    NEWCOMER = "newcomer"


DESK = (Access.REVIEWER, Access.MANAGER, Access.AUDITOR, Access.ADMINISTRATOR)
STAFF = (*DESK, Access.NEWCOMER)
DUTIES = {"password": "desk_security.password", "second_factor": "desk_security.second_factor"}
"""The page where a newcomer does what is due."""


def open_to(*allowed: Access) -> Callable[[View[P]], View[P]]:
    """Marks a view, and turns away whoever isn't among `allowed`: to the sign-in page, or with 404 when signed in."""

    def mark(view: View[P]) -> View[P]:
        @functools.wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> str | BaseResponse:
            if Access.EVERYONE in allowed or _marks() & set(allowed):
                return view(*args, **kwargs)
            return _turn_away(allowed)

        guarded.__access__ = frozenset(allowed)  # type: ignore[attr-defined]  # read by the guard and its test
        return guarded

    return mark


def findable(view: V) -> V:
    """Marks a page that a search engine may show. All others tell it not to: somebody's own, or one with a secret in its address."""
    view.__findable__ = True  # type: ignore[attr-defined]  # read by the headers
    return view


def is_findable(endpoint: str | None) -> bool:
    """Whether this route was marked so; static files aren't pages."""
    return endpoint == "static" or hasattr(current_app.view_functions.get(endpoint or ""), "__findable__")


def may_open(endpoint: str) -> bool:
    """Whether whoever asks now may call this route."""
    allowed: frozenset[Access] = getattr(current_app.view_functions.get(endpoint), "__access__", frozenset())
    return Access.EVERYONE in allowed or bool(_marks() & allowed)


def _marks() -> frozenset[Access]:
    marks: frozenset[Access] = getattr(current_user, "marks", frozenset())
    return marks


def _turn_away(allowed: tuple[Access, ...]) -> BaseResponse:
    duty = getattr(current_user, "duty", None)
    if duty is not None:
        return redirect(url_for(DUTIES[duty]), code=303)
    if current_user.is_authenticated:
        abort(404)  # a stranger must not learn that this page exists
    if {Access.PAYEE, Access.ALONE} & set(allowed):
        return redirect(url_for("accounts.sign_in", next=_way_back()), code=303)
    if request.method == "POST":
        raise SignInWanted
    return redirect(url_for("desk_door.sign_in", next=_way_back()), code=303)


def _way_back() -> str:
    return request.full_path.rstrip("?") if request.method == "GET" else ""


class SignInWanted(Exception):
    """A form came to the desk from somebody who isn't signed in, or isn't any more."""


class ProofWanted(Exception):
    """The clerk must prove first who they are. A form that was sent goes through after that as it is, unless `keep` is False.

    `back`: the page with the form, for whoever comes to the proof with none.
    """

    def __init__(self, back: str, *, keep: bool = True) -> None:
        self.back, self.keep = back, keep
        super().__init__(back)


def require_fresh(back: str, *, keep: bool = True) -> None:
    """Goes on only if the clerk gave a password or a passkey within the last five minutes. Raises ProofWanted.

    Call it before a form is shown as well as where it is taken, so that it is asked before something is typed. `keep=False`
    where a file is the answer, and nothing is typed: the browser would stay on the proof's page.
    """
    if not current_user.is_fresh:
        raise ProofWanted(back, keep=keep)


def safe_next(target: str | None, fallback: str) -> str:
    """`target` if it is a path of our own, else `fallback`: nobody is led off to another site."""
    plain = bool(target) and not any(c <= " " or c in "\x7f\\" for c in str(target))
    own = plain and str(target).startswith("/") and not str(target).startswith("//")
    return str(target) if own else fallback
