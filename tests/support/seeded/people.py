"""Acts of people on one launch, each a process of its own that may come at any time.

They follow `launcher.operations`: what is decided there on a record and an answer is decided here in the same order,
with the engine's own functions. A person who resolves an unknown outcome is right: it is asked of the truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from launcher.engine.act import Act
from launcher.engine.byhand import adoption, adoption_outcome, hindrance, owner_of, waiver
from launcher.engine.desired import Desired
from launcher.engine.effects import (
    Append,
    Appended,
    Done,
    HeadMoved,
    Overtaken,
    ReadClock,
    ReadPlans,
    ReadStatus,
)
from launcher.engine.events import Draft, Kind
from launcher.engine.execute import execute
from launcher.engine.fold import fold
from launcher.engine.observed import InstanceRef, InstanceStatus, Missing, Status
from launcher.engine.operating import operate
from launcher.engine.progress import outcome_at
from launcher.engine.recorded import ENDED_BADLY, IN_FLIGHT, OperationKind, OutcomeKind
from launcher.engine.report import Order
from launcher.engine.watching import watching
from tests.support.seeded.process import FINGERPRINT, Recall, apply, look
from tests.support.seeded.server import SCOPE

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from launcher.engine.recorded import Attempt, Recorded
    from tests.support.seeded.process import Errand

    Act_ = Generator[Any, Any, Any]

__all__ = ["ACTS", "REASON", "Strangers", "Truth", "flow_of"]

_TRIES = 5
REASON = "a person says so"


@dataclass(frozen=True, slots=True)
class Truth:
    """Ask the people at JOB what became of an attempt → the instance that began, 0 for none, `None` if it may yet."""

    name: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Strangers:
    """Look on JOB's pages for instances that other clients have started → their ids."""


def flow_of(errand: Errand) -> Act_:
    """What a process with `errand` does."""
    return ACTS[errand.task](errand) if errand.task in ACTS else apply(errand)


def _operating(kind: OperationKind) -> Callable[[Errand], Act_]:
    def act(errand: Errand) -> Act_:
        recorded, _ = yield Recall()
        name = errand.pick(
            name
            for name, record in recorded.launches.items()
            if record.newest.outcome in IN_FLIGHT | ENDED_BADLY
        )
        if name is None:
            return "nothing to operate on"
        wanted = Act(name, "rehearsal", kind, REASON)
        operated = yield from operate(recorded, wanted, errand.limits)
        return f"{kind.value} {operated.end}"

    return act


def _resolve(errand: Errand) -> Act_:
    recorded, _ = yield Recall()
    unknown = {
        name for name, it in recorded.launches.items() if it.newest.outcome is OutcomeKind.UNKNOWN
    }
    name = errand.pick(unknown)
    if name is None:
        return "nothing to resolve"
    attempt = recorded.launches[name].newest
    truth = yield Truth(name, attempt.number)
    if truth is None or (truth and owner_of(recorded, truth, besides=(name, attempt.number))):
        return "nobody knows yet"
    data: dict[str, Any] = {"outcome": OutcomeKind.NOT_RAN.value, "reason": REASON}
    if truth:
        (answer,) = yield ReadStatus((InstanceRef(SCOPE, truth),))
        if not isinstance(answer, Done) or not isinstance(answer.value, InstanceStatus):
            return "not read"
        status = answer.value
        data = {
            "outcome": outcome_at(status.status).value,
            "instance": {"id": truth, "name": status.name},
            "status": status.status,
            "reason": REASON,
        }
        if status.ended is not None:
            data["finished"] = status.ended.isoformat()
    elif attempt.instance_id is not None:
        seen = yield from look(recorded, [name])
        answer = seen.get(name)
        if answer is None or (isinstance(answer, InstanceStatus) and answer.status != Status.BLANK):
            return "not read"

    def drafts(present: Recorded) -> tuple[Draft, ...]:
        if name not in present.launches:
            return ()
        now = present.launches[name].newest
        same = now.number == attempt.number and now.outcome is OutcomeKind.UNKNOWN
        return (Draft(Kind.RESOLVED, name, now.key, now.number, data),) if same else ()

    return (yield from _record(recorded, drafts))


