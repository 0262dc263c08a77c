"""A decision for people: the rows that were tried, what decided, and what would change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.render.because import meaning, way_out
from launcher.render.changeset import symbol
from launcher.render.drift import drift_lines
from launcher.render.paint import PLAIN
from launcher.render.remarks import operation_lines
from launcher.render.visible import visible

if TYPE_CHECKING:
    from launcher.engine.changeset import Change
    from launcher.render.paint import Paint

__all__ = ["render_why"]


def render_why(change: Change, environment: str, paint: Paint = PLAIN) -> str:
    """The whole explanation."""
    title = paint.bold(visible(change.name))
    kind = f"{change.action.value}, {change.reason.value}: {meaning(change, environment)}"
    lines = [
        f"{symbol(change.action, paint)} {title} in {visible(environment)}  {kind}".lstrip(),
        "",
        "Rows that were tried:",
    ]
    for row in change.rows:
        mark = paint.good("fits") if row.fits else paint.faint("no  ")
        lines.append(f"  {row.number:>2}  {mark}  {row.title}")
    if change.newest is not None:
        lines += [line for text in operation_lines(change.newest) for line in ("", text)]
    if change.drift is not None:
        lines += ["", *drift_lines(change.drift, paint)]
    text = way_out(change, environment)
    if text:
        lines += ["", *text.splitlines()]
    return "\n".join(lines) + "\n"
