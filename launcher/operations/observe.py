"""Ask JOB about what runs and what would run, and decide with the answers."""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

from launcher.diagnostics import Diagnostic
from launcher.engine.changeset import Action, Reason
from launcher.engine.decide import Observed, Options, Outline
from launcher.engine.drifted import with_drifts
from launcher.engine.effects import (
    Done,
    Effect,
    ReadPlans,
    ReadSkew,
    ReadStatus,
    Refused,
    Unknown,
)
from launcher.engine.guards import CLOCK, FREEZES, MAX_LAUNCHES, NOT_BEFORE, WINDOWS
from launcher.engine.observed import InstanceRef
from launcher.engine.recorded import ENDED_BADLY, IN_FLIGHT
from launcher.engine.spec import PlanName, Scope, plan_text
from launcher.errors import SurroundingsFailed
from launcher.operations.binding import check_same_server
from launcher.operations.performer import Performer
from launcher.operations.server import connect_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from types import TracebackType

    from launcher.engine.changeset import Changeset
    from launcher.engine.desired import Desired
    from launcher.engine.effects import Outcome
    from launcher.engine.observed import InstanceStatus, Missing, PlanEntry
    from launcher.engine.recorded import Recorded
    from launcher.job.server import JobServer
    from launcher.ledger.port import Ledger
    from launcher.operations.site import Site

__all__ = ["Decided", "Line", "connected", "decide", "ended_badly", "look"]

_PASSING = frozenset({CLOCK, FREEZES, MAX_LAUNCHES, NOT_BEFORE, WINDOWS})
"""Rules that say no today and yes tomorrow, or to fewer at once: a review does not depend on them."""

_LAUNCHES = (Action.LAUNCH, Action.HOLD)
"""Actions after which another attempt follows, now or once nothing holds it."""


class Line(AbstractContextManager["Line"]):
    """The line to the server of a site: opened when something is first asked, closed at the end.

    It is opened only to the server that the ledger is bound to.
    """

    def __init__(self, site: Site, ledger: Ledger, parallelism: int) -> None:
        self._site = site
        self._ledger = ledger
        self._parallelism = parallelism
        self._server: JobServer | None = None
        self._performer: Performer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wait for what is under way, and close."""
        if self._performer is not None:
            self._performer.__exit__(kind, error, trace)
        if self._server is not None:
            self._server.close()

    @property
    def environment(self) -> str:
        """The name of the environment whose server it leads to."""
        return self._site.environment.name

    @property
    def fingerprint(self) -> str | None:
        """The server's, once the line is open."""
        return None if self._server is None else self._server.fingerprint

    def open(self, recorded: Recorded) -> JobServer:
        """The server.

        Raises:
            SurroundingsFailed: address, credentials or the sandbox's files cannot be used.
            RefusedToAct: the ledger is bound to another server.
        """
        if self._server is None:
            self._server = connect_server(self._site, self._parallelism)
        check_same_server(self._site, recorded, self._server.fingerprint)
        return self._server

    def ask(self, recorded: Recorded, effect: Effect) -> Any:  # noqa: ANN401 - as the effect's docstring says
        """Perform an effect that needs no secret; raises as `open`."""
        return self._open_performer(recorded).perform(effect)

    def meaning(self, scope: Scope, plan: PlanName) -> int | None:
        """What the name of a job plan stands for, if that is known from looking up others; asks nobody."""
        return None if self._performer is None else self._performer.meaning(scope, plan)

    def list_plans(self, recorded: Recorded, scope: Scope) -> Outcome[tuple[PlanEntry, ...]]:
        """All job plans of a scope, which no decision rests on; raises as `open`."""
        return self._open_performer(recorded).list_plans(scope)

    def _open_performer(self, recorded: Recorded) -> Performer:
        server = self.open(recorded)
        if self._performer is None:
            self._performer = Performer(
                server, self._ledger, {}, self._site.surroundings, self._parallelism
            )
        return self._performer


@contextmanager
def connected(site: Site) -> Iterator[JobServer]:
    """The server of a site, whatever the ledger is bound to."""
    server = connect_server(site, 1)
    try:
        yield server
    finally:
        server.close()


@dataclass(frozen=True, slots=True)
class Decided:
    """A changeset and what it was made from.

    Attributes:
        changeset: the decision.
        unrestricted: the same without regard to any review: what its digest covers can be reviewed.
        statuses: what JOB said about instances, by launch name.
        diagnostics: instances that could not be read, and what the door does not show of one, as warnings.
    """

    changeset: Changeset
    unrestricted: Changeset
    statuses: Mapping[str, InstanceStatus | Missing] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()


def look(
    line: Line, recorded: Recorded, names: Iterable[str]
) -> tuple[dict[str, InstanceStatus | Missing], tuple[Diagnostic, ...]]:
    """How far the newest instances of `names` are; those without one, and those that cannot be read, are left out."""
    wanted = {name: ref for name in names if (ref := _instance(recorded, name)) is not None}
    if not wanted:
        return {}, ()
    answers = line.ask(recorded, ReadStatus(tuple(wanted.values())))
    statuses: dict[str, InstanceStatus | Missing] = {}
    unread: list[Diagnostic] = []
    for (name, ref), answer in zip(wanted.items(), answers, strict=True):
        if isinstance(answer, Done):
            statuses[name] = answer.value
        else:
            facts = {
                "name": name,
                "instance": str(ref.id),
                "message": answer.message,
                "environment": line.environment,
            }
            unread.append(Diagnostic("L535", facts))
    return statuses, tuple(unread)


