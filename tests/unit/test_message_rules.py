"""Quiet hours, the length of an SMS, trusted push services."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from webapp.adapters.sandbox.weather import WEATHER
from webapp.core.hours import QuietHours
from webapp.core.settings import Settings
from webapp.push.rules import is_trusted
from webapp.sms.rules import SmsLength, measure_sms

NIGHT = QuietHours.parse("21:00-08:00")


def china(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 23, hour, minute, tzinfo=UTC) - timedelta(hours=8)


@pytest.mark.parametrize(
    ("moment", "left"),
    [
        (china(20, 59), timedelta(0)),
        (china(21), timedelta(hours=11)),
        (china(23, 30), timedelta(hours=8, minutes=30)),
        (china(0), timedelta(hours=8)),
        (china(7, 59), timedelta(minutes=1)),
        (china(8), timedelta(0)),
        (china(12), timedelta(0)),
    ],
)
def test_the_night_lasts_until_its_end_by_chinas_clock(moment: datetime, left: timedelta) -> None:
    assert NIGHT.left(moment) == left


def test_hours_of_one_day_and_none_at_all() -> None:
    noon = QuietHours.parse("12:00-14:00")
    assert noon.left(china(13)) == timedelta(hours=1)
    assert noon.left(china(14)) == timedelta(0)
    assert QuietHours.parse("off").left(china(3)) == timedelta(0)
    with pytest.raises(ValueError, match="Invalid isoformat"):
        QuietHours.parse("late")


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", SmsLength("gsm7", 0, 0)),
        ("a" * 160, SmsLength("gsm7", 160, 1)),
        ("a" * 161, SmsLength("gsm7", 161, 2)),
        ("€" * 80, SmsLength("gsm7", 160, 1)),
        ("a" * 152 + "€" + "b" * 152, SmsLength("gsm7", 306, 3)),  # the pair of septets isn't split
        ("码" * 70, SmsLength("ucs2", 70, 1)),
        ("码" * 71, SmsLength("ucs2", 71, 2)),
        ("码" * 134, SmsLength("ucs2", 134, 2)),
        ("码" * 135, SmsLength("ucs2", 135, 3)),
        ("𬱖" * 35, SmsLength("ucs2", 70, 1)),
        ("𬱖" * 67, SmsLength("ucs2", 134, 3)),  # 67 is odd: a character of two units never crosses the border
    ],
)
def test_an_sms_is_counted_as_carriers_count_it(text: str, length: SmsLength) -> None:
    assert measure_sms(text) == length


HOSTS = ("fcm.googleapis.com", "push.apple.com", "http://127.0.0.1:9")


def test_a_sandbox_trusts_the_push_services_of_its_own_table_and_nobody_else_does() -> None:
    examples = [row.example for row in WEATHER if row.port == "push"]
    assert examples
    assert all(is_trusted(example, Settings().push_host_list) for example in examples)
    assert not any(is_trusted(example, Settings(push="web").push_host_list) for example in examples)


@pytest.mark.parametrize(
    "endpoint",
    ["https://fcm.googleapis.com/fcm/send/x", "https://web.push.apple.com:443/x", "http://127.0.0.1:9/x"],
)
def test_a_push_service_that_is_named_is_trusted(endpoint: str) -> None:
    assert is_trusted(endpoint, HOSTS)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://evilfcm.googleapis.com.example/",
        "https://notfcm.googleapis.comx/",
        "https://me@fcm.googleapis.com/x",
        "https://127.0.0.1\\.fcm.googleapis.com/x",
        "https://127.0.0.1%5c.fcm.googleapis.com/x",
        "https://fcm.googleapis.com/x\n",
        "https://fcm.googleapis.com:8443/x",
        "https://169.254.169.254/latest",
        "http://127.0.0.1:99/x",
        "https://[::1/x",
        "file:///etc/passwd",
        "",
    ],
)
def test_no_other_address_is_ever_called(endpoint: str) -> None:
    assert not is_trusted(endpoint, HOSTS)
