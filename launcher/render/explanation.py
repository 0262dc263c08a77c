"""The catalogue for people: what a code means, how one gets there and how one gets out."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from launcher.diagnostics import Severity
from launcher.render.paint import PLAIN
from launcher.render.table import table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.catalogue import Entry
    from launcher.render.paint import Paint

__all__ = ["render_code", "render_codes"]

_WIDTH = 96


def render_codes(entries: Mapping[str, Entry], paint: Paint = PLAIN) -> str:
    """Every code with its weight and its summary."""
    rows = [(code, item.severity.value, item.summary) for code, item in entries.items()]
    weights = [item.severity for item in entries.values()]

    def weighed(row: int, text: str) -> str:
        return paint.bad(text) if weights[row] is Severity.ERROR else paint.careful(text)

    return table(rows, paints={1: weighed})


def render_code(code: str, item: Entry, paint: Paint = PLAIN) -> str:
    """One code: summary, detail with its facts left open, cause and cure."""
    strong = paint.bad if item.severity is Severity.ERROR else paint.careful
    title = strong(f"{item.severity.value}[{code}]") + paint.bold(f": {item.summary}")
    parts = [title, _filled(item.detail.format_map(_Names()))]
    parts += [paint.bold("Cause: ") + _filled(item.cause, "Cause: ")]
    parts += [paint.bold("Cure: ") + _filled(item.cure, "Cure: ")]
    return "\n\n".join(parts) + "\n"


class _Names(dict[str, str]):
    """Stands for facts that nobody has: each is shown as its name."""

    def __missing__(self, fact: str) -> str:
        return fact.upper()


def _filled(text: str, label: str = "") -> str:
    """`text` in lines of readable length, lines of its own kept; it follows on `label`."""
    paragraphs = [
        textwrap.fill(
            line,
            _WIDTH,
            initial_indent=" " * len(label) if number == 0 else "",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for number, line in enumerate(text.splitlines())
    ]
    return "\n".join(paragraphs)[len(label) :]
