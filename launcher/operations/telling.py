"""Say how a run goes, as values, while it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launcher.engine.effects import (
    Append,
    Appended,
    Effect,
    Find,
    Mint,
    Operate,
    Overtaken,
    Prepare,
    Probe,
    ReadBack,
    ReadClock,
    ReadPlans,
    ReadSkew,
    ReadStatus,
    Refused,
    Start,
    Unknown,
    Wait,
)
from launcher.engine.events import Kind
from launcher.engine.fold import fold
from launcher.engine.recorded import IN_FLIGHT, UNSTARTED
from launcher.operations.progress import EffectDone, Observed, Settled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from launcher.engine.events import Event
    from launcher.engine.observed import InstanceRef
    from launcher.engine.recorded import Recorded
    from launcher.engine.report import Order
    from launcher.operations.progress import Progress

__all__ = ["Teller"]


class Teller:
    """Turns effects and their answers into progress; follows the record to know what each instance is called."""

    def __init__(
        self, order: Order, progress: Callable[[Progress], None], now: Callable[[], datetime]
    ) -> None:
        self._recorded: Recorded = order.recorded
        self._by_spec = {id(item.spec): item.name for item in order.desired.launches.values()}
        self._progress = progress
        self._now = now

    def __call__(self, effect: Effect, answer: Any) -> None:  # noqa: ANN401 - as the engine receives it
        """Tell of `effect`; waiting and looking at the clock are no news."""
        kind = _kind(effect)
        if kind is None:
            return
        answers = answer if isinstance(answer, tuple) else (answer,)
        self._progress(
            EffectDone(
                kind=kind,
                names=self._names(effect),
                refused=sum(isinstance(item, Refused) for item in answers),
                unknown=sum(isinstance(item, Unknown) for item in answers),
                time=self._now(),
            )
        )
        if isinstance(answer, Appended):
            self._tell_events(answer.events)
        elif isinstance(answer, Overtaken):
            self._tell_events(answer.since)

    def _tell_events(self, events: Iterable[Event]) -> None:
        for event in events:
            if event.serial <= self._recorded.head.serial:
                continue
            if event.serial != self._recorded.head.serial + 1:
                # Others have written in between; what they did is not ours to tell.
                return
            self._recorded = fold(self._recorded, (event,))
            self._tell_event(event)

    def _tell_event(self, event: Event) -> None:
        name = event.draft.name
        if name is None or event.draft.kind not in (Kind.OBSERVED, Kind.SETTLED, Kind.REFUSED):
            return
        attempt = self._recorded.launches[name].newest
        if attempt.outcome in IN_FLIGHT:
            self._progress(
                Observed(
                    name,
                    attempt.number,
                    attempt.instance_id,
                    attempt.status,
                    attempt.outcome,
                    event.time,
                )
            )
        elif attempt.outcome not in UNSTARTED:
            self._progress(
                Settled(name, attempt.number, attempt.instance_id, attempt.outcome, event.time)
            )

    def _names(self, effect: Effect) -> tuple[str, ...]:
        match effect:
            case Append(drafts):
                names = [draft.name for draft in drafts if draft.name is not None]
            case Prepare(requests):
                names = [self._by_spec.get(id(item.spec), "") for item in requests]
            case Start(requests) | Operate(requests):
                names = self._of_instances(item.instance for item in requests)
            case ReadBack(instances) | ReadStatus(instances):
                names = self._of_instances(instances)
            case Find(searches):
                # The marker's text is lineage, environment, name and nonce.
                names = [item.marker[1].split("/")[2] for item in searches]
            case _:
                names = []
        return tuple(dict.fromkeys(name for name in names if name))

    def _of_instances(self, instances: Iterable[InstanceRef]) -> list[str]:
        known = {
            record.newest.instance_id: name for name, record in self._recorded.launches.items()
        }
        return [known.get(item.id, "") for item in instances]


def _kind(effect: Effect) -> str | None:  # noqa: C901 - one word for each effect
    match effect:
        case Append():
            return "append"
        case Probe():
            return "probe"
        case ReadPlans():
            return "read-plans"
        case Prepare():
            return "prepare"
        case ReadBack():
            return "read-back"
        case Start():
            return "start"
        case Operate():
            return "operate"
        case ReadStatus():
            return "read-status"
        case Find():
            return "find"
        case Mint() | ReadClock() | ReadSkew() | Wait():
            return None
