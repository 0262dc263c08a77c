"""One run of a changeset: what it knows at any moment, and how it writes to the ledger."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

from launcher.diagnostics import Diagnostic
from launcher.engine.effects import (
    Append,
    Appended,
    Effect,
    HeadMoved,
    NoAnswer,
    Overtaken,
    Withdraw,
)
from launcher.engine.events import CLAIMS, Draft, Kind
from launcher.engine.report import Report, Stop
from launcher.engine.standing import Standing, about, touched

if TYPE_CHECKING:
    from collections.abc import Iterable

    from launcher.engine.effects import AppendOutcome
    from launcher.engine.events import Event
    from launcher.engine.observed import Capability
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


class Run(Standing):
    """What a run knows. Lives inside one `execute` and is never shared.

    Attributes:
        stop: why the run is over; `None` while it goes on.
        capability: what the server can do, once it is known.
        held_back: an instance of this run was seen un-started, so the proof of capability holds.
        full: JOB takes no more instances for now.
        room: how many may be prepared at once after it was full; `None` for as many as a batch holds.
        side_by_side: batches go beside each other, and hold more than can leave at once. A prepare or a START that came
            too late ends that for the rest of the run, because those that wait for a connection make each other late.
        written: how many appends of this run are on record.
        appended: the events of the newest of them.
        session: the id of our session; `None` for a run that only watches.
        tries: how often a launch has come round without getting further.
        minted: the nonces of the prepares that this run has sent.
        started: names for which JOB took a START of this run, in order.
    """

    def __init__(self, order: Order, said: list[Diagnostic] | None = None) -> None:
        super().__init__(order)
        self.stop: Stop | None = None
        self.capability: Capability | None = order.assume
        self.held_back = False
        self.full = False
        self.room: int | None = None
        self.side_by_side = True
        self.tries: dict[str, int] = {}
        self.minted: set[str] = set()
        self.started: list[str] = []
        self._news: set[str | None] = set()
        self._withdrawn = False
        self.diagnostics: list[Diagnostic] = [] if said is None else said
        self._said: set[str] = set()
        self.written = 0
        self.appended: tuple[Event, ...] = ()
        self.session: str | None = order.opening[0].data["session"] if order.opening else None

    # --- the ledger ---------------------------------------------------------------------------

    def append(self, drafts: Iterable[Draft], *, insist: bool = False) -> Flow[Written]:
        """Record `drafts`, all or none, on the newest head.

        Somebody else's event on one of these launches gives `AGAIN`, unless `insist` says that the drafts tell
        what has happened already; so does one that was heard of before, while another batch was recorded. A claim
        is never recorded outside our session.
        """
        wanted = tuple(drafts)
        while not self._stop_if_overtaken(wanted):
            if not insist and self._news & about(wanted):
                return Written.AGAIN
            outcome: AppendOutcome = yield Append(wanted, self.recorded.head)
            match outcome:
                case Appended(events):
                    self._note_written(wanted)
                    self.appended = events
                    self.take(events)
                    return Written.HEAD
                case Overtaken(since):
                    self._note_written(wanted)
                    self.appended = since[: len(wanted)]
                    self.take(since)
                    self._news |= touched(since[len(wanted) :]) & self.under_way
                    self._stop_if_overtaken(wanted)
                    yield from self.withdraw()
                    return Written.BEHIND
                case HeadMoved(since):
                    self.take(since)
                    self._news |= touched(since) & self.under_way
                    yield from self.withdraw()
                    if not insist and touched(since) & about(wanted):
                        return Written.AGAIN
                    wanted = _under_new_names(wanted, since)
                case NoAnswer(message):
                    self.halt(Stop.LEDGER, Diagnostic("L236", {"message": message}))
                    yield from self.withdraw()
                    return Written.STOPPED
        return Written.STOPPED

    def _note_written(self, drafts: Iterable[Draft]) -> None:
        self.written += 1
        self.claimed.update(
            (draft.name, draft.attempt)
            for draft in drafts
            if draft.kind is Kind.STARTING and draft.name is not None and draft.attempt is not None
        )

    def open(self) -> Flow[None]:
        """Open the session on exactly the head that the changeset was made from."""
        if self.only_watches:
            return
        outcome: AppendOutcome = yield Append(self.order.opening, self.recorded.head)
        match outcome:
            case Appended(events):
                self.take(events)
            case NoAnswer(message):
                self.halt(Stop.LEDGER, Diagnostic("L236", {"message": message}))
            case Overtaken(since):
                # Ours is recorded, so there is a session to close.
                self.take(since)
                self.halt(Stop.MOVED)
            case HeadMoved():
                self.halt(Stop.MOVED)

    def close(self) -> Flow[None]:
        """Close the session, if it is still ours."""
        if self.holds_session and self.stop is not Stop.LEDGER:
            yield from self.append([Draft(Kind.CLOSED, data={"session": self.session})])

    @property
    def holds_session(self) -> bool:
        """Whether the open session is ours."""
        session = self.recorded.session
        return session is not None and session.id == self.session

    def _stop_if_overtaken(self, drafts: Iterable[Draft]) -> bool:
        if self.holds_session or not any(draft.kind in CLAIMS for draft in drafts):
            return False
        if self.stop is Stop.LOST_SESSION:
            return True
        session = self.recorded.session
        by = "a person, with `launcher unlock`" if session is None else session.actor
        self.halt(Stop.LOST_SESSION, Diagnostic("L237", {"by": by}))
        return True

    # --- batches under way --------------------------------------------------------------------

    def set_out(self, names: Iterable[str]) -> None:
        """A batch of `names` sets out: what others tell of them from now on is not what it was decided on."""
        self.under_way.update(names)

    def come_back(self, names: Iterable[str]) -> None:
        """The batch of `names` has ended; whoever of them is still to be started is decided again."""
        self.under_way.difference_update(names)
        self._news.difference_update(names)

    def withdraw(self) -> Flow[None]:
        """Where the run is over, or its session: let nothing more leave of what batches have begun."""
        if self.under_way and not self._withdrawn and (self.is_over or not self.holds_session):
            self._withdrawn = True
            yield Withdraw()

    def unmoved(self, names: Iterable[str]) -> list[str]:
        """Those of `names` of which nobody else has told since they set out."""
        return [name for name in names if name not in self._news]

    def going(self, names: Iterable[str]) -> list[str]:
        """Those of `names` for which still holds what was decided before JOB was asked: unmoved, needs in sync."""
        return [name for name in self.unmoved(names) if self.unmet(name) is None]

    @property
    def is_over(self) -> bool:
        """Whether the run begins nothing more."""
        return self.stop is not None

    # --- problems -----------------------------------------------------------------------------

    def halt(self, stop: Stop, *diagnostics: Diagnostic) -> None:
        """End the run at the next safe point; the first reason stays."""
        self.stop = self.stop or stop
        self.diagnostics.extend(diagnostics)

    def leave(self, name: str, word: str, *diagnostics: Diagnostic) -> None:
        """Carry `name` no further in this run."""
        self.left[name] = word
        self.diagnostics.extend(diagnostics)

    def say_once(self, about: str, diagnostic: Diagnostic) -> None:
        """Say something about `about` that would be said again and again otherwise."""
        if about not in self._said:
            self._said.add(about)
            self.diagnostics.append(diagnostic)

    def count_try(self, name: str) -> bool:
        """Note that `name` came round without getting further; false once that was often enough."""
        self.tries[name] = self.tries.get(name, 0) + 1
        return self.tries[name] < self.order.limits.max_starts

    def report(self) -> Report:
        """What came of the run."""
        blocked = dict(self.left)
        for name in self.pending():
            need = self.unmet(name)
            blocked[name] = need or "not reached"
        blocked |= dict.fromkeys(self.gone_on(), "somebody has carried on with its last attempt")
        return Report(
            self.recorded, self.stop, tuple(self.diagnostics), blocked, tuple(self.started)
        )


def _under_new_names(drafts: Iterable[Draft], events: Iterable[Event]) -> tuple[Draft, ...]:
    """`drafts` about the histories that they are about, whatever another session has called them since."""
    names = {
        event.draft.data["from"]: event.draft.name
        for event in events
        if event.draft.kind is Kind.RENAMED
    }
    return tuple(replace(draft, name=names.get(draft.name, draft.name)) for draft in drafts)
