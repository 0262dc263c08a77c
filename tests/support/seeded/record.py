"""A ledger in memory that keeps its two promises, and breaks everything that it never promised.

It swaps only on the head that was expected, and what it has acknowledged stays. Answers get lost, reads
are old, and an append without an answer may still land later.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from launcher.engine.effects import Appended, AppendOutcome, HeadMoved, NoAnswer, Overtaken
from launcher.engine.events import NO_HEAD, Draft, Event, Head, Kind
from launcher.engine.fold import fold
from launcher.engine.recorded import Recorded

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from random import Random

    from tests.support.seeded.troubles import Troubles

__all__ = ["Record", "Writer"]


@dataclass(frozen=True, slots=True)
class Writer:
    """Who appends, and when by the writer's own clock."""

    actor: str
    now: datetime
    commit: str | None = None


@dataclass(frozen=True, slots=True)
class _Late:
    due_s: float
    drafts: tuple[Draft, ...]
    expected: Head
    writer: Writer


class Record:
    """One ledger.

    Attributes:
        events: what is durable, oldest first.
        acknowledged: ids of events that some process was told to be recorded.
        forget: kinds of events that are acknowledged and never become durable; for breaking it on purpose.
    """

    def __init__(self, chance: Random, troubles: Troubles) -> None:
        self.chance = chance
        self.troubles = troubles
        self.events: list[Event] = []
        self.acknowledged: set[str] = set()
        self.forget: frozenset[Kind] = frozenset()
        self._presents: list[Recorded] = [Recorded()]
        self._late: list[_Late] = []

    # --- reading ------------------------------------------------------------------------------

    @property
    def head(self) -> Head:
        """The newest event."""
        return self.events[-1].head if self.events else NO_HEAD

    def present(self) -> Recorded:
        """What the durable events say."""
        return self._presents[-1]

    def read(self, t: float) -> Recorded:
        """What a process reads: the present, or an older one."""
        self._land(t)
        if len(self._presents) > 2 and self._happens(self.troubles.read_stale):
            return self._presents[self.chance.randrange(1, len(self._presents))]
        return self._presents[-1]

    def nonces(self) -> dict[tuple[str, int], list[str]]:
        """The nonces of every attempt, by the name that its launch has now."""
        found: dict[tuple[str, int], list[str]] = {}
        for event in self.events:
            draft = event.draft
            if draft.kind is Kind.INTENDED:
                key = (draft.name or "", draft.attempt or 0)
                found.setdefault(key, []).append(draft.data["nonce"])
            elif draft.kind is Kind.RENAMED:
                old = draft.data["from"]
                for name, number in [key for key in found if key[0] == old]:
                    found[draft.name or "", number] = found.pop((name, number))
        return found

    def answered(self) -> set[str]:
        """The nonces of prepares of which is on record what came of them."""
        told = (event.draft for event in self.events)
        return {
            draft.data["nonce"] if draft.kind is Kind.PREPARED else draft.data["void"]
            for draft in told
            if draft.kind is Kind.PREPARED or "void" in draft.data
        }

    # --- writing ------------------------------------------------------------------------------

    def append(
        self, drafts: Sequence[Draft], expected: Head, writer: Writer, t: float
    ) -> AppendOutcome:
        """The port's `append`, with whatever can go wrong."""
        troubles = self.troubles
        self._land(t)
        if self._happens(troubles.interjected):
            self.note()
        if self._happens(troubles.unlocked):
            self._unlock()
        if self._happens(troubles.append_refused):
            return NoAnswer("the disk is full")
        if self._happens(troubles.ack_late):
            self._late.append(
                _Late(t + self.chance.choice((1, 30, 200)), tuple(drafts), expected, writer)
            )
            return NoAnswer("no answer")
        written = self.swap(drafts, expected, writer)
        if self._happens(troubles.ack_lost):
            return NoAnswer("no answer")
        if written is None:
            return self.moved(expected)
        self.acknowledged.update(event.id for event in written)
        if self._happens(troubles.overtaken):
            return Overtaken((*written, *self.note()))
        return Appended(written)

    def swap(
        self, drafts: Sequence[Draft], expected: Head, writer: Writer
    ) -> tuple[Event, ...] | None:
        """Record `drafts` if the ledger still ends at `expected`; `None` if it does not."""
        if expected != self.head:
            return None
        return self.write(drafts, writer)

    def moved(self, expected: Head) -> HeadMoved:
        """The answer to an append on an older head: the new events, or the first of them."""
        since = tuple(self.events[expected.serial :])
        if len(since) > 1 and self._happens(self.troubles.moved_partly):
            since = since[: self.chance.randrange(1, len(since))]
        return HeadMoved(since)

    def write(self, drafts: Sequence[Draft], writer: Writer) -> tuple[Event, ...]:
        """Make `drafts` durable after the head."""
        head, made = self.head, []
        for draft in drafts:
            event = self._event(draft, head, writer)
            head = event.head
            made.append(event)
        self.extend([self._kept(event) for event in made] if self.forget else made)
        return tuple(made)

    def extend(self, events: Sequence[Event]) -> None:
        """Take `events` as they are."""
        if events:
            self.events.extend(events)
            self._presents.append(fold(self._presents[-1], events))

    def _kept(self, event: Event) -> Event:
        return (
            replace(event, draft=Draft(Kind.ANCHORED)) if event.draft.kind in self.forget else event
        )

    def note(self) -> tuple[Event, ...]:
        """Something that another process has recorded, and that is about none of the launches."""
        return self.write([Draft(Kind.ANCHORED)], Writer("another", self._time()))

    def settle(self) -> None:
        """Let everything that is still on its way land."""
        self._land(float("inf"))

    def _unlock(self) -> None:
        session = self.present().session
        if session is not None:
            data = {"session": session.id, "reason": "it hangs"}
            self.write([Draft(Kind.CLOSED, data=data)], Writer("a person", self._time()))

    def _land(self, t: float) -> None:
        if not self._late:
            return
        due = [item for item in self._late if item.due_s <= t]
        self._late = [item for item in self._late if item.due_s > t]
        for item in due:
            self.swap(item.drafts, item.expected, item.writer)

    def _time(self) -> datetime:
        last = self.present().last_time
        if last is None:
            raise ValueError("nobody notes anything in a ledger that is not there")
        return last

    def _event(self, draft: Draft, head: Head, writer: Writer) -> Event:
        if json.loads(json.dumps(draft.data)) != draft.data:
            raise TypeError(f"{draft} would be read back as something else")
        number = f"{self.chance.getrandbits(64):016x}"
        return Event(
            serial=head.serial + 1,
            id=number,
            time=writer.now,
            draft=draft,
            actor=writer.actor,
            ci=None,
            commit=writer.commit,
            tool="sim",
            previous=head.hash,
            hash=f"sha256:{head.serial + 1}-{number}",
        )

    def _happens(self, likelihood: float) -> bool:
        return likelihood > 0 and bool(self.events) and self.chance.random() < likelihood
