"""Texts about durations, times, days and time zones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.catalogue import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ENTRIES"]

ENTRIES: Mapping[str, Entry] = {
    "L142": Entry(
        summary="Malformed duration",
        detail="`{text}` is not a duration that {field} can have: a whole number and a unit, `s` for seconds, `m` for minutes or `h` for hours, from `1s` to `24h`.",
        cause="The unit is missing or another one, several units are joined, or the duration is longer than a day.",
        cure="Write a duration such as `30s`, `30m` or `2h`. A run that waits no longer leaves the job to itself, and a later one sees how it ended.",
        hints={
            "default": "Write a duration such as `30s`, `30m` or `2h`.",
            "unit": "Write the unit, as in `{text}s` or `{text}m`.",
            "range": "Write a whole number of seconds, minutes or hours, from `1s` to `24h`.",
        },
    ),
    "L153": Entry(
        summary="Malformed time",
        detail="`{text}` is not a point in time. It is written as RFC 3339 does: date, `T`, time with seconds, and the offset from UTC.",
        cause="The offset or the seconds are missing, a blank stands for the `T`, or there is no such day or hour.",
        cure="Write the time as `2026-11-23T02:00:00+08:00`, or with `Z` for UTC.",
        hints={
            "default": "Write a time such as `2026-11-23T02:00:00+08:00`.",
            "date": "Add the time and the offset, as in `{text}T02:00:00+08:00`.",
            "zone": "Add the offset from UTC, as in `{text}+08:00`, or `Z` for UTC: without it, every machine would read another time.",
            "missing": "There is no such day, hour or offset: correct it.",
        },
    ),
    "L154": Entry(
        summary="Malformed time of day",
        detail="`{text}` is not a time of day. It is written with two digits for the hour, a colon, and two for the minute.",
        cause="The hour has one digit, seconds or `pm` were added, or there is no such time.",
        cure="Write times from `00:00` to `23:59`. A window may also end at `24:00`, the end of the day.",
        hints={
            "default": "Write a time such as `09:30` or `17:00`.",
            "likely": "Write `{likely}`.",
            "midnight": "Write `00:00` and name the day that it begins.",
        },
    ),
    "L155": Entry(
        summary="Malformed date",
        detail="`{text}` is not a day of this century. It is written as year, month and day, with hyphens between.",
        cause="The parts stand in another order, a digit is missing, or the month is shorter.",
        cure="Write the day as `2026-12-24`.",
        hints={
            "default": "Write a day such as `2026-12-24`.",
            "missing": "The calendar has no such day: correct the month or the day.",
        },
    ),
    "L156": Entry(
        summary="Unknown time zone",
        detail="`{text}` is not the name of a time zone. Its clocks decide when launches may start, so nothing is guessed.",
        cause="The name is misspelt, is an abbreviation such as `CST` that several places use, or is an offset.",
        cure="Write the name of the IANA database: area and city, such as `Asia/Shanghai`, or `UTC`.",
        hints={
            "default": "Write a name such as `Asia/Shanghai`, or `UTC`.",
            "near": "Did you mean `{close}`?",
            "offset": "An offset does not know summer time: write a name such as `Asia/Shanghai`, or `UTC`.",
        },
    ),
    "L157": Entry(
        summary="Freeze ends before it begins",
        detail="The freeze goes from {first} to {last}, so there is no day on which it would hold.",
        cause="The two days are swapped, or the year was not raised.",
        cure="Write the first day under `from` and the last under `to`; both are frozen.",
        hints={"default": "Swap the two days, or correct the year."},
    ),
    "L158": Entry(
        summary="Window without a length",
        detail="The window opens and closes at {time}. That can mean no time at all or a whole day.",
        cause="One of the two times was not changed after the other was copied.",
        cure='Write another `to`. A whole day goes from `"00:00"` to `"24:00"`.',
        hints={"default": 'Write another time. A whole day is `from: "00:00"`, `to: "24:00"`.'},
    ),
}
