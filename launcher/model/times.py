"""Durations and points in time, as settings and manifests write them. Importing this costs no pydantic."""

from __future__ import annotations

import re
from datetime import UTC, datetime

__all__ = ["duration_text", "instant_of", "seconds_of", "writable_duration"]

_UNITS = {"ms": 0.001, "": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)(ms|s|m|h)?")


def seconds_of(text: str) -> float | None:
    """How long `text` means, in seconds: `90`, `30s`, `1.5m`, `2h`; `None` if it is no duration.

    A manifest needs the unit, a whole number, and a length from a second to a day: its schema sees to that.
    """
    match = _DURATION.fullmatch(text)
    return None if match is None else float(match[1]) * _UNITS[match[2] or ""]


def duration_text(seconds: float) -> str:
    """How long `seconds` are, for people and to the second: `4s`, `30m`, `21m28s`, `1h5m`; `0s` for what is negative."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    units = ((hours, "h"), (minutes, "m"), (rest, "s"))
    return "".join(f"{count}{unit}" for count, unit in units if count) or "0s"


def writable_duration(seconds: float) -> str:
    """How long `seconds` are, as a manifest may say it: a whole number of the largest unit, `30m`, `1h` or `1288s`."""
    whole = round(seconds)
    unit, size = next(pair for pair in (("h", 3600), ("m", 60), ("s", 1)) if whole % pair[1] == 0)
    return f"{whole // size}{unit}"


def instant_of(text: str) -> datetime:
    """The instant that `text`, RFC 3339 with an offset, means; in UTC.

    Raises:
        ValueError: it has another form; the schema of manifests lets none of those pass.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without an offset is another one in every place")
    return moment.astimezone(UTC)
