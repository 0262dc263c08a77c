"""What was done to launches, as the ledger's events tell it: who operated on an instance, who archived a name.

The present (`launcher.engine.fold`) keeps how an instance has ended, and how it had ended before it was carried on
with. Whether that was asked for through launcher, by whom and why, stands in the events alone: in which order
operations and ends were recorded, so that no two clocks have to agree.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from launcher.engine.events import Kind
from launcher.engine.recorded import ACCEPTED, ENDED_BADLY, NOT_SENT, OperationKind, OutcomeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from launcher.engine.events import Event

__all__ = ["NO_HISTORY", "Archived", "Asked", "History", "histories"]

_CARRIES_ON = (OperationKind.RETRY_FAILED_HOSTS, OperationKind.RESTART)
_ENDS = (OperationKind.TERMINATE, OperationKind.END)
_ENDED = ACCEPTED | ENDED_BADLY
_CAME_TO_NOTHING = ("refused", NOT_SENT)


@dataclass(frozen=True, slots=True)
class Asked:
    """An operation that was asked for, and is not known to have come to nothing.

    Attributes:
        kind: what was asked for.
        at: when it was recorded, before it was sent.
        actor: whose process asked for it.
        reason: why.
        timeout: `wait.timeout` as the manifest had it, where that was over; `None` where a person asked.
        ends: how often the attempt was on record as ended before.
        in_doubt: it was given up without a sign of it, so nobody can say whether JOB took it.
    """

    kind: OperationKind
    at: datetime
    actor: str
    reason: str | None = None
    timeout: str | None = None
    ends: int = 0
    in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class Archived:
    """That a name was archived.

    Attributes:
        at: when.
        actor: whose apply did it.
        commit: the commit that it worked for; `None` without git.
    """

    at: datetime
    actor: str
    commit: str | None


@dataclass(frozen=True, slots=True)
class History:
    """What the events tell of one launch.

    Attributes:
        asked: operations on the instance of its newest attempt, oldest first.
        archived: when it was archived last; `None` where it never was.
    """

    asked: tuple[Asked, ...] = ()
    archived: Archived | None = None

    def carried_on(self, number: int) -> Asked | None:
        """What had the newest attempt go on after its end with that number, from 0; `None` if nothing of ours did."""
        return self._newest(_CARRIES_ON, number + 1)

    def ended(self, number: int) -> Asked | None:
        """What had the newest attempt come to its end with that number, from 0; `None` if nothing of ours did."""
        return self._newest(_ENDS, number)

    def _newest(self, kinds: tuple[OperationKind, ...], ends: int) -> Asked | None:
        fitting = [item for item in self.asked if item.kind in kinds and item.ends == ends]
        sure = [item for item in fitting if not item.in_doubt]
        return next(reversed(sure or fitting), None)


NO_HISTORY = History()


def histories(events: Iterable[Event]) -> Mapping[str, History]:
    """The history of every launch by its present name, of all events of a ledger from the first."""
    tales: dict[str, _Tale] = {}
    for event in events:
        name = event.draft.name
        if name is None:
            continue
        if event.draft.kind is Kind.RENAMED:
            tales[name] = tales.pop(event.draft.data["from"], _Tale())
        else:
            tales.setdefault(name, _Tale()).take(event)
    return {name: History(tuple(tale.asked), tale.archived) for name, tale in tales.items()}


@dataclass(slots=True)
class _Tale:
    """What is known of one launch so far: of its newest attempt, and whether it was archived."""

    attempt: int = 0
    ends: int = 0
    asked: list[Asked] = field(default_factory=list)
    archived: Archived | None = None

    def take(self, event: Event) -> None:
        draft = event.draft
        number = draft.attempt
        if draft.kind is Kind.RESOLVED and "restored" in draft.data:
            number = draft.data["restored"]["attempt"]
        if number is not None and number > self.attempt:
            self.attempt, self.ends, self.asked = number, 0, []
        if number is not None and number < self.attempt:
            return
        match draft.kind:
            case Kind.ARCHIVED:
                self.archived = Archived(event.time, event.actor, event.commit)
            case Kind.OPERATING:
                self.asked.append(_asked(event, self.ends))
            case Kind.OBSERVED if "operation" in draft.data:
                self._hear(draft.data)
            case Kind.SETTLED | Kind.RESOLVED | Kind.ADOPTED | Kind.WAIVED:
                self.ends += _outcome(draft.kind, draft.data) in _ENDED
            case _:
                pass

    def _hear(self, data: Mapping[str, Any]) -> None:
        """Know how the newest operation went, or the one that is meant."""
        meant = data.get("of")
        place = next(
            (
                place
                for place in reversed(range(len(self.asked)))
                if meant is None or self.asked[place].at.isoformat() == meant["at"]
            ),
            None,
        )
        if place is None:
            return
        if data["operation"] in _CAME_TO_NOTHING:
            del self.asked[place]
        elif data["operation"] == "unknown":
            self.asked[place] = replace(self.asked[place], in_doubt=True)


def _asked(event: Event, ends: int) -> Asked:
    data = event.draft.data
    return Asked(
        kind=OperationKind(data["operation"]),
        at=event.time,
        actor=event.actor,
        reason=data.get("reason"),
        timeout=data.get("timeout"),
        ends=ends,
    )


def _outcome(kind: Kind, data: Mapping[str, Any]) -> OutcomeKind:
    if kind is Kind.WAIVED:
        return OutcomeKind.WAIVED
    return OutcomeKind(data["restored"]["outcome"] if "restored" in data else data["outcome"])
