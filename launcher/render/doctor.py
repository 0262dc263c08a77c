"""What was found out about a setup: a line for each check, then how to cure what is not well."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from launcher.render.paint import PLAIN
from launcher.render.table import table
from launcher.render.visible import one_line, visible
from launcher.render.words import count_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from launcher.render.paint import Paint

__all__ = ["Check", "State", "render_doctor"]

_WIDTH = 100


class State(StrEnum):
    """How a check went."""

    OK = "ok"
    WARNING = "warning"
    """It works, and somebody should know of it."""
    PROBLEM = "problem"
    """Something that is needed does not work."""
    NOT_TESTED = "not-tested"
    """It cannot be known from here, or what it needs does not work."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: what.
        state: how it went.
        message: what was found, in sentences; text from outside in it is to be shown with care.
        code: of the diagnostic, where something is not well.
        hint: what to do, commands on lines of their own; `None` where nothing is.
    """

    name: str
    state: State
    message: str
    code: str | None = None
    hint: str | None = None


def render_doctor(environment: str | None, checks: Sequence[Check], paint: Paint = PLAIN) -> str:
    """All checks, each on a line; below, in full, what is not well and its cure."""
    marks: dict[State, tuple[str, Callable[[str], str]]] = {
        State.OK: ("ok", paint.good),
        State.WARNING: ("warning", paint.careful),
        State.PROBLEM: ("PROBLEM", paint.bad),
        State.NOT_TESTED: ("-", paint.faint),
    }
    rows = [
        (marks[check.state][0], visible(check.name), one_line(_first(check.message), _WIDTH))
        for check in checks
    ]
    title = "" if environment is None else f"Environment {visible(environment)}\n\n"
    lines = table(rows, paints={0: lambda number, cell: marks[checks[number].state][1](cell)})
    ill = [check for check in checks if check.state in (State.WARNING, State.PROBLEM)]
    cures = [_cure(check, marks[check.state][1], paint) for check in ill]
    return "\n".join([title + lines, *cures, _verdict(checks) + "\n"])


def _first(message: str) -> str:
    """The first sentence, for a line of the table."""
    head, end, _ = message.partition(". ")
    return head + end.strip()


def _cure(check: Check, strong: Callable[[str], str], paint: Paint) -> str:
    code = f"[{check.code}]" if check.code else ""
    title = strong(f"{check.state.value}{code}") + paint.bold(f": {visible(check.name)}")
    lines = [title, visible(check.message)]
    if check.hint:
        first, *rest = check.hint.splitlines()
        lines.append(paint.good("help: ") + visible(first))
        lines += [f"      {visible(line)}" for line in rest]
    return "\n".join(lines) + "\n"


def _verdict(checks: Sequence[Check]) -> str:
    counted = Counter(check.state for check in checks)
    parts = [
        count_text(counted[state], state.value)
        for state in (State.PROBLEM, State.WARNING)
        if counted[state]
    ]
    left = counted[State.NOT_TESTED]
    rest = f"; {left} not tested" if left else ""
    return (
        " and ".join(parts) or f"{count_text(counted[State.OK], 'check')}, all well"
    ) + f"{rest}."
