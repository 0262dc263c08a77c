"""Hours and days in which launches may start, by the clocks of a place.

A window is open, and a freeze holds, by what a clock on the wall of its zone shows. Where clocks are put
forward, hours that are skipped belong to no window, and one that would begin in them begins right after; where
they are put back, the hour that is shown twice counts twice. No instant is ever both in and out.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from launcher.model.documents import Freeze, Window

__all__ = ["freeze_at", "is_open", "next_start"]

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)
_MINUTES_OF_A_DAY = 24 * 60
_FAR_AWAY = date(9998, 12, 31)
_MOST_STEPS = 1000
"""How many freezes and closed hours are passed over before nothing is said about the next start."""


def is_open(windows: Iterable[Window], now: datetime) -> bool:
    """Whether one of `windows` is open at `now`; without any, every time will do."""
    given = tuple(windows)
    return not given or any(_shows(window, now) for window in given)


@lru_cache(maxsize=64)
def freeze_at(freezes: tuple[Freeze, ...], now: datetime) -> tuple[Freeze, datetime] | None:
    """The freeze that holds at `now`, and when nothing freezes any more: one may follow right on another."""
    first: Freeze | None = None
    moment = now
    for _ in range(_MOST_STEPS):
        holding = next((item for item in freezes if _holds(item, moment)), None)
        if holding is None:
            break
        first = first or holding
        moment = _end(holding)
    return None if first is None else (first, moment)


@lru_cache(maxsize=64)
def next_start(
    windows: tuple[Window, ...], freezes: tuple[Freeze, ...], now: datetime
) -> datetime | None:
    """The first instant from `now` on that lies in a window and in no freeze; `None` where none is in sight."""
    moment = now
    for _ in range(_MOST_STEPS):
        frozen = freeze_at(freezes, moment)
        if frozen is not None:
            moment = frozen[1]
        elif is_open(windows, moment):
            return moment
        else:
            opening = _next_opening(windows, moment)
            if opening is None:
                return None
            moment = opening
    return None


def _shows(window: Window, now: datetime) -> bool:
    local = now.astimezone(ZoneInfo(window.timezone))
    minute = local.hour * 60 + local.minute
    start, end = _minutes(window.start), _minutes(window.end)
    today, yesterday = _DAYS[local.weekday()], _DAYS[local.weekday() - 1]
    if start < end:
        return today in window.days and start <= minute < end
    # Past midnight: the day that counts is the one on which it opened.
    return (today in window.days and minute >= start) or (yesterday in window.days and minute < end)


def _holds(freeze: Freeze, now: datetime) -> bool:
    local = now.astimezone(ZoneInfo(freeze.timezone)).date()
    return date.fromisoformat(freeze.first) <= local <= date.fromisoformat(freeze.last)


def _end(freeze: Freeze) -> datetime:
    after = min(date.fromisoformat(freeze.last), _FAR_AWAY) + _DAY
    return _first_shown(datetime.combine(after, time()), ZoneInfo(freeze.timezone))


def _next_opening(windows: Iterable[Window], after: datetime) -> datetime | None:
    """The first instant after `after` at which one of `windows` is open."""
    found = (
        moment
        for window in windows
        for moment in _candidates(window, after)
        if moment > after and _shows(window, moment)
    )
    return min(found, default=None)


def _candidates(window: Window, after: datetime) -> Iterator[datetime]:
    """Every instant of the days to come at which `window` might open."""
    zone = ZoneInfo(window.timezone)
    today = after.astimezone(zone).date()
    start = _minutes(window.start)
    # A week, and the days on either side of it, hold every day of the week even where a date is skipped.
    for day in (today + _DAY * number for number in range(9)):
        wall = datetime.combine(day, time()) + timedelta(minutes=start)
        first = _first_shown(wall, zone)
        yield first
        yield wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
        yield from _changes(day, zone)


def _changes(day: date, zone: ZoneInfo) -> Iterator[datetime]:
    """When clocks are changed on `day`, if they are."""
    begin = datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
    end = datetime.combine(day + _DAY, time(), tzinfo=zone).astimezone(UTC)
    before = begin.astimezone(zone).utcoffset()
    if before == end.astimezone(zone).utcoffset():
        return
    while end - begin > timedelta(seconds=1):
        middle = begin + (end - begin) / 2
        if middle.astimezone(zone).utcoffset() == before:
            begin = middle
        else:
            end = middle
    yield end.replace(microsecond=0)


def _first_shown(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first instant at which a clock of `zone` shows `wall` or, where it skips that, something later."""
    early = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if early.astimezone(zone).replace(tzinfo=None) == wall:
        return early
    # It is skipped: the offsets on either side of the gap give instants on either side of the change.
    low, high = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), early
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).replace(tzinfo=None) < wall:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return min(int(hours) * 60 + int(minutes), _MINUTES_OF_A_DAY)
