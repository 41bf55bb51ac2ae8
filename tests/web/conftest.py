"""People that several tests begin with: a payee who is verified and named, one who waits, a clerk who has signed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.fakes import Fakes, TestClock
from tests.walker import Walker
from webapp.accounts.models import Role
from webapp.core.db import unit_of_work
from webapp.staff.usecases import create_clerk, hash_password

PASSWORD = "a long enough password"
Clerk = Callable[..., Walker]


@pytest.fixture
def clerk(app: Flask, fakes: Fakes, work: Callable[[], int], clock: TestClock) -> Clerk:
    """Signs a clerk in at a browser of their own."""

    def sign_in(username: str = "limin", role: Role = Role.REVIEWER) -> Walker:
        with app.app_context(), unit_of_work():
            courts = app.extensions["settings"].court_list
            create_clerk(
                username,
                display_name=username,
                password_hash=hash_password(PASSWORD, username=username),
                role=role,
                courts=courts,
                now=clock(),
            )
        walker = Walker(app.test_client(), fakes, work)
        return walker.open("/desk/").press("登录", username=username, password=PASSWORD)

    return sign_in


@pytest.fixture
def second(app: Flask, fakes: Fakes, work: Callable[[], int]) -> Walker:
    """Another browser, nobody's yet."""
    return Walker(app.test_client(), fakes, work)


@pytest.fixture
def passport(walker: Walker) -> Walker:
    """A payee whose passport waits for a clerk."""
    from tests.web.test_verification import PASSPORT, at_document  # noqa: PLC0415 (it needs this file's fixtures)

    at_document(walker).give_document(**PASSPORT).show_document().wait().show_video().wait()
    return walker


@pytest.fixture
def verified(walker: Walker, app: Flask, clock: TestClock) -> Walker:
    """A resident who is verified and named in one case."""
    from tests.web.test_collection import name_in_case  # noqa: PLC0415 (it needs this file's fixtures)

    name_in_case(app, clock)
    return walker.verified_resident()
