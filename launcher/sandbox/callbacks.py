"""Which callback addresses a launch may name.

Source: bk-job, `ValidCallbackUrlValidator`, `CallbackUrlValidateServiceImpl.isValid`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from urllib.parse import SplitResult

__all__ = ["is_callback_allowed"]

_PORTS = {"http": 80, "https": 443}


def is_callback_allowed(url: str, white_list: tuple[str, ...] | None) -> bool:
    """`url` is http or https, names a host and no user, and is below one of `white_list`, if given.

    A blank address is allowed: it stands for none.
    """
    if not url.strip():
        return True
    parts = _parsed(url)
    if parts is None:
        return False
    return white_list is None or any(_is_below(parts, base) for base in white_list)


def _parsed(url: str) -> SplitResult | None:
    if any(mark.isspace() or mark in '<>"{}|\\^`' for mark in url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    is_sound = parts.scheme in _PORTS and bool(parts.hostname) and "@" not in parts.netloc
    return parts if is_sound and port != 0 else None


def _is_below(parts: SplitResult, base: str) -> bool:
    allowed = _parsed(base)
    if allowed is None or _origin(parts) != _origin(allowed):
        return False
    prefix = allowed.path.rstrip("/")
    return parts.path == prefix or parts.path.startswith(prefix + "/") or not prefix


def _origin(parts: SplitResult) -> tuple[str, str | None, int]:
    return parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme]
