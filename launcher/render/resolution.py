"""What is on record after a person has spoken, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.render.paint import PLAIN
from launcher.render.visible import visible
from launcher.render.words import outcome_text

if TYPE_CHECKING:
    from launcher.engine.recorded import OutcomeKind
    from launcher.render.paint import Paint

__all__ = ["render_resolution"]


def render_resolution(
    name: str,
    *,
    attempt: int,
    instance: int | None,
    outcome: OutcomeKind,
    lockfile: str,
    paint: Paint = PLAIN,
) -> str:
    """Which attempt it is about, and what its outcome is now."""
    where = f", instance {instance}" if instance is not None else ""
    said = outcome_text(outcome, paint)
    return f"{visible(name)}: {said} (attempt {attempt}{where})\nLockfile: {visible(lockfile)}\n"
