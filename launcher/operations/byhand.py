"""What `adopt` and `waive` share: what is declared and recorded, what stands in the way, and the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.engine.byhand import Hindrance, hindrance
from launcher.engine.observed import Missing, Status
from launcher.engine.recorded import OutcomeKind
from launcher.engine.spec import Scope
from launcher.errors import RefusedToAct
from launcher.operations.acts import record
from launcher.operations.backwards import check_commit
from launcher.operations.beginning import with_ledger
from launcher.operations.instances import read_instance
from launcher.operations.opening import check_names, desired_in
from launcher.operations.permission import check_permitted, may_create_ledger
from launcher.operations.record import lockfile_name, open_ledger, recall, write_lockfile
from launcher.operations.site import find_site

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from launcher.engine.desired import Desired, Launch
    from launcher.engine.events import Draft
    from launcher.engine.recorded import Attempt, Recorded
    from launcher.ledger.port import Ledger
    from launcher.operations.observe import Line
    from launcher.operations.site import Site
    from launcher.operations.surroundings import Surroundings

__all__ = ["ByHand", "Case", "find_case"]

_CODES = {
    Hindrance.UNDECLARED: "L720",
    Hindrance.NOT_RENAMED: "L721",
    Hindrance.UNKNOWN: "L722",
    Hindrance.IN_FLIGHT: "L723",
    Hindrance.OPERATION: "L724",
    Hindrance.LOWERED: "L725",
    Hindrance.IN_SYNC: "L726",
}


@dataclass(frozen=True, slots=True)
class ByHand:
    """What is on record now.

    Attributes:
        root: the workspace.
        environment: the target.
        name: the launch.
        attempt: the newest one, as it is now.
        lockfile: where the lockfile stands, relative to the workspace.
        diagnostics: warnings.
    """

    root: Path
    environment: str
    name: str
    attempt: Attempt
    lockfile: str
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One launch that a person speaks of.

    Attributes:
        site: where.
        desired: what is declared.
        ledger: its record.
        name: the launch.
        warnings: what was found while reading.
    """

    site: Site
    desired: Desired
    ledger: Ledger
    name: str
    warnings: tuple[Diagnostic, ...]

    @property
    def environment(self) -> str:
        """The target's name."""
        return self.site.environment.name

    def recall(self) -> Recorded:
        """The record, begun if there is none yet.

        Raises:
            RefusedToAct: it is lost, or what is checked out is older than what was applied last: what is declared
                there may have been replaced since.
            WrongUsage: nobody knows the launch.
        """
        may_create = may_create_ledger(self.site)
        recorded = recall(self.site, self.ledger, may_create=may_create)
        known = {*self.desired.launches, *recorded.launches}
        check_names((self.name,), known, self.environment)
        check_commit(self.site, recorded, allowed=False, reason=None)
        self.launch(recorded)
        born = with_ledger(self.site, self.ledger, recorded)
        return self.ledger.read() if born is None else born

    def launch(self, recorded: Recorded) -> Launch:
        """What is declared, if a person may put something in its place.

        Raises:
            RefusedToAct: something stands in the way.
        """
        launch = self.desired.launches.get(self.name)
        found = hindrance(recorded, launch)
        if found is not None:
            raise RefusedToAct(Diagnostic(_CODES[found], self._facts(recorded, launch)))
        if launch is None:
            raise AssertionError("what is not declared is a hindrance")
        return launch

    def check_unstarted(self, line: Line, recorded: Recorded) -> None:
        """Check that what was prepared for it has not been started by somebody else.

        Raises:
            RefusedToAct: it has; it is on its way and must not look as if it had never been.
            SurroundingsFailed: JOB could not be asked.
        """
        record_of = recorded.launches.get(self.name)
        newest = record_of.newest if record_of is not None else None
        if newest is None or newest.outcome is not OutcomeKind.PREPARED:
            return
        if newest.instance_id is None:
            return
        facts = self.facts_of(newest.instance_id)
        scope = Scope(newest.spec["scope"]["type"], newest.spec["scope"]["id"])
        answer = read_instance(line, recorded, scope, newest.instance_id, facts, hint="again")
        if not isinstance(answer, Missing) and answer.status != Status.BLANK:
            raise RefusedToAct(Diagnostic("L727", facts))

    def facts_of(self, instance: int) -> dict[str, str]:
        """What is said about `instance`."""
        return {
            "name": self.name,
            "instance": str(instance),
            "environment": self.environment,
        }

    def end(
        self,
        recorded: Recorded,
        drafts: Callable[[Recorded], tuple[Draft, ...]],
        *told: Diagnostic,
    ) -> ByHand:
        """Record `drafts` and write the lockfile."""
        present = record(self.site, self.ledger, recorded, drafts)
        write_lockfile(self.site, self.ledger.read())
        return ByHand(
            root=self.site.root,
            environment=self.environment,
            name=self.name,
            attempt=present.launches[self.name].newest,
            lockfile=lockfile_name(self.site),
            diagnostics=(*self.warnings, *told, *self.ledger.notes),
        )

    def _facts(self, recorded: Recorded, launch: Launch | None) -> dict[str, str]:
        found = recorded.launches.get(self.name)
        facts = {"name": self.name, "environment": self.environment}
        if launch is not None:
            facts |= {"revision": str(launch.revision), "old": launch.renamed_from or ""}
        if found is None:
            return facts
        newest = found.newest
        highest = max(item.key.revision for item in found.attempts)
        operation = newest.operation.kind.value if newest.operation is not None else ""
        return {
            **facts,
            "attempt": str(newest.number),
            "outcome": newest.outcome.value,
            "highest": str(highest),
            "operation": operation,
        }


def find_case(
    directory: Path, environment: str | None, name: str, surroundings: Surroundings
) -> Case:
    """The launch called `name`, as far as it is declared.

    Raises:
        InvalidManifests: a file cannot be read, or a rule is broken.
        RefusedToAct: a pull request, or a CI run whose ledger would not last.
        SurroundingsFailed: a file, a variable or git failed.
        WrongUsage: there is no such environment.
    """
    site = find_site(directory, environment, surroundings)
    check_permitted(site)
    desired, warnings = desired_in(site.workspace, site.environment)
    return Case(site, desired, open_ledger(site), name, warnings)
