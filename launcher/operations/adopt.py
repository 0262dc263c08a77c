"""Let an instance that somebody else has started count as a launch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.engine.byhand import adoption, adoption_outcome, owner_of
from launcher.engine.content import with_contents
from launcher.engine.effects import Done, ReadPlans
from launcher.engine.events import Draft, Kind
from launcher.engine.observed import Missing, Status
from launcher.engine.plancheck import NOT_PINNED, check_plan
from launcher.engine.planname import Unresolved
from launcher.engine.recorded import ENDED_BADLY
from launcher.engine.spec import plan_text
from launcher.errors import RefusedToAct, SurroundingsFailed
from launcher.operations.acts import check_reason
from launcher.operations.byhand import find_case
from launcher.operations.instances import check_instance_id, check_made_from, read_instance
from launcher.operations.observe import Line

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.engine.desired import Launch
    from launcher.engine.observed import InstanceStatus, JobPlan
    from launcher.engine.recorded import Recorded
    from launcher.operations.byhand import ByHand, Case
    from launcher.operations.surroundings import Surroundings

__all__ = ["adopt"]


def adopt(
    directory: Path,
    environment: str | None,
    name: str,
    *,
    instance: int,
    reason: str | None,
    surroundings: Surroundings,
) -> ByHand:
    """Record that `instance`, which somebody else has started, counts as what is declared under `name`.

    One that has succeeded counts as done at once; one that still runs is watched to its end like any other. Its
    name must be the job plan's. What it ran with cannot be compared: that is the person's word.

    Args:
        directory: where to look for the workspace.
        environment: the target; `None` for the default.
        name: the launch.
        instance: the instance's id.
        reason: why it counts.
        surroundings: time, chance and the person.

    Raises:
        RefusedToAct: the launch is not declared, on its way, unknown, renamed, or counts as done already; the
            instance is not to be found in its scope, is another job plan's, is on record already, has not begun or
            has failed; or the ledger is lost, of another server, or a newer commit was applied. Nothing was recorded.
        SurroundingsFailed: it cannot be recorded, or JOB could not be asked.
        InvalidManifests: what is declared cannot be read.
        WrongUsage: there is no such launch, no reason, or no instance can have that id.
    """
    why = check_reason("adopt", reason)
    check_instance_id(instance)
    case = find_case(directory, environment, name, surroundings)
    recorded = case.recall()
    with Line(case.site, case.ledger, 1) as line:
        task = _Task(case, line, instance)
        task.check_owner(recorded)
        case.check_unstarted(line, recorded)
        launch = case.launch(recorded)
        answer = task.read(recorded, launch)
        plan, told = task.plan(recorded, launch, answer)
        fingerprint = line.open(recorded).fingerprint

    def drafts(present: Recorded) -> tuple[Draft, ...]:
        task.check_owner(present)
        binding = Draft(Kind.BOUND, data={"server": fingerprint})
        now = case.launch(present)
        pin = None if plan is None else plan.pin
        adopted = adoption(now, present.launches.get(name), answer, pin, why)
        found = with_contents((adopted,), () if plan is None else (plan,), present.contents)
        return tuple(found) if present.server is not None else (binding, *found)

    return case.end(recorded, drafts, *told)


@dataclass(frozen=True, slots=True)
class _Task:
    """One instance that is to count as a launch."""

    case: Case
    line: Line
    instance: int

    def check_owner(self, recorded: Recorded) -> None:
        """Check that no attempt on record is this instance's already."""
        other = owner_of(recorded, self.instance)
        if other is not None:
            raise RefusedToAct(Diagnostic("L565", {**self._facts, "other": other}))

    def read(self, recorded: Recorded, launch: Launch) -> InstanceStatus:
        """The instance, if it has begun and has not failed."""
        scope = launch.spec.scope
        answer = read_instance(self.line, recorded, scope, self.instance, self._facts, hint="adopt")
        if isinstance(answer, Missing):
            raise RefusedToAct(
                Diagnostic("L728", {**self._facts, "scope": f"{scope.type} {scope.id}"})
            )
        if answer.status == Status.BLANK:
            raise RefusedToAct(Diagnostic("L729", self._facts))
        if adoption_outcome(answer.status) in ENDED_BADLY:
            facts = {**self._facts, "status": str(answer.status)}
            raise RefusedToAct(Diagnostic("L730", facts))
        return answer

    def plan(
        self, recorded: Recorded, launch: Launch, answer: InstanceStatus
    ) -> tuple[JobPlan | None, tuple[Diagnostic, ...]]:
        """The job plan as the instance ran it, and a warning where that cannot be known any more.

        Raises:
            RefusedToAct: the instance is another job plan's, no single job plan has the name that is declared, or it ran a
                content that is not the pinned one.
            SurroundingsFailed: the job plan could not be read.
        """
        wanted = (launch.spec.scope, launch.spec.plan)
        (found,) = self.line.ask(recorded, ReadPlans((wanted,)))
        if isinstance(found, Unresolved):
            raise RefusedToAct(*check_plan(launch, found))
        if not isinstance(found, Done):
            facts = {
                **self._facts,
                "plan": plan_text(launch.spec.plan),
                "message": found.message,
            }
            raise SurroundingsFailed(Diagnostic("L731", facts))
        plan: JobPlan = found.value
        pin = plan.pin
        if answer.name != pin.name:
            facts = {**self._facts, "found": answer.name, "expected": pin.name}
            raise RefusedToAct(Diagnostic("L561", facts))
        check_made_from(
            self.line,
            recorded,
            launch.spec.scope,
            answer,
            expected=pin,
            facts=self._facts,
            hint="adopt",
        )
        if datetime.fromisoformat(pin.last_modified) > answer.created:
            return None, (Diagnostic("L732", {**self._facts, "plan": pin.name}),)
        other = [item for item in check_plan(launch, found) if item.code == NOT_PINNED]
        if other:
            raise RefusedToAct(*other)
        return plan, ()

    @property
    def _facts(self) -> dict[str, str]:
        return self.case.facts_of(self.instance)
