"""Which instances an attempt of unknown outcome may have run as, and what speaks for and against each.

Nothing is decided here: JOB has no idempotency key, and an instance without our marker cannot be told from somebody
else's launch of the same job plan. A person decides, and says so.

Source: bk-job, `get_job_instance_list` and `get_job_instance_global_var_value`, the only calls that show who created
an instance, when, and with which texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from launcher.engine.effects import Search
from launcher.engine.observed import Candidate, Status
from launcher.engine.spec import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from launcher.engine.recorded import Attempt, Recorded

__all__ = ["Clue", "Seeker", "Weighed", "search_for", "weigh"]

_AT_ONCE = timedelta(minutes=1)
"""JOB creates an instance early in the call, and its gateway gives up on one after a minute."""

_SENT_WITHIN = timedelta(minutes=10)
"""A request that was intended leaves soon, or never: its run has a window for it."""

_EARLIER = timedelta(days=1)
"""How much further back one looks for the prepares that an attempt had before its newest one."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Clue(StrEnum):
    """What speaks for or against an instance."""

    MARKER = "marker"
    """It carries the marker that this attempt was sent with."""
    RECORDED = "recorded"
    """It is on record as the instance of this attempt."""
    TIME = "time"
    """It was created while this attempt was asked for."""
    OPERATOR = "operator"
    """The account that launcher asks with created it."""
    BEGUN = "begun"
    """It has begun."""
    OTHER_MARKER = "other-marker"
    """It carries the marker of another launch, or of another prepare."""
    NO_MARKER = "no-marker"
    """It carries no marker, and what is launched from here does."""
    OTHER_LAUNCH = "other-launch"
    """It is on record as the instance of another launch or attempt."""
    OTHER_TIME = "other-time"
    """It was created at another time than this attempt was asked for."""
    OTHER_OPERATOR = "other-operator"
    """Another account created it."""
    NOT_BEGUN = "not-begun"
    """It has not begun, so nothing ran as it."""
    NO_STEPS = "no-steps"
    """A crash of the server left it without steps; nothing can run as it."""


_FOR = frozenset({Clue.MARKER, Clue.RECORDED, Clue.TIME, Clue.OPERATOR, Clue.BEGUN})


@dataclass(frozen=True, slots=True)
class Seeker:
    """Who looks.

    Attributes:
        name: the launch.
        environment: where.
        marker: name of the marker variable; `None` where the workspace names none.
        operator: the account that launcher asks with; `None` where that is not known.
        clock_skew_s: how far the server's clock may be from ours.
    """

    name: str
    environment: str
    marker: str | None
    operator: str | None
    clock_skew_s: float


@dataclass(frozen=True, slots=True)
class Weighed:
    """A candidate, and what speaks for and against it."""

    candidate: Candidate
    speaks_for: tuple[Clue, ...]
    speaks_against: tuple[Clue, ...]


def search_for(
    seeker: Seeker, recorded: Recorded, attempt: Attempt, now: datetime
) -> Search | None:
    """What an instance of `attempt` would look like; `None` where too little is on record to say.

    An attempt that was restored from a lockfile has no prepare on record, and so no time to look at.
    """
    if attempt.plan is None or not attempt.nonces:
        return None
    skew = timedelta(seconds=seeker.clock_skew_s)
    before = _EARLIER if len(attempt.nonces) > 1 else timedelta()
    return Search(
        scope=Scope(attempt.spec["scope"]["type"], attempt.spec["scope"]["id"]),
        plan_id=attempt.plan.id,
        plan_name=attempt.plan.name,
        since=attempt.intended_at - skew - before,
        until=min(now, attempt.intended_at + _SENT_WITHIN) + skew,
        marker=(seeker.marker or "", _marker(seeker, recorded, attempt, attempt.nonces[-1])),
    )


def weigh(
    seeker: Seeker,
    recorded: Recorded,
    attempt: Attempt,
    candidates: Iterable[Candidate],
) -> tuple[Weighed, ...]:
    """What speaks for and against each of `candidates`, newest first."""
    markers = {_marker(seeker, recorded, attempt, nonce) for nonce in attempt.nonces}
    owners: dict[int | None, tuple[str, int]] = {
        item.instance_id: (record.name, item.number)
        for record in recorded.launches.values()
        for item in record.attempts
        if item.instance_id is not None
    }
    found = [
        _weighed(seeker, attempt, item, markers, owners)
        for item in sorted(candidates, key=_age, reverse=True)
    ]
    return tuple(found)


def _age(item: Candidate) -> tuple[datetime, int]:
    return item.created or _LONG_AGO, item.id


def _weighed(
    seeker: Seeker,
    attempt: Attempt,
    item: Candidate,
    markers: set[str],
    owners: Mapping[int | None, tuple[str, int]],
) -> Weighed:
    clues = tuple(_clues(seeker, attempt, item, markers, owners))
    return Weighed(
        item,
        tuple(clue for clue in clues if clue in _FOR),
        tuple(clue for clue in clues if clue not in _FOR),
    )


def _clues(
    seeker: Seeker,
    attempt: Attempt,
    item: Candidate,
    markers: set[str],
    owners: Mapping[int | None, tuple[str, int]],
) -> Iterator[Clue]:
    if item.id in owners:
        own = owners[item.id] == (seeker.name, attempt.number)
        yield Clue.RECORDED if own else Clue.OTHER_LAUNCH
    if item.marker in markers:
        yield Clue.MARKER
    elif item.marker:
        yield Clue.OTHER_MARKER
    elif seeker.marker is not None and item.id not in owners:
        yield Clue.NO_MARKER
    if item.created is not None and attempt.nonces:
        skew = timedelta(seconds=seeker.clock_skew_s)
        passed = item.created - attempt.intended_at
        yield Clue.TIME if -skew <= passed <= _AT_ONCE + skew else Clue.OTHER_TIME
    if item.operator is not None and seeker.operator is not None:
        yield Clue.OPERATOR if item.operator == seeker.operator else Clue.OTHER_OPERATOR
    if not item.has_steps:
        yield Clue.NO_STEPS
    yield Clue.NOT_BEGUN if item.status == Status.BLANK else Clue.BEGUN


def _marker(seeker: Seeker, recorded: Recorded, attempt: Attempt, nonce: str) -> str:
    named = attempt.named or seeker.name
    return f"{recorded.lineage}/{seeker.environment}/{named}/{nonce}"
