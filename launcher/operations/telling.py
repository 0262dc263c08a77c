"""Say how a run goes, as values, while it goes."""

from __future__ import annotations

from dataclasses import replace
from itertools import compress
from typing import TYPE_CHECKING, Any

from launcher.diagnostics import Diagnostic, Severity
from launcher.engine.effects import (
    Append,
    Appended,
    Await,
    Begin,
    Call,
    Effect,
    Find,
    HeadMoved,
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
    Unsent,
    Wait,
    Withdraw,
)
from launcher.engine.events import Kind
from launcher.engine.fold import fold
from launcher.engine.recorded import IN_FLIGHT, UNSTARTED
from launcher.engine.repeating import repeated_at
from launcher.ledger.codec import rfc3339
from launcher.operations.progress import EffectDone, Note, Observed, Settled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from launcher.engine.events import Event
    from launcher.engine.observed import InstanceRef
    from launcher.engine.recorded import Recorded
    from launcher.engine.report import Order
    from launcher.operations.progress import Progress

__all__ = ["Teller", "warnings_in"]

_TOLD = (Kind.OBSERVED, Kind.SETTLED, Kind.REFUSED)


def warnings_in(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Those that are no errors, in order: they are told when they arise, errors when all of them are known."""
    from launcher.catalogue import entry  # noqa: PLC0415 - most runs have nothing to say

    return tuple(item for item in diagnostics if entry(item.code).severity is Severity.WARNING)


class Teller:
    """Turns effects and their answers into progress; follows the record to know what each instance is called.

    Attributes:
        said: what the run says as it goes; its warnings are told before the next effect.
    """

    def __init__(
        self,
        order: Order,
        progress: Callable[[Progress], None],
        now: Callable[[], datetime],
        clean: Callable[[Sequence[Diagnostic]], Iterable[Diagnostic]] = tuple,
    ) -> None:
        """`clean` takes out of diagnostics what nobody may see, and finds their lines."""
        self._recorded: Recorded = order.recorded
        self._by_spec = {id(item.spec): item.name for item in order.desired.launches.values()}
        # A run that does not wait, or only watches, leaves what follows to another one.
        self._launches = order.desired.launches if order.wait and order.opening else {}
        self._ours = {change.name for change in order.changeset.changes}
        self._progress = progress
        self._now = now
        self._begun: dict[int, Call] = {}
        self._clean = clean
        self._heard = 0
        self._called: dict[int, str] = {}
        self._learn(self._recorded.launches)
        self.said: list[Diagnostic] = []

    def ahead_of(self, perform: Callable[[Effect], Any]) -> Callable[[Effect], Any]:
        """`perform`, and before it what the run has said since the last effect: the next one may be a long wait."""

        def performed(effect: Effect) -> Any:  # noqa: ANN401 - as the engine receives it
            if len(self.said) > self._heard:
                self._tell_warnings()
            return perform(effect)

        return performed

    def _tell_warnings(self) -> None:
        fresh, self._heard = self.said[self._heard :], len(self.said)
        for item in self._clean(warnings_in(fresh)):
            self._progress(Note(item, self._now()))

    def __call__(self, effect: Effect, answer: Any) -> None:  # noqa: ANN401 - as the engine receives it
        """Tell of `effect`, of one that was begun once it is answered; waiting and looking at the clock are no news."""
        match effect:
            case Begin(ticket, call):
                self._begun[ticket] = call
            case Await():
                ticket, answers = answer
                self._tell(self._begun.pop(ticket), answers)
            case _:
                self._tell(effect, answer)

    def _tell(self, effect: Effect, answer: Any) -> None:  # noqa: ANN401 - as the engine receives it
        kind = _kind(effect)
        if kind is None:
            return
        answers = answer if isinstance(answer, tuple) else (answer,)
        left = _what_left(effect, answers)
        if left is None:
            return
        effect = left
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
        elif isinstance(answer, Overtaken | HeadMoved):
            self._tell_events(answer.since)

    def _tell_events(self, events: tuple[Event, ...]) -> None:
        """Tell what the newest of `events` say of each launch of this run."""
        serial = self._recorded.head.serial
        fresh = tuple(item for item in events if item.serial > serial)
        if not fresh or fresh[0].serial != serial + 1:
            # Nothing can be said about what follows on events that were never shown to us.
            return
        # The very same values that the ledger and the run fold: then it is done once.
        self._recorded = fold(self._recorded, events if len(fresh) == len(events) else fresh)
        self._learn({item.draft.name for item in fresh})
        told = {item.draft.name: item for item in fresh if item.draft.kind in _TOLD}
        for name, event in told.items():
            # What others record of launches that this run leaves alone, or have renamed, is not ours to tell.
            if name is not None and name in self._ours and name in self._recorded.launches:
                self._tell_event(name, event)

    def _tell_event(self, name: str, event: Event) -> None:
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
            self._tell_repeat(name, event)

    def _tell_repeat(self, name: str, event: Event) -> None:
        """Tell that this run goes on with another attempt: until then it only waits, maybe for long."""
        launch = self._launches.get(name)
        again = repeated_at(launch, self._recorded.launches[name]) if launch is not None else None
        if again is not None:
            facts = {"name": name, "until": rfc3339(again, timespec="seconds")}
            self._progress(Note(Diagnostic("L279", facts), event.time))

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
        return [self._called.get(item.id, "") for item in instances]

    def _learn(self, names: Iterable[str | None]) -> None:
        """Know what the newest instances of `names` are called."""
        for name in names:
            record = self._recorded.launches.get(name) if name is not None else None
            if record is not None and name is not None and record.newest.instance_id is not None:
                self._called[record.newest.instance_id] = name


def _what_left(effect: Effect, answers: Sequence[object]) -> Effect | None:
    """`effect` without the requests that did not leave: that is no news, they come round again; `None` for none else."""
    sent = [not isinstance(item, Unsent) for item in answers]
    if all(sent):
        return effect
    if not any(sent):
        return None
    match effect:
        case Prepare(requests):
            return replace(effect, requests=tuple(compress(requests, sent)))
        case Start(starts):
            return replace(effect, requests=tuple(compress(starts, sent)))
        case _:
            return effect


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
        case Await() | Begin() | Mint() | ReadClock() | ReadSkew() | Wait() | Withdraw():
            return None
