"""How a changeset is made: name by name, in the order of needs, by the decision table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic, in_order
from launcher.engine.approval import carried_on
from launcher.engine.changeset import ACTING, Action, Change, Reason, Row, change_digest
from launcher.engine.effects import Done
from launcher.engine.fielddiff import field_diffs, policy_diffs
from launcher.engine.guards import (
    ALLOWED_PLANS,
    MAX_LAUNCHES,
    clock_problem,
    guards_in_force,
    hold_on,
    refusals,
    too_many,
    unseen_problems,
)
from launcher.engine.naming import Names
from launcher.engine.notes import notes
from launcher.engine.observed import InstanceStatus
from launcher.engine.obstacles import unmet_needs
from launcher.engine.plancheck import NOT_PINNED, check_plan, omitted, plain_ciphers
from launcher.engine.progress import with_observed
from launcher.engine.rows import UNREVIEWED, Case, Renaming, Verdict, decide, stopped_at
from launcher.engine.spec import PlanName

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from launcher.engine.decide import Observed, Options
    from launcher.engine.desired import Desired, Launch
    from launcher.engine.guards import Hold
    from launcher.engine.observed import PlanPin, PlanVariable
    from launcher.engine.recorded import LaunchRecord, Recorded

__all__ = ["JOB_PLAN", "PIN", "Decision", "Maker"]

JOB_PLAN = "job plan"
"""What refuses a launch that the job plan does not take as it is; nobody sets it aside."""

PIN = "pin"
"""What refuses a job plan whose content is not the pinned one; nobody sets it aside."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to become of one name.

    Attributes:
        case: what it was decided by.
        verdict: what the table says.
        rows: what each row of the table said.
    """

    case: Case
    verdict: Verdict
    rows: tuple[Row, ...]


class Maker:
    """One making of a changeset; holds what every launch is decided with."""

    def __init__(
        self,
        desired: Desired,
        recorded: Recorded,
        observed: Observed,
        now: datetime,
        options: Options,
    ) -> None:
        self.desired = desired
        self.recorded, _ = with_observed(recorded, observed.statuses, now, desired.keys)
        self.observed = observed
        self.now = now
        self.options = options
        self.guards = guards_in_force(desired.environment)
        self.names = Names(desired, self.recorded)
        self.verdicts: dict[str, Verdict] = {}
        self.waves: dict[str, int] = {}
        self.diagnostics: list[Diagnostic] = []
        self._decisions: tuple[Decision, ...] | None = None

    def decisions(self) -> tuple[Decision, ...]:
        """What is to become of each name, in an order in which needs come first. Decided once."""
        if self._decisions is None:
            names = [name for name in self.names.in_order() if self._is_asked_for(name)]
            self._decisions = self._limited([self._decide(name) for name in names])
        return self._decisions

    def changes(self) -> tuple[tuple[Change, ...], tuple[Diagnostic, ...]]:
        """The changes, by wave and name, and what was found on the way."""
        made = sorted(map(self._build, self.decisions()), key=lambda item: (item.wave, item.name))
        noted = notes(made, self.desired, self.observed, self.options)
        return tuple(made), in_order([*self.diagnostics, *noted])

    # --- one name -----------------------------------------------------------------------------

    def _is_asked_for(self, name: str) -> bool:
        return self.options.only is None or name in self.options.only

    def _decide(self, name: str) -> Decision:
        case = self._case(name)
        verdict, rows = decide(case)
        demanded = verdict.action in ACTING or verdict.starts
        if demanded and not self._is_reviewed(case, verdict):
            if verdict.starts:
                verdict, rows = decide(replace(case, unreviewed=True))
            else:
                verdict, rows = UNREVIEWED, stopped_at(rows, 13)
        elif verdict.starts and case.launch is not None:
            guard = self._guard(case.launch)
            if guard is not None:
                verdict, rows = decide(replace(case, guard=guard))
        self.diagnostics.extend(_error(case, verdict, self.desired.environment.name))
        needs = case.launch.policy.needs if case.launch else ()
        ahead = [self.waves.get(need, 0) for need in needs if case.needs.get(need) is not None]
        self.verdicts[name] = Verdict(verdict.action, verdict.reason)
        self.waves[name] = 1 + max(ahead, default=0)
        return Decision(case, verdict, rows)

    def _case(self, name: str) -> Case:
        launch, options = self.desired.launches.get(name), self.options
        status = self.observed.statuses.get(name)
        return Case(
            name=name,
            launch=launch,
            record=self.recorded.launches.get(name),
            now=self.now,
            status=status if isinstance(status, InstanceStatus) else None,
            unread=name in self.observed.unread,
            renaming=self._renaming(launch),
            deleted=self.names.deleted,
            as_new=name in options.as_new,
            requested=name in options.requested,
            retry=name in options.retry,
            needs=self._needs(launch),
            hold=self._hold(launch),
        )

    def _hold(self, launch: Launch | None) -> Hold | None:
        if launch is None:
            return None
        environment, overridden = self.desired.environment, self.options.overridden
        return hold_on(launch, environment, self.now, overridden=overridden)

    def _renaming(self, launch: Launch | None) -> Renaming | None:
        if launch is None or launch.renamed_from is None:
            return None
        old = launch.renamed_from
        is_free = old not in self.desired.launches and len(self.names.takers.get(old, ())) < 2  # noqa: PLR2004 - itself
        return Renaming(old, self.recorded.launches.get(old), is_free)

    def _needs(self, launch: Launch | None) -> dict[str, Verdict | None]:
        if launch is None:
            return {}
        return {need: self._verdict_on(need) for need in launch.policy.needs}

    def _verdict_on(self, need: str) -> Verdict | None:
        launch, record = self.desired.launches.get(need), self.recorded.launches.get(need)
        # A need that is not part of this changeset does not act in it.
        verdict = self.verdicts.get(need, Verdict(Action.BLOCK, Reason.NEEDS))
        if verdict.action is Action.RENAME and launch is not None and launch.renamed_from:
            record = self.recorded.launches.get(launch.renamed_from)
        if launch is not None and record is not None and record.is_in_sync(launch.key):
            return None
        return verdict

    # --- review -------------------------------------------------------------------------------

    def _is_reviewed(self, case: Case, verdict: Verdict) -> bool:
        """Whether a review covers it, or an attempt that it only carries on, as far as one is demanded."""
        reviewed = self.options.reviewed
        if reviewed is None or self._digest(case, verdict) in reviewed:
            return True
        if case.record is None or not verdict.starts:
            return False
        return any(
            self._digest_of(case, Action.LAUNCH, reason, follows) in reviewed
            for reason, follows in carried_on(
                case.record, verdict.reason, by_hand=case.retry or case.requested
            )
        )

    def _digest(self, case: Case, verdict: Verdict) -> str:
        record = self._record(case, verdict)
        previous = record.newest_started if record else None
        follows = previous.number if previous else None
        return self._digest_of(case, verdict.action, verdict.reason, follows)

    def _digest_of(self, case: Case, action: Action, reason: Reason, follows: int | None) -> str:
        launch, record = case.launch, case.record
        return change_digest(
            environment=self.desired.environment.name,
            name=case.name,
            action=action,
            reason=reason,
            key=launch.key if launch else (record.newest.key if record else None),
            previous=follows,
            launch=launch,
            plan=self._pin(case.name),
            guards=self.guards,
            renamed_from=launch.renamed_from if launch else None,
        )

    # --- guards -------------------------------------------------------------------------------

    def _guard(self, launch: Launch) -> str | None:
        """The first guard that refuses `launch`; all that do are told."""
        environment, overridden = self.desired.environment, self.options.overridden
        pin = self._pin(launch.name)
        # What a name stands for is not known before the job plan is read; a name that stands for none is told below.
        unknown = {ALLOWED_PLANS} if pin is None and isinstance(launch.spec.plan, PlanName) else ()
        plan_id = None if pin is None else pin.id
        declared = refusals(
            launch, environment, plan_id=plan_id, overridden=overridden.union(unknown)
        )
        found = [(item.guard, item.diagnostic) for item in declared]
        found += [
            (PIN if problem.code == NOT_PINNED else JOB_PLAN, problem)
            for problem in self._plan_problems(launch)
        ]
        told = {guard for guard, _ in found}
        unseen = unseen_problems(
            launch, environment, self.observed.never_read, overridden=overridden
        )
        found += [(item.guard, item.diagnostic) for item in unseen if item.guard not in told]
        if not self.options.offline:
            skew_s = self.observed.skew_s
            clock = clock_problem(launch, environment, skew_s, overridden=overridden)
            found += [(clock.guard, clock.diagnostic)] if clock else []
        self.diagnostics.extend(diagnostic for _, diagnostic in found)
        return found[0][0] if found else None

    def _plan_problems(self, launch: Launch) -> tuple[Diagnostic, ...]:
        if launch.name not in self.observed.plans:
            return ()
        return check_plan(launch, self.observed.plans[launch.name], self.desired.marker)

    def _limited(self, decided: list[Decision]) -> tuple[Decision, ...]:
        """The same, every start refused where there are more than one apply may have."""
        count = sum(item.verdict.starts for item in decided)
        environment = self.desired.environment
        refusal = too_many(count, environment, overridden=self.options.overridden)
        if refusal is None:
            return tuple(decided)
        self.diagnostics.append(refusal.diagnostic)
        verdict = Verdict(Action.BLOCK, Reason.GUARD, by=MAX_LAUNCHES)
        return tuple(
            Decision(item.case, verdict, stopped_at(item.rows, 14)) if item.verdict.starts else item
            for item in decided
        )

    # --- the change ---------------------------------------------------------------------------

    def _record(self, case: Case, verdict: Verdict) -> LaunchRecord | None:
        """The history that the change is about: for a rename, the one that it moves."""
        if verdict.reason is Reason.RENAMED and case.renaming is not None and case.record is None:
            return case.renaming.record
        return case.record

    def _build(self, decision: Decision) -> Change:
        case, verdict = decision.case, decision.verdict
        launch, record = case.launch, self._record(case, verdict)
        previous = record.newest_started if record else None
        shows_fields = verdict.action is not Action.ARCHIVE and launch is not None
        pin = self._pin(case.name)
        hidden = (
            plain_ciphers(launch, self.observed.plans.get(case.name)) if launch else frozenset()
        )
        return Change(
            name=case.name,
            action=verdict.action,
            reason=verdict.reason,
            launch=launch,
            newest=record.newest if record else None,
            previous=previous,
            ran_before=_ran_before(launch, record),
            fields=(
                field_diffs(launch, previous, hidden, None if pin is None else pin.id)
                if shows_fields and launch
                else ()
            ),
            policy=policy_diffs(launch, previous) if shows_fields and launch else (),
            needs=launch.policy.needs if launch else (),
            wave=self.waves[case.name],
            by=verdict.by,
            until=verdict.until,
            plan=pin,
            rows=decision.rows,
            digest=self._digest(case, verdict),
            omitted=self._omitted(case),
            unmet=unmet_needs(case),
        )

    def _omitted(self, case: Case) -> tuple[PlanVariable, ...]:
        answer = self.observed.plans.get(case.name)
        if case.launch is None or not isinstance(answer, Done):
            return ()
        return omitted(case.launch, answer.value, self.desired.marker)

    def _pin(self, name: str) -> PlanPin | None:
        answer = self.observed.plans.get(name)
        return answer.value.pin if isinstance(answer, Done) else None


def _ran_before(launch: Launch | None, record: LaunchRecord | None) -> int | None:
    """The newest attempt that was started with the content of `launch`, if others were started since."""
    started = [item for item in record.attempts if item.was_started] if record else []
    if launch is None or not started or started[-1].key.digest == launch.key.digest:
        return None
    same = (item.number for item in reversed(started) if item.key.digest == launch.key.digest)
    return next(same, None)


def _error(case: Case, verdict: Verdict, environment: str) -> Iterable[Diagnostic]:
    if verdict.action is not Action.ERROR or case.launch is None:
        return
    facts = {
        "name": case.name,
        "by": verdict.by or "",
        "revision": str(case.launch.revision),
        "environment": environment,
    }
    match verdict.reason:
        case Reason.LOOKS_RENAMED:
            yield Diagnostic("L211", facts, case.launch.place())
        case Reason.RENAMED:
            hint = "history" if case.record is not None else "default"
            yield Diagnostic("L258", facts, case.launch.place(), hint=hint)
        case Reason.EDITED:
            yield Diagnostic("L259", facts, case.launch.place())
        case _:
            yield Diagnostic("L212", facts, case.launch.place("revision"))
