"""What must hold at rest, in a world that is healthy again: each check yields what is broken, in words."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from launcher.engine.changeset import Action, Reason
from launcher.engine.decide import Observed, Options, Outline, make_changeset
from launcher.engine.effects import Done
from launcher.engine.events import Kind
from launcher.engine.observed import Status
from launcher.engine.recorded import ENDED_BADLY, IN_FLIGHT, UNSTARTED, OutcomeKind
from tests.support.seeded.people import REASON
from tests.support.seeded.process import FINGERPRINT
from tests.support.seeded.times import at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from launcher.engine.changeset import Changeset
    from launcher.engine.recorded import Attempt, LaunchRecord, Recorded
    from tests.support.seeded.instances import SimInstance
    from tests.support.seeded.states import State
    from tests.support.seeded.world import World

__all__ = ["broken"]

_TRUTH = {
    Status.SUCCESS: OutcomeKind.SUCCEEDED,
    Status.FAIL: OutcomeKind.FAILED,
    Status.ABANDONED: OutcomeKind.FAILED,
    Status.STOP_SUCCESS: OutcomeKind.CANCELLED,
    Status.CONFIRM_TERMINATED: OutcomeKind.CANCELLED,
}


def broken(world: World, state: State, *, marked: bool) -> list[str]:
    """Everything that does not hold after the last run of `state`; `marked`: instances carry markers."""
    world.server.settle_everything()
    rest = _Rest(world, state, marked=marked)
    return [
        *rest.record_is_whole(),
        *rest.started_twice(),
        *rest.launched_again(),
        *rest.refused_by_nobody(),
        *rest.untrue(),
        *rest.open_at_the_end(),
        *rest.not_converged(),
        *rest.not_in_sync(),
    ]


class _Rest:
    """A world at rest, and how its record and its instances belong together."""

    def __init__(self, world: World, state: State, *, marked: bool) -> None:
        self.world = world
        self.state = state
        self.marked = marked
        self.recorded: Recorded = world.record.present()
        self.instances = world.server.instances
        self.by_nonce: dict[str, list[SimInstance]] = {}
        for item in self.instances.values():
            nonce = (item.marker or "").rpartition("/")[2]
            self.by_nonce.setdefault(nonce, []).append(item)
        self.nonces = world.record.nonces()
        self.had = {
            event.draft.data["instance"]["id"]
            for event in world.record.events
            if event.draft.kind in (Kind.PREPARED, Kind.ADOPTED)
        }

    def of(self, name: str, attempt: Attempt) -> list[SimInstance]:
        """Every instance that was created for `attempt`, whatever the record says of it."""
        if not self.marked:
            ids = {attempt.instance_id, *attempt.orphans} & self.instances.keys()
            return [self.instances[number] for number in ids if number]
        return [
            item
            for nonce in self.nonces.get((name, attempt.number), ())
            for item in self.by_nonce.get(nonce, ())
        ]

    def attempts(self) -> Iterator[tuple[str, LaunchRecord, Attempt]]:
        """Every attempt on record."""
        for name, record in self.recorded.launches.items():
            for attempt in record.attempts:
                yield name, record, attempt

    # --- the record ---------------------------------------------------------------------------

    def record_is_whole(self) -> Iterator[str]:
        """Serials grow without gaps, the chain holds, and nothing that was acknowledged is gone."""
        previous = ""
        for serial, event in enumerate(self.world.record.events, start=1):
            if event.serial != serial or event.previous != previous:
                yield f"event {event.serial} does not follow on {serial - 1}"
            previous = event.hash
        ids = [
            (event.actor, event.draft.data["nonce"])
            for event in self.world.record.events
            if event.draft.kind is Kind.PREPARED
        ]
        if len(ids) != len(set(ids)):
            yield "an answer of JOB is on record twice"
        gone = self.world.record.acknowledged - {item.id for item in self.world.record.events}
        if gone:
            yield f"{len(gone)} events were acknowledged and are gone"
        if self.recorded.server is None and self.had:
            yield "instances are on record and the ledger is bound to no server"

    # --- never a second start -----------------------------------------------------------------

    def started_twice(self) -> Iterator[str]:
        """An attempt begins at most once, in at most one instance; what begins belongs to an attempt."""
        known: set[int] = set()
        for name, _, attempt in self.attempts():
            of = self.of(name, attempt)
            known.update(item.id for item in of)
            begun = sum(item.begun for item in of if item.begun_by != "person")
            if begun > 1:
                yield f"attempt {attempt.number} of {name} began {begun} times"
        for item in self.instances.values():
            if item.begun_by == "us" and item.id not in known:
                yield f"{item.id} began, and no attempt on record asked for it"

    def launched_again(self) -> Iterator[str]:
        """A key that began begins again only after another key of its name, or after a person's word."""
        for name, record in self.recorded.launches.items():
            began = [it for it in record.attempts if self._began(name, it)]
            for before, after in pairwise(began):
                by_us = any(item.begun_by in ("us", "itself") for item in self.of(name, after))
                asked_for = (
                    after.request is not None
                    or _is_repeated(record, before, after, self._asked_with(name, after))
                    or _is_rest_of_one(record, before, after)
                )
                if before.key == after.key and by_us and not asked_for:
                    yield f"{name} was launched again with nothing new, as attempt {after.number}"

    def _began(self, name: str, attempt: Attempt) -> bool:
        if attempt.outcome in (OutcomeKind.WAIVED, OutcomeKind.ADOPTED):
            return True
        return any(
            item.begun and not self._unseen(attempt, item) for item in self.of(name, attempt)
        )

    def _unseen(self, attempt: Attempt, item: SimInstance) -> bool:
        """Whether it began without us when nobody looked any more: given up, not known, or denied by JOB."""
        if item.begun_by == "us" or attempt.outcome not in (
            OutcomeKind.SUPERSEDED,
            OutcomeKind.REFUSED,
        ):
            return False
        return item.begun_by == "person" or attempt.instance_id != item.id or item.gone

    def _asked_with(self, name: str, attempt: Attempt) -> int:
        """`maxAttempts` of the manifest when `attempt` was first intended; lowered later, it takes nothing back."""
        nonces = self.world.record.nonces().get((name, attempt.number), [])
        asked = [
            int(event.draft.data["policy"]["retry"]["maxAttempts"])
            for event in self.world.record.events
            if event.draft.kind is Kind.INTENDED and event.draft.data["nonce"] in nonces
        ]
        return asked[0] if asked else 0

    # --- never a guess ------------------------------------------------------------------------

    def refused_by_nobody(self) -> Iterator[str]:
        """What counts as refused by JOB was refused by JOB."""
        told: dict[str, int] = {}
        for event in self.world.record.events:
            draft = event.draft
            if draft.kind is Kind.REFUSED and draft.data["stage"] == "prepare":
                told[draft.name or ""] = told.get(draft.name or "", 0) + 1
        for name, count in told.items():
            key = name if self.marked else ""
            if count > self.world.server.refusals.get(key, 0):
                yield f"{name} is refused on record, and JOB never refused it"

    def untrue(self) -> Iterator[str]:
        """The ledger names only instances that exist, and tells their end as it was."""
        for number in self.had - self.instances.keys():
            yield f"instance {number} is on record, and never was"
        # What was retried on JOB's pages is read again only where a failure decides what happens.
        failed = {it.name for it in self.changeset.changes if it.reason is Reason.FAILED}
        for name, record, attempt in self.attempts():
            item = self.instances.get(attempt.instance_id or 0)
            if item is None or item.gone:
                continue
            newest = attempt is record.newest and name in failed
            yield from self._untrue_of(name, attempt, item, newest=newest)

    def _untrue_of(
        self, name: str, attempt: Attempt, item: SimInstance, *, newest: bool
    ) -> Iterator[str]:
        what = f"{name}, attempt {attempt.number}: {attempt.outcome} on record"
        if attempt.outcome in IN_FLIGHT and not self.is_refused:
            yield f"{what} long after everything ended (status {item.status})"
        elif attempt.outcome in (OutcomeKind.SUPERSEDED, *UNSTARTED):
            if item.begun and item.begun_by == "us":
                yield f"{what}, and it began"
        elif item.status == Status.ABNORMAL:
            told = attempt.reason == REASON  # it is a person's word, and not ours
            if attempt.outcome is OutcomeKind.FAILED and not told and not self._is_sure(item):
                yield f"{what}, guessed from status 9"
        elif (
            attempt.outcome in _TRUTH.values()
            and (newest or not item.went_on)
            and _TRUTH.get(item.status) is not attempt.outcome
        ):
            yield f"{what}, status {item.status} in truth"

    def _is_sure(self, item: SimInstance) -> bool:
        return (len(item.sent) == 1 and item.sent[0][1]) or item.went_on or not item.sent

    # --- rest ---------------------------------------------------------------------------------

    def open_at_the_end(self) -> Iterator[str]:
        """A run that came to its end has closed its session."""
        session = self.recorded.session
        if session is not None and session.id in self.world.closed_well:
            yield "the session stayed open after the run had ended"

    def not_converged(self) -> Iterator[str]:
        """Nothing acts any more, and whatever does not is told why."""
        resting = (
            Reason.UNKNOWN,
            Reason.FAILED,
            Reason.REFUSED,
            Reason.NEEDS,
        )
        for change in self.changeset.changes if not self.is_refused else ():
            if change.action is Action.NONE or change.reason in (Reason.SUSPENDED, Reason.EDITED):
                continue
            if change.action is Action.BLOCK and change.reason in resting:
                continue
            yield f"{change.name} still has {change.action} {change.reason} by {change.by}"

    def not_in_sync(self) -> Iterator[str]:
        """What counts as in sync ran last, and no instance waits for a START that nobody wants."""
        for change in self.changeset.changes:
            record = self.recorded.launches.get(change.name)
            if record is None or change.reason is not Reason.IN_SYNC:
                continue
            if record.newest.outcome in UNSTARTED:
                yield f"{change.name} is in sync, and an attempt of it still waits for a START"
            started = record.newest_started
            if started is None or started.outcome is not OutcomeKind.SUCCEEDED:
                continue
            began = [it for it in record.attempts if any(i.begun for i in self.of(change.name, it))]
            ours = [it for it in began if self._began(change.name, it)]
            if not ours or ours[-1].key != change.key:
                yield f"{change.name} counts as in sync, and something else began last"
        for name, record in self.recorded.launches.items():
            if record.archived and record.newest.outcome in UNSTARTED | IN_FLIGHT:
                yield f"{name} is archived, and its attempt is {record.newest.outcome}"

    @property
    def is_refused(self) -> bool:
        """Whether what is declared holds an error, so that nothing at all is done or looked at."""
        return any(change.action is Action.ERROR for change in self.changeset.changes)

    @cached_property
    def changeset(self) -> Changeset:
        server, recorded = self.world.server, self.recorded
        statuses = {
            name: server.status(record.newest.instance_id)
            for name, record in recorded.launches.items()
            if record.newest.outcome in IN_FLIGHT | ENDED_BADLY
            and record.newest.instance_id is not None
        }
        now, desired = at(server.t), self.state.desired
        first = Outline(
            desired, recorded, Observed(FINGERPRINT, statuses, skew_s=0), now=now, options=Options()
        )
        plans = {name: Done(server.plan(plan)) for name, _, plan in first.plans_to_read()}
        observed = Observed(FINGERPRINT, statuses, plans, skew_s=0)
        return make_changeset(desired, recorded, observed, now=now, options=Options())


def _is_repeated(record: LaunchRecord, before: Attempt, after: Attempt, most: int) -> bool:
    """Whether the manifest asks for `after`: status 4, and not too many attempts of the key."""
    if after.policy is None or (before.outcome, before.status) != (
        OutcomeKind.FAILED,
        Status.FAIL,
    ):
        return False
    same = [it for it in record.attempts if it.key == after.key and it.number <= after.number]
    asked = sum(it.request is not None for it in same)
    started = sum(it.was_started for it in same)
    return started <= most + asked


def _is_rest_of_one(record: LaunchRecord, before: Attempt, after: Attempt) -> bool:
    """Whether an attempt that was asked for after the failure was given up un-started, and `after` takes its place."""
    return any(
        it.key == after.key and it.outcome is OutcomeKind.SUPERSEDED
        for it in record.attempts
        if before.number < it.number < after.number
    )
