"""Texts out of which secrets were taken, compared with texts of which nobody knows whether they hold one.

Who has recorded the content of a job plan may have known a secret that whoever reads it now does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launcher.engine.observed import MASK

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["masked_alike", "with_each_text"]


def with_each_text(data: Any, change: Callable[[str], str]) -> Any:  # noqa: ANN401 - any JSON value
    """`data` with `change` done to each text in it; keys stay."""
    match data:
        case str():
            return change(data)
        case list() | tuple():
            return [with_each_text(item, change) for item in data]
        case dict():
            return {key: with_each_text(item, change) for key, item in data.items()}
        case _:
            return data


def masked_alike(old: Any, new: Any) -> Any:  # noqa: ANN401 - facts of a job plan
    """`new` with each line masked that is as one of `old` but for what was a secret there."""
    if not isinstance(old, str) or not isinstance(new, str) or MASK not in old:
        return new
    if _fits(old, new):
        return old
    masked = [line for line in old.split("\n") if MASK in line]
    lines = new.split("\n")
    return "\n".join(next((it for it in masked if _fits(it, line)), line) for line in lines)


def _fits(masked: str, text: str) -> bool:
    """Whether `text` is `masked` with something in the place of each mask."""
    first, *between, last = masked.split(MASK)
    if not text.startswith(first):
        return False
    place = len(first)
    for part in between:
        # At least one character stands for what was taken out.
        found = text.find(part, place + 1)
        if found < 0:
            return False
        place = found + len(part)
    return text.endswith(last) and len(text) - len(last) > place
