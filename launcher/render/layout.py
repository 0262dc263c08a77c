"""How the layout of a file would change, for people and for `patch`."""

from __future__ import annotations

from difflib import unified_diff
from typing import TYPE_CHECKING

from launcher.render.paint import PLAIN
from launcher.render.visible import NEVER_RAW, escaped

if TYPE_CHECKING:
    from launcher.render.paint import Paint

__all__ = ["render_layout"]


def render_layout(path: str, before: str, after: str, paint: Paint = PLAIN) -> str:
    """The difference as a unified diff; empty where there is none."""
    lines = unified_diff(before.splitlines(), after.splitlines(), path, path, lineterm="")
    return "".join(f"{_painted(_shown(line), paint)}\n" for line in lines)


def _shown(line: str) -> str:
    return NEVER_RAW.sub(
        lambda match: match.group() if match.group() == "\t" else escaped(match.group()), line
    )


def _painted(line: str, paint: Paint) -> str:
    if line.startswith(("---", "+++")):
        return paint.bold(line)
    if line.startswith("@@"):
        return paint.quiet(line)
    if line.startswith("+"):
        return paint.good(line)
    return paint.bad(line) if line.startswith("-") else line
