"""What JOB says now, in our own words: job plans, instances and what was frozen in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from launcher.engine.spec import Hosts, Scope

__all__ = [
    "FIRST_INSTANCE",
    "MASK",
    "Candidate",
    "Capability",
    "FrozenCopy",
    "Host",
    "InstanceRef",
    "InstanceStatus",
    "JobPlan",
    "Missing",
    "PlanEntry",
    "PlanPin",
    "PlanVariable",
    "Status",
    "Step",
    "StepStatus",
    "TemplateEntry",
    "VariableKind",
]


FIRST_INSTANCE = 20_000_000_000
"""No instance has a lower id. Source: bk-job, the first migration of job-execute."""

MASK = "(secret)"
"""Stands in texts of JOB's where a secret of ours was taken out."""


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
    """One variable that a job plan declares.

    Attributes:
        id: its id, the same in every job plan of one template.
        name: its name.
        kind: what it holds.
        required: the job plan marks it so; JOB itself never checks.
        value: what an omitted variable is launched with; `None` for hosts, and for a cipher, which JOB never shows.
        hosts: the same for hosts; `None` where the job plan names none.
        description: what its author says of it.
        used: an enabled step refers to it, as far as JOB can tell; `None` where it did not say.
        is_masked: a secret of ours was taken out of its value, which is not what JOB holds any more.
    """

    id: int
    name: str
    kind: VariableKind
    required: bool
    value: str | None = None
    hosts: Hosts | None = None
    description: str = ""
    used: bool | None = None
    is_masked: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A step in a comparable form, whether read from a job plan or from an instance's frozen copy.

    Attributes:
        name: the step's name.
        kind: `script`, `file` or `approval`.
        facts: what would run, by our own words (`script`, `language`, `parameters`, `account`, `target`, …), as
            text; a sensitive parameter is not among them.
        target_variable: the host variable it runs on; `None` where it names none.
        more: what only a job plan tells of it, or tells more exactly, under words of the same kind.
        hides_parameters: its parameters are marked sensitive: they are never shown, stored or hashed.
        unmasked: digest of name and facts before secrets of ours were taken out of them, so that two that are masked
            alike are not the same; empty where none was. Neither shown nor kept: a short secret could be guessed from it.
    """

    name: str
    kind: str
    facts: Mapping[str, str] = field(default_factory=dict)
    target_variable: str | None = None
    more: Mapping[str, str] = field(default_factory=dict, compare=False)
    hides_parameters: bool = field(default=False, compare=False)
    unmasked: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class JobPlan:
    """A job plan as JOB shows it.

    Attributes:
        pin: its identity and digest.
        variables: in JOB's order.
        steps: all steps, disabled ones included: JOB does not tell which are enabled.
        template: the id of the template that it belongs to; `None` where it was not read.
        modified_by: who changed it last, as JOB says; empty where it does not.
        substance: digest of the same without who changed it last, and when; empty where it was not made.
    """

    pin: PlanPin
    variables: tuple[PlanVariable, ...]
    steps: tuple[Step, ...]
    template: int | None = None
    modified_by: str = ""
    substance: str = ""


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """A job plan in the list of its scope.

    Attributes:
        id: the job plan.
        template: the id of the template that it belongs to.
        name: unique within its template only.
        need_update: its template has moved on since the job plan was last synced; it can be launched all the same.
        modified_by: who changed it last.
        last_modified: RFC 3339 in UTC.
    """

    id: int
    template: int
    name: str
    need_update: bool
    modified_by: str
    last_modified: str


@dataclass(frozen=True, slots=True)
class TemplateEntry:
    """A template in the list of its scope."""

    id: int
    name: str


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
