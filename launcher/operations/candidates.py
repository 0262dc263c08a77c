"""Show which instances a launch of unknown outcome may have run as."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from launcher.diagnostics import Diagnostic
from launcher.engine.candidates import Seeker, search_for, weigh
from launcher.engine.effects import Done, Find, ReadStatus
from launcher.engine.observed import Candidate, InstanceRef, Missing
from launcher.engine.recorded import IN_FLIGHT, OutcomeKind
from launcher.engine.report import Limits
from launcher.engine.spec import Scope
from launcher.errors import RefusedToAct, SurroundingsFailed
from launcher.operations.acts import notes_of
from launcher.operations.observe import Line, look
from launcher.operations.opening import check_names
from launcher.operations.record import open_ledger, recall
from launcher.operations.site import find_site

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.engine.candidates import Weighed
    from launcher.engine.effects import Outcome
    from launcher.engine.observed import InstanceStatus
    from launcher.engine.recorded import Attempt, Recorded
    from launcher.operations.site import Site
    from launcher.operations.surroundings import Surroundings

__all__ = ["Candidates", "candidates"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Candidates:
    """What a launch of unknown outcome may have run as.

    Attributes:
        root: the workspace.
        environment: the target.
        name: the launch.
        attempt: the attempt whose outcome is unknown.
        found: newest first; empty where JOB has none.
        diagnostics: what could not be looked at.
    """

    root: Path
    environment: str
    name: str
    attempt: Attempt
    found: tuple[Weighed, ...]
    diagnostics: tuple[Diagnostic, ...]


def candidates(
    directory: Path, environment: str | None, name: str, *, surroundings: Surroundings
) -> Candidates:
    """Look for every instance that the unknown attempt of `name` may have run as. Records nothing.

    Raises:
        RefusedToAct: the outcome is not unknown, the ledger is lost, or bound to another server.
        SurroundingsFailed: JOB could not be asked.
        WrongUsage: there is no such launch.
    """
    site = find_site(directory, environment, surroundings)
    ledger = open_ledger(site)
    recorded = recall(site, ledger)
    check_names((name,), recorded.launches, site.environment.name)
    with Line(site, ledger, 1) as line:
        recorded = _as_rules_say(site, line, recorded, name)
        attempt = recorded.launches[name].newest
        if attempt.outcome is not OutcomeKind.UNKNOWN:
            raise RefusedToAct(Diagnostic("L560", _facts(site, name, attempt)))
        look_out = _Lookout(site, line, recorded, name, attempt)
        found, notes = look_out.found()
    return Candidates(
        root=site.root,
        environment=site.environment.name,
        name=name,
        attempt=attempt,
        found=found,
        diagnostics=(*notes, *ledger.notes),
    )


def _as_rules_say(site: Site, line: Line, recorded: Recorded, name: str) -> Recorded:
    """The record with what JOB says of an attempt in flight: it may be unknown by now."""
    if recorded.launches[name].newest.outcome not in IN_FLIGHT:
        return recorded
    statuses, _ = look(line, recorded, [name])
    return notes_of(recorded, statuses, {}, site)[0]


def _facts(site: Site, name: str, attempt: Attempt) -> dict[str, str]:
    return {
        "name": name,
        "attempt": str(attempt.number),
        "outcome": attempt.outcome.value,
        "environment": site.environment.name,
    }


@dataclass(frozen=True, slots=True)
class _Lookout:
    """One search for the instances of an attempt."""

    site: Site
    line: Line
    recorded: Recorded
    name: str
    attempt: Attempt

    def found(self) -> tuple[tuple[Weighed, ...], tuple[Diagnostic, ...]]:
        """What was found, and what could not be looked for."""
        seeker = Seeker(
            name=self.name,
            environment=self.site.environment.name,
            marker=self.site.workspace.document.marker,
            operator=self.line.open(self.recorded).user,
            clock_skew_s=Limits().clock_skew_s,
        )
        now = self.site.surroundings.now()
        search = search_for(seeker, self.recorded, self.attempt, now)
        notes: list[Diagnostic] = []
        listed: tuple[Candidate, ...] = ()
        if search is None:
            notes.append(Diagnostic("L591", self._facts()))
        else:
            (answer,) = self.line.ask(self.recorded, Find((search,)))
            listed = self._value(answer)
        known = self.attempt.instance_id
        if known is not None and all(item.id != known for item in listed):
            on_record = self._on_record(known)
            if on_record is None:
                notes.append(Diagnostic("L590", self._facts()))
            else:
                listed = (*listed, on_record)
        return weigh(seeker, self.recorded, self.attempt, listed), tuple(notes)

    def _on_record(self, instance: int) -> Candidate | None:
        """The instance on record, which the list does not show; `None` once JOB has forgotten it."""
        scope = Scope(self.attempt.spec["scope"]["type"], self.attempt.spec["scope"]["id"])
        (answer,) = self.line.ask(self.recorded, ReadStatus((InstanceRef(scope, instance),)))
        status: InstanceStatus | Missing = self._value(answer)
        if isinstance(status, Missing):
            return None
        return Candidate(
            instance, status.status, bool(status.steps), marker=None, created=status.created
        )

    def _value(self, answer: Outcome[T]) -> T:
        if isinstance(answer, Done):
            return answer.value
        facts = {**self._facts(), "message": answer.message}
        raise SurroundingsFailed(Diagnostic("L592", facts))

    def _facts(self) -> dict[str, str]:
        instance = self.attempt.instance_id
        return {
            **_facts(self.site, self.name, self.attempt),
            "instance": "" if instance is None else str(instance),
        }
