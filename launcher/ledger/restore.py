"""What is recorded when a ledger is made: new, again from a lockfile, or bound to another server. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.engine.events import Draft, Kind
from launcher.engine.spec import LaunchKey

if TYPE_CHECKING:
    from launcher.ledger.lockfile import Lockfile

__all__ = ["creation", "rebinding", "restoration"]


def creation(lineage: str) -> tuple[Draft, ...]:
    """The first event of a new ledger.

    Args:
        lineage: 32 random hexadecimal digits.
    """
    return (Draft(Kind.CREATED, data={"lineage": lineage}),)


def rebinding(server: str, reason: str) -> tuple[Draft, ...]:
    """What binds a ledger to another server, by a person's leave."""
    return (Draft(Kind.BOUND, data={"server": server, "reason": reason}),)


def restoration(lockfile: Lockfile, lineage: str, reason: str) -> tuple[Draft, ...]:
    """A new ledger that knows what `lockfile` knows; append them as one group to an empty ledger.

    Every launch keeps its newest attempt with its outcome, and the accepted one beside it. An
    attempt that was on its way, prepared ones included, becomes unknown: what happened to it after
    the lockfile was written cannot be known. What failed before the newest attempt, with another key, is not in a
    lockfile, so a launch that declares that again is decided as if it had never been tried.

    Args:
        lockfile: what is left of the old ledger.
        lineage: 32 new random hexadecimal digits; never the old lineage, so that the old ledger is
            recognised if it turns up again.
        reason: a person's.
    """
    origin = {
        "lineage": lockfile.lineage,
        "serial": lockfile.serial,
        "head": lockfile.head,
        "commit": lockfile.commit,
    }
    drafts = [Draft(Kind.CREATED, data={"lineage": lineage, "restored": origin})]
    if lockfile.server is not None:
        drafts.extend(rebinding(lockfile.server, reason))
    for name, entry in sorted(lockfile.launches.items()):
        key = LaunchKey(entry["key"]["revision"], entry["key"]["digest"])
        data = {"restored": entry, "reason": reason}
        drafts.append(Draft(Kind.RESOLVED, name, key, entry["attempt"], data))
    return tuple(drafts)
