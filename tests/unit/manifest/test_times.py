"""Durations, days and times: what the schemas let pass is exactly what can be read."""

import zoneinfo
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from launcher.manifest.load import load_workspace_bytes
from launcher.model.shapes import Date, Duration, EndOfDay, Instant, TimeOfDay, TimeZone
from launcher.model.times import duration_text, instant_of, seconds_of, writable_duration

JUDGES = {
    name: TypeAdapter(shape)
    for name, shape in {
        "date": Date,
        "duration": Duration,
        "end of day": EndOfDay,
        "instant": Instant,
        "time of day": TimeOfDay,
        "time zone": TimeZone,
    }.items()
}
CENTURY = (date(2000, 1, 1), date(2099, 12, 31))


def passes(name: str, text: str) -> bool:
    try:
        JUDGES[name].validate_python(text)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(("unit", "most"), [("s", 86_400), ("m", 1_440), ("h", 24)])
def test_a_duration_goes_from_a_second_to_a_day(unit: str, most: int) -> None:
    good = {number for number in range(most + 2_000) if passes("duration", f"{number}{unit}")}
    assert good == set(range(1, most + 1))
    assert seconds_of(f"{most}{unit}") == 86_400


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("30s", 30), ("1.5m", 90), ("2h", 7_200), ("250ms", 0.25), ("0", 0)],
)
def test_a_duration_is_read_in_seconds(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "s", "-1s", "1d", "1h30m", " 1s", "1s\n", "1e3s", "\u0661s"])
def test_what_is_no_duration_has_no_seconds(text: str) -> None:
    assert seconds_of(text) is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (-1, "0s"),
        (0.4, "0s"),
        (59.4, "59s"),
        (59.6, "1m"),
        (90, "1m30s"),
        (1288, "21m28s"),
        (1800, "30m"),
        (3600, "1h"),
        (3605, "1h5s"),
        (90_061, "25h1m1s"),
    ],
)
def test_a_duration_is_shown_in_the_units_it_is_written_in(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


@pytest.mark.parametrize("text", ["30s", "1288s", "30m", "90m", "1h", "24h"])
def test_a_duration_of_a_manifest_is_shown_as_it_may_be_written(text: str) -> None:
    assert writable_duration(seconds_of(text) or 0) == text
    assert passes("duration", text)


def test_the_days_that_pass_are_those_of_the_century() -> None:
    days = {
        f"{year}-{month:02}-{day:02}"
        for year in range(1999, 2101)
        for month in range(14)
        for day in range(33)
    }
    first, last = CENTURY
    real = {str(first + timedelta(days=number)) for number in range((last - first).days + 1)}
    assert {day for day in days if passes("date", day)} == real


def test_the_times_that_pass_are_those_of_a_day() -> None:
    times = [f"{hour:02}:{minute:02}" for hour in range(100) for minute in range(100)]
    of_a_day = times[: 24 * 100]
    of_a_day = [time for time in of_a_day if time[3:] < "60"]
    assert [time for time in times if passes("time of day", time)] == of_a_day
    assert [time for time in times if passes("end of day", time)] == [*of_a_day, "24:00"]


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)),  # noqa: DTZ001 - the offset is drawn
    st.integers(-1_439, 1_439),
)
def test_an_instant_is_read_back_as_it_was_written(wall: datetime, offset: int) -> None:
    sign, minutes = "-" if offset < 0 else "+", abs(offset)
    text = f"{wall.isoformat()}{sign}{minutes // 60:02}:{minutes % 60:02}"
    assert passes("instant", text)
    assert instant_of(text) == wall.replace(tzinfo=UTC) - timedelta(minutes=offset)
    assert not passes("instant", wall.isoformat())


@given(st.from_regex(r"\A20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9](Z|[-+][0-2][0-9]:[0-6][0-9])\Z"))  # fmt: skip
def test_every_instant_that_passes_can_be_read(text: str) -> None:
    if passes("instant", text):
        assert instant_of(text).tzinfo is UTC


def test_a_time_without_an_offset_is_never_read() -> None:
    with pytest.raises(ValueError, match="offset"):
        instant_of("2026-11-23T02:00:00")


def test_every_time_zone_of_the_database_can_be_named() -> None:
    own = {"localtime"}  # of this machine, on some
    known = zoneinfo.available_timezones() - own
    assert len(known) > 400
    assert {name for name in known if not passes("time zone", name)} == set()


def test_zone_data_comes_along_where_the_machine_has_none() -> None:
    zoneinfo.reset_tzpath(to=[])
    zoneinfo.ZoneInfo.clear_cache()
    try:
        workspace = load_workspace_bytes(WINDOW.encode())
        (window,) = workspace.environments["a"].guards.windows
        assert zoneinfo.ZoneInfo(window.timezone).key == "Asia/Shanghai"
    finally:
        zoneinfo.reset_tzpath()
        zoneinfo.ZoneInfo.clear_cache()


WINDOW = """\
apiVersion: launcher/v1
kind: Workspace
metadata: {name: payments}
spec:
  defaultEnvironment: a
  environments:
    a:
      server: remote
      scope: {type: biz, id: "2"}
      guards:
        windows: [{days: [mon], from: "10:00", to: "17:00", timezone: Asia/Shanghai}]
"""
