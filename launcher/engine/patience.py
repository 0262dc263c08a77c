"""How long a run waits for each job, and what follows when that is over.

A job's own timeout is JOB's business. Ours begins with the START and ends the waiting: the job is left to itself, or
JOB is asked once to end it. How that went is read; as long as nobody knows, it is not asked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from launcher.diagnostics import Diagnostic
from launcher.engine.drafts import (
    answer_data,
    heard_data,
    observed,
    of_attempt,
    told_data,
    trouble,
)
from launcher.engine.effects import (
    Operate,
    OperationRequest,
    Outcome,
    ReadClock,
    Refused,
    Unsent,
)
from launcher.engine.events import Draft, Kind
from launcher.engine.fitting import Fit, fit, has_moved
from launcher.engine.observed import InstanceStatus, Missing
from launcher.engine.recorded import IN_FLIGHT, NOT_SENT, OperationKind, OutcomeKind
from launcher.engine.run import Written
from launcher.engine.verify import is_ours
from launcher.model.times import duration_text, writable_duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from launcher.engine.desired import Policy
    from launcher.engine.effects import Moment
    from launcher.engine.recorded import Attempt
    from launcher.engine.run import Flow, Run

__all__ = ["Patience", "Seen", "operation_notes"]

Seen = Mapping[str, InstanceStatus | Missing]
"""What was just read of instances, by launch name."""


class Patience:
    """Until when each launch is waited for; lives as long as its run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._until: dict[tuple[str, int, bool], float] = {}
        self._asked: set[tuple[str, int]] = set()

    def act(self, names: Iterable[str], seen: Seen, moment: Moment) -> Flow[None]:
        """Leave those of `names` to themselves that were waited for long enough, or have JOB end them.

        `seen` is what was just read; an instance that could not be read is not operated on.
        """
        if self._run.stop is not None:
            return
        # What others have renamed meanwhile is watched under its new name.
        known = self._run.recorded.launches
        over = [name for name in names if name in known and self._is_over(name, moment)]
        to_end: dict[str, Fit] = {}
        for name in over:
            found = self._how_to_end(name, seen, moment)
            if found is not None:
                to_end[name] = found
            elif not self._may_still_end(name, moment):
                self._detach(name, moment)
        if to_end:
            yield from self._end(to_end, seen, moment)

    def _is_over(self, name: str, moment: Moment) -> bool:
        attempt = self._attempt(name)
        if attempt.outcome not in IN_FLIGHT:
            return False
        until_s = self._until.setdefault(_waited_for(name, attempt), self._limit_s(name, moment))
        return moment.monotonic_s >= until_s

    def _limit_s(self, name: str, moment: Moment) -> float:
        """Until when `name` is waited for, by this run's clock.

        A job that has not begun is waited for by the rules of START, and so is one that no manifest speaks of. One
        that had ended before somebody carried on with it is waited for anew: it has rested since its START.
        """
        policy, attempt = self._policy(name), self._attempt(name)
        if policy is None or attempt.outcome is OutcomeKind.STARTING or attempt.started_at is None:
            return moment.monotonic_s + self._run.order.limits.wait_s
        passed_s = max(0.0, (moment.now - attempt.started_at).total_seconds())
        if attempt.endings:
            passed_s = 0.0
        return moment.monotonic_s + policy.wait_timeout_s - passed_s

    def _policy(self, name: str) -> Policy | None:
        """The policy that the newest attempt of `name` runs by, if this run goes by one."""
        launch = self._run.order.desired.launches.get(name)
        if launch is None or self._run.only_watches or launch.key != self._attempt(name).key:
            return None
        return launch.policy

    def _ends_it(self, name: str) -> bool:
        policy, attempt = self._policy(name), self._attempt(name)
        begun = attempt.outcome is not OutcomeKind.STARTING
        return begun and policy is not None and policy.on_timeout == "terminate"

    def _how_to_end(self, name: str, seen: Seen, moment: Moment) -> Fit | None:
        """What to send so that JOB ends it; `None` where nothing is to be sent now."""
        attempt, answer = self._attempt(name), seen.get(name)
        mark = (name, attempt.number)
        if not self._ends_it(name) or mark in self._asked:
            return None
        if attempt.operation is not None:
            # Another process has asked for something, and it is not known how that went.
            self._wait_longer(name, moment)
            return None
        if not isinstance(answer, InstanceStatus):
            return None
        if is_ours(attempt, answer, self._run.order.limits.clock_skew_s) is not None:
            return None
        found = fit(OperationKind.TERMINATE, answer)
        return found if isinstance(found, Fit) else None

    def _may_still_end(self, name: str, moment: Moment) -> bool:
        """Whether the end that JOB was asked for, or could not be asked for yet, is worth waiting for."""
        until_s = self._until[_waited_for(name, self._attempt(name))]
        grace_s = self._run.order.limits.wait_s
        return self._ends_it(name) and moment.monotonic_s < until_s + grace_s

    def _wait_longer(self, name: str, moment: Moment) -> None:
        attempt = self._attempt(name)
        self._asked.add((name, attempt.number))
        self._until[_waited_for(name, attempt)] = moment.monotonic_s

    def _detach(self, name: str, moment: Moment) -> None:
        self._run.detached.add(name)
        begun = self._attempt(name).outcome is not OutcomeKind.STARTING
        if begun and self._policy(name) is not None:
            facts = self._facts(name, moment)
            self._run.diagnostics.append(Diagnostic("L274", facts))

    def _end(self, to_end: Mapping[str, Fit], seen: Seen, moment: Moment) -> Flow[None]:
        run = self._run
        now: Moment = yield ReadClock()
        drafts = [self._intent(name, found, seen) for name, found in to_end.items()]
        written = yield from run.append(drafts)
        if written in (Written.AGAIN, Written.STOPPED):
            return
        # Others may have come after it and have told that it ended by itself, or have renamed it.
        known, ours = run.recorded.launches, {event.time for event in run.appended}
        names = [
            name
            for name in to_end
            if name in known
            and (pending := self._attempt(name).operation) is not None
            and pending.at in ours
        ]
        requests = tuple(
            OperationRequest(run.instance(name), found.kind, found.step.id if found.step else None)
            for name, found in to_end.items()
            if name in names
        )
        if not requests:
            return
        answers: Sequence[Outcome[None] | Unsent] = [Unsent()] * len(requests)
        if written is Written.HEAD and run.stop is None:
            answers = yield Operate(requests, now.monotonic_s + run.order.limits.start_window_s)
        told = [
            observed(name, self._attempt(name), data)
            for name, answer in zip(names, answers, strict=True)
            if (data := self._answered(name, answer, moment))
        ]
        if told:
            yield from run.append(told, insist=True)

    def _answered(
        self, name: str, answer: Outcome[None] | Unsent, moment: Moment
    ) -> Mapping[str, Any]:
        """What is recorded of how JOB answered; what could not be sent is tried again by a later look."""
        run, attempt = self._run, self._attempt(name)
        if attempt.operation is None:
            raise AssertionError(f"nothing of {name} is on record as asked for")
        if isinstance(answer, Unsent):
            if not run.count_try(name):
                self._wait_longer(name, moment)
                run.diagnostics.append(Diagnostic("L630", self._unsent_facts(name, attempt)))
            return told_data(NOT_SENT, attempt.operation)
        self._wait_longer(name, moment)
        if isinstance(answer, Refused):
            run.diagnostics.append(trouble("end the job of", name, answer))
            data = told_data("refused", attempt.operation)
            return {**data, **answer_data(answer.request_id)}
        run.diagnostics.append(Diagnostic("L275", self._facts(name, moment)))
        return heard_data(answer)

    def _intent(self, name: str, found: Fit, seen: Seen) -> Draft:
        attempt, answer = self._attempt(name), seen[name]
        data: dict[str, Any] = {
            "operation": found.kind.value,
            "status": answer.status if isinstance(answer, InstanceStatus) else None,
            "reason": "its wait has ended",
        }
        policy = self._policy(name)
        if policy is not None:
            data["timeout"] = writable_duration(policy.wait_timeout_s)
        if found.step is not None:
            data |= {
                "step": found.step.id,
                "step_status": found.step.status,
                "executions": found.step.executions,
            }
        return of_attempt(Kind.OPERATING, name, attempt, data)

    def _facts(self, name: str, moment: Moment) -> dict[str, str]:
        started = self._attempt(name).started_at
        waited_s = 0 if started is None else (moment.now - started).total_seconds()
        environment = self._run.order.desired.environment.name
        return {"name": name, "waited": duration_text(waited_s), "environment": environment}

    def _unsent_facts(self, name: str, attempt: Attempt) -> dict[str, str]:
        environment = self._run.order.desired.environment.name
        facts = {"name": name, "environment": environment, "instance": str(attempt.instance_id)}
        return {**facts, "operation": OperationKind.TERMINATE.value}

    def _attempt(self, name: str) -> Attempt:
        return self._run.recorded.launches[name].newest


def operation_notes(
    name: str, attempt: Attempt, answer: InstanceStatus | Missing
) -> tuple[Draft, ...]:
    """The note that something has come of the pending operation; none while nothing has moved."""
    if attempt.operation is None or not isinstance(answer, InstanceStatus):
        return ()
    if not has_moved(attempt.operation, answer):
        return ()
    return (observed(name, attempt, {"operation": "done"}),)


def _waited_for(name: str, attempt: Attempt) -> tuple[str, int, bool]:
    return name, attempt.number, attempt.outcome is OutcomeKind.STARTING