def _waive(errand: Errand) -> Act_:
    recorded, _ = yield Recall()
    launches = errand.state.desired.launches
    name = errand.pick(launches)
    if name is None or _is_old(errand, recorded) or not (yield from _is_unstarted(recorded, name)):
        return "nothing to waive"

    def drafts(present: Recorded) -> tuple[Draft, ...]:
        if hindrance(present, launches[name]) is not None or present.lineage is None:
            return ()
        return (waiver(launches[name], present.launches.get(name), REASON),)

    return (yield from _record(recorded, drafts))


def _adopt(errand: Errand) -> Act_:
    recorded, _ = yield Recall()
    launches = errand.state.desired.launches
    name = errand.pick(launches)
    strangers: tuple[int, ...] = yield Strangers()
    if name is None or _is_old(errand, recorded) or not strangers:
        return "nothing to adopt"
    if not (yield from _is_unstarted(recorded, name)):
        return "nothing to adopt"
    ours = launches[name]
    (answer,) = yield ReadStatus((InstanceRef(SCOPE, strangers[0]),))
    (plan,) = yield ReadPlans(((ours.spec.scope, ours.spec.plan),))
    if not isinstance(answer, Done) or isinstance(answer.value, Missing):
        return "not read"
    status: InstanceStatus = answer.value
    fits = isinstance(plan, Done) and plan.value.pin.name == status.name
    if not fits or status.status == Status.BLANK:
        return "does not fit"
    if adoption_outcome(status.status) in ENDED_BADLY:
        return "has failed"

    def drafts(present: Recorded) -> tuple[Draft, ...]:
        stands_in_the_way = hindrance(present, ours) is not None or present.lineage is None
        if stands_in_the_way or owner_of(present, status.id) is not None:
            return ()
        found = adoption(ours, present.launches.get(ours.name), status, plan.value.pin, REASON)
        binding = Draft(Kind.BOUND, data={"server": FINGERPRINT})
        return (found,) if present.server is not None else (binding, found)

    return (yield from _record(recorded, drafts))


def _watch(errand: Errand) -> Act_:
    recorded, _ = yield Recall()
    names = [
        name
        for name, record in recorded.launches.items()
        if record.newest.outcome in IN_FLIGHT and record.newest.instance_id is not None
    ]
    if not names:
        return "nothing to watch"
    environment = errand.state.desired.environment
    order = Order(
        changeset=watching(recorded, names, environment=environment.name, commit=None),
        desired=Desired(environment, {}),
        recorded=recorded,
        fingerprint=FINGERPRINT,
        marker=errand.marker,
        opening=(),
        limits=errand.limits,
    )
    return (yield from execute(order))


def _is_old(errand: Errand, recorded: Recorded) -> bool:
    return recorded.commit is not None and int(recorded.commit) > errand.state.commit


def _is_unstarted(recorded: Recorded, name: str) -> Generator[Any, Any, bool]:
    """Whether what was prepared for it still stands un-started, as far as it can be read."""
    record = recorded.launches.get(name)
    newest: Attempt | None = record.newest if record is not None else None
    if newest is None or newest.outcome is not OutcomeKind.PREPARED:
        return True
    seen = yield from look(recorded, [name])
    answer = seen.get(name)
    return isinstance(answer, Missing) or (
        isinstance(answer, InstanceStatus) and answer.status == Status.BLANK
    )


def _record(
    recorded: Recorded, drafts_of: Callable[[Recorded], tuple[Draft, ...]]
) -> Generator[Any, Any, str]:
    for _ in range(_TRIES):
        drafts = drafts_of(recorded)
        if not drafts:
            return "something came in between"
        yield ReadClock()
        answer = yield Append(drafts, recorded.head)
        match answer:
            case Appended() | Overtaken():
                return drafts[-1].kind.value
            case HeadMoved(since):
                recorded = fold(recorded, since)
            case _:
                return "not known"
    return "others kept writing"


ACTS: dict[str, Callable[[Errand], Act_]] = {
    "resolve": _resolve,
    "waive": _waive,
    "adopt": _adopt,
    "watch": _watch,
    **{kind.value: _operating(kind) for kind in OperationKind},
}
"""What people do, by name; `launch` and `retry` are applies of one name."""
