"""What an apply is doing, one line at a time, for people who wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.render.diagnostics import headline, hint_of
from launcher.render.paint import PLAIN
from launcher.render.visible import visible
from launcher.render.words import outcome_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from launcher.diagnostics import Diagnostic
    from launcher.engine.recorded import OutcomeKind
    from launcher.render.paint import Paint

__all__ = ["answer_line", "effect_line", "note_line", "outcome_line"]

_QUIET = "append"
"""Told by what it records, not by itself."""

_PLAIN = {"prepare": "prepared"}
"""What is told even if nothing went wrong: a step of the launch that no outcome tells of."""


def effect_line(
    kind: str,
    names: Sequence[str],
    *,
    refused: int,
    unknown: int,
    time: datetime,
    paint: Paint = PLAIN,
) -> str:
    """One effect that has been answered; empty for one that is not worth a line."""
    about = ": " + ", ".join(visible(name) for name in names) if names else ""
    trouble = [
        f"{count} {word}"
        for count, word in (
            (refused, "refused"),
            (unknown, "answer lost" if unknown == 1 else "answers lost"),
        )
        if count
    ]
    if trouble and kind != _QUIET:
        went = paint.careful(f" ({', '.join(trouble)})")
        return f"{_clock(time, paint)}  {kind}{about}{went}\n"
    return f"{_clock(time, paint)}  {_PLAIN[kind]}{about}\n" if kind in _PLAIN else ""


def outcome_line(
    name: str,
    *,
    attempt: int,
    instance: int | None,
    status: int | None,
    outcome: OutcomeKind,
    time: datetime,
    paint: Paint = PLAIN,
) -> str:
    """One attempt that was seen to move on, or to have ended."""
    where = f"attempt {attempt}"
    if instance is not None:
        where += f", instance {instance}"
    if status is not None:
        where += f", status {status}"
    said = outcome_text(outcome, paint)
    return f"{_clock(time, paint)}  {visible(name)}: {said} {paint.faint(f'({where})')}\n"


def answer_line(name: str, environment: str, paint: Paint = PLAIN) -> str:
    """How to answer the confirmation that a launch waits for, while a run waits with it."""
    command = f"launcher confirm {visible(name)} -e {visible(environment)} --continue --reason TEXT"
    return paint.faint(f"{'':11}to let it go on: {command}") + "\n"


def note_line(diagnostic: Diagnostic, time: datetime, paint: Paint = PLAIN) -> str:
    """Something worth a word while a run goes on, with what to do about it below."""
    hint = hint_of(diagnostic)
    below = "".join(paint.faint(f"{'':11}{line}") + "\n" for line in hint.splitlines())
    return f"{_clock(time, paint)}  {headline(diagnostic)}\n{below}"


def _clock(time: datetime, paint: Paint) -> str:
    return paint.faint(time.strftime("%H:%M:%SZ"))
