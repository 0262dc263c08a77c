"""One run of a changeset: what it knows at any moment, and how it writes to the ledger."""

from __future__ import annotations

from collections.abc import Generator
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

from launcher.diagnostics import Diagnostic
from launcher.engine.changeset import Action, Reason
from launcher.engine.effects import Append, Appended, Effect, HeadMoved, NoAnswer, Overtaken
from launcher.engine.events import CLAIMS, Draft, Kind
from launcher.engine.fold import fold
from launcher.engine.observed import InstanceRef
from launcher.engine.recorded import IN_FLIGHT, UNSTARTED, OutcomeKind
from launcher.engine.report import Report, Stop
from launcher.engine.rows import REPLACE_AFTER
from launcher.engine.spec import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from launcher.engine.changeset import Change
    from launcher.engine.desired import Launch
    from launcher.engine.effects import AppendOutcome
    from launcher.engine.events import Event
    from launcher.engine.observed import Capability
    from launcher.engine.recorded import Attempt, Recorded
    from launcher.engine.report import Order

__all__ = ["Flow", "Run", "Written"]

T = TypeVar("T")
Flow = Generator[Effect, Any, T]
"""A part of a run: yields effects, receives what each asks for, returns its own result."""


class Written(Enum):
    """How an append went."""

    HEAD = "head"
    """Recorded, and the ledger ends with it: the only answer that lets a START go out."""
    BEHIND = "behind"
    """Recorded, but others have written since."""
    AGAIN = "again"
    """Not recorded: somebody wrote about one of these launches, so it must be looked at anew."""
    STOPPED = "stopped"
    """Not recorded, and the run is over."""


