"""Columns of text, aligned for the eye and easy for awk: two spaces between them, no frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.render.visible import width

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["table"]

Painter = "Callable[[int, str], str]"


def _plain(_row: int, text: str) -> str:
    return text


def table(
    rows: Sequence[Sequence[str]],
    *,
    indent: str = "",
    paints: dict[int, Callable[[int, str], str]] | None = None,
) -> str:
    """`rows` as aligned lines; every cell is safe to show already.

    Args:
        rows: cells by row, all rows alike.
        indent: what each line begins with.
        paints: by column, what gives a cell its colour, told the row's number; widths are those of the bare text.
    """
    if not rows:
        return ""
    widths = [max(width(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for number, row in enumerate(rows):
        cells = [
            (paints or {}).get(column, _plain)(number, cell) + " " * (widths[column] - width(cell))
            for column, cell in enumerate(row)
        ]
        lines.append(indent + "  ".join(cells).rstrip())
    return "\n".join(lines) + "\n"
