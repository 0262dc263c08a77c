"""When a failed attempt may be followed by another one: by itself, and beside an operation on it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from launcher.engine.observed import Status
from launcher.engine.recorded import ENDED_BADLY, OutcomeKind
from launcher.engine.report import Limits

if TYPE_CHECKING:
    from datetime import datetime

    from launcher.engine.desired import Launch
    from launcher.engine.recorded import Attempt, LaunchRecord

__all__ = ["operated_until", "repeated_at"]

_GRACE = timedelta(seconds=Limits().start_grace_s)


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
    again = newest.finished_at + timedelta(seconds=launch.policy.backoff_s)
    operated = operated_until(newest)
    return again if operated is None else max(again, operated)


def operated_until(attempt: Attempt) -> datetime | None:
    """Until when an ended `attempt` may go on by an operation that was recorded; `None` where there is none.

    Its request may still be on its way. Once JOB has it, the instance no longer reads as ended. Source: bk-job,
    `TaskExecuteServiceImpl.doStepOperation`.
    """
    if attempt.operation is None or attempt.outcome not in ENDED_BADLY:
        return None
    return attempt.operation.at + _GRACE
