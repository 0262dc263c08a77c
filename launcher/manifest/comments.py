"""Comments of a file: which there are, and which column they belong to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.manifest.nodes import scalars_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from launcher.manifest.nodes import Node, ScalarNode

__all__ = ["Sheet", "aligned", "belongings", "comments"]

_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#.*")
_BLOCK_HEADER = re.compile(r"[|>][-+0-9]*")


@dataclass(slots=True)
class Sheet:
    """The lines of a document, with what scalars hold of them.

    Attributes:
        lines: without their breaks.
        held: for each line the stretches that belong to scalars, as pairs of columns from 0.
        continued: numbers from 0 of the lines on which a scalar goes on from the line above.
    """

    lines: Sequence[str]
    held: list[list[tuple[int, int]]]
    continued: set[int]

    @classmethod
    def of(cls, lines: Sequence[str], root: Node) -> Sheet:
        """The sheet of the document `root`, which `lines` were composed into."""
        sheet = cls(lines, [[] for _ in lines], set())
        for scalar in scalars_of(root):
            sheet._hold(scalar)
        return sheet

    def comment_column(self, number: int) -> int | None:
        """The column from 0 of the comment that stands alone on a line, or `None`."""
        line = self.lines[number]
        text = line.lstrip(" \t")
        alone = text.startswith("#") and number not in self.continued
        return len(line) - len(text) if alone else None

    def content_column(self, number: int) -> int | None:
        """The column from 0 at which a line's keys or items begin, or `None` if it has none."""
        line = self.lines[number]
        if not line.strip() or number in self.continued or self.comment_column(number) is not None:
            return None
        return len(line) - len(line.lstrip(" "))

    def _hold(self, scalar: ScalarNode) -> None:
        span = scalar.span
        for number in range(span.line - 1, min(span.end_line, len(self.lines))):
            start = span.column - 1 if number == span.line - 1 else 0
            end = span.end_column - 1 if number == span.end_line - 1 else len(self.lines[number])
            if number == span.line - 1 and not scalar.plain:
                header = _BLOCK_HEADER.match(self.lines[number], start)
                end = header.end() if header else end
            if end > start:
                self.held[number].append((start, end))
                if number >= span.line:
                    self.continued.add(number)


def comments(lines: Sequence[str], root: Node) -> list[str]:
    """The text of every comment, sorted: moving a comment does not change it, losing it does."""
    found = []
    for line, held in zip(lines, Sheet.of(lines, root).held, strict=True):
        masked = line
        for start, end in held:
            masked = masked[:start] + "x" * (end - start) + masked[end:]
        if match := _COMMENT.search(masked):
            found.append(line[match.start() :].rstrip())
    return sorted(found)


def belongings(lines: Sequence[str], root: Node) -> list[bool]:
    """For each comment that stands alone, in order, whether it belongs to the line above it.

    It belongs to the line above or below whose column its own is nearer to; in doubt to the one below.
    """
    sheet = Sheet.of(lines, root)
    return [
        abs(column - above) < abs(column - below)
        for number, above, below in _alone(sheet)
        if (column := sheet.comment_column(number)) is not None
    ]


def aligned(lines: Sequence[str], root: Node, belongs_above: Sequence[bool]) -> list[str]:
    """`lines` with each comment that stands alone at the column of the line it belongs to."""
    written, chosen = list(lines), iter(belongs_above)
    for number, above, below in _alone(Sheet.of(lines, root)):
        column = above if next(chosen, False) else below
        written[number] = " " * column + lines[number].strip()
    return written


def _alone(sheet: Sheet) -> list[tuple[int, int, int]]:
    """The number of each line whose comment stands alone, and the nearest columns with content above and below it."""
    numbers = range(len(sheet.lines))
    columns = [sheet.content_column(number) for number in numbers]
    above = _before(columns)
    below = _before(columns[::-1])[::-1]
    return [
        (number, above[number], below[number])
        for number in numbers
        if sheet.comment_column(number) is not None
    ]


def _before(columns: Sequence[int | None]) -> list[int]:
    """For each place the last column in front of it; 0 for none. In one pass: a file may be one long comment."""
    found, last = [], 0
    for column in columns:
        found.append(last)
        last = last if column is None else column
    return found
