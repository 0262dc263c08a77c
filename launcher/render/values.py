"""Values as they are shown: secrets as references, a callback's address without its query."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from launcher.render.visible import one_line

if TYPE_CHECKING:
    from datetime import datetime, timedelta

__all__ = ["duration_text", "shown_data", "shown_url", "time_text", "value_text"]

_CALLBACK = "callbackUrl"
_LONGEST = 120
_USER = re.compile(r"(?<=://)[^/@]*@")


def shown_url(url: str) -> str:
    """`url` without user, query and fragment, which may hold what is meant for nobody else."""
    bare = _USER.sub("", re.split("[?#]", url, maxsplit=1)[0])
    return f"{bare}?…" if "?" in url else bare


def shown_data(data: Any, path: str = "") -> Any:  # noqa: ANN401 - any JSON value
    """`data`, a value of a spec at `path`, with the address of a callback shortened."""
    if path == _CALLBACK and isinstance(data, str):
        return shown_url(data)
    if isinstance(data, dict) and not path:
        return {
            key: shown_url(value) if key == _CALLBACK and isinstance(value, str) else value
            for key, value in data.items()
        }
    return data


def value_text(data: Any, path: str = "") -> str:  # noqa: ANN401 - any JSON value
    """`data` as it stands in a text for people: JSON on one line, made visible, cut where it is very long."""
    shown = shown_data(data, path)
    if isinstance(shown, str):
        return f'"{one_line(shown, _LONGEST)}"'
    return one_line(json.dumps(shown, ensure_ascii=False), _LONGEST)


def time_text(time: datetime | None) -> str:
    """RFC 3339 in UTC, to the second; a dash where there is none."""
    return "-" if time is None else time.strftime("%Y-%m-%dT%H:%M:%SZ")


def duration_text(lasted: timedelta) -> str:
    """`4s`, `2m 05s`, `1h 02m`."""
    seconds = max(0, round(lasted.total_seconds()))
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h {minutes:02}m"
    return f"{minutes}m {seconds:02}s" if minutes else f"{seconds}s"
