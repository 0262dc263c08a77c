"""What a world holds before anything happens: scopes, job plans, hosts, people, and the server's manners.

These are the shapes of a world file (`worldfile` reads one). Everything here stays as it is for the
life of a world; what changes is in `state`. A scope is named `type/id` throughout: `biz/2`.
Durations end in `_s` and may be fractions; the dates of plans and templates are epoch seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from launcher.sandbox.plan_definition import (
    STRICT,
    Id,
    Name,
    Plan,
    ScopeKey,
    Seconds,
    Template,
)

__all__ = [
    "Account",
    "Action",
    "Definition",
    "Denial",
    "Group",
    "Host",
    "Node",
    "Quota",
    "ScopeEntry",
    "Server",
    "User",
]


class Action(StrEnum):
    """A permission that matters to these operations. Source: bk-job, `ActionId`."""

    ACCESS = "access_business"
    LAUNCH = "launch_job_plan"
    ACCOUNT = "use_account"
    HISTORY = "view_history"
    VIEW_PLAN = "view_job_plan"
    SERVICE_STATE = "service_state_access"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeEntry:
    """A business, a business set or a tenant set."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    type: Literal["biz", "biz_set", "tenant_set"]
    id: Name
    name: str = ""
    tenant: str = "default"

    @property
    def key(self) -> str:
        """`type/id`: how the rest of a world names it."""
        return f"{self.type}/{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A host of the CMDB.

    Attributes:
        scopes: where it may be used: its business, the sets that hold it, and white lists.
        agent: what the agent's state is when a job is created; it never hinders the creation.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: Id
    ip: Annotated[str, Field(pattern=r"^\d{1,3}(\.\d{1,3}){3}$")]
    scopes: tuple[ScopeKey, ...]
    cloud: Annotated[int, Field(ge=0)] = 0
    cloud_name: str | None = None
    ipv6: str | None = None
    agent_id: str | None = None
    agent: Literal["alive", "offline", "missing"] = "alive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A topology node and its hosts; a `broken` one makes the CMDB's lookup fail."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    type: Name
    id: Annotated[int, Field(ge=0)]
    scope: ScopeKey
    hosts: tuple[Id, ...] = ()
    broken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A dynamic group and the hosts it stands for now; the CMDB rejects a `broken` one."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: Name
    scope: ScopeKey
    hosts: tuple[Id, ...] = ()
    broken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A system account that a step runs under. A step that names another id is refused at launch."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: Id
    name: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """A permission that somebody lacks; what is not named applies to all of its kind."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    action: Action
    scope: ScopeKey | None = None
    plan: Id | None = None
    host: Id | None = None
    account: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person or robot.

    Attributes:
        tokens: the `access_token`, `bk_token` and `bk_ticket` values that stand for this user.
        roles: for approval steps.
        denied: what this user may not do; everything else is allowed.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    name: Name
    display_name: str | None = None
    tokens: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    denied: tuple[Denial, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How many jobs may be alive at once, started or not; `None` for no limit."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    system: Annotated[int, Field(ge=0)] | None = None
    scope: Annotated[int, Field(ge=0)] | None = None
    app: Annotated[int, Field(ge=0)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """How this server differs from others.

    Attributes:
        two_phase: knows `start_task` and the START operation (bk-job 3.10.3 and later).
        esb_start_task: ESB passes `start_task` on.
        start_lag_s: how long a START waits in the queue; the state stays 1 for so long.
        start_together: several queued STARTs are consumed at the same moment, not in turn.
        stop_lag_s: how long a terminate takes to be noticed, and again to take hold.
        operation_lag_s: how long a step operation waits in the queue.
        keep_days: instances older than this are deleted each day at 04:00 UTC.
        max_list_start: the largest `start` of the instance list; `None` for no limit.
        callback_white_list: base addresses a callback may have; `None` for any.
        tenants: the tenant header is required, and ESB is closed.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    version: str = "3.12.5"
    two_phase: bool = True
    esb_start_task: bool = True
    start_lag_s: Seconds = 0.2
    start_together: bool = False
    stop_lag_s: Seconds = 0.2
    operation_lag_s: Seconds = 0.2
    keep_days: Annotated[int, Field(ge=1)] = 30
    max_list_start: int | None = None
    callback_white_list: tuple[str, ...] | None = None
    quota: Quota = field(default_factory=Quota)
    max_script_hosts: int = 50_000
    max_file_tasks: int = 100_000
    tenants: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A whole world.

    Attributes:
        id: tells this world from others; a random one is made where it is absent.
        strangers: what a user name that is not listed may do.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    server: Server = field(default_factory=Server)
    scopes: tuple[ScopeEntry, ...]
    templates: tuple[Template, ...] = ()
    plans: tuple[Plan, ...] = ()
    hosts: tuple[Host, ...] = ()
    groups: tuple[Group, ...] = ()
    nodes: tuple[Node, ...] = ()
    accounts: tuple[Account, ...] = ()
    users: tuple[User, ...] = ()
    strangers: Literal["allowed", "denied"] = "allowed"
