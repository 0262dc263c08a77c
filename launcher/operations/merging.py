"""Add to files that others may have written: only where nothing else about them changes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from yaml import YAMLError, safe_load

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["with_hooks", "with_lines"]

_ITEM = re.compile(r"( *)- ")


def with_lines(text: str, wanted: Sequence[str]) -> str:
    """`text` with those of `wanted` at its end that it lacks."""
    there = {line.strip().removeprefix("/") for line in text.splitlines()}
    missing = [line for line in wanted if line not in there]
    ended = text if not text or text.endswith("\n") else text + "\n"
    return ended + "".join(f"{line}\n" for line in missing) if missing else text


def with_hooks(text: str, entry: Callable[[str], str]) -> str | None:
    """A pre-commit configuration with one more entry at the end of `repos`; `None` where that is not safe.

    `entry` writes it behind the indent it is given. It is safe where the list is the last thing in the file and the
    result says what the file said, and the entry.
    """
    if not text.strip():
        return "repos:\n" + entry("  ")
    ended = text if text.endswith("\n") else text + "\n"
    indents = [match[1] for line in ended.splitlines() if (match := _ITEM.match(line))]
    if not indents:
        return None
    added = entry(min(indents, key=len))
    before, after = _read(ended), _read(ended + added)
    if before is None or after is None:
        return None
    expected = {**before, "repos": [*before["repos"], *safe_load(added)]}
    return ended + added if after == expected else None


def _read(text: str) -> dict[str, Any] | None:
    try:
        data = safe_load(text)
    except YAMLError:
        return None
    is_one = isinstance(data, dict) and isinstance(data.get("repos"), list)
    return data if is_one else None
