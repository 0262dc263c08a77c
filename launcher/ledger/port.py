"""The port: what every back end of the ledger promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager

    from launcher.diagnostics import Diagnostic
    from launcher.engine.effects import Appended, HeadMoved, NoAnswer, Overtaken
    from launcher.engine.events import Draft, Event, Head
    from launcher.engine.recorded import Recorded, Session

__all__ = ["Author", "Ledger"]


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes: what every event says about the run that appended it.

    Attributes:
        actor: who ran launcher.
        ci: what the CI system says about the run; `None` outside CI.
        commit: the commit the run works for; `None` without git.
        tool: version of launcher.
        host: the machine it runs on.
        pid: the process on that machine.
    """

    actor: str
    ci: Mapping[str, str] | None
    commit: str | None
    tool: str
    host: str
    pid: int


class Ledger(Protocol):
    """The record of one environment.

    **Order.** Events form one chain: serials count from 1 without gaps, each event holds the hash
    of the one before it. What was once read never changes and never goes away; a ledger in which
    it did is refused, not read.

    **Durability.** When `append` returns `Appended` or `Overtaken`, all its events survive the
    death of this process and of the machine. They are recorded all or none, whatever dies.

    **Compare-and-swap.** Of several writers that expect the same head, exactly one is recorded;
    the others receive `HeadMoved` and nothing of theirs is kept. The promise that nothing starts
    twice rests on this alone; sessions only keep two runs from getting in each other's way.

    **Concurrency.** Any number of processes may use the same ledger, each through an object of its
    own. One object belongs to one thread.

    Every method raises `SurroundingsFailed` where the place cannot be reached, read or written (then nothing was
    recorded, for certain) and `RefusedToAct` where what is found there is damaged, was written by a newer
    launcher, or is not the ledger that was read before.

    Attributes:
        heartbeat_s: how often a living session must append while it claims; `None` where `liveness` tells of it.
        notes_s: the least time between two appends of mere notes, those of an end excepted.
    """

    heartbeat_s: float | None
    notes_s: float

    @property
    def notes(self) -> tuple[Diagnostic, ...]:
        """Warnings about what was found and repaired since this object was made, oldest first."""
        ...

    def read(self) -> Recorded:
        """The present. Reads only what has come since the last read; empty for a ledger that is not there."""
        ...

    def events(self) -> Iterator[Event]:
        """All events from the first, each checked against the chain as it is reached."""
        ...

    def hash_at(self, serial: int) -> str | None:
        """Hash of the event with that serial, as of the last `read` or `append`; `None` if there is none."""
        ...

    def append(
        self, drafts: tuple[Draft, ...], expected: Head
    ) -> Appended | Overtaken | HeadMoved | NoAnswer:
        """Record at least one event, all or none, if the ledger still ends at `expected`.

        `NoAnswer` means that it cannot be known whether they are recorded; the caller stops, and
        the next `read` of a new object tells. `expected` is a head that this ledger has had;
        `NO_HEAD` creates it.
        """
        ...

    def liveness(self, session: Session) -> bool | None:
        """Whether the process that opened `session` lives: yes, no for certain, or it cannot be told."""
        ...

    def hold(self, session_id: str) -> AbstractContextManager[None]:
        """Prove that our own session lives, for as long as the context lasts or until we die.

        Enter it *before* `opened` is appended, and leave it after `closed`: a session that is on
        record without its proof counts as dead.
        """
        ...

    def set_aside(self) -> str | None:
        """Move the record out of the way, so that the ledger is empty; where it is kept, if there was one.

        For a restore only. Nothing is deleted; if it fails, the ledger is as it was. It is refused where
        others have written since this object has read: what they wrote was not found to be no good.
        """
        ...

    def location(self) -> str:
        """Where the record is, for messages."""
        ...
