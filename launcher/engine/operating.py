"""One operation on an instance that was started: look, record, ask once, look again.

None of JOB's operations is idempotent, so one is asked for only where it fits what was just read, and only after it is
durable that it is about to be. What came of it is read, never taken from the answer: JOB hands the work to a queue.

1. read how far the instance is; check that it is ours, that the operation fits, and that what the person asked about
   still stands where it was first read
2. record `operating`, with where instance and step stand, on exactly the head that this was decided on
3. ask, if that record is the head, and only within the window that began before it was asked for; otherwise the
   operation is known never to have left, and that is recorded too
4. read until one of them has moved: done. Neither within the grace: unknown, and a person may ask again

No session is needed: the compare-and-swap on the head lets one of two win, and the pending operation on record keeps
a second one away until it is known how the first went, whichever process asked for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.engine.act import Act, End, Operated
from launcher.engine.act_record import TRIES, ActRecord
from launcher.engine.drafts import answer_data
from launcher.engine.effects import (
    Done,
    Operate,
    OperationRequest,
    ReadClock,
    Refused,
    Unsent,
    Wait,
)
from launcher.engine.fitting import Fit, Unfit, fit, has_moved, is_same
from launcher.engine.observed import Status
from launcher.engine.recorded import (
    ENDED_BADLY,
    IN_FLIGHT,
    UNSTARTED,
    OperationKind,
    OutcomeKind,
)
from launcher.engine.run import Written
from launcher.engine.verify import is_ours

if TYPE_CHECKING:
    from launcher.engine.effects import Moment, Outcome
    from launcher.engine.recorded import Operation, Recorded
    from launcher.engine.report import Limits
    from launcher.engine.run import Flow

__all__ = ["operate"]

_CARRY_ON = frozenset({OperationKind.RETRY_FAILED_HOSTS, OperationKind.RESTART})
"""Operations after which an instance that had ended runs, or waits, again."""


def operate(recorded: Recorded, act: Act, limits: Limits) -> Flow[Operated]:
    """Yield what to do next; receive how it went; return what came of `act`.

    Works on a record and a name, so that a run can do it in between: the record that it gives replaces the run's own.
    """
    task = _Task(recorded, act, limits)
    for _ in range(TRIES):
        if (over := (yield from task.look())) is not None:
            return over
        found = task.fitting()
        if isinstance(found, Unfit):
            return task.refused(found.code, steps=", ".join(found.steps))
        if not task.is_as_first_read(found):
            return task.refused("L631")
        if (over := (yield from task.ask(found))) is not None:
            return over
    return task.ended(End.REFUSED, Diagnostic("L566", {"environment": act.environment}))


class _Task:
    """One act under way. Lives inside one `operate`."""

    def __init__(self, recorded: Recorded, act: Act, limits: Limits) -> None:
        self.record = ActRecord(recorded, act)
        self._act = act
        self._limits = limits
        self._sent = False
        self._first: Fit | Unfit | None = None
        self._step: str | None = None
        self._said = ""

    # --- may it be done -----------------------------------------------------------------------

    def look(self) -> Flow[Operated | None]:
        """Read how far the instance is, and see after what was asked for before; gives the end, if there is nothing to do."""
        record = self.record
        if not record.is_newest:
            return self.refused("L631")
        if (closed := self._closed()) is not None:
            return self.refused(closed)
        unread = yield from record.read()
        if unread is not None:
            return self.ended(End.UNREAD, self._diagnostic("L345", message=unread))
        foreign = self._foreign()
        if foreign is not None:
            return self.refused("L339", message=foreign)
        self._first = self._first or self.fitting()
        pending = record.attempt.operation
        if not (yield from record.note()):
            return self.ended(End.LEDGER)
        if record.missing:
            # Nothing can show any more; left pending, it would stand in the way of every other way out.
            over = pending is None or (yield from record.tell(pending, "unknown"))
            return self.refused("L344") if over else self.ended(End.LEDGER)
        if pending is not None:
            # An end that was noted just now says that it has moved.
            still = record.attempt.operation is not None
            end = (yield from self._follow(pending)) if still else End.DONE
            of_ours = end is End.DONE and is_same(self._act.kind, pending)
            if of_ours or end not in (None, End.DONE):
                return self._followed(end or End.UNKNOWN, pending)
        closed = self._closed()
        return None if closed is None else self.refused(closed)

    def _closed(self) -> str | None:
        """Why nothing can be done to the newest attempt, as far as the record alone tells."""
        attempt = self.record.attempt
        if attempt.outcome is OutcomeKind.UNKNOWN:
            return "L343"
        if attempt.outcome in UNSTARTED:
            return "L347" if self._act.kind is OperationKind.TERMINATE else "L342"
        if attempt.outcome not in IN_FLIGHT | ENDED_BADLY:
            return "L348"
        return "L342" if attempt.instance_id is None else None

    def _foreign(self) -> str | None:
        """Why the instance that was read cannot be the one that the attempt prepared."""
        attempt, status = self.record.attempt, self.record.status
        if status is None:
            return None
        if attempt.prepared_at is not None:
            return is_ours(attempt, status, self._limits.clock_skew_s)
        # A person has named the instance, so the time of its creation says nothing.
        expected = attempt.plan.name if attempt.plan is not None else attempt.instance_name
        if expected in (None, status.name):
            return None
        return f"The instance is named {status.name}, not {expected} as the job plan."

    def fitting(self) -> Fit | Unfit:
        """What to send to the instance as it was just read."""
        status = self.record.status
        return Unfit("L344") if status is None else fit(self._act.kind, status, self._act.step)

    def is_as_first_read(self, found: Fit) -> bool:
        """Whether `found` is about what the person has asked about: what was read first, with nobody at it since.

        Whoever wants an instance to end wants that wherever it has got to, but not of one that was carried on with.
        """
        if self._act.kind is OperationKind.TERMINATE:
            return not set(self.record.others) & _CARRY_ON
        return found == self._first and not self.record.others

    # --- what is asked ------------------------------------------------------------------------

    def ask(self, found: Fit) -> Flow[Operated | None]:
        """Record it, ask for it, and see what comes of it; `None` where it is to be looked at again: nothing was sent."""
        record = self.record
        moment: Moment = yield ReadClock()
        if not record.is_fresh(moment, self._limits):
            return None
        written = yield from record.intend(found)
        if written is Written.BEHIND:
            return None if (yield from record.tell_unsent()) else self.ended(End.LEDGER)
        if written is not Written.HEAD:
            return None if written is Written.AGAIN else self.ended(End.LEDGER)
        return (yield from self._send(found, moment.monotonic_s + self._limits.start_window_s))

    def _send(self, found: Fit, deadline_s: float) -> Flow[Operated]:
        """Ask for what was recorded, by then or not at all."""
        record, operation, step = self.record, self.record.asked, found.step
        if operation is None:
            raise AssertionError("an operation is asked for only once it is on record")
        request = OperationRequest(record.instance, found.kind, None if step is None else step.id)
        answers: tuple[Outcome[None] | Unsent, ...] = yield Operate((request,), deadline_s)
        (answer,) = answers
        if isinstance(answer, Unsent):
            known = yield from record.tell_unsent()
            return self.ended(End.REFUSED if known else End.LEDGER, self._diagnostic("L630"))
        self._sent, self._step = True, None if step is None else step.name
        if not isinstance(answer, Done):
            code = "" if answer.code is None else f" (JOB code {answer.code})"
            self._said = answer.message + code
        if isinstance(answer, Refused):
            more = {"message": self._said, **answer_data(answer.request_id)}
            known = yield from record.tell(operation, "refused", **more)
            problem = self._diagnostic("L340")
            return self.ended(End.REFUSED if known else End.LEDGER, problem)
        if not (yield from record.tell_answer(answer)):
            return self.ended(End.LEDGER)
        end = yield from self._follow(operation)
        return self._followed(end or End.UNKNOWN, operation)

    def _follow(self, operation: Operation) -> Flow[End | None]:
        """Read until `operation` shows, at most for what is left of the grace; `None` where it came to nothing.

        That is known to whoever has asked for it, and found in the record only when something is to be written there.
        """
        record = self.record
        moment: Moment = yield ReadClock()
        give_up_s = moment.monotonic_s + self._left_s(operation, moment)
        done = False
        while True:
            unread = yield from record.read()
            if unread is None and record.missing:
                known = yield from record.tell(operation, "unknown")
                return End.UNKNOWN if known else End.LEDGER
            if unread is None and (done or self._shows(operation)):
                known = yield from (record.note() if done else record.tell(operation, "done"))
                if not known:
                    return End.LEDGER
                done = True
                if not self._is_stopping():
                    return End.DONE
            moment = yield ReadClock()
            if moment.stop or moment.monotonic_s >= give_up_s:
                break
            yield Wait(min(self._limits.poll_s, give_up_s - moment.monotonic_s))
        if done:
            return End.DONE
        if moment.stop:
            return End.LEFT
        if not (yield from record.tell(operation, "unknown")):
            return End.LEDGER
        return None if record.came_to_nothing else End.UNKNOWN

    def _left_s(self, operation: Operation, moment: Moment) -> float:
        """What is left of the grace; the wall clock may have jumped since, so no more than the whole is waited for."""
        passed_s = (moment.now - operation.at).total_seconds()
        return min(self._limits.start_grace_s - passed_s, self._limits.start_grace_s)

    def _shows(self, operation: Operation) -> bool:
        status = self.record.status
        return status is not None and has_moved(operation, status)

    def _is_stopping(self) -> bool:
        status = self.record.status
        return self._act.settle and status is not None and status.status == Status.STOPPING

    # --- what came of it ----------------------------------------------------------------------

    def _followed(self, end: End, operation: Operation) -> Operated:
        """The end of an act whose operation was looked after."""
        codes = {End.UNKNOWN: "L344" if self.record.missing else "L341", End.LEFT: "L349"}
        if end not in codes:
            return self.ended(end)
        return self.ended(end, self._diagnostic(codes[end], operation=operation.kind.value))

    def refused(self, code: str, **more: str) -> Operated:
        """Nothing was sent."""
        return self.ended(End.REFUSED, self._diagnostic(code, **more))

    def ended(self, end: End, *problems: Diagnostic) -> Operated:
        """What came of the act."""
        return Operated(
            end=end,
            recorded=self.record.recorded,
            status=self.record.status,
            step=self._step,
            sent=self._sent,
            diagnostics=(*self.record.problems, *problems),
        )

    def _diagnostic(self, code: str, **more: str) -> Diagnostic:
        attempt, status = self.record.attempt, self.record.status
        facts = {
            "name": self._act.name,
            "environment": self._act.environment,
            "operation": self._act.kind.value,
            "attempt": str(attempt.number),
            "outcome": attempt.outcome.value,
            "instance": "" if attempt.instance_id is None else str(attempt.instance_id),
            "status": "" if status is None else str(status.status),
            "step": self._act.step or "",
            "message": self._said,
        }
        return Diagnostic(code, facts | more)
