"""Line 7 of the protocol: look at what runs until it has ended, and record what changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.engine.effects import Done, Moment, Outcome, ReadClock, ReadStatus, Wait
from launcher.engine.events import Draft, Kind
from launcher.engine.observed import InstanceStatus, Missing, Status
from launcher.engine.patience import Patience, Seen, operation_notes
from launcher.engine.progress import notes_on, unseen_notes
from launcher.engine.recorded import IN_FLIGHT, OutcomeKind
from launcher.engine.report import Stop
from launcher.engine.run import Written
from launcher.engine.schedule import Pulse, Schedule
from launcher.engine.start import start_again
from launcher.engine.stuck import stuck_because
from launcher.engine.verify import is_ours
from launcher.model.times import duration_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from launcher.engine.recorded import Attempt
    from launcher.engine.run import Flow, Run

__all__ = ["Watch"]

_DARK_LOOKS = 3
"""After how many looks in a row that told of nothing at all it is said."""


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
    """Looks at instances with a pause that grows while nothing moves: one look at a time, in parts of bounded size.

    Attributes:
        run: the run it belongs to.
        pulse: lets the ledger hear of the run's session.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.pulse = Pulse(run)
        seed = run.session or run.recorded.head.hash
        self._schedule = Schedule(seed, run.order.limits)
        self._patience = Patience(run)
        self._looked_s: float | None = None
        self._idle_s: float | None = None
        self._noted_s: float | None = None
        self._blank: dict[str, _Blank] = {}
        self._status: dict[str, int | None] = {}
        self._unsaid: dict[str, InstanceStatus | Missing] = {}
        self._dark = 0
        self._trouble = ""

    def is_due(self, moment: Moment) -> bool:
        """Whether there is something to look at, and the longest pause since the last look has passed.

        So that a look comes in between although there is always another batch to move.
        """
        if self._looked_s is None:
            self._looked_s = moment.monotonic_s
        return (
            self.run.order.wait
            and moment.monotonic_s - self._looked_s >= self.run.order.limits.poll_max_s
            and bool(self.run.in_flight())
        )

    def expect_news(self) -> None:
        """Look soon: something has just been started."""
        self._schedule.looked(moved=True)

    def look(
        self, moment: Moment, *, at_once: bool = False, at_most_s: float | None = None
    ) -> Flow[None]:
        """Wait, read every instance in flight once, record what is new, send another START where one is due.

        `at_once` leaves the waiting out, `at_most_s` bounds it.
        """
        if not at_once:
            limits_s = (self._schedule.pause_s, at_most_s, self.pulse.longest_s)
            pause_s = min(item for item in limits_s if item is not None)
            yield from self.pulse.beat(moment, pause_s)
            yield Wait(pause_s)
        moved, asked, lost = False, 0, 0
        for part in self._parts():
            known = [name for name in part if self._known(name)]
            answers: tuple[Outcome[InstanceStatus | Missing], ...] = ()
            if known:
                answers = yield ReadStatus(tuple(self.run.instance(name) for name in known))
            moment = yield ReadClock()
            if moment.stop:
                self.run.halt(Stop.INTERRUPTED)
            seen = self._seen(known, answers)
            moved |= yield from self._take_in(part, seen, moment)
            asked, lost = asked + len(known), lost + len(known) - len(seen)
            if self.run.stop is not None:
                break
            yield from self.pulse.beat(moment)
        self._looked_s = moment.monotonic_s
        self._schedule.looked(moved=moved)
        self._note_darkness(asked, lost)
        self._give_up_waiting(moment)

    def finish(self) -> Flow[None]:
        """Record what was seen and not yet said, and say so if JOB was silent to the end."""
        if self._dark >= _DARK_LOOKS:
            self.run.diagnostics.append(self._darkness())
        drafts: list[Draft] = []
        for name, answer in self._unsaid.items():
            if name not in self.run.recorded.launches:
                continue
            attempt = self.run.recorded.launches[name].newest
            if attempt.outcome in IN_FLIGHT and attempt.instance_id == answer.id:
                drafts.extend(notes_on(name, attempt, answer))
        if drafts and self.run.stop is not Stop.LEDGER:
            yield from self.run.append(drafts)

    # --- reading ------------------------------------------------------------------------------

    def _parts(self) -> list[list[str]]:
        names, size = self.run.in_flight(), 2 * self.run.order.limits.parallelism
        return [names[first : first + size] for first in range(0, len(names), size)] or [[]]

    def _known(self, name: str) -> bool:
        return self.run.recorded.launches[name].newest.instance_id is not None

    def _seen(
        self, names: Sequence[str], answers: Sequence[Outcome[InstanceStatus | Missing]]
    ) -> dict[str, InstanceStatus | Missing]:
        seen: dict[str, InstanceStatus | Missing] = {}
        for name, answer in zip(names, answers, strict=True):
            if isinstance(answer, Done):
                seen[name] = answer.value
            else:
                self._trouble = answer.message
        return seen

    def _take_in(self, part: Sequence[str], seen: Seen, moment: Moment) -> Flow[bool]:
        """Record what is new, and do what follows from it; gives whether anything has moved."""
        unseen = [draft for name in part for draft in self._unseen(name)]
        news = [
            draft for name in seen for draft in self._note(name, seen[name], moment.monotonic_s)
        ]
        moved = bool(unseen) or self._has_news(seen)
        self._warn_of_stuck(seen, moment)
        written = yield from self._record([*unseen, *news], seen, moment)
        if self.run.stop is not None:
            return moved
        # What another session calls otherwise now is its own to watch.
        seen = {name: seen[name] for name in seen if name in self.run.recorded.launches}
        due = [name for name in seen if self._may_start_again(name, seen[name], moment.monotonic_s)]
        if due and written is not Written.AGAIN:
            moved |= yield from start_again(self.run, due)
        yield from self._patience.act(self._waited_for(part), seen, moment)
        return moved

    def _waited_for(self, names: Sequence[str]) -> list[str]:
        """Those of `names` that this run waits for: one that waits for nothing sees a lost START through all the same."""
        blank, known = self.run.blank(), self.run.recorded.launches
        return [name for name in names if name in known and (self.run.order.wait or name in blank)]

    def _has_news(self, seen: Seen) -> bool:
        """Whether an instance is at another status than when it was seen last."""
        launches = self.run.recorded.launches
        before = {name: launches[name].newest.status or Status.BLANK for name in seen}
        now = {name: getattr(answer, "status", None) for name, answer in seen.items()}
        moved = any(now[name] != self._status.get(name, before[name]) for name in seen)
        self._status.update(now)
        return moved

    # --- notes --------------------------------------------------------------------------------

    def _unseen(self, name: str) -> tuple[Draft, ...]:
        attempt = self.run.recorded.launches[name].newest
        return unseen_notes(name, attempt) if attempt.instance_id is None else ()

    def _note(self, name: str, answer: InstanceStatus | Missing, now_s: float) -> tuple[Draft, ...]:
        attempt = self.run.recorded.launches[name].newest
        if not _is_blank(answer) or attempt.outcome is not OutcomeKind.STARTING:
            self._blank.pop(name, None)
            return (*operation_notes(name, attempt, answer), *notes_on(name, attempt, answer))
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
        reason = f"JOB has not begun it {duration_text(waited_s)} after its START"
        data = {"outcome": OutcomeKind.UNKNOWN.value, "status": Status.BLANK, "reason": reason}
        return (Draft(Kind.SETTLED, name, attempt.key, attempt.number, data),)

    def _record(self, drafts: Sequence[Draft], seen: Seen, moment: Moment) -> Flow[Written]:
        """Append notes: what settles at once, the others no more often than the ledger wants them."""
        names = {draft.name for draft in drafts if draft.name is not None}
        for name in seen:
            self._unsaid.pop(name, None)
        if not drafts:
            return Written.HEAD
        settles = any(draft.kind is Kind.SETTLED for draft in drafts)
        pause_s = self.run.order.limits.notes_s if self.run.order.wait else 0
        last_s = self._noted_s
        if not settles and last_s is not None and moment.monotonic_s - last_s < pause_s:
            self._unsaid.update({name: seen[name] for name in names})
            return Written.HEAD
        written = yield from self.run.append(drafts)
        if written in (Written.HEAD, Written.BEHIND):
            self._noted_s = moment.monotonic_s
        return written

    # --- another START ------------------------------------------------------------------------

    def _may_start_again(self, name: str, answer: InstanceStatus | Missing, now_s: float) -> bool:
        """Whether its START counts as lost, after the whole grace at status 1, and it is still wanted."""
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

    # --- what is worth a word -----------------------------------------------------------------

    def _warn_of_stuck(self, seen: Seen, moment: Moment) -> None:
        for name, answer in seen.items():
            attempt = self.run.recorded.launches[name].newest
            if isinstance(answer, Missing):
                continue
            what = stuck_because(attempt, answer, moment.now, self.run.order.limits.stuck_s)
            if what is not None:
                environment = self.run.order.desired.environment.name
                facts = {"name": name, "what": what, "environment": environment}
                facts["instance"] = str(answer.id)
                self.run.say_once(f"{name} stuck", Diagnostic("L273", facts))

    def _note_darkness(self, asked: int, lost: int) -> None:
        if not asked:
            return
        if lost < asked:
            if self._dark >= _DARK_LOOKS:
                facts = {"count": str(self._dark)}
                self.run.diagnostics.append(Diagnostic("L272", facts, hint=None))
            self._dark = 0
            return
        self._dark += 1
        if self._dark == _DARK_LOOKS:
            self.run.diagnostics.append(self._darkness())

    def _darkness(self) -> Diagnostic:
        return Diagnostic("L271", {"count": str(self._dark), "message": self._trouble})

    def _give_up_waiting(self, moment: Moment) -> None:
        """End a run that waits for room, or for the next attempt, and for nothing that runs."""
        if self.run.in_flight():
            self._idle_s = None
            return
        if self._idle_s is None:
            self._idle_s = moment.monotonic_s
        if moment.monotonic_s - self._idle_s >= self.run.order.limits.wait_s:
            self.run.halt(Stop.WAITED)


def _is_blank(answer: InstanceStatus | Missing) -> bool:
    return isinstance(answer, InstanceStatus) and answer.status == Status.BLANK
