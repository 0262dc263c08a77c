"""Windows and freezes: by the clocks of a place, through every change of clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from launcher.engine.windows import freeze_at, is_open, next_start
from launcher.model.documents import Freeze, Window

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SHANGHAI = Window(("mon", "tue", "wed", "thu"), "10:00", "17:00", "Asia/Shanghai")
NIGHT = Window(("fri",), "22:00", "02:00", "Asia/Shanghai")
YEAR_END = Freeze("2026-12-24", "2027-01-02", "Asia/Shanghai", "year end")


def at(text):
    return datetime.fromisoformat(text).astimezone(UTC)


def berlin(start, end, days=WEEK):
    return Window(days, start, end, "Europe/Berlin")


OPEN = {
    "as it opens": (SHANGHAI, "2026-11-23T10:00:00+08:00", True),
    "a second before": (SHANGHAI, "2026-11-23T09:59:59+08:00", False),
    "the second before it closes": (SHANGHAI, "2026-11-23T16:59:59+08:00", True),
    "as it closes": (SHANGHAI, "2026-11-23T17:00:00+08:00", False),
    "on another day": (SHANGHAI, "2026-11-27T12:00:00+08:00", False),
    "by UTC it is another day": (
        Window(("mon",), "00:30", "06:00", "Asia/Shanghai"),
        "2026-11-22T17:00:00+00:00",
        True,
    ),
    "before midnight": (NIGHT, "2026-11-27T23:00:00+08:00", True),
    "past midnight": (NIGHT, "2026-11-28T01:59:00+08:00", True),
    "past its end": (NIGHT, "2026-11-28T02:00:00+08:00", False),
    "the night before": (NIGHT, "2026-11-27T01:00:00+08:00", False),
    "the night after": (NIGHT, "2026-11-28T23:00:00+08:00", False),
    "from sunday to monday": (
        Window(("sun",), "22:00", "02:00", "Asia/Shanghai"),
        "2026-11-23T01:00:00+08:00",
        True,
    ),
    "to the end of the day": (
        Window(WEEK, "18:00", "24:00", "UTC"),
        "2026-11-23T23:59:59+00:00",
        True,
    ),
    # Berlin, 2026-03-29: 02:00 is followed by 03:00.
    "it begins in an hour that is skipped": (
        berlin("02:30", "05:00"),
        "2026-03-29T03:00:00+02:00",
        True,
    ),
    "right before that hour is skipped": (
        berlin("02:30", "05:00"),
        "2026-03-29T01:59:59+01:00",
        False,
    ),
    "it ends in an hour that is skipped": (
        berlin("01:00", "02:30"),
        "2026-03-29T03:00:00+02:00",
        False,
    ),
    "all of it is skipped": (berlin("02:10", "02:50"), "2026-03-29T03:00:00+02:00", False),
    # Berlin, 2026-10-25: 03:00 is followed by 02:00.
    "the first time an hour is shown": (
        berlin("02:00", "03:00"),
        "2026-10-25T02:30:00+02:00",
        True,
    ),
    "the second time that hour is shown": (
        berlin("02:00", "03:00"),
        "2026-10-25T02:30:00+01:00",
        True,
    ),
    "after it was shown twice": (berlin("02:00", "03:00"), "2026-10-25T03:00:00+01:00", False),
}


@pytest.mark.parametrize(("window", "moment", "expected"), OPEN.values(), ids=OPEN)
def test_a_window_is_open_by_what_the_clock_on_the_wall_shows(window, moment, expected):
    assert is_open([window], at(moment)) is expected


def test_any_of_several_windows_will_do_and_without_one_every_time():
    assert is_open([SHANGHAI, NIGHT], at("2026-11-27T23:00:00+08:00"))
    assert is_open([], at("2026-11-27T23:00:00+08:00"))


STARTS = {
    "later today": (SHANGHAI, (), "2026-11-23T08:00:00+08:00", "2026-11-23T10:00:00+08:00"),
    "now": (SHANGHAI, (), "2026-11-23T11:11:11+08:00", "2026-11-23T11:11:11+08:00"),
    "tomorrow": (SHANGHAI, (), "2026-11-23T17:00:00+08:00", "2026-11-24T10:00:00+08:00"),
    "after the weekend": (SHANGHAI, (), "2026-11-26T17:00:00+08:00", "2026-11-30T10:00:00+08:00"),
    "a week later": (NIGHT, (), "2026-11-28T02:00:00+08:00", "2026-12-04T22:00:00+08:00"),
    "after the freeze, in a window": (
        SHANGHAI,
        (YEAR_END,),
        "2026-12-24T11:00:00+08:00",
        "2027-01-04T10:00:00+08:00",
    ),
    "a freeze lies before the window that opens next": (
        SHANGHAI,
        (Freeze("2026-11-24", "2026-11-24", "Asia/Shanghai"),),
        "2026-11-23T18:00:00+08:00",
        "2026-11-25T10:00:00+08:00",
    ),
    "a freeze ends while the window is open": (
        Window(WEEK, "00:00", "17:00", "Europe/London"),
        (Freeze("2026-11-24", "2026-11-24", "Asia/Shanghai"),),
        "2026-11-24T00:00:00+00:00",
        "2026-11-24T16:00:00+00:00",
    ),
    "when the skipped hour is over": (
        berlin("02:30", "05:00"),
        (),
        "2026-03-29T01:00:00+01:00",
        "2026-03-29T03:00:00+02:00",
    ),
    "not on the day on which all of it is skipped": (
        berlin("02:10", "02:50"),
        (),
        "2026-03-29T01:00:00+01:00",
        "2026-03-30T02:10:00+02:00",
    ),
    "the first time the hour is shown": (
        berlin("02:30", "03:00"),
        (),
        "2026-10-25T01:00:00+02:00",
        "2026-10-25T02:30:00+02:00",
    ),
    "the second time the hour is shown": (
        berlin("02:15", "02:45"),
        (),
        "2026-10-25T02:50:00+02:00",
        "2026-10-25T02:15:00+01:00",
    ),
    "a night that is gone back into": (
        Window(("sat",), "22:00", "02:30", "Europe/Berlin"),
        (),
        "2026-10-25T02:40:00+02:00",
        "2026-10-25T02:00:00+01:00",
    ),
    "where a whole day was skipped": (
        # Apia, 2011: 29 December is followed by 31 December, a Saturday.
        Window(("fri",), "10:00", "11:00", "Pacific/Apia"),
        (),
        "2011-12-29T12:00:00-10:00",
        "2012-01-06T10:00:00+14:00",
    ),
}


@pytest.mark.parametrize(("window", "freezes", "now", "expected"), STARTS.values(), ids=STARTS)
def test_the_next_start_is_the_first_instant_that_lies_in_a_window(window, freezes, now, expected):
    found = next_start((window,), freezes, at(now))
    assert found == at(expected)
    assert is_open([window], found)


def test_no_next_start_is_promised_where_there_is_none():
    for_ever = Freeze("2026-01-01", "9999-12-31", "UTC")
    assert next_start((SHANGHAI,), (for_ever,), at("2026-11-23T08:00:00+08:00")) is None


FREEZES = {
    "the first second of the first day": ("2026-12-24T00:00:00+08:00", "2027-01-03T00:00:00+08:00"),
    "the last second of the last day": ("2027-01-02T23:59:59+08:00", "2027-01-03T00:00:00+08:00"),
    "the second before": ("2026-12-23T23:59:59+08:00", None),
    "the second after": ("2027-01-03T00:00:00+08:00", None),
}


@pytest.mark.parametrize(("now", "expected"), FREEZES.values(), ids=FREEZES)
def test_both_days_of_a_freeze_count_by_its_own_clocks(now, expected):
    found = freeze_at((YEAR_END,), at(now))
    assert (found and found[1]) == (None if expected is None else at(expected))


def test_a_freeze_that_follows_right_on_another_prolongs_it():
    more = Freeze("2027-01-03", "2027-01-05", "Asia/Shanghai", "stocktaking")
    found = freeze_at((more, YEAR_END), at("2026-12-30T00:00:00+08:00"))
    assert found == (YEAR_END, at("2027-01-06T00:00:00+08:00"))


def test_a_freeze_ends_where_midnight_is_skipped():
    # Beirut, 2026-03-29: midnight is followed by 01:00.
    freeze = Freeze("2026-03-28", "2026-03-28", "Asia/Beirut")
    found = freeze_at((freeze,), at("2026-03-28T12:00:00+02:00"))
    assert found == (freeze, at("2026-03-29T01:00:00+03:00"))


def test_a_freeze_ends_where_midnight_lies_within_what_is_skipped():
    # Toronto, 1919-03-30: 23:30 is followed by half past midnight.
    freeze = Freeze("1919-03-30", "1919-03-30", "America/Toronto")
    found = freeze_at((freeze,), at("1919-03-30T12:00:00-05:00"))
    assert found == (freeze, at("1919-03-31T00:30:00-04:00"))


ZONES = ["Europe/Berlin", "America/St_Johns", "Asia/Beirut", "Australia/Lord_Howe", "UTC"]
MINUTES = st.integers(0, 24 * 60 - 1).map(lambda m: f"{m // 60:02}:{m % 60:02}")
INSTANTS = st.integers(0, 3 * 366 * 24 * 60).map(
    lambda minutes: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(
    st.sets(st.sampled_from(WEEK), min_size=1), MINUTES, MINUTES, st.sampled_from(ZONES), INSTANTS
)
@settings(max_examples=200, deadline=None)
def test_nothing_is_open_between_now_and_the_next_start(days, start, end, zone, now):
    window = Window(tuple(sorted(days)), start, end, zone)
    found = next_start((window,), (), now)
    if found is None:
        # A window of an hour or less may be skipped on the one day of its week, and then opens a week later.
        later = (now + timedelta(minutes=number) for number in range(8 * 24 * 60))
        assert not any(is_open([window], moment) for moment in later)
        return
    assert is_open([window], found)
    minutes = int((found - now).total_seconds() // 60)
    probes = {*range(min(minutes, 200)), *range(max(0, minutes - 200), minutes)}
    assert not any(is_open([window], now + timedelta(minutes=number)) for number in probes)