def decide(
    line: Line,
    desired: Desired,
    recorded: Recorded,
    options: Options,
    site: Site,
    *,
    reviewed_in: Callable[[Changeset], frozenset[str]] | None = None,
) -> Decided:
    """Observe and decide; asks JOB about nothing but what runs, what failed last, and what would run.

    Args:
        line: to the server.
        desired: what is declared.
        recorded: what is on record.
        options: what was asked for.
        site: where.
        reviewed_in: which changes a review covers, out of everything that would act now, or later by itself; `None`
            where `options.reviewed` says it.
    """
    in_flight = [
        name for name, item in recorded.launches.items() if item.newest.outcome in IN_FLIGHT
    ]
    statuses, unread = look(line, recorded, in_flight)
    now = site.surroundings.now()

    def outlined(options: Options, observed: Observed) -> Outline:
        return Outline(desired, recorded, observed, now=now, commit=site.commit, options=options)

    def made(options: Options, observed: Observed) -> Changeset:
        return outlined(options, observed).changeset()

    # What a review covers includes the job plan's content, so it can only be compared once that is read; and the
    # first answer tells the server's time.
    lifted = _PASSING if reviewed_in is not None else {CLOCK}
    ahead = replace(options, reviewed=None, overridden=options.overridden | lifted)
    first = outlined(ahead, Observed(line.fingerprint, statuses))
    failed = _failed_before(first)
    again, unread_again = look(line, recorded, failed)
    # What cannot be read may have been carried on with, so nothing is launched beside it.
    dark = frozenset(name for name in failed if _instance(recorded, name) and name not in again)
    if again or dark:
        statuses |= again
        first = outlined(ahead, Observed(line.fingerprint, statuses, unread=dark))
    plans = _read_plans(line, recorded, first)
    never_read = line.open(recorded).never_read() if plans else ()
    said = (*unread, *unread_again, *_never_read(line.environment, never_read))
    if not plans and options.reviewed is None and reviewed_in is None:
        changeset = first.changeset()
        return Decided(changeset, changeset, statuses, said)
    skew_s: float | None = line.ask(recorded, ReadSkew()) if plans else None
    meanings = _meanings(line, desired)
    observed = Observed(line.fingerprint, statuses, plans, skew_s, dark, meanings, never_read)
    if reviewed_in is not None:
        options = replace(options, reviewed=reviewed_in(made(ahead, observed)))
    known = {name: item.value for name, item in plans.items() if isinstance(item, Done)}
    redact = line.open(recorded).redact if known else str
    changeset = with_drifts(made(options, observed), recorded, known, redact)
    if options.reviewed is None:
        return Decided(changeset, changeset, statuses, said)
    return Decided(changeset, made(replace(options, reviewed=None), observed), statuses, said)


def _read_plans(line: Line, recorded: Recorded, outline: Outline) -> dict[str, Any]:
    """The job plans of what would run, by launch name.

    Raises:
        SurroundingsFailed: JOB could not be asked, so nothing can be decided.
    """
    wanted = outline.plans_to_read()
    if not wanted:
        return {}
    answers = line.ask(recorded, ReadPlans(tuple((scope, plan) for _, scope, plan in wanted)))
    for (_, _, plan), answer in zip(wanted, answers, strict=True):
        # JOB's own word about a job plan is a matter for the decision; anything else says nothing about it.
        if isinstance(answer, Unknown) or (isinstance(answer, Refused) and answer.code is None):
            facts = {
                "plan": plan_text(plan),
                "message": answer.message,
                "environment": line.environment,
            }
            raise SurroundingsFailed(Diagnostic("L573", facts))
    return {name: answer for (name, _, _), answer in zip(wanted, answers, strict=True)}


def _never_read(environment: str, what: tuple[str, ...]) -> tuple[Diagnostic, ...]:
    """That what would run will not be compared whole, because the door shows less than JOB has."""
    facts = {"what": " and ".join(what), "environment": environment}
    return (Diagnostic("L326", facts),) if what else ()


def _meanings(line: Line, desired: Desired) -> dict[str, int]:
    """What names of job plans stand for, in scopes that were listed for what would run."""
    found = {
        name: line.meaning(launch.spec.scope, launch.spec.plan)
        for name, launch in desired.launches.items()
        if isinstance(launch.spec.plan, PlanName)
    }
    return {name: plan_id for name, plan_id in found.items() if plan_id is not None}


def ended_badly(recorded: Recorded) -> list[str]:
    """Launches whose newest attempt failed or was cancelled: "finished" is not final on JOB."""
    return [name for name, item in recorded.launches.items() if item.newest.outcome in ENDED_BADLY]


def _failed_before(outline: Outline) -> list[str]:
    """Launches whose failed attempt decides what happens: a person may have retried it on JOB's own pages."""
    return [
        item.case.name
        for item in outline.decisions
        if (item.verdict.action in _LAUNCHES or item.verdict.reason is Reason.FAILED)
        and item.case.record is not None
        and item.case.record.newest.outcome in ENDED_BADLY
    ]


def _instance(recorded: Recorded, name: str) -> InstanceRef | None:
    attempt = recorded.launches[name].newest
    if attempt.instance_id is None:
        return None
    scope = attempt.spec["scope"]
    return InstanceRef(Scope(scope["type"], scope["id"]), attempt.instance_id)
