"""What one act reads of an instance, and what it records about it, on whatever head the ledger has by then."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from launcher.diagnostics import Diagnostic
from launcher.engine.drafts import heard_data, told_data
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
from launcher.engine.observed import Missing
from launcher.engine.progress import with_observed
from launcher.engine.recorded import NOT_SENT, OperationKind
from launcher.engine.run import Written
from launcher.engine.standing import instance_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from launcher.engine.act import Act
    from launcher.engine.effects import AppendOutcome, Moment, Outcome, Unknown
    from launcher.engine.events import Event
    from launcher.engine.fitting import Fit
    from launcher.engine.observed import InstanceRef, InstanceStatus
    from launcher.engine.recorded import Attempt, Operation, Recorded
    from launcher.engine.report import Limits
    from launcher.engine.run import Flow

__all__ = ["TRIES", "ActRecord"]

TRIES = 5
"""How often the record may move under an act before it is given up."""

_CAME_TO_NOTHING = ("refused", NOT_SENT)
"""How an `observed` event says that an operation has certainly changed nothing."""

_Mark = tuple[str, datetime]
"""What tells one operation of an attempt from the others: its kind, and when it was recorded."""


class ActRecord:
    """The record as one act sees it. Lives inside one `operate`.

    Attributes:
        recorded: the record, everything appended included.
        status: how far the instance was when it was read last; `None` before that, and where it is missing.
        missing: JOB did not know the instance when it was asked last.
        asked: the operation that this act has recorded.
        came_to_nothing: others have told so of an operation whose end `tell` was to tell.
        problems: why it cannot be known what is recorded.
    """

    def __init__(self, recorded: Recorded, act: Act) -> None:
        self.recorded = recorded
        self.status: InstanceStatus | None = None
        self.missing = False
        self.asked: Operation | None = None
        self.came_to_nothing = False
        self.problems: list[Diagnostic] = []
        self._act = act
        self._name = act.name
        self._now: datetime | None = None
        self._number = self.attempt.number
        self._others: dict[_Mark, OperationKind] = {}
        self._heard: dict[_Mark, str] = {}
        self._read_s = self._answered_s = 0.0
        self._is_outdated = False

    @property
    def attempt(self) -> Attempt:
        """The newest attempt."""
        return self.recorded.launches[self._name].newest

    @property
    def is_newest(self) -> bool:
        """Whether no other attempt has followed on the one that the act is about."""
        return self.attempt.number == self._number

    @property
    def instance(self) -> InstanceRef:
        """The instance of the attempt that the act is about, which must be known."""
        return instance_of(self._about)

    @property
    def others(self) -> tuple[OperationKind, ...]:
        """What others have asked for since the act began, but what is known to have come to nothing."""
        return tuple(self._others.values())

    def read(self) -> Flow[str | None]:
        """Read how far the instance is; gives why it could not be."""
        before: Moment = yield ReadClock()
        answers: tuple[Outcome[InstanceStatus | Missing], ...] = yield ReadStatus((self.instance,))
        moment: Moment = yield ReadClock()
        self._now = moment.now
        self._read_s, self._answered_s = before.monotonic_s, moment.monotonic_s
        self._is_outdated = False
        (answer,) = answers
        if not isinstance(answer, Done):
            return answer.message
        self.missing = isinstance(answer.value, Missing)
        self.status = None if isinstance(answer.value, Missing) else answer.value
        return None

    def is_fresh(self, moment: Moment, limits: Limits) -> bool:
        """Whether what was read last still counts: the process may have been stopped since, or while it was read."""
        now_s = moment.monotonic_s
        in_time = now_s - self._answered_s <= limits.start_window_s
        return in_time and now_s - self._read_s <= limits.start_grace_s

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

    def intend(self, found: Fit) -> Flow[Written]:
        """Record that `found` is about to be asked for, on what was just read.

        `AGAIN` where somebody wrote about the launch meanwhile, or has asked for something of which nobody knows yet how
        it went.
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
            # What was read tells nothing of an attempt that has followed since, and what others ask for comes first.
            is_free = self.is_newest and self.attempt.operation is None
            return [self._draft(Kind.OPERATING, data)] if is_free else []

        return (yield from self._append(drafts))

    def tell(self, operation: Operation, word: str, **more: str) -> Flow[bool]:
        """Record how `operation` went if it is pending still, with what is new; false where that cannot be known."""

        def drafts() -> list[Draft]:
            if not self.is_newest or self.attempt.operation != operation:
                self.came_to_nothing = self._heard.get(_mark_of(operation)) in _CAME_TO_NOTHING
                return self._notes()
            return [self._draft(Kind.OBSERVED, {"operation": word, **more}), *self._notes()]

        return (yield from self._insist(drafts))

    def tell_answer(self, answer: Done[None] | Unknown) -> Flow[bool]:
        """Record which answer of JOB's it was, before anything of it shows; false where that cannot be known."""
        data = heard_data(answer)
        if not data:
            return True
        return (yield from self._insist(lambda: [self._draft(Kind.OBSERVED, data)]))

    def tell_unsent(self) -> Flow[bool]:
        """Record that what this act has recorded was never sent; false where it cannot be known whether that is recorded.

        Whoever came in between may have told already that nobody knows; that it was not sent is known now.
        """
        if self.asked is None:
            raise AssertionError("only what is on record can be told to be unsent")
        data = told_data(NOT_SENT, self.asked)
        return (yield from self._insist(lambda: [self._draft(Kind.OBSERVED, data)]))

    def _insist(self, drafts_of: Callable[[], list[Draft]]) -> Flow[bool]:
        """Record what `drafts_of` the present asks for; it is asked again whenever others have written meanwhile."""
        for _ in range(TRIES):
            written = yield from self._append(drafts_of)
            if written is Written.STOPPED:
                return False
            if written is not Written.AGAIN or not drafts_of():
                return True
        self.problems.append(Diagnostic("L566", {"environment": self._act.environment}))
        return False

    def _append(self, drafts_of: Callable[[], list[Draft]]) -> Flow[Written]:
        """Record what `drafts_of` asks for on the newest head.

        `AGAIN` where it asks for nothing, or where somebody wrote about the launch meanwhile: nothing is recorded.
        """
        while drafts := drafts_of():
            outcome: AppendOutcome = yield Append(tuple(drafts), self.recorded.head)
            match outcome:
                case Appended(events) | Overtaken(events):
                    self.recorded = fold(self.recorded, events[: len(drafts)])
                    if drafts[0].kind is Kind.OPERATING:
                        self.asked = self.attempt.operation
                    self._take(events[len(drafts) :])
                    return Written.HEAD if isinstance(outcome, Appended) else Written.BEHIND
                case HeadMoved(since):
                    before = self._name
                    self._take(since)
                    if any(event.draft.name in (before, self._name) for event in since):
                        # They may have read later than we have: an older answer must not take back what ended.
                        self._is_outdated = True
                        return Written.AGAIN
                case NoAnswer(message):
                    facts = {"environment": self._act.environment, "message": message}
                    self.problems.append(Diagnostic("L567", facts))
                    return Written.STOPPED
        return Written.AGAIN

    def _take(self, events: Iterable[Event]) -> None:
        """Know what others have written, also that the launch has another name now."""
        for event in events:
            pending = self._about.operation
            self.recorded = fold(self.recorded, (event,))
            draft = event.draft
            if draft.kind is Kind.RENAMED and draft.data["from"] == self._name:
                self._name = draft.name or self._name
            if draft.name == self._name and draft.attempt == self._number:
                self._take_operation(draft, pending)

    def _take_operation(self, draft: Draft, pending: Operation | None) -> None:
        """Know what others have asked for, and how they have told that it went: the one named, or else the `pending` one."""
        asked = self._about.operation
        if draft.kind is Kind.OPERATING and asked is not None:
            self._others[_mark_of(asked)] = asked.kind
        elif draft.kind is Kind.OBSERVED and "operation" in draft.data:
            of = draft.data.get("of")
            if of is not None:
                told: _Mark = of["operation"], datetime.fromisoformat(of["at"])
            elif pending is not None:
                told = _mark_of(pending)
            else:
                return
            self._heard[told] = draft.data["operation"]
            if self._heard[told] in _CAME_TO_NOTHING:
                self._others.pop(told, None)

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

    @property
    def _about(self) -> Attempt:
        """The attempt that the act is about, whatever has followed on it."""
        attempts = self.recorded.launches[self._name].attempts
        return next(item for item in reversed(attempts) if item.number == self._number)

    def _draft(self, kind: Kind, data: dict[str, Any]) -> Draft:
        attempt = self._about
        return Draft(kind, self._name, attempt.key, attempt.number, data)


def _mark_of(operation: Operation) -> _Mark:
    return operation.kind.value, operation.at
