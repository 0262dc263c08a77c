"""Where every launch of a run stands, as the record and the changeset have it. Asks nothing of the outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.engine.changeset import Action, Reason
from launcher.engine.fold import fold
from launcher.engine.observed import InstanceRef
from launcher.engine.recorded import IN_FLIGHT, UNSTARTED, OutcomeKind
from launcher.engine.rows import REPLACE_AFTER
from launcher.engine.spec import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from launcher.engine.changeset import Change
    from launcher.engine.desired import Launch
    from launcher.engine.events import Draft, Event
    from launcher.engine.recorded import Attempt, Recorded
    from launcher.engine.report import Order

__all__ = ["Standing", "about", "instance_of", "touched"]

_NOT_RUN = UNSTARTED | {OutcomeKind.SUPERSEDED}
_WATCHED = frozenset({Action.LAUNCH, Action.RESUME, Action.ARCHIVE, Action.RENAME})


class Standing:
    """What is to be done, what is on record, and what follows from the two.

    Attributes:
        order: what was asked for.
        changes: the changes of the changeset, by name.
        recorded: the record, every append of this run included.
        left: launches that this run carries no further, with the word for why.
        detached: launches whose jobs this run watches no further.
        again: launches whose failed attempt is followed by another one in this run.
        claimed: attempts, by name and number, for which this run has recorded a START.
        under_way: launches of the batches that are under way.
    """

    def __init__(self, order: Order) -> None:
        self.order = order
        self.changes = {change.name: change for change in order.changeset.changes}
        self.recorded: Recorded = order.recorded
        self.left: dict[str, str] = {}
        self.detached: set[str] = set()
        self.again: set[str] = set()
        self.claimed: set[tuple[str, int]] = set()
        self.under_way: set[str] = set()
        self._base = {change.name: _base(change) for change in order.changeset.changes}
        self._basis = {change.name: change.newest for change in order.changeset.changes}
        self._settled: set[str] = set()
        self._wanted = self._to_start()

    def take(self, events: tuple[Event, ...]) -> None:
        """Take in `events`, which follow on the record."""
        self.recorded = fold(self.recorded, events)
        # Whatever was known of these launches may not hold any more.
        self._settled -= touched(events)

    def launch(self, name: str) -> Launch:
        """The declared launch of a change that is carried out."""
        return self.order.desired.launches[name]

    def attempt(self, name: str) -> Attempt | None:
        """The attempt that this run carries on with for `name`: a new one, or one found un-started."""
        record = self.recorded.launches.get(name)
        if record is None or record.newest.number < self._base[name]:
            return None
        return record.newest

    def next_number(self, name: str) -> int:
        """The number of the next attempt of `name`."""
        record = self.recorded.launches.get(name)
        return record.newest.number + 1 if record else 1

    def number_to_start(self, name: str) -> int:
        """The number of the attempt of `name` that is started next: one that stands un-started, or else a new one."""
        attempt = self.attempt(name)
        if attempt is not None and attempt.outcome in UNSTARTED:
            return attempt.number
        return self.next_number(name)

    def open_attempt(self, name: str, now: datetime) -> Attempt | None:
        """The un-started attempt of the desired key that can still be carried on with."""
        attempt = self.attempt(name)
        if attempt is None or attempt.outcome not in UNSTARTED:
            return None
        if attempt.key != self.launch(name).key:
            return None
        prepared = attempt.prepared_at if attempt.outcome is OutcomeKind.PREPARED else None
        return None if prepared is not None and now - prepared > REPLACE_AFTER else attempt

    @property
    def only_watches(self) -> bool:
        """Whether this run has no session: it claims nothing and records what it sees."""
        return not self.order.opening

    def act_again(self, name: str) -> None:
        """Let the newest attempt of `name`, which has failed, be followed by another one."""
        self.again.add(name)
        self._basis[name] = self.recorded.launches[name].newest
        self._base[name] = self.next_number(name)
        self._settled.discard(name)
        self._wanted = self._to_start()

    def pending(self) -> list[str]:
        """Launches that still are to be started, in the order of the changeset."""
        if self.only_watches:
            return []
        return [
            name for name in self._wanted if name not in self._settled and self.is_pending(name)
        ]

    def is_pending(self, name: str) -> bool:
        """Whether `name`, which was to be started when this was asked last, still is."""
        if name in self.left:
            return False
        if name not in self.recorded.launches:
            return True
        return not self._is_settled(name) and not self._went_on(name)

    def gone_on(self) -> list[str]:
        """Launches that were to be started, and whose last attempt has gone on since: another run decides them."""
        return [name for name in self._wanted if name not in self.left and self._went_on(name)]

    def ready(self) -> list[str]:
        """Those of `pending` whose needs are in sync, and that no batch is carrying on."""
        return [
            name
            for name in self.pending()
            if name not in self.under_way and self.unmet(name) is None
        ]

    def unmet(self, name: str) -> str | None:
        """The first need of `name` that is not in sync."""
        for need in self.launch(name).policy.needs:
            record = self.recorded.launches.get(need)
            wanted = self.order.desired.launches.get(need)
            if record is None or wanted is None or not record.is_in_sync(wanted.key):
                return need
        return None

    def in_flight(self) -> list[str]:
        """Launches of this changeset whose instance runs, may run or waits for a person, and that are watched."""
        return [
            name
            for name, change in self.changes.items()
            if (change.action in _WATCHED or self.only_watches)
            and name not in self.detached
            and self._outcome(name) in IN_FLIGHT
        ]

    def in_flight_left(self) -> list[str]:
        """Launches whose jobs go on and are not watched any more."""
        return [name for name in sorted(self.detached) if self._outcome(name) in IN_FLIGHT]

    def blank(self) -> list[str]:
        """Those of `in_flight` that may need another START: not seen beyond status 1 yet."""
        return [name for name in self.in_flight() if self._outcome(name) is OutcomeKind.STARTING]

    def marker_text(self, named: str, nonce: str) -> tuple[str, str] | None:
        """Name and text of the marker variable for one prepare of the launch that was `named` so at the time."""
        if self.order.marker is None:
            return None
        return self.order.marker, f"{self.marker_root}{named}/{nonce}"

    @property
    def marker_root(self) -> str:
        """What the markers of this ledger begin with."""
        return f"{self.recorded.lineage}/{self.order.desired.environment.name}/"

    def instance(self, name: str) -> InstanceRef:
        """Where to find the instance of the newest attempt of `name`."""
        return instance_of(self.recorded.launches[name].newest)

    def _to_start(self) -> tuple[str, ...]:
        """Launches that are to be started, or were, in the order of the changeset."""
        return tuple(
            name
            for name, change in self.changes.items()
            if change.action is Action.LAUNCH
            or change.reason is Reason.PREPARED
            or name in self.again
        )

    def _is_settled(self, name: str) -> bool:
        """Whether `name` has run. Asked for every launch before each batch, so it is kept for those that have."""
        if name in self._settled:
            return True
        attempt = self.attempt(name)
        ran = attempt is not None and attempt.outcome not in _NOT_RUN
        if ran:
            self._settled.add(name)
        return ran

    def _went_on(self, name: str) -> bool:
        """Whether the attempt that had ended when `name` was decided stands elsewhere now: somebody carried on with it.

        Another attempt beside it would run the launch twice.
        """
        basis, record = self._basis.get(name), self.recorded.launches.get(name)
        if basis is None or record is None or basis.outcome in UNSTARTED:
            return False
        now = record.newest
        return now.number == basis.number and (
            now.outcome is not basis.outcome or now.operation not in (None, basis.operation)
        )

    def _outcome(self, name: str) -> OutcomeKind | None:
        record = self.recorded.launches.get(name)
        return record.newest.outcome if record else None


def touched(events: Iterable[Event]) -> set[str | None]:
    """The launches that `events` tell of; a rename tells of two."""
    return about(event.draft for event in events) - {None}


def about(drafts: Iterable[Draft]) -> set[str | None]:
    """The launches that `drafts` speak of, and `None` where one of them names fewer than two."""
    return {name for draft in drafts for name in (draft.name, draft.data.get("from"))}


def instance_of(attempt: Attempt) -> InstanceRef:
    """Where to find the instance of `attempt`, whose id must be known."""
    scope: Mapping[str, str] = attempt.spec["scope"]
    if attempt.instance_id is None:
        raise ValueError(f"attempt {attempt.number} has no instance")
    return InstanceRef(Scope(scope["type"], scope["id"]), attempt.instance_id)


def _base(change: Change) -> int:
    """The lowest number of an attempt that this change carries on with."""
    if change.newest is None:
        return 1
    return change.newest.number + (0 if change.newest.outcome in UNSTARTED else 1)
