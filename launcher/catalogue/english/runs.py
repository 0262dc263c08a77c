"""Texts about a run: what holds a launch back while it goes, and what is worth a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.catalogue import Entry
from launcher.diagnostics import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ENTRIES"]

ENTRIES: Mapping[str, Entry] = {
    "L270": Entry(
        "Held back at the last moment",
        "{name} was to go on, and is held back now: {reason}. That lasts until {until}.",
        "The rules about time are asked again right before an instance is prepared and right before it is started: "
        "a window has closed, or a freeze has begun, since the changeset was made.",
        "Apply again when it has ended. What was prepared stays prepared, for an hour.",
        {"default": "launcher why {name}"},
        Severity.WARNING,
    ),
    "L278": Entry(
        "Cannot be verified",
        "Not everything that {name} would run can be read back from JOB: {what}. It is not started.",
        "`guards.requireVerification` is set, and the door or the job plan does not let it be read: ESB shows no steps, "
        "and a job plan without a script step shows no variables.",
        "Use the gateway (`LAUNCHER_DOOR=gateway`); or set the guard aside for once, with a reason.",
        {
            "default": "launcher apply -e {environment} --override requireVerification --reason TEXT",
        },
    ),
}
