"""What a review covers, beyond the changes that it names.

A digest is all that is known of a review, and a match of digests is exact: it shows that environment, name, reason,
key, the attempt before, content, policy, job plan and guards are those that were reviewed. So whether a change only
carries on with something that was reviewed is asked by making the digest of that something anew, from what is
declared and read today, and looking for it among those that were approved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.engine.changeset import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from launcher.engine.recorded import Attempt, LaunchRecord

__all__ = ["carried_on"]

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
    elif reason is Reason.RETRY and not by_hand:
        for attempt in _failed_in_a_row(record, last):
            yield from ((each, attempt.follows) for each in _LAUNCHES)


def _failed_in_a_row(record: LaunchRecord, last: Attempt | None) -> Iterator[Attempt]:
    """`last`, and what it was made anew from without anybody asking, newest first."""
    by_number = {item.number: item for item in record.attempts}
    while last is not None and last.because is not None:
        yield last
        before = by_number.get(last.follows) if last.follows is not None else None
        is_again = last.because == Reason.RETRY and last.request is None
        goes_on = is_again and before is not None and before.key == last.key
        last = before if goes_on else None
