"""Read what the job of a launch has printed, host by host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.engine.effects import Done
from launcher.engine.observed import InstanceRef, Missing, Status
from launcher.engine.progress import outcome_at
from launcher.engine.recorded import IN_FLIGHT, UNSTARTED
from launcher.engine.results import InstanceResults
from launcher.engine.standing import instance_of
from launcher.errors import ExitCode, LauncherError, SurroundingsFailed, WrongUsage, combined
from launcher.operations.asking import in_words
from launcher.operations.log_choice import Choice
from launcher.operations.log_pieces import Pieces
from launcher.operations.observe import Line
from launcher.operations.offline import recorded_from
from launcher.operations.opening import check_names, read_declared
from launcher.operations.record import lockfile_in_work_tree, open_ledger, recall
from launcher.operations.site import find_site
from launcher.operations.verdict import code_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from launcher.engine.effects import Refused, Unknown
    from launcher.engine.recorded import Attempt, LaunchRecord, Recorded
    from launcher.engine.results import HostResult, StepResults
    from launcher.job.server import JobServer
    from launcher.ledger.port import Ledger
    from launcher.operations.log_pieces import Piece
    from launcher.operations.site import Site
    from launcher.operations.surroundings import Surroundings

__all__ = ["Began", "LogsRequest", "LogsResult", "Quiet", "Trouble", "Waits", "logs"]

_LONGEST_PAUSE_S = 30.0
_GROWTH = 1.5
_PATIENCE = 5
"""How many looks in a row JOB may leave without an answer before following it ends."""

_KNOWN_SHOWN = 10


@dataclass(frozen=True, slots=True)
class LogsRequest:
    """What is to be read.

    Attributes:
        directory: where to look for the workspace, upwards from here.
        environment: the target; `None` for the workspace's default.
        name: the launch.
        attempt: its number; `None` for the newest.
        hosts: addresses or ids; empty for all.
        steps: names, numbers from 1, or ids on JOB; empty for all.
        failed: only hosts that have failed.
        follow: go on until the instance has ended.
    """

    directory: Path
    environment: str | None
    name: str
    attempt: int | None = None
    hosts: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    failed: bool = False
    follow: bool = False


@dataclass(frozen=True, slots=True)
class Began:
    """The instance was found, and stands like this."""

    name: str
    attempt: int
    found: InstanceResults


@dataclass(frozen=True, slots=True)
class Quiet:
    """A step that no host has printed anything in: it has not started, is an approval, or no host of it is meant."""

    number: int
    step: StepResults


@dataclass(frozen=True, slots=True)
class Waits:
    """The instance waits for a person, so nothing will be printed until one has answered."""

    name: str
    environment: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """JOB gave no answer; it is asked again."""

    message: str


@dataclass(frozen=True, slots=True)
class LogsResult:
    """What was read.

    Attributes:
        root: the workspace.
        environment: the target.
        name: the launch.
        attempt: which attempt of it.
        found: how far its instance is, as it was seen last.
        exit_code: while following, 5 for a job that did not succeed; 1 where a log could not be read whole.
        diagnostics: what is to be said about it.
    """

    root: Path
    environment: str
    name: str
    attempt: Attempt
    found: InstanceResults
    exit_code: ExitCode
    diagnostics: tuple[Diagnostic, ...]


def logs(
    request: LogsRequest,
    surroundings: Surroundings,
    *,
    hear: Callable[[Began | Piece | Quiet | Trouble | Waits], None],
) -> LogsResult:
    """Read the logs of the latest execution of each step; `hear` is told of each as it comes. Records nothing.

    Raises:
        RefusedToAct: the ledger is bound to another server.
        SurroundingsFailed: there is no instance, JOB does not know it any more, or could not be asked.
        WrongUsage: there is no such launch, attempt, step, host or environment.
    """
    site = find_site(request.directory, request.environment, surroundings)
    ledger = open_ledger(site)
    recorded, notes = _recall(site, ledger)
    record = _record(recorded, request.name, site)
    attempt = _attempt(record, request, site)
    with Line(site, ledger, 1) as line:
        reading = _Reading(site, request, attempt, line.open(recorded), hear)
        found = reading.follow() if request.follow else reading.once()
    said = (*notes, *ledger.notes, *reading.pieces.diagnostics)
    return LogsResult(
        site.root, site.environment.name, request.name, attempt, found, reading.code(found), said
    )


class _Reading:
    """One reading of the logs of one instance, from the first look to the last."""

    def __init__(
        self,
        site: Site,
        request: LogsRequest,
        attempt: Attempt,
        server: JobServer,
        hear: Callable[[Began | Piece | Quiet | Trouble | Waits], None],
    ) -> None:
        self._site = site
        self._request = request
        self._attempt = attempt
        self._server = server
        self._hear = hear
        self._instance: InstanceRef = instance_of(attempt)
        self._choice = Choice(request, self._facts)
        self.pieces = Pieces(request.name, hear)

    def code(self, found: InstanceResults) -> ExitCode:
        """What reading it ends with."""
        codes = [ExitCode.SURROUNDINGS] if self.pieces.diagnostics else []
        ended = code_of(outcome_at(found.instance.status)) if self._request.follow else None
        return combined([*codes, *([] if ended is None else [ended])])

    def once(self) -> InstanceResults:
        """Everything that is there now."""
        found = self._look()
        if not isinstance(found, InstanceResults):
            raise found
        self._choice.check(found)
        self._hear(Began(self._request.name, self._attempt.number, found))
        for number, step, hosts in self._choice.meant(found):
            if not hosts:
                self._hear(Quiet(number, step))
                continue
            failure = self._read(number, step, hosts, is_last=True)
            if failure is not None:
                raise failure
        return found

    def follow(self) -> InstanceResults:
        """Everything that is there, and what comes, until the instance has ended."""
        pause_s, missed, began, waited = self._floor_s / _GROWTH, 0, False, False
        while True:
            found = self._look()
            failure: LauncherError | None = None if isinstance(found, InstanceResults) else found
            news = False
            if isinstance(found, InstanceResults):
                self._choice.check(found)
                if not began:
                    self._hear(Began(self._request.name, self._attempt.number, found))
                    began = True
                waits = found.instance.status == Status.WAITING_USER
                if waits and not waited:
                    self._hear(Waits(self._request.name, self._site.environment.name))
                waited = waits
                before = self.pieces.told
                failure = self._read_what_moves(found)
                news = self.pieces.told > before
                if failure is None and (found.instance.finished or self._never_starts(found)):
                    return found
            missed = 0 if failure is None else missed + 1
            if failure is not None:
                if missed == _PATIENCE or isinstance(failure, _Gone):
                    raise failure
                self._hear(Trouble(in_words(failure)))
            pause_s = self._floor_s if news else min(pause_s * _GROWTH, self._ceiling_s)
            self._site.surroundings.sleep(pause_s)

    @property
    def _floor_s(self) -> float:
        return self._site.settings.poll_s

    @property
    def _ceiling_s(self) -> float:
        return max(self._floor_s, _LONGEST_PAUSE_S)

    def _never_starts(self, found: InstanceResults) -> bool:
        may_start = self._attempt.outcome in IN_FLIGHT | UNSTARTED
        return found.instance.status == Status.BLANK and not may_start

    def _look(self) -> InstanceResults | LauncherError:
        answer = self._server.read_results(self._instance)
        if not isinstance(answer, Done):
            return self._not_read(answer)
        return self._gone() if isinstance(answer.value, Missing) else answer.value

    def _read_what_moves(self, found: InstanceResults) -> LauncherError | None:
        """What the hosts that were not read to their end have printed; why that could not be read, if so."""
        for number, step, hosts in self._choice.meant(found):
            left = [host for host in hosts if not self.pieces.is_closed(step, host)]
            failure = self._read(number, step, left, is_last=found.instance.finished)
            if failure is not None:
                return failure
        return None

    def _read(
        self, number: int, step: StepResults, hosts: Sequence[HostResult], *, is_last: bool
    ) -> LauncherError | None:
        by_key = {host.host: host for host in hosts}
        for answer in self._server.read_logs(self._instance, step.step.id, list(by_key)):
            if not isinstance(answer, Done):
                return self._not_read(answer)
            if isinstance(answer.value, Missing):
                return self._gone()
            for log in answer.value:
                self.pieces.take(number, step, by_key[log.host], log, is_last=is_last)
        return None

    # --- what went wrong ---

    @property
    def _facts(self) -> dict[str, str]:
        return {
            "name": self._request.name,
            "attempt": str(self._attempt.number),
            "instance": str(self._instance.id),
            "outcome": self._attempt.outcome.value,
            "environment": self._site.environment.name,
        }

    def _gone(self) -> LauncherError:
        return _Gone(Diagnostic("L352", self._facts))

    def _not_read(self, answer: Refused | Unknown) -> LauncherError:
        return SurroundingsFailed(Diagnostic("L353", {**self._facts, "message": answer.message}))


class _Gone(SurroundingsFailed):
    """JOB does not know the instance: asking again is of no use."""


def _recall(site: Site, ledger: Ledger) -> tuple[Recorded, tuple[Diagnostic, ...]]:
    """The record; where the ledger is elsewhere, as far as the lockfile tells it: looking does no harm."""
    try:
        return recall(site, ledger), ()
    except LauncherError as error:
        lockfile = lockfile_in_work_tree(site)
        if lockfile is None or lockfile.environment != site.environment.name:
            raise
        facts = {"environment": site.environment.name, "message": in_words(error)}
        return recorded_from(lockfile), (Diagnostic("L350", facts),)


def _record(recorded: Recorded, name: str, site: Site) -> LaunchRecord:
    record = recorded.launches.get(name)
    if record is not None:
        return record
    declared = {item.name for item in read_declared(site.workspace).manifests}
    check_names([name], {*recorded.launches, *declared}, site.environment.name)
    facts = {"name": name, "environment": site.environment.name}
    raise SurroundingsFailed(Diagnostic("L351", {**facts, "why": "it has never been launched"}))


def _attempt(record: LaunchRecord, request: LogsRequest, site: Site) -> Attempt:
    facts = {"name": record.name, "environment": site.environment.name}
    wanted = record.newest.number if request.attempt is None else request.attempt
    found = next((item for item in record.attempts if item.number == wanted), None)
    if found is None:
        known = ", ".join(str(item.number) for item in record.attempts)
        facts |= {"attempt": str(wanted), "known": known}
        raise WrongUsage(Diagnostic("L356", facts))
    if found.instance_id is None:
        why = f"attempt {wanted} is `{found.outcome.value}`, and no instance of it is known"
        raise SurroundingsFailed(Diagnostic("L351", {**facts, "why": why}))
    return found
