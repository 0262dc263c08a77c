"""The lines of a text that differ, each with its number."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["MOST_COMPARED", "MOST_LINES", "Line", "likeness_of", "line_diff"]

MOST_LINES = 400
"""Lines that are told of one text."""

MOST_COMPARED = 5_000
"""Lines of one text; for more, all are told as gone and as new."""

_AROUND = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One line.

    Attributes:
        sign: `-` for one that is gone, `+` for a new one, a space for one that is the same.
        number: from 1; in the text of before for one that is gone, otherwise in that of now.
        text: without its break.
    """

    sign: str
    number: int
    text: str


def line_diff(before: str | None, after: str | None) -> tuple[tuple[Line, ...], int]:
    """The lines that differ, with three around them, and how many more there are than are told.

    A line ends with a line feed only, and a carriage return is part of its line. Where one text ends with a line feed
    and the other does not, the one has an empty line more.
    """
    old, new = _split(before), _split(after)
    if all(lines[-1:] in ([], [""]) for lines in (old, new)):
        old, new = old[:-1], new[:-1]
    lines = list(_lines(old, new))
    return tuple(lines[:MOST_LINES]), max(0, len(lines) - MOST_LINES)


def likeness_of(before: object, after: object) -> float:
    """How many of the lines of two texts are the same, from 0 to 1; 0 where one was not kept whole."""
    if before == after:
        return 1
    if not isinstance(before, str) or not isinstance(after, str):
        return 0
    return SequenceMatcher(None, _split(before), _split(after)).quick_ratio()


def _split(text: str | None) -> list[str]:
    return [] if text is None else text.split("\n")


def _lines(before: Sequence[str], after: Sequence[str]) -> Iterator[Line]:
    if max(len(before), len(after)) > MOST_COMPARED:
        yield from _signed("-", before, 0)
        yield from _signed("+", after, 0)
        return
    for group in SequenceMatcher(None, before, after).get_grouped_opcodes(_AROUND):
        for word, old, old_end, new, new_end in group:
            if word == "equal":
                yield from _signed(" ", after[new:new_end], new)
            else:
                yield from _signed("-", before[old:old_end], old)
                yield from _signed("+", after[new:new_end], new)


def _signed(sign: str, texts: Sequence[str], first: int) -> Iterator[Line]:
    for number, text in enumerate(texts, first + 1):
        yield Line(sign, number, text)
