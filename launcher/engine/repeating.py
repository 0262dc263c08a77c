"""When a failed attempt is followed by another one without anybody asking."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from launcher.engine.observed import Status
from launcher.engine.recorded import OutcomeKind

if TYPE_CHECKING:
    from datetime import datetime

    from launcher.engine.desired import Launch
    from launcher.engine.recorded import LaunchRecord

__all__ = ["repeated_at"]


def repeated_at(launch: Launch, record: LaunchRecord) -> datetime | None:
    """From when on the newest attempt of `record` may be followed by itself; `None` where it may not.

    Only after run status 4, a plain failure: every other end has a cause that another attempt meets again, or may
    have done what was asked. Attempts of the launch key count that were started, whoever asked for them.
    """
    newest = record.newest
    if newest.key != launch.key or newest.outcome is not OutcomeKind.FAILED:
        return None
    if newest.status != Status.FAIL or newest.finished_at is None:
        return None
    tries = sum(item.key == launch.key and item.was_started for item in record.attempts)
    if tries >= launch.policy.max_attempts:
        return None
    return newest.finished_at + timedelta(seconds=launch.policy.backoff_s)
