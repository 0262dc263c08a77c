"""Line 7 of the protocol: look at what runs until it has ended, and record what changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.engine.changeset import Action
from launcher.engine.effects import Done, Moment, Outcome, ReadClock, ReadStatus, Wait
from launcher.engine.events import Draft, Kind
from launcher.engine.observed import InstanceStatus, Missing, Status
from launcher.engine.progress import notes_on, unseen_notes
from launcher.engine.recorded import IN_FLIGHT, UNSTARTED, OutcomeKind
from launcher.engine.report import Stop
from launcher.engine.start import start_again

if TYPE_CHECKING:
    from launcher.engine.recorded import Attempt
    from launcher.engine.run import Flow, Run

__all__ = ["Watch", "archive"]

_GROWTH = 1.5


@dataclass(frozen=True, slots=True)
class _Blank:
    """Since when this run has seen an instance at status 1.

    Attributes:
        starts: how many STARTs were on record then.
        since_s: first seen after the newest of them.
        first_s: first seen at all.
    """

    starts: int
    since_s: float
    first_s: float


class Watch:
    """Looks at instances with a pause that grows while nothing moves.

    Attributes:
        run: the run it belongs to.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self._pause_s = run.order.limits.poll_s
        self._since_s: float | None = None
        self._blank: dict[str, _Blank] = {}

    def look(self) -> Flow[None]:
        """Wait, read every instance in flight once, record what is new, send another START where one is due."""
        yield Wait(self._pause_s)
        names = [name for name in self.run.in_flight() if self._known(name)]
        answers: tuple[Outcome[InstanceStatus | Missing], ...] = yield ReadStatus(
            tuple(self.run.instance(name) for name in names)
        )
        moment: Moment = yield ReadClock()
        if moment.stop:
            self.run.halt(Stop.INTERRUPTED)
        drafts = [
            draft
            for name in self.run.in_flight()
            if not self._known(name)
            for draft in self._unseen(name)
        ]
        due: list[str] = []
        for name, answer in zip(names, answers, strict=True):
            if isinstance(answer, Done):
                drafts.extend(self._note(name, answer.value, moment, due))
        if drafts:
            yield from self.run.append(drafts)
        if due and self.run.stop is None:
            yield from start_again(self.run, due)
        self._slow_down(moved=bool(drafts or due))
        self._give_up_waiting(moment)

    def _known(self, name: str) -> bool:
        return self.run.recorded.launches[name].newest.instance_id is not None

    def _unseen(self, name: str) -> tuple[Draft, ...]:
        return unseen_notes(name, self.run.recorded.launches[name].newest)

    def _note(
        self, name: str, answer: InstanceStatus | Missing, moment: Moment, due: list[str]
    ) -> tuple[Draft, ...]:
        attempt = self.run.recorded.launches[name].newest
        still_blank = isinstance(answer, InstanceStatus) and answer.status == Status.BLANK
        if not still_blank or attempt.outcome is not OutcomeKind.STARTING:
            self._blank.pop(name, None)
            return notes_on(name, attempt, answer)
        return self._note_blank(name, attempt, moment, due)

    def _note_blank(
        self, name: str, attempt: Attempt, moment: Moment, due: list[str]
    ) -> tuple[Draft, ...]:
        """Status 1 after a START: no proof that it was lost, so another one waits for the whole grace."""
        limits = self.run.order.limits
        now_s = moment.monotonic_s
        seen = self._blank.get(name)
        if seen is None or seen.starts != attempt.starts:
            first_s = now_s if seen is None else seen.first_s
            seen = self._blank[name] = _Blank(attempt.starts, since_s=now_s, first_s=first_s)
        waited_s = now_s - seen.first_s
        if waited_s >= limits.start_limit_s:
            reason = f"JOB has not begun it {round(waited_s)} s after its START"
            data = {"outcome": OutcomeKind.UNKNOWN.value, "status": Status.BLANK, "reason": reason}
            return (Draft(Kind.SETTLED, name, attempt.key, attempt.number, data),)
        is_due = now_s - seen.since_s >= limits.start_grace_s
        if is_due and self._may_start_again(name, attempt):
            due.append(name)
        return ()

    def _may_start_again(self, name: str, attempt: Attempt) -> bool:
        run = self.run
        launch = run.order.desired.launches.get(name)
        return (
            run.holds_session
            and attempt.starts < run.order.limits.max_starts
            and not attempt.single_phase
            and name not in run.left
            and launch is not None
            and launch.key == attempt.key
            and not launch.policy.suspend
        )

    def _slow_down(self, *, moved: bool) -> None:
        limits = self.run.order.limits
        pause_s = limits.poll_s if moved else self._pause_s * _GROWTH
        self._pause_s = min(pause_s, limits.poll_max_s)

    def _give_up_waiting(self, moment: Moment) -> None:
        if self._since_s is None:
            self._since_s = moment.monotonic_s
        if moment.monotonic_s - self._since_s >= self.run.order.limits.wait_s:
            self.run.halt(Stop.WAITED)


def archive(run: Run) -> Flow[None]:
    """Archive what is no longer declared and does not run; an un-started attempt of it is superseded first.

    Un-started attempts of launches that are back in sync are superseded as well.
    """
    drafts: list[Draft] = []
    for change in run.order.changeset.changes:
        record = run.recorded.launches.get(change.name)
        if change.action not in (Action.ARCHIVE, Action.SUPERSEDE) or record is None:
            continue
        attempt = record.newest
        if attempt.outcome in IN_FLIGHT or record.archived:
            continue
        if attempt.outcome in UNSTARTED:
            reason = "it is no longer declared"
            if change.action is Action.SUPERSEDE:
                reason = "what is declared has run already"
            data = {"reason": reason}
            drafts.append(Draft(Kind.SUPERSEDED, change.name, attempt.key, attempt.number, data))
        if change.action is Action.ARCHIVE and attempt.outcome is not OutcomeKind.UNKNOWN:
            drafts.append(Draft(Kind.ARCHIVED, change.name, attempt.key, attempt.number))
    if drafts:
        yield from run.append(drafts)
