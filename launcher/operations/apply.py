"""Carry out what is declared.

The run reads as a list: find, read and check what is declared; recall what is on record; observe and
decide; let it be confirmed; open a session and run; write the lockfile; tell. Everything that can
refuse does so before the session is opened, and before anything is sent that changes something.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from launcher.diagnostics import Diagnostic
from launcher.engine.changeset import Action, Reason
from launcher.engine.effects import Append
from launcher.engine.events import Draft, Kind
from launcher.engine.execute import execute
from launcher.engine.guards import MAX_LAUNCHES, OVERRIDABLE
from launcher.engine.observed import Capability
from launcher.engine.report import Order, Stop
from launcher.errors import ExitCode, LauncherError, RefusedToAct, combined
from launcher.ledger.lockfile import Printer
from launcher.ledger.sessions import opening, takeover_note
from launcher.manifest.locate import locate
from launcher.operations.acts import notes_of, record
from launcher.operations.applied import Applied
from launcher.operations.backwards import check_commit, work_tree_notes
from launcher.operations.beginning import ID_BYTES, limits_of, with_ledger
from launcher.operations.deciding import decide_as_reviewed
from launcher.operations.drive import drive
from launcher.operations.observe import Line, ended_badly, look
from launcher.operations.opening import desired_in
from launcher.operations.performer import Performer
from launcher.operations.permission import (
    CAPABILITY,
    check_overrides,
    check_permitted,
    guards_set_aside,
    may_create_ledger,
)
from launcher.operations.progress import Planned
from launcher.operations.record import lockfile_name, open_ledger, recall, write_lockfile
from launcher.operations.review import approval_of, in_commit, review_of
from launcher.operations.run_lock import wait_for_lock
from launcher.operations.secrets import Redactor, read_secrets
from launcher.operations.site import find_site
from launcher.operations.telling import Teller, warnings_in
from launcher.operations.verdict import exit_code, interruption, stop_notes
from launcher.operations.work import claims, has_work, references

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from launcher.engine.changeset import Change, Changeset
    from launcher.engine.desired import Desired
    from launcher.engine.effects import Effect
    from launcher.engine.recorded import Recorded
    from launcher.engine.report import Report
    from launcher.ledger.port import Ledger
    from launcher.ledger.sessions import Takeover
    from launcher.operations.applied import ApplyRequest
    from launcher.operations.observe import Decided
    from launcher.operations.progress import Progress
    from launcher.operations.review import Review
    from launcher.operations.site import Site
    from launcher.operations.surroundings import Surroundings

__all__ = ["apply"]

_TURNS = 5
"""How often a run decides again because the ledger has moved."""


def apply(
    request: ApplyRequest,
    surroundings: Surroundings,
    *,
    confirm: Callable[[Changeset], bool],
    progress: Callable[[Progress], None],
) -> Applied:
    """Carry out what is declared, or refuse.

    Args:
        request: what is asked for.
        surroundings: time, chance and the person.
        confirm: shows what would be done, and asks; not asked where nothing would be done.
        progress: hears how it goes; called from this thread only.

    Raises:
        InvalidManifests: a file cannot be read, or a rule is broken: nothing is applied at all.
        RefusedToAct: a lost ledger, another server, an older commit, a stale review, a pull request: nothing was
            sent that changes anything.
        LockHeld: another session is at work.
        SurroundingsFailed: a file, a variable, a secret or git failed before anything was sent.
        WrongUsage: a name, a rule or an environment does not exist.
    """
    review = review_of(request.digest, request.file, request.environment, surroundings.environ)
    environment = request.environment or review.environment
    site = find_site(request.directory, environment, surroundings)
    check_permitted(site)
    check_overrides(
        site,
        request.override,
        {CAPABILITY, *OVERRIDABLE},
        allow_older_commit=request.allow_older_commit,
        reason=request.reason,
    )
    if not (review.is_named or request.refresh_only or request.requested or request.retry):
        review = in_commit(site)
    desired, warnings = desired_in(site.workspace, site.environment)
    ledger = open_ledger(site)
    with Line(site, ledger, request.parallelism) as line:
        task = _Task(site, request, desired, review, ledger, line, confirm, progress)
        task.said.extend((*warnings, *work_tree_notes(site)))
        return task.carry_out()


def _stops_all(change: Change) -> bool:
    """Whether an apply with this change does nothing at all."""
    return change.action is Action.ERROR or (
        change.reason is Reason.GUARD and change.by == MAX_LAUNCHES
    )


@dataclass(slots=True)
class _Task:
    """One apply, from the first look at the record to the last word.

    Attributes:
        said: diagnostics so far.
        codes: exit codes of trouble that neither the changeset nor the report tells of.
        covered: digests of the changes that the review of this run covers, by launch name.
        approved: digests of the acting changes that the person confirmed.
        redact: takes the secrets of this run out of any text.
        printer: renders the lockfile.
    """

    site: Site
    request: ApplyRequest
    desired: Desired
    review: Review
    ledger: Ledger
    line: Line
    confirm: Callable[[Changeset], bool]
    progress: Callable[[Progress], None]
    said: list[Diagnostic] = field(default_factory=list)
    codes: list[ExitCode] = field(default_factory=list)
    covered: Mapping[str, str] = field(default_factory=dict)
    approved: frozenset[str] | None = None
    redact: Redactor = field(default_factory=lambda: Redactor(()))
    printer: Printer = field(default_factory=Printer)

    def carry_out(self) -> Applied:
        """Decide, confirm, run; decide again where the ledger has moved before anything was done."""
        for _ in range(_TURNS):
            recorded, over = self._recall()
            overridden = self._overridden(recorded)
            self.line.open(recorded)
            decided = self._decide(recorded)
            changeset = decided.changeset
            self._show(decided)
            if any(map(_stops_all, changeset.changes)):
                return self._end(changeset, None, recorded)
            if self.request.refresh_only or not has_work(changeset, wait=self.request.wait):
                return self._refresh(decided, recorded)
            if not self._is_confirmed(changeset):
                self.said.append(Diagnostic("L553"))
                return self._end(changeset, None, recorded)
            if self.site.surroundings.stop() is not None:
                self.codes.append(interruption(self.site.surroundings.stop()))
                return self._end(changeset, None, recorded)
            report = self._run(decided, recorded, over, overridden)
            if report is not None and report.stop is not Stop.MOVED:
                return self._end(changeset, report, report.recorded)
        raise RefusedToAct(Diagnostic("L534", {"environment": self.site.environment.name}))

    # --- before the run -----------------------------------------------------------------------

    def _recall(self) -> tuple[Recorded, Takeover | None]:
        def read() -> Recorded:
            return recall(self.site, self.ledger, may_create=may_create_ledger(self.site))

        return wait_for_lock(self.site, self.ledger, read, self.request.lock_timeout_s)

    def _overridden(self, recorded: Recorded) -> tuple[Draft, ...]:
        """What records the rules that a person has set aside; refuses an older commit."""
        request = self.request
        rules = tuple(
            Draft(Kind.OVERRIDDEN, data={"rule": rule, "reason": request.reason or ""})
            for rule in sorted(request.override)
        )
        older = check_commit(
            self.site, recorded, allowed=request.allow_older_commit, reason=request.reason
        )
        return (*rules, *older)

    def _decide(self, recorded: Recorded) -> Decided:
        state = (self.desired, recorded)
        found = decide_as_reviewed(self.request, self.review, self.site, self.line, state)
        self.covered = found.covered
        if found.refusal is not None:
            self.said.append(found.refusal)
            self.codes.append(ExitCode.REFUSED)
        return found.decided

    def _show(self, decided: Decided) -> None:
        if self.approved is None:
            self.said.extend((*decided.diagnostics, *decided.changeset.diagnostics))
            facts = {"reason": self.request.reason or ""}
            self.said.extend(
                Diagnostic("L262", {**facts, "rule": rule})
                for rule in sorted(self.request.override)
            )
            warnings = self._clean(warnings_in(self.said))
            now = self.site.surroundings.now()
            self.progress(Planned(self._located(decided.changeset), now, warnings))

    def _is_confirmed(self, changeset: Changeset) -> bool:
        """Whether the person wants it; what they have agreed to once is not asked again, and not exceeded."""
        acting = frozenset(change.digest for change in changeset.acting)
        if self.approved is None:
            asks = any(map(claims, changeset.changes))
            if asks and not self.confirm(self._located(changeset)):
                return False
            self.approved = acting
        if acting != self.approved:
            raise RefusedToAct(Diagnostic("L534", {"environment": self.site.environment.name}))
        return True

    # --- the run ------------------------------------------------------------------------------

    def _run(
        self,
        decided: Decided,
        recorded: Recorded,
        over: Takeover | None,
        overridden: tuple[Draft, ...],
    ) -> Report | None:
        """Carry out the changeset in a session of its own; `None` where another run was the first to write."""
        site, request = self.site, self.request
        secrets = read_secrets(references(decided.changeset), site.settings)
        self.redact = Redactor(secrets.values())
        born = with_ledger(site, self.ledger, recorded)
        if born is None:
            return None
        server = self.line.open(born)
        session = site.surroundings.entropy(ID_BYTES)
        order = Order(
            changeset=decided.changeset,
            desired=self.desired,
            recorded=born,
            fingerprint=server.fingerprint,
            marker=site.workspace.document.marker,
            opening=(
                opening(session, site.author, over),
                *overridden,
                *approval_of(self.review, self.covered, born),
            ),
            notes=notes_of(born, decided.statuses, self.desired.keys, site)[1],
            wait=request.wait,
            assume=Capability.TWO_PHASE if CAPABILITY in request.override else None,
            overridden=guards_set_aside(request.override),
            requests={**request.requested, **request.retry},
            limits=limits_of(site.settings, self.ledger, request.parallelism),
        )
        performer = Performer(server, self.ledger, secrets, site.surroundings, request.parallelism)
        teller = Teller(order, self.progress, site.surroundings.now, self._clean)

        def tell(effect: Effect, answer: Any) -> None:  # noqa: ANN401 - as the engine receives it
            if isinstance(effect, Append) and any(
                draft.kind is Kind.INTENDED for draft in effect.drafts
            ):
                # Should we be killed and the ledger get lost, a restore must know what was on its way.
                self._mirror()
            teller(effect, answer)

        try:
            with self.ledger.hold(session), performer:
                # Before anything is sent: without a lockfile nobody would notice that the ledger is lost.
                write_lockfile(site, self.ledger.read(), self.printer)
                flow = execute(order, teller.said)
                report = drive(flow, teller.ahead_of(performer.perform), tell)
        finally:
            # Whatever ended the run, the lockfile tells how far it got.
            self._mirror()
        if performer.failure is not None:
            self._note_failure(performer.failure)
        if over is not None and report.stop is not Stop.MOVED:
            self.said.append(takeover_note(over))
        return report

    def _refresh(self, decided: Decided, recorded: Recorded) -> Applied:
        """Record what JOB said, and nothing else."""
        statuses = decided.statuses
        if self.request.refresh_only:
            # What nobody is about to launch may have been carried on with all the same.
            others = [name for name in ended_badly(recorded) if name not in statuses]
            found, unread = look(self.line, recorded, others)
            statuses = {**statuses, **found}
            self.said.extend(unread)

        def notes(present: Recorded) -> tuple[Draft, ...]:
            found = notes_of(present, statuses, self.desired.keys, self.site)[1]
            if self.request.refresh_only:
                return found
            # Nothing acts now; what a later run may do, once a window has opened, is approved all the same.
            return (*found, *approval_of(self.review, self.covered, present))

        if notes(recorded):
            recorded = with_ledger(self.site, self.ledger, recorded) or self._recall()[0]
        recorded = record(self.site, self.ledger, recorded, notes)
        self._mirror()
        return self._end(decided.changeset, None, recorded)

    # --- after the run ------------------------------------------------------------------------

    def _mirror(self) -> None:
        """Write the lockfile; where that fails, it is said and the run's own result stands."""
        try:
            write_lockfile(self.site, self.ledger.read(), self.printer)
        except LauncherError as error:
            self._note_failure(error)

    def _note_failure(self, error: LauncherError) -> None:
        self.said.extend(error.diagnostics)
        self.codes.append(error.exit_code)

    def _end(self, changeset: Changeset, report: Report | None, recorded: Recorded) -> Applied:
        environment = self.site.environment.name
        stop = self.site.surroundings.stop()
        if report is not None:
            self.said.extend(report.diagnostics)
            self.said.extend(stop_notes(changeset, report, environment))
        self.said.extend(self.ledger.notes)
        return Applied(
            root=self.site.root,
            environment=environment,
            changeset=self._located(changeset),
            report=report,
            lockfile=lockfile_name(self.site),
            exit_code=combined([exit_code(changeset, report, recorded, stop), *self.codes]),
            diagnostics=self._clean(self.said),
        )

    def _located(self, changeset: Changeset) -> Changeset:
        return replace(changeset, diagnostics=self._clean(changeset.diagnostics))

    def _clean(self, diagnostics: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
        """Each diagnostic once, without secrets, with lines and columns."""
        redacted = (
            replace(item, facts={key: self.redact(text) for key, text in item.facts.items()})
            for item in diagnostics
        )
        found: list[Diagnostic] = []
        for item in locate(redacted, self.site.root):
            if item not in found:
                found.append(item)
        return tuple(found)
