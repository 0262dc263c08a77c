"""What came of an operation on a launch's instance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launcher.engine.recorded import OperationKind
from launcher.render.documents import attempt_data, diagnostics
from launcher.render.json_text import FORMAT_VERSION
from launcher.render.paint import PLAIN
from launcher.render.visible import visible
from launcher.render.words import outcome_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from launcher.diagnostics import Diagnostic
    from launcher.engine.recorded import Attempt
    from launcher.render.paint import Paint

__all__ = ["act_data", "render_act", "render_asked"]

_DONE = {
    OperationKind.TERMINATE: "JOB was told to end it",
    OperationKind.CONTINUE: "confirmed",
    OperationKind.END: "ended at its confirmation",
    OperationKind.RESTART: "its confirmation is asked for again",
    OperationKind.RETRY_FAILED_HOSTS: "its failed hosts are retried",
}


def render_asked(name: str, *, lost: bool) -> str:
    """That JOB was asked, for people who wait for what comes of it."""
    went = " (its answer was lost)" if lost else ""
    return f"{visible(name)}: JOB was asked{went}; waiting until it shows.\n"


def render_act(
    name: str,
    kind: OperationKind,
    attempt: Attempt,
    *,
    step: str | None,
    sent: bool,
    known: bool,
    lockfile: str,
    paint: Paint = PLAIN,
) -> str:
    """What was done, if that is `known`, and where the launch stands on record."""
    about = f" (step {visible(step)})" if step is not None else ""
    before = "" if sent else ", as was asked for before: nothing was sent now"
    where = f"attempt {attempt.number}, instance {attempt.instance_id}, status {attempt.status}"
    done = _DONE[kind] if known else "JOB was asked, and nobody has seen what came of it"
    lines = [
        f"{visible(name)}: {done}{about}{before}.",
        f"It is {outcome_text(attempt.outcome, paint)} ({where}).",
        f"Lockfile: {visible(lockfile)}",
    ]
    return "\n".join(lines) + "\n"


def act_data(
    environment: str,
    name: str,
    kind: OperationKind,
    attempt: Attempt,
    *,
    step: str | None,
    sent: bool,
    lockfile: str,
    found: Iterable[Diagnostic] = (),
) -> dict[str, Any]:
    """The answer of `cancel`, `confirm` and `retry --failed-hosts`."""
    return {
        "format_version": FORMAT_VERSION,
        "environment": environment,
        "name": name,
        "operation": kind.value,
        "sent": sent,
        "step": step,
        "newest": attempt_data(attempt),
        "lockfile": lockfile,
        "diagnostics": diagnostics(found),
    }
