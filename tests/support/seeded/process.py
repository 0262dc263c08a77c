"""One apply, from reading the ledger to the end of its run.

It asks for what it needs as the engine does, one effect at a time, so that anything can come between. The
order of its questions is that of `launcher.operations.apply` and `launcher.operations.observe`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from launcher.engine.changeset import Action, Reason
from launcher.engine.decide import Observed, Options, Outline
from launcher.engine.effects import (
    Append,
    Appended,
    Done,
    Mint,
    Moment,
    ReadClock,
    ReadPlans,
    ReadSkew,
    ReadStatus,
    Refused,
    Unknown,
    Wait,
)
from launcher.engine.events import NO_HEAD, Draft
from launcher.engine.execute import execute
from launcher.engine.fold import fold
from launcher.engine.observed import InstanceRef
from launcher.engine.progress import with_observed
from launcher.engine.recorded import ENDED_BADLY, IN_FLIGHT, Recorded
from launcher.engine.report import Limits, Order, Report, Stop
from launcher.ledger.port import Author
from launcher.ledger.restore import creation
from launcher.ledger.sessions import Held, Takeover, may_open, opening
from launcher.operations.work import has_work
from tests.support.seeded.server import SCOPE

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping, Sequence
    from datetime import datetime

    from launcher.engine.changeset import Changeset
    from launcher.engine.observed import InstanceStatus, Missing
    from tests.support.seeded.states import State

__all__ = ["FINGERPRINT", "Errand", "Recall", "apply", "look"]

FINGERPRINT = "sha256:sim"
_TURNS = 5
_LOCK_TURNS = 6
_LOCK_PAUSE_S = 15.0


@dataclass(frozen=True, slots=True)
class Recall:
    """Read the ledger → `Recorded`, and whether its open session lives: yes, no, or nobody can tell."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What a process is to do, and how.

    Attributes:
        number: tells this process from every other.
        state: what it is for.
        wait: watch until everything has ended.
        marker: name of the marker variable; `None` for none.
        limits: the numbers to go by.
        stale_s: how long a session must be silent to be taken over.
        task: `apply`, `launch` or `retry` of one name, or the act of a person (see `people`).
        draw: from 0 to 1; chooses where the task leaves a choice.
    """

    number: int
    state: State
    wait: bool
    marker: str | None
    limits: Limits
    stale_s: float
    task: str = "apply"
    draw: float = 0.0

    @property
    def session(self) -> str:
        """The id of its session."""
        return f"session-{self.number}"

    def pick(self, names: Iterable[str]) -> str | None:
        """One of `names`; `None` where there is none."""
        found = sorted(names)
        return found[int(self.draw * len(found))] if found else None

    @property
    def options(self) -> Options:
        """What was asked for beside the manifests."""
        name = self.pick(self.state.desired.launches)
        if self.task == "apply" or name is None:
            return Options()
        only = frozenset({name})
        if self.task == "retry":
            return Options(only=only, retry=only)
        return Options(only=only, requested=only)


def apply(errand: Errand) -> Generator[Any, Any, Report | str]:
    """Decide and carry out; the report, or the word for why nothing was done."""
    turns = 0
    for _ in range(_TURNS + _LOCK_TURNS):
        recorded, alive = yield Recall()
        moment: Moment = yield ReadClock()
        if moment.stop:
            return "stopped"
        if recorded.commit is not None and int(recorded.commit) > errand.state.commit:
            return "older commit"
        lock = may_open(recorded, alive=alive, now=moment.now, stale_s=errand.stale_s)
        if isinstance(lock, Held):
            yield Wait(_LOCK_PAUSE_S)
            continue
        turns += 1
        if turns > _TURNS:
            break
        report = yield from _turn(errand, recorded, lock)
        if isinstance(report, str) or report.stop is not Stop.MOVED:
            return report
    return "no turn"


def _turn(
    errand: Errand, recorded: Recorded, over: Takeover | None
) -> Generator[Any, Any, Report | str]:
    decided = yield from _decide(errand, recorded)
    if decided is None:
        return "job plans not read"
    changeset, statuses, now = decided
    _, notes = with_observed(recorded, statuses, now, errand.state.desired.keys)
    if any(change.action is Action.ERROR for change in changeset.changes):
        return "error"
    if not has_work(changeset, wait=errand.wait):
        yield from _record(recorded, notes)
        return "nothing to do"
    if recorded.head == NO_HEAD:
        (lineage,) = yield Mint(1)
        answer = yield Append(creation(lineage), NO_HEAD)
        if not isinstance(answer, Appended):
            return "another one was first"
        recorded = fold(recorded, answer.events)
    asked = errand.options.retry | errand.options.requested
    author = Author(
        actor=f"p{errand.number}", host="sim", pid=errand.number, ci=None, commit=None, tool="sim"
    )
    order = Order(
        changeset=changeset,
        desired=errand.state.desired,
        recorded=recorded,
        fingerprint=FINGERPRINT,
        marker=errand.marker,
        opening=(opening(errand.session, author, over),),
        notes=notes,
        wait=errand.wait,
        requests=dict.fromkeys(asked, "a person wants it"),
        limits=errand.limits,
    )
    return (yield from execute(order))


def _decide(
    errand: Errand, recorded: Recorded
) -> Generator[Any, Any, tuple[Changeset, Mapping[str, InstanceStatus | Missing], datetime] | None]:
    desired, options = errand.state.desired, errand.options
    in_flight = [name for name, it in recorded.launches.items() if it.newest.outcome in IN_FLIGHT]
    statuses = yield from look(recorded, in_flight)
    moment: Moment = yield ReadClock()
    skew_s: float | None = yield ReadSkew()

    def outlined(observed: Observed) -> Outline:
        return Outline(desired, recorded, observed, now=moment.now, options=options)

    first = outlined(Observed(FINGERPRINT, statuses, skew_s=skew_s))
    again = yield from look(recorded, _failed_before(first))
    if again:
        statuses |= again
        first = outlined(Observed(FINGERPRINT, statuses, skew_s=skew_s))
    wanted = first.plans_to_read()
    if not wanted:
        return first.changeset(), statuses, moment.now
    answers = yield ReadPlans(tuple((scope, plan) for _, scope, plan in wanted))
    if any(isinstance(item, Unknown) or _is_unasked(item) for item in answers):
        return None
    plans = {name: answer for (name, _, _), answer in zip(wanted, answers, strict=True)}
    observed = Observed(FINGERPRINT, statuses, plans, skew_s)
    return outlined(observed).changeset(), statuses, moment.now


def _is_unasked(answer: object) -> bool:
    return isinstance(answer, Refused) and answer.code is None


_LAUNCHES = (Action.LAUNCH, Action.HOLD)


def _failed_before(outline: Outline) -> list[str]:
    return [
        item.case.name
        for item in outline.decisions
        if (item.verdict.action in _LAUNCHES or item.verdict.reason is Reason.FAILED)
        and item.case.record is not None
        and item.case.record.newest.outcome in ENDED_BADLY
    ]


def look(
    recorded: Recorded, names: Sequence[str]
) -> Generator[Any, Any, dict[str, InstanceStatus | Missing]]:
    """How far the newest instances of `names` are; what cannot be read is left out."""
    ids = {
        name: number
        for name in names
        if (number := recorded.launches[name].newest.instance_id) is not None
    }
    if not ids:
        return {}
    answers = yield ReadStatus(tuple(InstanceRef(SCOPE, number) for number in ids.values()))
    return {
        name: answer.value
        for name, answer in zip(ids, answers, strict=True)
        if isinstance(answer, Done)
    }


def _record(recorded: Recorded, drafts: tuple[Draft, ...]) -> Generator[Any, Any, None]:
    """Append notes, unless somebody else has written; another process will note the same."""
    if drafts:
        yield Append(drafts, recorded.head)
