"""One append to a ledger's branch on its way, and what its commit says to people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from launcher.engine.events import Event
    from launcher.engine.recorded import Recorded
    from launcher.ledger.git_tree import Grown

__all__ = ["Writing", "message_of", "name_of"]

_SHOWN = 3
_NAME_SIZE = 60
_UNFIT = re.compile(r"[^\w .@+-]")


@dataclass(slots=True)
class Writing:
    """One append on its way.

    Attributes:
        events: as they will be read back.
        recorded: what the ledger adds up to with them.
        grown: the segments that change.
        files: content by path, those of `grown` first.
        message: of the commit.
        time: of the commit.
        parent: the commit it was made on.
        made: the commit, and git's names of the contents of `files`.
    """

    events: tuple[Event, ...]
    recorded: Recorded
    grown: Grown
    files: Mapping[str, bytes]
    message: str
    time: datetime
    parent: str | None = None
    made: tuple[str, tuple[str, ...]] | None = None


def message_of(events: tuple[Event, ...], append_id: str) -> str:
    """What was appended, in words; `[skip ci]` lets no pipeline start, `append_id` is random."""
    kinds = dict.fromkeys(item.draft.kind.value for item in events)
    names = list(dict.fromkeys(item.draft.name for item in events if item.draft.name))
    about = ", ".join(_UNFIT.sub("", name)[:_NAME_SIZE] for name in names[:_SHOWN])
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    subject = ", ".join(kinds) + (f": {about}{more}" if about else "")
    first, last = events[0].serial, events[-1].serial
    serials = f"Event {first}." if first == last else f"Events {first} to {last}."
    return f"ledger: {subject} [skip ci]\n\n{serials}\n\nLauncher-Append: {append_id}\n"


def name_of(actor: str) -> str:
    """The actor, as far as a commit can name them."""
    return _UNFIT.sub("", actor)[:_NAME_SIZE].strip() or "launcher"
