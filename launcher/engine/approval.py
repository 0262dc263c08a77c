"""What a review covers, when a digest is all that is known of it.

A match of digests is exact. The digest of a change shows that environment, name, reason, key, the attempt before,
content, policy, job plan and guards are those that were reviewed; that of a changeset shows which changes they were,
and where they act. So nothing here is a guess: something that may have been reviewed is made anew, from what is
declared and read today, and counts only if it has the digest. What is not found was not reviewed.
"""

from __future__ import annotations

from itertools import chain, combinations, islice, zip_longest
from typing import TYPE_CHECKING

from launcher.engine.changeset import Action, Reason, change_digest
from launcher.engine.guards import guards_in_force

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from launcher.engine.desired import Launch
    from launcher.engine.recorded import Attempt, LaunchRecord, Recorded
    from launcher.model.documents import Environment

__all__ = ["MOST_HASHES", "carried_on", "still_reviewed", "subset_with"]

MOST_HASHES = 50_000
"""How many sets of changes are tried at most for one digest of a changeset."""

_MOST_CHANGES = 5_000_000
"""How many changes those sets may hold together: it bounds the work where a changeset is very large."""

_LAUNCHES = (
    Reason.NEW,
    Reason.CHANGED,
    Reason.REVISION,
    Reason.RETRY,
    Reason.REQUESTED,
    Reason.REPLACED,
)


def carried_on(
    record: LaunchRecord, reason: Reason, *, by_hand: bool
) -> Iterator[tuple[Reason, int | None]]:
    """Launches that a change for `reason` may only be the rest of: reason, and the attempt that each follows.

    What is prepared, or takes the place of what was, has not started yet: it is the rest of a launch that follows the
    same attempt. One that is made anew by itself after a failure is the rest of the launch that failed, because its
    policy was reviewed with it. One that a person asks for is the rest of nothing.
    """
    last = record.newest_started
    if reason in (Reason.PREPARED, Reason.REPLACED):
        follows = last.number if last else None
        yield from ((each, follows) for each in _LAUNCHES)
    elif reason is Reason.RETRY and not by_hand and not _asked_for_since(record, last):
        for attempt in _failed_in_a_row(record, last):
            yield from ((each, attempt.follows) for each in _LAUNCHES)


def _asked_for_since(record: LaunchRecord, last: Attempt | None) -> bool:
    """Whether a person has asked for an attempt after `last`: one that never started, and is asked for still."""
    number = 0 if last is None else last.number
    return any(item.number > number and item.request is not None for item in record.attempts)


def still_reviewed(
    recorded: Recorded, environment: Environment, launch: Launch, attempt: Attempt
) -> bool:
    """Whether a review on record covers `attempt` as it would be asked for today: another may follow by itself."""
    if attempt.because is None:
        return False
    today = change_digest(
        environment=environment.name,
        name=launch.name,
        action=Action.LAUNCH,
        reason=Reason(attempt.because),
        key=launch.key,
        previous=attempt.follows,
        launch=launch,
        plan=attempt.plan,
        guards=guards_in_force(environment),
    )
    return today in {item.change for item in recorded.approvals.values()}


def _failed_in_a_row(record: LaunchRecord, last: Attempt | None) -> Iterator[Attempt]:
    """`last`, and what it was made anew from without anybody asking, newest first."""
    by_number = {item.number: item for item in record.attempts}
    while last is not None and last.because is not None:
        yield last
        before = by_number.get(last.follows) if last.follows is not None else None
        is_again = last.because == Reason.RETRY and last.request is None
        goes_on = is_again and before is not None and before.key == last.key
        last = before if goes_on else None


def subset_with(
    digest: str,
    changes: Sequence[str],
    digest_of: Callable[[tuple[str, ...]], str],
    likely: Iterable[frozenset[str]] = (),
) -> frozenset[str] | None:
    """Those of `changes` that make up the changeset with `digest`; `None` where they are not found.

    More may act today than when it was reviewed, because something else was merged meanwhile; so sets are tried in
    which few are missing, or of which few are left. Of up to 16 changes every set is tried.

    Args:
        digest: of the changeset that was reviewed.
        changes: digests of all changes that act today.
        digest_of: the digest of the changeset that acts with exactly these.
        likely: sets to be tried first.
    """
    whole = tuple(sorted(changes))
    given = (tuple(sorted(item)) for item in likely)
    for subset in chain((whole, ()), given, _in_turn(_without_few(whole), _few_of(whole))):
        if digest_of(subset) == digest:
            return frozenset(subset)
    return None


def _without_few(whole: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for number in range(1, (len(whole) + 1) // 2):
        yield from combinations(whole, len(whole) - number)


def _few_of(whole: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for number in range(1, len(whole) // 2 + 1):
        yield from combinations(whole, number)


def _in_turn(*searches: Iterator[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    for subsets in zip_longest(*map(_bounded, searches)):
        yield from (item for item in subsets if item is not None)


def _bounded(subsets: Iterator[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    held = 0
    for subset in islice(subsets, MOST_HASHES // 2):
        held += len(subset)
        if held > _MOST_CHANGES // 2:
            return
        yield subset
