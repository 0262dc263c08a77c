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
        {"default": "launcher why {name} -e {environment}"},
        Severity.WARNING,
    ),
    "L278": Entry(
        "Cannot be verified",
        "Not everything that {name} would run can be read back from JOB: {what}. It is not started.",
        "`guards.requireVerification` is set, and the door or the job plan does not let it be read: ESB shows no steps, "
        "a job plan without a script step shows no variables, and an older server starts an instance unseen.",
        "Use the gateway (`LAUNCHER_DOOR=gateway`); or set the guard aside for once, with a reason.",
        {
            "default": "launcher apply -e {environment} --override requireVerification --reason TEXT",
            "refused": "launcher retry {name} -e {environment} --override requireVerification --reason TEXT",
        },
    ),
    "L271": Entry(
        "Instances cannot be read",
        "{count} times in a row, none of the running instances could be read: {message}",
        "The network, a proxy, the gateway or JOB itself fails. The jobs go on without us.",
        "The run goes on looking. Nothing needs to be done unless it stays so.",
        {"default": "launcher status --refresh"},
        Severity.WARNING,
    ),
    "L272": Entry(
        "Instances can be read again",
        "After {count} looks without an answer, JOB tells of its instances again.",
        "The trouble has passed.",
        "Nothing needs to be done.",
        {},
        Severity.WARNING,
    ),
    "L279": Entry(
        "Another attempt follows",
        "{name} has failed. Another attempt follows by itself, not before {until}, as its manifest says.",
        "`retry` in its manifest allows more than one attempt.",
        "Nothing needs to be done. A run that is interrupted leaves it to the next one.",
        {},
        Severity.WARNING,
    ),
    "L273": Entry(
        "Stuck",
        "Instance {instance} of {name} has not moved for long: {what}.",
        "JOB has lost track of it, which happens when one of its processes dies at the wrong moment; it may never end.",
        "Look at it on JOB's own pages. `launcher cancel` asks JOB to end it.",
        {"default": "launcher cancel {name} -e {environment} --reason TEXT"},
        Severity.WARNING,
    ),
    "L274": Entry(
        "No longer waited for",
        "{name} still runs after {waited}, and its manifest waits no longer. The job goes on.",
        "`wait.timeout` of the manifest has passed since its START, and `wait.onTimeout` is `detach`.",
        "Watch it to its end, or let it have more time.",
        {"default": "launcher watch {name} -e {environment}"},
        Severity.WARNING,
    ),
    "L275": Entry(
        "Ended by its timeout",
        "{name} still ran after {waited}, so JOB was asked to end it, as its manifest says.",
        "`wait.timeout` of the manifest has passed since its START, and `wait.onTimeout` is `terminate`.",
        "Find out why it took so long; raise `wait.timeout` if it may.",
        {"default": "launcher why {name} -e {environment}"},
        Severity.WARNING,
    ),
    "L276": Entry(
        "Not tried again",
        "{name} failed and has attempts left, but it is not tried again in this run: {why}.",
        "`retry.maxAttempts` of the manifest allows another attempt, and something else speaks against it.",
        "Apply again once that has passed; or ask for it by hand.",
        {"default": "launcher retry {name} -e {environment} --reason TEXT"},
        Severity.WARNING,
    ),
    "L277": Entry(
        "Tried again",
        "Attempt {attempt} of {name} failed; attempt {next} follows, as its manifest says.",
        "`retry.maxAttempts` of the manifest allows it.",
        "Nothing needs to be done.",
        {},
        Severity.WARNING,
    ),
}
