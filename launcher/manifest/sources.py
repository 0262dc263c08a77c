"""Lines of a file as people and editors count them, to be shown under a diagnostic."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.diagnostics import Place

__all__ = ["LINE_BREAK", "Excerpt", "excerpt", "lines_of"]

LINE_BREAK = re.compile("\r\n|\r|\n")
"""What ends a line in YAML 1.2 and in editors; `str.splitlines` knows more."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The line that a diagnostic points at, as it stands in the file: not yet safe to show.

    Attributes:
        line: its number, from 1.
        text: the line without its break.
        start: where the marked stretch begins, in code points from 0.
        length: how many code points are marked, at least 1; it never goes past the line.
    """

    line: int
    text: str
    start: int
    length: int


def lines_of(content: bytes) -> list[str]:
    """The lines of `content`; what is not UTF-8 is replaced, as it is only shown."""
    return LINE_BREAK.split(content.decode("utf-8-sig", "replace"))


def excerpt(root: Path, place: Place) -> Excerpt | None:
    """The line at `place` below the workspace `root`.

    Returns `None` where there is nothing to show: the place has no lines, the file is gone or has
    become shorter.
    """
    if place.span is None:
        return None
    try:
        lines = lines_of((root / place.path).read_bytes())
    except OSError:
        return None
    if place.span.line > len(lines):
        return None
    text = lines[place.span.line - 1]
    start = min(place.span.column - 1, len(text))
    end = place.span.end_column - 1 if place.span.end_line == place.span.line else len(text)
    return Excerpt(place.span.line, text, start, max(1, min(end, len(text)) - start))
