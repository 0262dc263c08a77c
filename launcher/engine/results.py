"""What came of an instance host by host, and what each of them printed, in our own words."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from launcher.engine.observed import InstanceStatus, StepStatus

__all__ = [
    "FileLog",
    "HostKey",
    "HostLog",
    "HostResult",
    "InstanceResults",
    "Result",
    "StepResults",
    "result_at",
]

_SUCCEEDED = frozenset({3, 9})
_UNFINISHED = frozenset({5, 7})
"""Source: bk-job, `ExecuteObjectTaskStatusEnum`; whatever is neither has failed."""


class Result(StrEnum):
    """What a host's status comes to."""

    SUCCEEDED = "succeeded"
    UNFINISHED = "unfinished"
    FAILED = "failed"


def result_at(status: int) -> Result:
    """What a host's status comes to; one that we do not know has failed, as JOB counts it."""
    if status in _SUCCEEDED:
        return Result.SUCCEEDED
    return Result.UNFINISHED if status in _UNFINISHED else Result.FAILED


@dataclass(frozen=True, slots=True)
class HostKey:
    """Which host.

    Attributes:
        id: its id; `None` where JOB knows it by address only.
        cloud: the cloud area of its address.
        ip: its address; empty where JOB tells none.
    """

    id: int | None
    cloud: int | None
    ip: str


@dataclass(frozen=True, slots=True)
class HostResult:
    """What came of one host in the latest execution of a step.

    Attributes:
        host: which one.
        status: JOB's number of it, see `result_at`.
        exit_code: of the script; `None` where JOB tells none.
        tag: what the script called its result; empty for nothing.
        started: `None` until it was begun.
        ended: `None` until it has ended.
    """

    host: HostKey
    status: int
    exit_code: int | None = None
    tag: str = ""
    started: datetime | None = None
    ended: datetime | None = None

    @property
    def result(self) -> Result:
        """What its status comes to."""
        return result_at(self.status)


@dataclass(frozen=True, slots=True)
class StepResults:
    """How far a step is, and its hosts.

    Attributes:
        step: the step.
        started: `None` until it was started.
        ended: `None` until it has ended.
        hosts: of its latest execution, in JOB's order; empty before its start, and for an approval.
    """

    step: StepStatus
    started: datetime | None = None
    ended: datetime | None = None
    hosts: tuple[HostResult, ...] = ()


@dataclass(frozen=True, slots=True)
class InstanceResults:
    """How far an instance is, and its steps.

    Attributes:
        instance: the instance.
        steps: in their order.
        has_hosts: the steps tell of their hosts; false where JOB could only be asked for the steps.
    """

    instance: InstanceStatus
    steps: tuple[StepResults, ...]
    has_hosts: bool = True


@dataclass(frozen=True, slots=True)
class FileLog:
    """What JOB logged about one file that came to a host.

    Attributes:
        source: address of the host that it came from; empty for none.
        source_path: where it was.
        target_path: where it went.
        status: JOB's number of how that went; `None` where it tells none.
        size: as JOB words it.
        progress: as JOB words it.
        text: the log.
    """

    source: str
    source_path: str
    target_path: str
    status: int | None
    size: str
    progress: str
    text: str


@dataclass(frozen=True, slots=True)
class HostLog:
    """What one host printed in the latest execution of a step.

    Attributes:
        host: which one.
        text: what its script printed, as a whole; empty for nothing.
        files: one for each file that came to it.
        too_long: its log is longer than an answer of JOB may be, so none of it was read.
    """

    host: HostKey
    text: str = ""
    files: tuple[FileLog, ...] = field(default=())
    too_long: bool = False
