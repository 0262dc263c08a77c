"""SQL's LIKE, as the name filters use it: `%` and `_` in the text are wildcards, case does not count."""

from __future__ import annotations

import re

__all__ = ["like"]


def like(text: str, name: str) -> bool:
    """`name LIKE '%text%'`; a backslash takes the next character literally."""
    pattern = "".join(_translated(part) for part in re.findall(r"\\.|.", text, flags=re.DOTALL))
    return re.search(pattern, name, flags=re.IGNORECASE | re.DOTALL) is not None


def _translated(part: str) -> str:
    if part == "%":
        return ".*"
    return "." if part == "_" else re.escape(part.removeprefix("\\") or "\\")
