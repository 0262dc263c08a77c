"""What JOB says now, in our own words: job plans, instances and what was frozen in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from launcher.engine.spec import Scope

__all__ = [
    "FIRST_INSTANCE",
    "Candidate",
    "Capability",
    "FrozenCopy",
    "Host",
    "InstanceRef",
    "InstanceStatus",
    "JobPlan",
    "Missing",
    "PlanPin",
    "PlanVariable",
    "Status",
    "Step",
    "StepStatus",
    "VariableKind",
]


FIRST_INSTANCE = 20_000_000_000
"""No instance has a lower id. Source: bk-job, the first migration of job-execute."""


class Status:
    """The run statuses of JOB that launcher tells apart; any other number is shown as it is.

    Source: bk-job, `RunStatusEnum`.
    """

    BLANK = 1
    RUNNING = 2
    SUCCESS = 3
    FAIL = 4
    WAITING_USER = 7
    TERMINATED = 8
    ABNORMAL = 9
    STOPPING = 10
    STOP_SUCCESS = 11
    CONFIRM_TERMINATED = 13
    ABANDONED = 14

    KNOWN = frozenset({1, 2, 3, 4, 7, 8, 9, 10, 11, 13, 14})


class VariableKind(StrEnum):
    """The kinds of variables a job plan can declare.

    Source: bk-job, `TaskVariableTypeEnum`.
    """

    STRING = "String"
    NAMESPACE = "Namespace"
    HOSTS = "Host"
    CIPHER = "Ciphertext"
    ASSOCIATIVE_ARRAY = "associative array"
    INDEX_ARRAY = "index array"


class Capability(StrEnum):
    """Whether a server can create an instance un-started."""

    TWO_PHASE = "two-phase"
    SINGLE_PHASE = "single-phase"


@dataclass(frozen=True, slots=True)
class PlanPin:
    """Which job plan content is meant: enough to see later that it moved.

    Attributes:
        id: the job plan's id.
        name: its name, which JOB gives to instances.
        digest: digest of everything JOB tells about it, the time of its last change included.
        last_modified: RFC 3339 in UTC.
    """

    id: int
    name: str
    digest: str
    last_modified: str


@dataclass(frozen=True, slots=True)
class PlanVariable:
    """One variable that a job plan declares."""

    id: int
    name: str
    kind: VariableKind
    required: bool


@dataclass(frozen=True, slots=True)
class Step:
    """A step in a comparable form, whether read from a job plan or from an instance's frozen copy.

    Attributes:
        name: the step's name.
        kind: `script`, `file` or `approval`.
        facts: what would run, by our own words (`script`, `language`, `parameters`, `account`, `target`, …), as
            text; a sensitive parameter is not among them.
        target_variable: the host variable it runs on; `None` where it names none.
    """

    name: str
    kind: str
    facts: Mapping[str, str] = field(default_factory=dict)
    target_variable: str | None = None


@dataclass(frozen=True, slots=True)
class JobPlan:
    """A job plan as JOB shows it.

    Attributes:
        pin: its identity and digest.
        variables: in JOB's order.
        steps: all steps, disabled ones included: JOB does not tell which are enabled.
    """

    pin: PlanPin
    variables: tuple[PlanVariable, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, order=True)
class InstanceRef:
    """Where to find an instance: ids mean nothing without their scope."""

    scope: Scope
    id: int


@dataclass(frozen=True, slots=True)
class StepStatus:
    """How far one step of an instance is.

    Attributes:
        id: the step's own id within JOB.
        name: its name.
        kind: `script`, `file` or `approval`.
        status: run status, see `Status`.
        executions: how often it was executed again; 0 for a step that nobody has retried.
    """

    id: int
    name: str
    kind: str
    status: int
    executions: int = 0


@dataclass(frozen=True, slots=True)
class InstanceStatus:
    """How far an instance is; times in UTC.

    Attributes:
        id: the instance.
        name: its name, which is the job plan's.
        status: run status, see `Status`.
        finished: JOB calls it finished, which is not final: a person may retry it there.
        created: by JOB's clock, early in the call that created it.
        started: `None` until it was started.
        ended: `None` until it ended.
        steps: in their order.
    """

    id: int
    name: str
    status: int
    finished: bool
    created: datetime
    started: datetime | None
    ended: datetime | None
    steps: tuple[StepStatus, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """JOB does not know the instance: purged, another scope or another server."""

    id: int


@dataclass(frozen=True, slots=True, order=True)
class Host:
    """A host that a step would run on."""

    id: int
    cloud: int
    ip: str


@dataclass(frozen=True, slots=True)
class FrozenCopy:
    """What an un-started instance will run, as far as JOB lets it be read.

    Attributes:
        status: how far it is.
        texts: String variables by name; `None` where JOB shows none (no script step).
        steps: its steps; `None` where the door cannot read them.
        hosts: resolved hosts of all script and file steps, sorted; `None` where they cannot be read.
    """

    status: InstanceStatus
    texts: Mapping[str, str] | None
    steps: tuple[Step, ...] | None
    hosts: tuple[Host, ...] | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """An instance that might be ours.

    Attributes:
        id: the instance.
        status: run status.
        has_steps: false for a row that a crash of the server left without steps; such a one is never adopted.
        marker: what its marker variable reads back as; `None` if it has none.
        created: by JOB's clock; `None` where it was not read.
        operator: who created it, as JOB says; `None` where it was not read.
    """

    id: int
    status: int
    has_steps: bool
    marker: str | None
    created: datetime | None = None
    operator: str | None = None
