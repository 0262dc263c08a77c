"""Why a launch has its action, by reason: in a few words for a diff, and what would change it.

Placeholders: `{name}` and `{environment}` of the launch, `{by}` for what blocks it, `{until}` for when a hold ends,
`{attempt}` and `{instance}` of its newest attempt; each is a dash where there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ARCHIVED",
    "CANCELLED",
    "DECLINED",
    "FAILED_FOR_NOW",
    "FAILED_WHOLE",
    "NOT_RENAMED",
    "REASONS",
    "TIMED_OUT",
    "Because",
]


@dataclass(frozen=True, slots=True)
class Because:
    """One reason in words.

    Attributes:
        meaning: a few words that follow the action in a diff.
        way_out: what would give the launch another action; empty where nothing needs to be done.
    """

    meaning: str
    way_out: str = ""


NOT_RENAMED = Because(
    "cannot carry on the history of {by}",
    "The diagnostics below say which manifest has to be changed.",
)
"""For `RENAMED` where it is an error."""

FAILED_FOR_NOW = Because(
    "attempt {attempt} failed; another one follows by itself, not before {until}",
    "It is started by the first run after that:\nlauncher apply -e {environment}",
)
"""For `FAILED` where `retry` allows another attempt."""

FAILED_WHOLE = Because(
    "attempt {attempt} failed, as instance {instance}",
    "Correct what it launches, or ask for another attempt:\n"
    "launcher retry {name} -e {environment} --reason TEXT",
)
"""For `FAILED` where JOB would not run a step of the instance again."""

CANCELLED = Because(
    "attempt {attempt} was cancelled, as instance {instance}",
    "Correct what it launches, or ask for another attempt:\n"
    "launcher retry {name} -e {environment} --reason TEXT",
)
"""For `FAILED` where somebody ended it: there are no failed hosts."""

DECLINED = Because(
    "attempt {attempt} was ended at its confirmation, as instance {instance}",
    "Have the confirmation asked for again, inside the instance; or correct what it launches, or ask for another attempt:\n"
    "launcher confirm {name} -e {environment} --restart --reason TEXT\n"
    "launcher retry {name} -e {environment} --reason TEXT",
)
"""For `FAILED` where somebody answered its confirmation with no."""

TIMED_OUT = Because(
    "attempt {attempt} was cancelled by its own timeout, as instance {instance}",
    "Give it more time with `wait.timeout` in its manifest, or let it go on with `onTimeout: detach`; then ask for "
    "another attempt:\n"
    "launcher retry {name} -e {environment} --reason TEXT",
)
"""For `FAILED` where a run ended it because its manifest says so."""

ARCHIVED = Because(
    "no longer declared, and archived",
    "Nothing was undone, and nothing is launched for it any more. Declared again, it is compared with its history: what "
    "has run does not run again. A launch of another name carries the history on with `renamedFrom: {name}`.\n"
    "launcher status {name} -e {environment}",
)
"""For a name about which nothing is decided any more."""

REASONS: Mapping[str, Because] = {
    "UNKNOWN": Because(
        "nobody can say whether attempt {attempt} ran",
        "See which instances it may have run as, and look at them on JOB's own pages; then say so:\n"
        "launcher resolve {name} -e {environment}\n"
        "launcher resolve {name} -e {environment} --ran INSTANCE --reason TEXT\n"
        "launcher resolve {name} -e {environment} --not-ran --reason TEXT",
    ),
    "RUNNING": Because(
        "attempt {attempt} runs as instance {instance}",
        "Watch it to its end. An apply does so for as long as its manifest waits:\n"
        "launcher watch {name} -e {environment}\n"
        "launcher apply -e {environment}",
    ),
    "WAITING": Because(
        "instance {instance} waits for a person",
        "Somebody answers its confirmation, here or on JOB's own pages; an apply then watches it on:\n"
        "launcher confirm {name} -e {environment} --continue --reason TEXT\n"
        "launcher apply -e {environment}",
    ),
    "STUCK": Because(
        "instance {instance} has not moved for long: {by}",
        "Look at it on JOB's own pages. It is watched on; to end it, or to count it as failed where that has no effect:\n"
        "launcher cancel {name} -e {environment} --reason TEXT\n"
        "launcher resolve {name} -e {environment} --ran {instance} --stuck --reason TEXT",
    ),
    "BUSY": Because(
        "{by} of another content still runs",
        "It launches once that attempt has ended; until then, see how it goes, or end it:\n"
        "launcher watch {name} -e {environment}\n"
        "launcher cancel {name} -e {environment} --reason TEXT",
    ),
    "DELETED": Because(
        "no longer declared; nothing is undone",
        "Declare it again to keep it; it is then compared with its history.",
    ),
    "RENAMED": Because(
        "carries on the history of {by}",
        "Nothing runs for it:\nlauncher apply -e {environment}",
    ),
    "LOOKS_RENAMED": Because(
        "would run exactly what {by} ran, which is no longer declared",
        "Add `renamedFrom: {by}` to its metadata; or, if it really is to run again under another name:\n"
        "launcher apply -e {environment} --as-new {name}",
    ),
    "REVISION_LOWERED": Because(
        "revision {by} is on record",
        "Raise `revision` above {by}.",
    ),
    "EDITED": Because(
        "is to run once, has run, and is declared otherwise now",
        "Raise `revision` to have it run again; or say that what is declared counts as done:\n"
        "launcher waive {name} -e {environment} --reason TEXT",
    ),
    "IN_SYNC": Because(
        "has run, and its outcome is accepted",
        "Nothing needs to be done. To run it again as it is, raise `revision`.",
    ),
    "MANUAL": Because(
        "launches only when it is asked for",
        "Ask for it:\nlauncher launch {name} -e {environment} --reason TEXT",
    ),
    "SUPERSEDED": Because(
        "attempt {attempt} was prepared for a content that is not wanted any more",
        "Its instance {instance} stays un-started on JOB:\nlauncher apply -e {environment}",
    ),
    "FAILED": Because(
        "attempt {attempt} failed, as instance {instance}",
        "Correct what it launches, or ask for another attempt; or, inside the instance, for its failed hosts alone:\n"
        "launcher retry {name} -e {environment} --reason TEXT\n"
        "launcher retry {name} -e {environment} --failed-hosts --reason TEXT",
    ),
    "REFUSED": Because(
        "attempt {attempt} was refused",
        "Correct what it launches, or ask for another attempt:\n"
        "launcher retry {name} -e {environment} --reason TEXT",
    ),
    "NEEDS": Because(
        "needs {by}, which is not in sync and does not act here",
        "See what {by} waits for:\nlauncher why {by} -e {environment}",
    ),
    "SUSPENDED": Because(
        "suspended by its manifest",
        "Remove `suspend: true` from the manifest.",
    ),
    "FREEZE": Because(
        "nothing starts during a freeze ({by}); held until {until}",
        "It is started from then on:\nlauncher apply -e {environment}",
    ),
    "WINDOW": Because(
        "outside the hours in which launches may start; held until {until}",
        "It is started from then on:\nlauncher apply -e {environment}",
    ),
    "NOT_BEFORE": Because(
        "not before {until}",
        "It is started from then on:\nlauncher apply -e {environment}",
    ),
    "UNREVIEWED": Because(
        "not part of what was reviewed",
        "Have the present changeset reviewed; its digest is in:\nlauncher diff -e {environment}",
    ),
    "GUARD": Because(
        "refused by: {by}",
        "The diagnostics below say what has to be changed.",
    ),
    "PREPARED": Because(
        "instance {instance} is prepared and not started",
        "It is verified again and started:\nlauncher apply -e {environment}",
    ),
    "REPLACED": Because(
        "instance {instance} was prepared too long ago",
        "Another instance is prepared in its place:\nlauncher apply -e {environment}",
    ),
    "NEW": Because("has never run here", "It is started by:\nlauncher apply -e {environment}"),
    "CHANGED": Because(
        "its content differs from what ran last",
        "It is started by:\nlauncher apply -e {environment}",
    ),
    "REVISION": Because(
        "its revision was raised", "It is started by:\nlauncher apply -e {environment}"
    ),
    "RETRY": Because(
        "another attempt, asked for or made by itself after a failure",
        "It is started by:\nlauncher apply -e {environment}",
    ),
    "REQUESTED": Because(
        "a person asks for it",
        "It is started by:\nlauncher launch {name} -e {environment} --reason TEXT",
    ),
}
