"""Quiet hours, when a phone shouldn't ring for what can wait, and office hours, when somebody answers it. By China's clock, as courts keep it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from webapp.core.clock import in_china


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` to `end`, over midnight where `end` is the earlier; never, where both are the same."""

    start: time
    end: time

    @classmethod
    def parse(cls, written: str) -> QuietHours:
        """`21:00-08:00`, or `off`. Raises ValueError."""
        if written.strip().lower() == "off":
            return cls(time(0), time(0))
        start, _, end = written.partition("-")
        return cls(time.fromisoformat(start.strip()), time.fromisoformat(end.strip()))

    def left(self, moment: datetime) -> timedelta:
        """How long it stays quiet from `moment` on; zero when it isn't quiet."""
        local = in_china(moment)
        clock = local.timetz().replace(tzinfo=None)
        over_midnight = self.start > self.end
        quiet = (clock >= self.start or clock < self.end) if over_midnight else (self.start <= clock < self.end)
        if not quiet:
            return timedelta(0)
        ends = local.replace(hour=self.end.hour, minute=self.end.minute, second=0, microsecond=0)
        return (ends if ends > local else ends + timedelta(days=1)) - local


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class OpenDays:
    """From one day of the week to another (0 is Monday), and at which times of these days."""

    first: int
    last: int
    times: tuple[tuple[time, time], ...]


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """When somebody is there for people, in an ordinary week, by China's clock; without `days` nothing is said about it."""

    days: tuple[OpenDays, ...]

    @classmethod
    def parse(cls, written: str) -> OfficeHours:
        """`mon-thu 09:00-12:00 14:00-18:00; fri 09:00-12:00`, or `off`. Raises ValueError."""
        if written.strip().lower() == "off":
            return cls(())
        return cls(tuple(_open_days(part) for part in written.split(";")))


def _open_days(written: str) -> OpenDays:
    days, *times = written.split()
    first, _, last = days.lower().partition("-")
    open_days = OpenDays(DAYS.index(first), DAYS.index(last or first), tuple(map(_span, times)))
    if not times or open_days.first > open_days.last:
        raise ValueError(f"{written.strip()}: write days and times, as in mon-fri 09:00-12:00 14:00-18:00")
    return open_days


def _span(written: str) -> tuple[time, time]:
    start, _, end = written.partition("-")
    span = time.fromisoformat(start), time.fromisoformat(end)
    if span[0].tzinfo or span[1].tzinfo:
        raise ValueError(f"{written}: write it by China's clock, as in 09:00-12:00")
    if span[0] >= span[1]:
        raise ValueError(f"{written}: it ends before it begins")
    return span
