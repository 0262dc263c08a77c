"""End an unknown outcome by what a person has found out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from launcher.diagnostics import Diagnostic
from launcher.engine.byhand import owner_of
from launcher.engine.events import Draft, Kind
from launcher.engine.observed import Missing, Status
from launcher.engine.progress import outcome_at
from launcher.engine.recorded import IN_FLIGHT, OutcomeKind
from launcher.engine.spec import Scope
from launcher.engine.stuck import stuck_because
from launcher.errors import RefusedToAct
from launcher.ledger.sessions import Held, held_error
from launcher.operations.acts import check_reason, notes_of, record
from launcher.operations.instances import check_instance_id, check_made_from, read_instance
from launcher.operations.observe import Line, look
from launcher.operations.opening import check_names
from launcher.operations.permission import check_permitted
from launcher.operations.record import lockfile_name, open_ledger, recall, write_lockfile
from launcher.operations.run_lock import check_lock
from launcher.operations.site import find_site

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from launcher.engine.observed import InstanceStatus
    from launcher.engine.recorded import Attempt, Recorded
    from launcher.ledger.port import Ledger
    from launcher.operations.site import Site
    from launcher.operations.surroundings import Surroundings

__all__ = ["Resolved", "resolve"]


@dataclass(frozen=True, slots=True)
class Resolved:
    """What is on record now.

    Attributes:
        root: the workspace.
        environment: the target.
        name: the launch.
        attempt: its number.
        outcome: what the attempt's outcome is now.
        instance: its instance; `None` where none ran.
        lockfile: where the lockfile stands, relative to the workspace.
        diagnostics: warnings.
    """

    root: Path
    environment: str
    name: str
    attempt: int
    outcome: OutcomeKind
    instance: int | None
    lockfile: str
    diagnostics: tuple[Diagnostic, ...]


def resolve(
    directory: Path,
    environment: str | None,
    name: str,
    *,
    ran: int | None,
    reason: str | None,
    surroundings: Surroundings,
    forgotten: bool = False,
    stuck: bool = False,
) -> Resolved:
    """Record what came of an attempt whose outcome is unknown, by a person's word.

    What JOB can still be asked is asked: how it ended, if it ran, and whether its instance has moved, if it did not.
    An instance that JOB does not know may be a slip of the pen, so it is refused unless the person says that JOB has
    forgotten it; and it never counts as a success, because that cannot be shown any more.

    Args:
        directory: where to look for the workspace.
        environment: the target; `None` for the default.
        name: the launch.
        ran: the instance that it ran as; `None` for one that did not run.
        reason: what the person knows.
        surroundings: time, chance and the person.
        forgotten: record it as failed where JOB does not know the instance any more.
        stuck: record it as failed where its instance is called running and has not moved for long. If it moves
            after all, that is noticed as with any other failure.

    Raises:
        RefusedToAct: the outcome is not unknown, the instance is another launch's or another job plan's, or JOB says
            otherwise; nothing was recorded.
        SurroundingsFailed: JOB could not be asked; nothing was recorded.
        LockHeld: the attempt is in flight, and the run that started it is still at work.
        WrongUsage: there is no such launch, no reason, or no instance can have that id.
    """
    why = check_reason("resolve", reason)
    if ran is not None:
        check_instance_id(ran)
    site = find_site(directory, environment, surroundings)
    check_permitted(site)
    ledger = open_ledger(site)
    with Line(site, ledger, 1) as line:
        task = _Task(site, ledger, line, name, stuck=stuck)
        present = task.settled(recall(site, ledger))
        attempt = task.unknown(present)
        told: tuple[Diagnostic, ...] = ()
        if ran is None:
            data = task.not_ran(present, attempt, why)
        else:
            data, told = task.ran(present, attempt, ran, why, forgotten=forgotten)

    def drafts(recorded: Recorded) -> tuple[Draft, ...]:
        now = task.unknown(recorded)
        if (now.number, now.instance_id) != (attempt.number, attempt.instance_id):
            # What JOB was asked about is not what is unknown now.
            raise RefusedToAct(Diagnostic("L566", {"environment": site.environment.name}))
        if ran is not None:
            task.check_owner(recorded, now, ran)
        return (Draft(Kind.RESOLVED, name, now.key, now.number, data),)

    present = record(site, ledger, present, drafts)
    write_lockfile(site, ledger.read())
    newest = present.launches[name].newest
    return Resolved(
        root=site.root,
        environment=site.environment.name,
        name=name,
        attempt=newest.number,
        outcome=newest.outcome,
        instance=ran,
        lockfile=lockfile_name(site),
        diagnostics=(*told, *ledger.notes),
    )


@dataclass(frozen=True, slots=True)
class _Task:
    """One launch whose outcome is to be resolved."""

    site: Site
    ledger: Ledger
    line: Line
    name: str
    stuck: bool

    def settled(self, recorded: Recorded) -> Recorded:
        """The record, after what rules say about an attempt in flight is noted: they may call it unknown."""
        environment = self.site.environment.name
        check_names((self.name,), recorded.launches, environment)
        if recorded.launches[self.name].newest.outcome not in IN_FLIGHT:
            return recorded
        lock = check_lock(self.site, self.ledger, recorded)
        if isinstance(lock, Held):
            raise held_error(lock, environment)
        statuses, _ = look(self.line, recorded, [self.name])
        return record(self.site, self.ledger, recorded, lambda item: self._notes(item, statuses))

    def _notes(
        self, recorded: Recorded, statuses: Mapping[str, InstanceStatus | Missing]
    ) -> tuple[Draft, ...]:
        # Nothing is declared as far as this is concerned: no run that would START it again is under way.
        _, notes = notes_of(recorded, statuses, {}, self.site)
        return tuple(draft for draft in notes if draft.name == self.name)

    def unknown(self, recorded: Recorded) -> Attempt:
        """The attempt that is to be resolved."""
        check_names((self.name,), recorded.launches, self.site.environment.name)
        attempt = recorded.launches[self.name].newest
        if attempt.outcome is OutcomeKind.UNKNOWN or (self.stuck and attempt.outcome in IN_FLIGHT):
            return attempt
        facts = {
            "name": self.name,
            "attempt": str(attempt.number),
            "outcome": attempt.outcome.value,
            "environment": self.site.environment.name,
        }
        raise RefusedToAct(Diagnostic("L560", facts))

    def not_ran(self, recorded: Recorded, attempt: Attempt, reason: str) -> dict[str, Any]:
        """What is recorded of an attempt that did not run, after JOB was asked about its instance, if it has one.

        What is on record of it counts as well: JOB may have forgotten since that it began.
        """
        if attempt.instance_id is not None:
            facts = self._facts(attempt.instance_id)
            if attempt.endings or attempt.status not in (None, Status.BLANK):
                raise RefusedToAct(Diagnostic("L546", facts))
            answer = self._read(recorded, attempt, attempt.instance_id, facts)
            if not isinstance(answer, Missing):
                if answer.status != Status.BLANK:
                    raise RefusedToAct(Diagnostic("L546", facts))
                self._check_given_up(attempt, facts)
        return {"outcome": OutcomeKind.NOT_RAN.value, "reason": reason}

    def _check_given_up(self, attempt: Attempt, facts: Mapping[str, str]) -> None:
        """A START that was sent may begin late; only after the limit it counts as one that never will."""
        # What was restored from a lockfile may have been started after that was written.
        since = attempt.started_at or attempt.intended_at
        waited = self.site.surroundings.now() - since
        if waited.total_seconds() < self.site.settings.start_limit_s:
            raise RefusedToAct(Diagnostic("L564", facts))

    def ran(
        self,
        recorded: Recorded,
        attempt: Attempt,
        instance: int,
        reason: str,
        *,
        forgotten: bool,
    ) -> tuple[dict[str, Any], tuple[Diagnostic, ...]]:
        """What is recorded of an attempt that ran as `instance`, and a warning where its result is lost."""
        self.check_owner(recorded, attempt, instance)
        facts = self._facts(instance)
        answer = self._read(recorded, attempt, instance, facts)
        if isinstance(answer, Missing):
            if not forgotten:
                raise RefusedToAct(Diagnostic("L593", facts))
            lost: dict[str, Any] = {
                "outcome": OutcomeKind.FAILED.value,
                "instance": {"id": instance, "name": attempt.instance_name},
                "reason": f"{reason} (its result can no longer be read)",
            }
            return lost, (Diagnostic("L563", facts),)
        self._check_name(attempt, answer, facts)
        if attempt.plan is not None:
            scope = self._scope(attempt)
            check_made_from(self.line, recorded, scope, answer, expected=attempt.plan, facts=facts)
        if answer.status == Status.BLANK:
            raise RefusedToAct(Diagnostic("L564", facts))
        data: dict[str, Any] = {
            "outcome": self._outcome(attempt, answer, facts).value,
            "instance": {"id": instance, "name": answer.name},
            "status": answer.status,
            "reason": reason,
        }
        if answer.ended is not None:
            data["finished"] = answer.ended.isoformat()
        return data, ()

    def _outcome(
        self, attempt: Attempt, answer: InstanceStatus, facts: Mapping[str, str]
    ) -> OutcomeKind:
        outcome = outcome_at(answer.status)
        if not self.stuck:
            return outcome
        if attempt.instance_id != answer.id or (
            outcome in IN_FLIGHT
            and stuck_because(attempt, answer, self.site.surroundings.now()) is None
        ):
            raise RefusedToAct(Diagnostic("L594", facts))
        return OutcomeKind.FAILED if outcome in IN_FLIGHT else outcome

    def _facts(self, instance: int) -> dict[str, str]:
        return {
            "name": self.name,
            "instance": str(instance),
            "environment": self.site.environment.name,
        }

    def check_owner(self, recorded: Recorded, attempt: Attempt, instance: int) -> None:
        """No instance is the run of two attempts."""
        other = owner_of(recorded, instance, besides=(self.name, attempt.number))
        if other is not None:
            raise RefusedToAct(Diagnostic("L565", {**self._facts(instance), "other": other}))

    def _read(
        self, recorded: Recorded, attempt: Attempt, instance: int, facts: Mapping[str, str]
    ) -> InstanceStatus | Missing:
        return read_instance(self.line, recorded, self._scope(attempt), instance, facts)

    def _scope(self, attempt: Attempt) -> Scope:
        return Scope(attempt.spec["scope"]["type"], attempt.spec["scope"]["id"])

    def _check_name(
        self, attempt: Attempt, answer: InstanceStatus, facts: Mapping[str, str]
    ) -> None:
        expected = attempt.plan.name if attempt.plan is not None else attempt.instance_name
        if expected is not None and answer.name != expected:
            names = {"found": answer.name, "expected": expected}
            raise RefusedToAct(Diagnostic("L561", {**facts, **names}))
