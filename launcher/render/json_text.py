"""JSON as text that is safe in a log: the same values, with nothing hidden and nothing to obey in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from launcher.render.visible import COMMAND, NEVER_RAW

if TYPE_CHECKING:
    import re

__all__ = ["FORMAT_VERSION", "document", "line"]

FORMAT_VERSION = "1.0"
"""The version of every JSON shape; shapes change only with it."""

_FIRST_BEYOND_ASCII = 0x80


def document(data: Any) -> str:  # noqa: ANN401 - any JSON value
    """`data` over several lines, keys in their order."""
    return _safe(json.dumps(data, ensure_ascii=False, indent=2)) + "\n"


def line(data: Any) -> str:  # noqa: ANN401 - any JSON value
    """`data` on one line."""
    return _safe(json.dumps(data, ensure_ascii=False)) + "\n"


def _safe(text: str) -> str:
    """`text` with the characters that hide, and the commands, as JSON's own escapes: inside strings only."""
    text = "\n".join(NEVER_RAW.sub(_escape, part) for part in text.split("\n"))
    return COMMAND.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    # ASCII is left alone by `json.dumps`, and here it is to be escaped all the same.
    code = ord(match.group())
    return f"\\u{code:04x}" if code < _FIRST_BEYOND_ASCII else json.dumps(match.group())[1:-1]
