"""Values as they stand in a text for people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from launcher.render.visible import one_line

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["time_text", "value_text"]

_LONGEST = 120


def value_text(data: Any) -> str:  # noqa: ANN401 - any JSON value
    """`data` as JSON on one line, made visible, cut where it is very long."""
    if isinstance(data, str):
        return f'"{one_line(data, _LONGEST)}"'
    return one_line(json.dumps(data, ensure_ascii=False), _LONGEST)


def time_text(time: datetime | None) -> str:
    """RFC 3339 in UTC, to the second; a dash where there is none."""
    return "-" if time is None else time.strftime("%Y-%m-%dT%H:%M:%SZ")