class Run:
    """What a run knows. Lives inside one `execute` and is never shared.

    Attributes:
        order: what was asked for.
        recorded: the record, every append of this run included.
        stop: why the run is over; `None` while it goes on.
        capability: what the server can do, once it is known.
        held_back: an instance of this run was seen un-started, so the proof of capability holds.
        full: JOB takes no more instances for now.
        left: launches that this run carries no further, with the word for why.
        tries: how often a launch has come round without getting further.
        minted: the nonces of the prepares that this run has sent.
        started: names for which JOB took a START of this run, in order.
    """

    def __init__(self, order: Order) -> None:
        self.order = order
        self.recorded: Recorded = order.recorded
        self.stop: Stop | None = None
        self.capability: Capability | None = order.assume
        self.held_back = False
        self.full = False
        self.left: dict[str, str] = {}
        self.tries: dict[str, int] = {}
        self.minted: set[str] = set()
        self.started: list[str] = []
        self.diagnostics: list[Diagnostic] = []
        self._session: str = order.opening[0].data["session"]
        self._base = {change.name: _base(change) for change in order.changeset.changes}

    # --- the ledger ---------------------------------------------------------------------------

    def append(self, drafts: Iterable[Draft], *, insist: bool = False) -> Flow[Written]:
        """Record `drafts`, all or none, on the newest head.

        Somebody else's event on one of these launches gives `AGAIN`, unless `insist` says that the drafts tell
        what has happened already. A claim is never recorded outside our session.
        """
        wanted = tuple(drafts)
        while not self._stop_if_overtaken(wanted):
            outcome: AppendOutcome = yield Append(wanted, self.recorded.head)
            match outcome:
                case Appended(events):
                    self.recorded = fold(self.recorded, events)
                    return Written.HEAD
                case Overtaken(since):
                    self.recorded = fold(self.recorded, since)
                    self._stop_if_overtaken(wanted)
                    return Written.BEHIND
                case HeadMoved(since):
                    self.recorded = fold(self.recorded, since)
                    if not insist and _touched(since) & {draft.name for draft in wanted}:
                        return Written.AGAIN
                case NoAnswer(message):
                    self.halt(Stop.LEDGER, Diagnostic("L236", {"message": message}))
                    return Written.STOPPED
        return Written.STOPPED

    def open(self) -> Flow[None]:
        """Open the session on exactly the head that the changeset was made from."""
        outcome: AppendOutcome = yield Append(self.order.opening, self.recorded.head)
        match outcome:
            case Appended(events):
                self.recorded = fold(self.recorded, events)
            case NoAnswer(message):
                self.halt(Stop.LEDGER, Diagnostic("L236", {"message": message}))
            case Overtaken(since):
                # Ours is recorded, so there is a session to close.
                self.recorded = fold(self.recorded, since)
                self.halt(Stop.MOVED)
            case HeadMoved():
                self.halt(Stop.MOVED)

    def close(self) -> Flow[None]:
        """Close the session, if it is still ours."""
        if self.holds_session and self.stop is not Stop.LEDGER:
            yield from self.append([Draft(Kind.CLOSED, data={"session": self._session})])

    @property
    def holds_session(self) -> bool:
        """Whether the open session is ours."""
        session = self.recorded.session
        return session is not None and session.id == self._session

    def _stop_if_overtaken(self, drafts: Iterable[Draft]) -> bool:
        if self.holds_session or not any(draft.kind in CLAIMS for draft in drafts):
            return False
        if self.stop is Stop.LOST_SESSION:
            return True
        session = self.recorded.session
        by = "a person, with `launcher unlock`" if session is None else session.actor
        self.halt(Stop.LOST_SESSION, Diagnostic("L237", {"by": by}))
        return True

    # --- problems -----------------------------------------------------------------------------

    def halt(self, stop: Stop, *diagnostics: Diagnostic) -> None:
        """End the run at the next safe point; the first reason stays."""
        self.stop = self.stop or stop
        self.diagnostics.extend(diagnostics)

    def leave(self, name: str, word: str, *diagnostics: Diagnostic) -> None:
        """Carry `name` no further in this run."""
        self.left[name] = word
        self.diagnostics.extend(diagnostics)

    def count_try(self, name: str) -> bool:
        """Note that `name` came round without getting further; false once that was often enough."""
        self.tries[name] = self.tries.get(name, 0) + 1
        return self.tries[name] < self.order.limits.max_starts

    # --- what is where ------------------------------------------------------------------------

    def launch(self, name: str) -> Launch:
        """The declared launch of a change that is carried out."""
        return self.order.desired.launches[name]

    def attempt(self, name: str) -> Attempt | None:
        """The attempt that this run carries on with for `name`: a new one, or one found un-started."""
        record = self.recorded.launches.get(name)
        if record is None or record.newest.number < self._base[name]:
            return None
        return record.newest

    def next_number(self, name: str) -> int:
        """The number of the next attempt of `name`."""
        record = self.recorded.launches.get(name)
        return record.newest.number + 1 if record else 1

    def open_attempt(self, name: str, now: datetime) -> Attempt | None:
        """The un-started attempt of the desired key that can still be carried on with."""
        attempt = self.attempt(name)
        if attempt is None or attempt.outcome not in UNSTARTED:
            return None
        if attempt.key != self.launch(name).key:
            return None
        prepared = attempt.prepared_at if attempt.outcome is OutcomeKind.PREPARED else None
        return None if prepared is not None and now - prepared > REPLACE_AFTER else attempt

    def pending(self) -> list[str]:
        """Launches that still are to be started, in the order of the changeset."""
        return [name for name in self._to_start() if name not in self.left and not self._ran(name)]

    def ready(self) -> list[str]:
        """Those of `pending` whose needs are in sync."""
        return [name for name in self.pending() if self.unmet(name) is None]

    def unmet(self, name: str) -> str | None:
        """The first need of `name` that is not in sync."""
        for need in self.launch(name).policy.needs:
            record = self.recorded.launches.get(need)
            wanted = self.order.desired.launches.get(need)
            if record is None or wanted is None or not record.is_in_sync(wanted.key):
                return need
        return None

    def in_flight(self) -> list[str]:
        """Launches of this changeset whose instance runs, may run or waits for a person."""
        watched = (
            change.name
            for change in self.order.changeset.changes
            if change.action in (Action.LAUNCH, Action.RESUME, Action.ARCHIVE)
        )
        return [name for name in watched if self._outcome(name) in IN_FLIGHT]

    def blank(self) -> list[str]:
        """Those of `in_flight` that may need another START: not seen beyond status 1 yet."""
        return [name for name in self.in_flight() if self._outcome(name) is OutcomeKind.STARTING]

    def marker_text(self, name: str, nonce: str) -> tuple[str, str] | None:
        """Name and text of the marker variable for one prepare of `name`."""
        if self.order.marker is None:
            return None
        environment = self.order.desired.environment.name
        return self.order.marker, f"{self.recorded.lineage}/{environment}/{name}/{nonce}"

    def instance(self, name: str) -> InstanceRef:
        """Where to find the instance of the newest attempt of `name`."""
        return instance_of(self.recorded.launches[name].newest)

    def report(self) -> Report:
        """What came of the run."""
        blocked = dict(self.left)
        for name in self.pending():
            need = self.unmet(name)
            blocked[name] = need or "not reached"
        return Report(
            self.recorded, self.stop, tuple(self.diagnostics), blocked, tuple(self.started)
        )

    def _to_start(self) -> Iterable[str]:
        return (
            change.name
            for change in self.order.changeset.changes
            if change.action is Action.LAUNCH or change.reason is Reason.PREPARED
        )

    def _ran(self, name: str) -> bool:
        attempt = self.attempt(name)
        return attempt is not None and attempt.outcome not in UNSTARTED | {OutcomeKind.SUPERSEDED}

    def _outcome(self, name: str) -> OutcomeKind | None:
        record = self.recorded.launches.get(name)
        return record.newest.outcome if record else None


def instance_of(attempt: Attempt) -> InstanceRef:
    """Where to find the instance of `attempt`, whose id must be known."""
    scope: Mapping[str, str] = attempt.spec["scope"]
    if attempt.instance_id is None:
        raise ValueError(f"attempt {attempt.number} has no instance")
    return InstanceRef(Scope(scope["type"], scope["id"]), attempt.instance_id)


def _touched(events: Iterable[Event]) -> set[str | None]:
    return {event.draft.name for event in events if event.draft.name is not None}


def _base(change: Change) -> int:
    """The lowest number of an attempt that this change carries on with."""
    if change.newest is None:
        return 1
    return change.newest.number + (0 if change.newest.outcome in UNSTARTED else 1)
