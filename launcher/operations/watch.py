"""Watch what runs until it has ended, and record what comes of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from launcher.engine.desired import Desired
from launcher.engine.execute import execute
from launcher.engine.recorded import ENDED_BADLY, IN_FLIGHT
from launcher.engine.report import Order
from launcher.engine.watching import watching
from launcher.errors import ExitCode, LauncherError, combined
from launcher.ledger.sessions import Held
from launcher.operations.acts import notes_of, record
from launcher.operations.applied import Applied
from launcher.operations.beginning import limits_of
from launcher.operations.drive import drive
from launcher.operations.observe import Line, look
from launcher.operations.opening import check_names
from launcher.operations.performer import Performer
from launcher.operations.permission import check_permitted
from launcher.operations.progress import Observed, Planned, Settled
from launcher.operations.record import lockfile_name, open_ledger, recall, write_lockfile
from launcher.operations.run_lock import check_lock
from launcher.operations.site import find_site
from launcher.operations.telling import Teller
from launcher.operations.verdict import code_of, exit_code, stop_notes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from launcher.diagnostics import Diagnostic
    from launcher.engine.changeset import Changeset
    from launcher.engine.events import Draft
    from launcher.engine.observed import InstanceStatus, Missing
    from launcher.engine.recorded import Recorded
    from launcher.engine.report import Report
    from launcher.ledger.port import Ledger
    from launcher.operations.progress import Progress
    from launcher.operations.site import Site
    from launcher.operations.surroundings import Surroundings

__all__ = ["WatchRequest", "watch"]


@dataclass(frozen=True, slots=True)
class WatchRequest:
    """What is to be watched.

    Attributes:
        directory: where to look for the workspace, upwards from here.
        environment: the target; `None` for the workspace's default.
        names: these launches; empty for whatever runs.
        parallelism: calls in flight.
        timeout_s: how long each job is watched, from now on, before it is left to itself. The wait of a manifest was for
            the run that started the job, and may be over.
    """

    directory: Path
    environment: str | None = None
    names: frozenset[str] = frozenset()
    parallelism: int = 16
    timeout_s: float = 1800


def watch(
    request: WatchRequest, surroundings: Surroundings, *, progress: Callable[[Progress], None]
) -> Applied:
    """Watch what was started, by whomever, until it has ended; record what JOB says of it, and start nothing.

    It needs no session, so it may run beside an apply. What is declared plays no part, its wait neither: that was for
    the run that started the job. A launch that was named and has ended already counts as well: its outcome gives the
    exit code.

    Args:
        request: what is to be watched.
        surroundings: time, chance and the wish to stop.
        progress: hears how it goes; called from this thread only.

    Raises:
        RefusedToAct: a lost ledger, another server, or a pull request.
        SurroundingsFailed: a file, a variable or git failed, or the ledger cannot be written.
        WrongUsage: there is no such launch or environment.
    """
    site = find_site(request.directory, request.environment, surroundings)
    check_permitted(site)
    ledger = open_ledger(site)
    with Line(site, ledger, request.parallelism) as line:
        return _Task(site, request, ledger, line, progress).carry_out()


@dataclass(slots=True)
class _Task:
    """One watch, from the first look to the last word."""

    site: Site
    request: WatchRequest
    ledger: Ledger
    line: Line
    progress: Callable[[Progress], None]
    ended: set[str] = field(default_factory=set)

    def carry_out(self) -> Applied:
        """Look once, then watch what is on its way."""
        recorded = recall(self.site, self.ledger)
        check_names(self.request.names, recorded.launches, self.site.environment.name)
        before = recorded
        recorded, unread = self._look(recorded)
        self._tell(before, recorded)
        changeset = watching(
            recorded,
            self._running(recorded),
            environment=self.site.environment.name,
            commit=self.site.commit,
        )
        said = [*unread]
        if not changeset.changes:
            return self._end(changeset, None, recorded, said)
        self.progress(Planned(changeset, self.site.surroundings.now()))
        report, failure = self._run(changeset, recorded)
        said.extend(report.diagnostics)
        environment = self.site.environment.name
        said.extend(stop_notes(changeset, report, environment, watched=True))
        return self._end(changeset, report, report.recorded, said, failure)

    def _wanted(self, recorded: Recorded) -> list[str]:
        """What is to be watched and is on record; others may rename a launch meanwhile."""
        wanted = self.request.names or frozenset(recorded.launches)
        return sorted(wanted & recorded.launches.keys())

    def _look(self, recorded: Recorded) -> tuple[Recorded, tuple[Diagnostic, ...]]:
        """The record with what JOB says at first: a job that had failed may have been carried on with."""
        asked = [
            name
            for name in self._wanted(recorded)
            if recorded.launches[name].newest.outcome in IN_FLIGHT | ENDED_BADLY
        ]
        statuses, unread = look(self.line, recorded, asked)

        def notes(present: Recorded) -> tuple[Draft, ...]:
            return self._notes(present, statuses)

        return record(self.site, self.ledger, recorded, notes), unread

    def _tell(self, before: Recorded, after: Recorded) -> None:
        """Tell what the first look has found, and what was named and had ended already."""
        now = self.site.surroundings.now()
        for name in self._wanted(after):
            newest = after.launches[name].newest
            known = before.launches.get(name)
            if (
                known is not None
                and known.newest == newest
                and (newest.outcome in IN_FLIGHT or name not in self.request.names)
            ):
                continue
            number, instance, outcome = newest.number, newest.instance_id, newest.outcome
            if outcome in IN_FLIGHT:
                self.progress(Observed(name, number, instance, newest.status, outcome, now))
            else:
                self.ended.add(name)
                self.progress(Settled(name, number, instance, outcome, now))

    def _notes(
        self, present: Recorded, statuses: Mapping[str, InstanceStatus | Missing]
    ) -> tuple[Draft, ...]:
        # Nothing is declared as far as this is concerned: whoever starts it again is another run.
        _, drafts = notes_of(present, statuses, {}, self.site)
        return tuple(draft for draft in drafts if draft.name in statuses)

    def _running(self, recorded: Recorded) -> list[str]:
        """What is on its way; without those whose first answer another run still waits for."""
        lock = check_lock(self.site, self.ledger, recorded)
        return [
            name
            for name in self._wanted(recorded)
            if (newest := recorded.launches[name].newest).outcome in IN_FLIGHT
            and (newest.instance_id is not None or not isinstance(lock, Held))
        ]

    def _run(self, changeset: Changeset, recorded: Recorded) -> tuple[Report, LauncherError | None]:
        site, request = self.site, self.request
        server = self.line.open(recorded)
        order = Order(
            changeset=changeset,
            desired=Desired(site.environment, {}),
            recorded=recorded,
            fingerprint=server.fingerprint,
            marker=site.workspace.document.marker,
            opening=(),
            limits=replace(
                limits_of(site.settings, self.ledger, request.parallelism), wait_s=request.timeout_s
            ),
        )
        performer = Performer(server, self.ledger, {}, site.surroundings, request.parallelism)
        tell = Teller(order, self.progress, site.surroundings.now)
        with performer:
            report = drive(execute(order, tell.said), tell.ahead_of(performer.perform), tell)
        return report, performer.failure

    def _end(
        self,
        changeset: Changeset,
        report: Report | None,
        recorded: Recorded,
        said: list[Diagnostic],
        failure: LauncherError | None = None,
    ) -> Applied:
        codes = [exit_code(changeset, report, recorded, self.site.surroundings.stop())]
        codes.extend(self._codes_of_ended(recorded))
        if any(change.name not in recorded.launches for change in changeset.changes):
            # It goes on under another name, and whoever renamed it watches it.
            codes.append(ExitCode.STILL_RUNNING)
        failures = [] if failure is None else [failure]
        try:
            write_lockfile(self.site, self.ledger.read())
        except LauncherError as error:
            failures.append(error)
        for item in failures:
            said.extend(item.diagnostics)
            codes.append(item.exit_code)
        return Applied(
            root=self.site.root,
            environment=self.site.environment.name,
            changeset=changeset,
            report=report,
            lockfile=lockfile_name(self.site),
            exit_code=combined(codes),
            diagnostics=tuple(_once([*said, *self.ledger.notes])),
        )

    def _codes_of_ended(self, recorded: Recorded) -> list[ExitCode]:
        names = (self.request.names | self.ended) & recorded.launches.keys()
        outcomes = (recorded.launches[name].newest.outcome for name in names)
        return [code for outcome in outcomes if (code := code_of(outcome)) is not None]


def _once(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    for item in diagnostics:
        if item not in found:
            found.append(item)
    return found
