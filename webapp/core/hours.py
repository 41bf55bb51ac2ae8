"""Quiet hours: when a phone shouldn't ring for what can wait until the morning. By China's clock, as courts keep it."""

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
