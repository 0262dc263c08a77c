"""Line 7 of the protocol: look at what runs until it has ended, and record what changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.engine.effects import Done, Moment, Outcome, ReadClock, ReadStatus, Wait
from launcher.engine.events import Draft, Kind
from launcher.engine.observed import InstanceStatus, Missing, Status
from launcher.engine.progress import notes_on, unseen_notes
from launcher.engine.recorded import OutcomeKind
from launcher.engine.report import Stop
from launcher.engine.run import Written
from launcher.engine.start import start_again
from launcher.engine.verify import is_ours

if TYPE_CHECKING:
    from launcher.engine.recorded import Attempt
    from launcher.engine.run import Flow, Run

__all__ = ["Watch"]

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
        seen = {
            name: answer.value
            for name, answer in zip(names, answers, strict=True)
            if isinstance(answer, Done)
        }
        drafts = [
            *(draft for name in self.run.in_flight() for draft in self._unseen(name)),
            *(draft for name in seen for draft in self._note(name, seen[name], moment.monotonic_s)),
        ]
        written = (yield from self.run.append(drafts)) if drafts else Written.HEAD
        due = [name for name in seen if self._may_start_again(name, seen[name], moment.monotonic_s)]
        sent = False
        if due and self.run.stop is None and written is not Written.AGAIN:
            sent = yield from start_again(self.run, due)
        self._slow_down(moved=bool(drafts) or sent)
        self._give_up_waiting(moment)

    def _known(self, name: str) -> bool:
        return self.run.recorded.launches[name].newest.instance_id is not None

    def _unseen(self, name: str) -> tuple[Draft, ...]:
        attempt = self.run.recorded.launches[name].newest
        return unseen_notes(name, attempt) if attempt.instance_id is None else ()

    def _note(self, name: str, answer: InstanceStatus | Missing, now_s: float) -> tuple[Draft, ...]:
        attempt = self.run.recorded.launches[name].newest
        if not _is_blank(answer) or attempt.outcome is not OutcomeKind.STARTING:
            self._blank.pop(name, None)
            return notes_on(name, attempt, answer)
        return self._note_blank(name, attempt, now_s)

    def _note_blank(self, name: str, attempt: Attempt, now_s: float) -> tuple[Draft, ...]:
        """Status 1 after a START: no proof that it was lost, so nothing is settled before the limit."""
        seen = self._blank.get(name)
        if seen is None or seen.starts != attempt.starts:
            first_s = now_s if seen is None else seen.first_s
            seen = self._blank[name] = _Blank(attempt.starts, since_s=now_s, first_s=first_s)
        waited_s = now_s - seen.first_s
        if waited_s < self.run.order.limits.start_limit_s:
            return ()
        reason = f"JOB has not begun it {round(waited_s)} s after its START"
        data = {"outcome": OutcomeKind.UNKNOWN.value, "status": Status.BLANK, "reason": reason}
        return (Draft(Kind.SETTLED, name, attempt.key, attempt.number, data),)

    def _may_start_again(self, name: str, answer: InstanceStatus | Missing, now_s: float) -> bool:
        """Whether its START counts as lost, after the whole grace at status 1, and nothing holds it now."""
        run, attempt = self.run, self.run.recorded.launches[name].newest
        launch, seen = run.order.desired.launches.get(name), self._blank.get(name)
        limits = run.order.limits
        return (
            run.holds_session
            and isinstance(answer, InstanceStatus)
            and seen is not None
            and seen.starts == attempt.starts
            and now_s - seen.since_s >= limits.start_grace_s
            and attempt.outcome is OutcomeKind.STARTING
            and attempt.starts < limits.max_starts
            and not attempt.single_phase
            and is_ours(attempt, answer, limits.clock_skew_s) is None
            and name not in run.left
            and launch is not None
            and launch.key == attempt.key
            and run.unmet(name) is None
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


def _is_blank(answer: InstanceStatus | Missing) -> bool:
    return isinstance(answer, InstanceStatus) and answer.status == Status.BLANK
