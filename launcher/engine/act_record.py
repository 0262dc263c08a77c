"""What one act reads of an instance, and what it records about it, on whatever head the ledger has by then."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from launcher.diagnostics import Diagnostic
from launcher.engine.effects import (
    Append,
    Appended,
    Done,
    HeadMoved,
    NoAnswer,
    Overtaken,
    ReadClock,
    ReadStatus,
)
from launcher.engine.events import Draft, Kind
from launcher.engine.fold import fold
from launcher.engine.observed import InstanceRef, Missing
from launcher.engine.progress import with_observed
from launcher.engine.spec import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from launcher.engine.act import Act
    from launcher.engine.effects import AppendOutcome, Moment, Outcome
    from launcher.engine.events import Event
    from launcher.engine.fitting import Fit
    from launcher.engine.observed import InstanceStatus
    from launcher.engine.recorded import Attempt, Operation, Recorded
    from launcher.engine.run import Flow

__all__ = ["TRIES", "ActRecord"]

TRIES = 5
"""How often the record may move under an act before it is given up."""


class ActRecord:
    """The record as one act sees it. Lives inside one `operate`.

    Attributes:
        recorded: the record, everything appended included.
        status: how far the instance was when it was read last; `None` before that, and where it is missing.
        missing: JOB did not know the instance when it was asked last.
        asked: the operation that this act has recorded.
        problems: why it cannot be known what is recorded.
    """

    def __init__(self, recorded: Recorded, act: Act) -> None:
        self.recorded = recorded
        self.status: InstanceStatus | None = None
        self.missing = False
        self.asked: Operation | None = None
        self.problems: list[Diagnostic] = []
        self._act = act
        self._name = act.name
        self._now: datetime | None = None
        self._pinned = self.attempt
        self._is_outdated = False

    @property
    def attempt(self) -> Attempt:
        """The newest attempt."""
        return self.recorded.launches[self._name].newest

    def pin(self) -> None:
        """Let the act be about the attempt that is the newest now, whatever follows on it."""
        self._pinned = self.attempt

    @property
    def instance(self) -> InstanceRef:
        """The instance of the attempt that the act is about, which must be known."""
        attempt = self._pinned
        if attempt.instance_id is None:
            raise AssertionError(f"{self._act.name} has no instance to operate on")
        scope = attempt.spec["scope"]
        return InstanceRef(Scope(scope["type"], scope["id"]), attempt.instance_id)

    def read(self) -> Flow[str | None]:
        """Read how far the instance is; gives why it could not be."""
        answers: tuple[Outcome[InstanceStatus | Missing], ...] = yield ReadStatus((self.instance,))
        moment: Moment = yield ReadClock()
        self._now = moment.now
        self._is_outdated = False
        (answer,) = answers
        if not isinstance(answer, Done):
            return answer.message
        self.missing = isinstance(answer.value, Missing)
        self.status = None if isinstance(answer.value, Missing) else answer.value
        return None

    def note(self) -> Flow[bool]:
        """Record what JOB says that is new; false where it cannot be known whether it is recorded.

        It is read again where others have written of the launch since.
        """
        for _ in range(TRIES):
            if not (yield from self._insist(self._notes)):
                return False
            if not self._is_outdated or (yield from self.read()) is not None:
                break
        return True

    def intend(self, found: Fit) -> Flow[bool | None]:
        """Record that `found` is about to be asked for, on what was just read.

        `False` where somebody wrote about the launch meanwhile; `None` where it cannot be known what is recorded.
        """
        data: dict[str, Any] = {
            "operation": found.kind.value,
            "status": None if self.status is None else self.status.status,
            "reason": self._act.reason,
        }
        if found.step is not None:
            data |= {
                "step": found.step.id,
                "step_status": found.step.status,
                "executions": found.step.executions,
            }

        def drafts() -> list[Draft]:
            # What was read tells nothing of an attempt that has followed since.
            is_same = self.attempt.number == self._pinned.number
            return [self._draft(Kind.OPERATING, data)] if is_same else []

        written = yield from self._append(drafts)
        # Others may have come after it and have settled it already, by what the instance did by itself.
        return written and self.attempt.operation == self.asked

    def told(self, word: str, **more: str) -> Flow[bool]:
        """Record how the pending operation went, with what is new; false where that cannot be known."""

        def drafts() -> list[Draft]:
            if self.attempt.number != self._pinned.number or self.attempt.operation is None:
                return self._notes()
            return [self._draft(Kind.OBSERVED, {"operation": word, **more}), *self._notes()]

        return (yield from self._insist(drafts))

    def _insist(self, drafts_of: Callable[[], list[Draft]]) -> Flow[bool]:
        """Record what `drafts_of` the present asks for; it is asked again whenever others have written meanwhile."""
        for _ in range(TRIES):
            written = yield from self._append(drafts_of)
            if written is None:
                return False
            if written or not drafts_of():
                return True
        self.problems.append(Diagnostic("L566", {"environment": self._act.environment}))
        return False

    def _append(self, drafts_of: Callable[[], list[Draft]]) -> Flow[bool | None]:
        """Record what `drafts_of` asks for on the newest head.

        `False` where it asks for nothing, or where somebody wrote about the launch meanwhile and nothing is recorded;
        `None` where that cannot be known.
        """
        while drafts := drafts_of():
            outcome: AppendOutcome = yield Append(tuple(drafts), self.recorded.head)
            match outcome:
                case Appended(events) | Overtaken(events):
                    self.recorded = fold(self.recorded, events[: len(drafts)])
                    self.asked = self.attempt.operation
                    self._take(events[len(drafts) :])
                    return True
                case HeadMoved(since):
                    before = self._name
                    self._take(since)
                    if any(event.draft.name in (before, self._name) for event in since):
                        # They may have read later than we have: an older answer must not take back what ended.
                        self._is_outdated = True
                        return False
                case NoAnswer(message):
                    facts = {"environment": self._act.environment, "message": message}
                    self.problems.append(Diagnostic("L567", facts))
                    return None
        return False

    def _take(self, events: Iterable[Event]) -> None:
        """Know what others have written, also that the launch has another name now."""
        for event in events:
            self.recorded = fold(self.recorded, (event,))
            if event.draft.kind is Kind.RENAMED and event.draft.data["from"] == self._name:
                self._name = event.draft.name or self._name

    def _notes(self) -> list[Draft]:
        """What the newest answer says that is not on record.

        Nothing where it was about an older attempt, or where others have written of the launch since it was read.
        """
        if self._is_outdated:
            return []
        record = self.recorded.launches[self._name]
        answer = Missing(self.instance.id) if self.missing else self.status
        if answer is None or self._now is None or answer.id != record.newest.instance_id:
            return []
        alone = replace(self.recorded, launches={record.name: record})
        # Whether it is declared is not known here, and changes nothing about what JOB says of it.
        wanted = {} if record.archived else {record.name: record.newest.key}
        return list(with_observed(alone, {record.name: answer}, self._now, wanted)[1])

    def _draft(self, kind: Kind, data: dict[str, Any]) -> Draft:
        attempt = self.attempt
        return Draft(kind, self._name, attempt.key, attempt.number, data)
