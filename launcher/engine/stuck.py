"""Instances that JOB calls running and that have not moved for long."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from launcher.engine.observed import Status
from launcher.engine.report import Limits

if TYPE_CHECKING:
    from datetime import datetime

    from launcher.engine.observed import InstanceStatus
    from launcher.engine.recorded import Attempt

__all__ = ["stuck_because"]

_STUCK_S = Limits().stuck_s


def stuck_because(
    attempt: Attempt, answer: InstanceStatus, now: datetime, limit_s: float = _STUCK_S
) -> str | None:
    """What has not moved for longer than `limit_s`, in words for people; `None` for an instance that goes on.

    Source: bk-job sets the instance to running before its first step, and to stopping before any step is told; a
    message that its queue has lost leaves it there for ever.
    """
    limit = timedelta(seconds=limit_s)
    if answer.status == Status.RUNNING and answer.steps and attempt.started_at is not None:
        idle = all(step.status == Status.BLANK for step in answer.steps)
        if idle and now - attempt.started_at > limit:
            return f"no step has begun since {_time(attempt.started_at)}"
    since = attempt.status_since
    if since is None or answer.status != attempt.status or now - since <= limit:
        return None
    if answer.status == Status.STOPPING:
        return f"it has been stopping since {_time(since)}"
    if answer.status not in Status.KNOWN:
        return (
            f"it has stood at status {answer.status} since {_time(since)}, which says nothing to us"
        )
    return None


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
