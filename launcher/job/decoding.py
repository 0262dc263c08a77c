"""A JSON text within its budgets, as a value."""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["MAX_DEPTH", "Unreadable", "decode"]

MAX_DEPTH = 64
"""How deep an answer may be nested."""

_HALF_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")


class Unreadable(Exception):
    """An answer does not say what it must; the text says why, and holds nothing of the answer."""


def decode(body: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """A JSON text within its budgets: UTF-8, no duplicate keys, no NaN, not too deep; whole numbers stay exact.

    A number with a fraction stays text: no field of JOB is one, and a digest holds none.

    Raises:
        Unreadable: it is not such a text.
    """
    try:
        data = json.loads(
            body.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_float=str,
            parse_constant=_no_constant,
        )
    except UnicodeDecodeError as error:
        raise Unreadable("it is not UTF-8") from error
    except RecursionError as error:
        raise Unreadable(_too_deep()) from error
    except ValueError as error:  # not JSON, or a number of thousands of digits
        raise Unreadable("it is not JSON") from error
    if _is_deeper(data, MAX_DEPTH):
        raise Unreadable(_too_deep())
    if _HALF_CHARACTER.search(body) and not _is_writable(data):
        raise Unreadable("it holds half a character")
    return data


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _is_deeper(data: Any, depth: int) -> bool:  # noqa: ANN401 - any JSON value
    level: list[Any] = [data]
    for _ in range(depth + 1):
        inner: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                inner.extend(item.values())
            elif isinstance(item, list):
                inner.extend(item)
        if not inner:
            return False
        level = inner
    return True


def _is_writable(data: Any) -> bool:  # noqa: ANN401 - any JSON value
    """A surrogate without its partner can be escaped in JSON, and then be written nowhere."""
    try:
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _too_deep() -> str:
    return f"it is nested deeper than {MAX_DEPTH} levels"
