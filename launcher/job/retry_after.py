"""How long a server asks to be left alone."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = ["retry_after_s", "time_told"]

_SECONDS = re.compile("[0-9]{1,9}", re.ASCII)


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """What `Retry-After` says, or else the gateway's own headers, in seconds from now; `None` without any.

    A date is on the server's clock, so it is held against the server's own `Date`, and against `now` only where there
    is none. The gateway tells the state of a limit with every answer: it asks for a pause only where nothing is left.
    Source: RFC 9110, 10.2.3; blueking-apigateway-apisix, `bk-rate-limit`.
    """
    text = headers.get("Retry-After", "").strip()
    if not text and headers.get("X-Bkapi-RateLimit-Remaining", "").strip() == "0":
        text = headers.get("X-Bkapi-RateLimit-Reset", "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    until = time_told(text)
    if until is None:
        return None
    since = time_told(headers.get("Date", "")) or now
    return max(0.0, (until - since).total_seconds())


def time_told(text: str) -> datetime | None:
    """The time of a header like `Date`; `None` if it tells none."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return None if moment.tzinfo is None else moment
