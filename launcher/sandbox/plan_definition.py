"""Job plans and templates as a world defines them: steps, variables, and how each run goes.

Durations end in `_s` and may be fractions; the dates of plans and templates are epoch seconds.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - pydantic reads the annotations
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

__all__ = [
    "STRICT",
    "Approval",
    "FileSource",
    "FileStep",
    "HostResult",
    "Id",
    "Name",
    "NodeKey",
    "Plan",
    "Run",
    "ScopeKey",
    "ScriptStep",
    "Seconds",
    "Step",
    "Targets",
    "Template",
    "Variable",
    "VariableKind",
]

STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
"""How everything that people write is read: unknown fields and wrong types are errors."""

Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
Seconds = Annotated[float, Field(ge=0, le=10**9)]
ScopeKey = Annotated[str, Field(pattern=r"^(biz|biz_set|tenant_set)/[^/\s]+$")]
Name = Annotated[str, Field(min_length=1)]


class VariableKind(StrEnum):
    """Type of a job plan's variable; the API's numbers are 1 to 6 in this order."""

    STRING = "string"
    NAMESPACE = "namespace"
    HOSTS = "hosts"
    CIPHER = "cipher"
    ASSOCIATIVE = "associative-array"
    INDEXED = "index-array"

    @property
    def number(self) -> int:
        """The API's number, from 1."""
        return list(VariableKind).index(self) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeKey:
    """Names a topology node: `{type: module, id: 1000}`."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    type: Name
    id: Annotated[int, Field(ge=0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """A selection of hosts. A plan with `containers` is refused: the feature is off."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    hosts: tuple[Id, ...] = ()
    groups: tuple[str, ...] = ()
    nodes: tuple[NodeKey, ...] = ()
    containers: tuple[str, ...] = ()

    def is_empty(self) -> bool:
        """No host, group, node or container is named; what a group holds does not matter."""
        return not (self.hosts or self.groups or self.nodes or self.containers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A global variable of a job plan; `id` is the template's, the same in all its plans."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: Id
    name: Name
    type: VariableKind
    value: str | None = None
    targets: Targets | None = None
    required: bool = False
    changeable: bool = True
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostResult:
    """How one host ends where it differs from the others; `status` is the API's host status."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: Id
    status: Annotated[int, Field(ge=0)] = 104
    exit_code: int = 0
    error_code: int = 0
    log: str | None = None
    takes_s: Seconds | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One execution of a step: how long it takes and how it ends.

    Attributes:
        ends: `never` stays running; `abnormal` and `abandoned` end the job with 9 and 14.
        log: what every host prints; `{ip}` and `{host_id}` are filled in.
        sets: String variables as the step leaves them; a constant cannot be changed.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    takes_s: Seconds = 1.0
    ends: Literal["success", "fail", "abnormal", "abandoned", "never"] = "success"
    exit_code: int | None = None
    log: str = ""
    hosts: tuple[HostResult, ...] = ()
    sets: Mapping[str, str] = field(default_factory=dict)


def _one_run() -> tuple[Run, ...]:
    return (Run(),)


Runs = Annotated[tuple[Run, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptStep:
    """A script step: `runs` are its executions in order, the last one for every further retry.

    Attributes:
        language: the API's number: 1 shell, 2 bat, 3 perl, 4 python, 5 powershell, 6 SQL.
        variable: the host variable that holds the target; otherwise `targets` does.
        disabled_script: the cited script version is banned, so that a launch is refused.
        dangerous: a rule intercepts the script, so that a launch is refused.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    type: Literal["script"] = "script"
    id: Id
    name: Name
    enabled: bool = True
    script: str
    language: Annotated[int, Field(ge=1, le=6)] = 1
    param: str | None = None
    param_sensitive: bool = False
    timeout_s: Annotated[int, Field(ge=1, le=259200)] = 1000
    account: Id
    variable: str | None = None
    targets: Targets | None = None
    ignore_error: bool = False
    disabled_script: bool = False
    dangerous: bool = False
    runs: Runs = field(default_factory=_one_run)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSource:
    """Files of other hosts (`variable` or `targets`, under `account`), or local uploads (neither)."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    files: Annotated[tuple[str, ...], Field(min_length=1)]
    account: Id | None = None
    variable: str | None = None
    targets: Targets | None = None

    @property
    def is_local(self) -> bool:
        """The files were uploaded to JOB and lie on no host."""
        return self.variable is None and self.targets is None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileStep:
    """A file step."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    type: Literal["file"]
    id: Id
    name: Name
    enabled: bool = True
    sources: Annotated[tuple[FileSource, ...], Field(min_length=1)]
    path: str
    timeout_s: Annotated[int, Field(ge=1, le=259200)] = 7200
    account: Id
    variable: str | None = None
    targets: Targets | None = None
    source_speed_limit: int | None = None
    destination_speed_limit: int | None = None
    transfer_mode: Annotated[int, Field(ge=1, le=4)] = 2
    ignore_error: bool = False
    runs: Runs = field(default_factory=_one_run)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A step that waits for a person.

    Attributes:
        users: who may confirm. Without `roles`, everybody may.
        confirmed_after_s: somebody confirms after this time; `None` for nobody.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    type: Literal["approval"]
    id: Id
    name: Name
    enabled: bool = True
    message: str = ""
    approval_type: Annotated[int, Field(ge=1, le=2)] = 1
    users: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    confirmed_after_s: Seconds | None = None


Step = Annotated[ScriptStep | FileStep | Approval, Field(discriminator="type")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A job template; a `deleted` one leaves its plans without a template."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: Id
    scope: ScopeKey
    name: Name
    creator: str = "admin"
    created: int = 1_767_000_000
    modifier: str = "admin"
    modified: int = 1_767_000_000
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A job plan, in the scope of its template."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: Id
    template: Id
    name: Annotated[str, Field(min_length=1, max_length=60)]
    creator: str = "admin"
    created: int = 1_767_000_000
    modifier: str = "admin"
    modified: int = 1_767_000_000
    need_update: bool = False
    variables: tuple[Variable, ...] = ()
    steps: tuple[Step, ...] = ()
