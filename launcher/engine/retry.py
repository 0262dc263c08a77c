"""Follow a plain failure with another attempt, where the manifest asks for it.

Another attempt goes through the whole protocol under a number of its own. Before it, the failed instance is read once
more: a person may have carried on with it on JOB's own pages, and then it is not ours to repeat.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.engine.approval import still_reviewed
from launcher.engine.changeset import Action
from launcher.engine.effects import Done, ReadStatus
from launcher.engine.guards import REVIEWED_DIGEST, too_many
from launcher.engine.observed import InstanceStatus, Status
from launcher.engine.progress import with_observed
from launcher.engine.recorded import IN_FLIGHT, UNSTARTED
from launcher.engine.repeating import repeated_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from launcher.engine.changeset import Change
    from launcher.engine.effects import Moment, Outcome
    from launcher.engine.events import Draft
    from launcher.engine.observed import Missing
    from launcher.engine.recorded import Attempt
    from launcher.engine.run import Flow, Run

__all__ = ["Retries"]

_MOST_READS = 3
"""How often an instance that cannot be read is tried again before its launch is left as it is."""


class Retries:
    """Which failures of this run are to be repeated, and when; lives as long as its run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._due_s: dict[str, float] = {}
        self._reads: dict[str, int] = {}
        launches = run.order.desired.launches
        self._candidates = {
            name: change
            for name, change in run.changes.items()
            if change.action in (Action.LAUNCH, Action.RESUME)
            and (launch := launches.get(name)) is not None
            and launch.policy.max_attempts > 1
            and run.order.wait
        }

    def waiting(self) -> bool:
        """Whether a failure waits for its next attempt."""
        return bool(self._due_s)

    def next_s(self, moment: Moment) -> float | None:
        """In how many seconds the first of them is due."""
        if not self._due_s:
            return None
        return max(0.0, min(self._due_s.values()) - moment.monotonic_s)

    def may_follow(self) -> bool:
        """Whether something that runs may fail and be repeated, or waits for it."""
        return self.waiting() or any(name in self._candidates for name in self._run.in_flight())

    def take(self, moment: Moment) -> Flow[None]:
        """Note what has failed since, and let those launches act again whose time has come."""
        for name in self._candidates:
            if name not in self._due_s and self._is_to_repeat(name):
                backoff_s = self._run.launch(name).policy.backoff_s
                self._due_s[name] = moment.monotonic_s + backoff_s
        for name in [item for item in self._due_s if not self._is_to_repeat(item)]:
            del self._due_s[name]
        due = [name for name, at_s in self._due_s.items() if at_s <= moment.monotonic_s]
        if due:
            yield from self._repeat(due, moment)

    def _is_to_repeat(self, name: str) -> bool:
        run, record = self._run, self._run.recorded.launches.get(name)
        change = self._candidates[name]
        # Without a session of its own a run repeats nothing: the next one decides.
        if record is None or name in run.left or not run.holds_session:
            return False
        if name in run.again and run.attempt(name) is None:
            return False
        is_of_this_run = record.newest.number >= _first(change)
        if not is_of_this_run or repeated_at(run.launch(name), record) is None:
            return False
        return change.starts or self._is_reviewed(name, record.newest)

    def _is_reviewed(self, name: str, attempt: Attempt) -> bool:
        """What was only resumed was held against no review in this run; without one the next run decides."""
        run, environment = self._run, self._run.order.desired.environment
        demanded = environment.guards.require_reviewed_digest
        if not demanded or REVIEWED_DIGEST in run.order.overridden:
            return True
        return still_reviewed(run.recorded, environment, run.launch(name), attempt)

    def _repeat(self, names: Iterable[str], moment: Moment) -> Flow[None]:
        run = self._run
        names = list(names)
        answers: tuple[Outcome[InstanceStatus | Missing], ...] = yield ReadStatus(
            tuple(run.instance(name) for name in names)
        )
        drafts: list[Draft] = []
        for name, answer in zip(names, answers, strict=True):
            del self._due_s[name]
            if not isinstance(answer, Done) or not isinstance(answer.value, InstanceStatus):
                self._put_off(name, moment)
            elif answer.value.status != Status.FAIL:
                drafts.extend(self._notes(name, answer.value, moment))
            elif run.recorded.launches[name].newest.operation is not None:
                self._put_off(name, moment)
            elif self._is_one_too_many():
                self._leave(name, "maxLaunches allows no further start in one apply")
            else:
                self._let_act(name)
        if drafts:
            yield from run.append(drafts)

    def _put_off(self, name: str, moment: Moment) -> None:
        self._reads[name] = self._reads.get(name, 0) + 1
        if self._reads[name] >= _MOST_READS:
            self._leave(name, "JOB does not tell whether somebody has carried on with it")
            return
        limits = self._run.order.limits
        self._due_s[name] = moment.monotonic_s + limits.poll_max_s

    def _notes(self, name: str, answer: InstanceStatus, moment: Moment) -> tuple[Draft, ...]:
        """What is recorded of a failed instance that somebody has carried on with."""
        recorded = self._run.recorded
        alone = replace(recorded, launches={name: recorded.launches[name]})
        return with_observed(alone, {name: answer}, moment.now, self._run.order.desired.keys)[1]

    def _is_one_too_many(self) -> bool:
        run = self._run
        ahead = {(name, run.number_to_start(name)) for name in run.pending()}
        count = len(run.claimed | ahead) + 1
        environment = run.order.desired.environment
        return too_many(count, environment, overridden=run.order.overridden) is not None

    def _let_act(self, name: str) -> None:
        run = self._run
        failed = run.recorded.launches[name].newest
        facts = {"name": name, "attempt": str(failed.number), "next": str(failed.number + 1)}
        run.diagnostics.append(Diagnostic("L277", facts, hint=None))
        run.act_again(name)

    def _leave(self, name: str, why: str) -> None:
        environment = self._run.order.desired.environment.name
        facts = {"name": name, "why": why, "environment": environment}
        self._run.leave(name, "not tried again", Diagnostic("L276", facts))


def _first(change: Change) -> int:
    """The lowest number of an attempt whose failure happened in this run."""
    newest = change.newest
    if newest is None:
        return 1
    return newest.number + (0 if newest.outcome in UNSTARTED | IN_FLIGHT else 1)
