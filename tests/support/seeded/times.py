"""The world's own time, in seconds, and the clocks of processes that go by it or do not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

__all__ = ["DAWN", "Clock", "at", "seconds"]

DAWN = datetime(2026, 3, 2, 8, tzinfo=UTC)
"""A Monday morning."""


def at(t: float) -> datetime:
    """The true time of day `t` seconds after the world began."""
    return DAWN + timedelta(seconds=t)


def seconds(moment: datetime) -> float:
    """How long after the world began `moment` is."""
    return (moment - DAWN).total_seconds()


@dataclass(slots=True)
class Clock:
    """The clocks of one process.

    Attributes:
        off_s: how far its wall clock is ahead of the truth; changes when somebody sets it.
        origin_s: what its monotonic clock showed when the world began.
    """

    off_s: float
    origin_s: float

    def wall(self, t: float) -> datetime:
        """What its wall clock shows."""
        return at(t + self.off_s)

    def monotonic(self, t: float) -> float:
        """What its monotonic clock shows: it goes on while the process is stopped."""
        return self.origin_s + t
