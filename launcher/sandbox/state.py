"""What changes in a world: job instances, queued messages, counters. All of it is immutable.

Times are epoch milliseconds on the world's own clock. A state is replaced, never altered: `State.put`
shares everything but the one instance with the state before it.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - pydantic reads the annotations
from dataclasses import dataclass, field, replace
from enum import StrEnum

from launcher.sandbox.codes import RunStatus
from launcher.sandbox.firing import ArmedFault  # noqa: TC001 - as above
from launcher.sandbox.plan_definition import Step, Targets, VariableKind  # noqa: TC001 - as above

__all__ = [
    "FIRST_ID",
    "Callback",
    "Execution",
    "FrozenVariable",
    "HostSnapshot",
    "HostTask",
    "Instance",
    "Message",
    "MessageKind",
    "State",
    "StepInstance",
]

FIRST_ID = 20_000_000_001
"""The first id of instances and of steps. Source: bk-job, SQL 0001 (auto increment)."""


class MessageKind(StrEnum):
    """What a queued message tells the engine to do."""

    START = "start"
    STOP = "stop"
    RETRY_FAILED = "retry-failed"
    RETRY_ALL = "retry-all"
    IGNORE = "ignore"
    CONTINUE = "continue"
    TERMINATE = "terminate"
    RESTART = "restart"
    NEXT = "next"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Message:
    """A message in the queue of one instance.

    Attributes:
        together: consumed at the same moment as every other START in the queue.
        breaks: the consumer dies between marking the job as running and starting its first step.
    """

    due_ms: int
    kind: MessageKind
    step_id: int | None = None
    together: bool = False
    breaks: bool = False


@dataclass(frozen=True, slots=True)
class HostSnapshot:
    """A host as it was when the instance was created; `alive` is 1 or 0."""

    id: int
    ip: str
    cloud: int
    cloud_name: str | None
    ipv6: str | None
    agent_id: str | None
    agent: str

    @property
    def alive(self) -> int:
        """1 if the agent answered at creation, else 0."""
        return int(self.agent == "alive")


@dataclass(frozen=True, slots=True)
class HostTask:
    """One host within one execution of a step; `final` is how it will end once `due_ms` has come."""

    host_id: int
    status: int
    final: int
    start_ms: int | None
    due_ms: int | None
    end_ms: int | None = None
    exit_code: int = 0
    error_code: int = 0
    log: str = ""


@dataclass(frozen=True, slots=True)
class Execution:
    """The hosts of one execution; `count` is the step's `execute_count` at that time."""

    count: int
    hosts: tuple[HostTask, ...]


@dataclass(frozen=True, slots=True)
class StepInstance:
    """A step of an instance.

    Attributes:
        origin: the plan's step as it was at creation.
        selection: the target as selected; `None` for a step without one.
        hosts: the target as resolved at creation.
        source_hosts: per file source, the resolved hosts' ids.
        due_ms: when the present state ends by itself; `None` if it does not.
        executions: the newest last; empty before the first.
    """

    id: int
    origin: Step
    create_ms: int
    selection: Targets | None = None
    hosts: tuple[HostSnapshot, ...] = ()
    source_hosts: tuple[tuple[HostSnapshot, ...], ...] = ()
    status: RunStatus = RunStatus.BLANK
    execute_count: int = 0
    start_ms: int | None = None
    end_ms: int | None = None
    due_ms: int | None = None
    executions: tuple[Execution, ...] = ()

    def hosts_of(self, count: int | None = None) -> tuple[HostTask, ...]:
        """The hosts of the execution of that count, the step's present one by default."""
        wanted = self.execute_count if count is None else count
        return next((item.hosts for item in self.executions if item.count == wanted), ())

    def with_hosts(self, hosts: tuple[HostTask, ...]) -> StepInstance:
        """The same with the hosts of its newest execution replaced."""
        newest = replace(self.executions[-1], hosts=hosts)
        return replace(self, executions=(*self.executions[:-1], newest))


@dataclass(frozen=True, slots=True)
class FrozenVariable:
    """A variable as it was at creation; the value of a cipher is never kept, only masked."""

    id: int
    name: str
    kind: VariableKind
    value: str | None
    changeable: bool
    selection: Targets | None = None
    host_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Callback:
    """A callback that JOB would send: the sandbox records it and sends nothing."""

    at_ms: int
    status: int


@dataclass(frozen=True, slots=True)
class Instance:
    """A job instance.

    Attributes:
        scope: `type/id`.
        visible_ms: when its row appears; later than `create_ms` only for a late insert.
        current: index of the step that the engine is at; `None` before the start.
        queue: messages not yet consumed.
        starts_accepted: how often a START (or a launch with start) was answered with success.
        starts_consumed: how often the engine acted on one.
        began: how often its commands began to run: the number that must never exceed 1.
        quota_ms: when it was counted against the quota; `None` once it was released.
    """

    id: int
    scope: str
    plan_id: int
    template_id: int
    name: str
    operator: str
    app_code: str
    create_ms: int
    visible_ms: int
    variables: tuple[FrozenVariable, ...]
    steps: tuple[StepInstance, ...]
    callback_url: str | None = None
    status: RunStatus = RunStatus.BLANK
    start_ms: int | None = None
    end_ms: int | None = None
    current: int | None = None
    queue: tuple[Message, ...] = ()
    starts_accepted: int = 0
    starts_consumed: int = 0
    began: int = 0
    quota_ms: int | None = None
    callbacks: tuple[Callback, ...] = ()

    def next_ms(self) -> int | None:
        """When something will happen to it by itself; `None` if nothing will."""
        times = [message.due_ms for message in self.queue]
        times += [step.due_ms for step in self.steps if step.due_ms is not None]
        return min(times, default=None)

    def step(self, step_id: int) -> StepInstance | None:
        """Its step of that id, if it has one."""
        return next((step for step in self.steps if step.id == step_id), None)

    def with_step(self, changed: StepInstance) -> Instance:
        """The same with the step of `changed`'s id replaced."""
        steps = tuple(changed if step.id == changed.id else step for step in self.steps)
        return replace(self, steps=steps)


@dataclass(frozen=True, slots=True)
class State:
    """A world at one moment.

    Attributes:
        calls: how many requests were answered.
        shift_ms: how far the world's clock is ahead of the real one.
        archived_ms: the last daily deletion of old instances.
        live: ids of the instances to which something will happen by itself.
    """

    world_id: str
    next_instance_id: int = FIRST_ID
    next_step_id: int = FIRST_ID
    calls: int = 0
    shift_ms: int = 0
    archived_ms: int = 0
    faults: tuple[ArmedFault, ...] = ()
    instances: Mapping[int, Instance] = field(default_factory=dict)
    live: frozenset[int] = frozenset()

    def put(self, instance: Instance) -> State:
        """The state with `instance` added or replaced."""
        known = {**self.instances, instance.id: instance}
        is_live = instance.next_ms() is not None
        live = self.live | {instance.id} if is_live else self.live - {instance.id}
        return replace(self, instances=known, live=live)

    def without(self, ids: frozenset[int]) -> State:
        """The state without the instances of those ids."""
        kept = {key: item for key, item in self.instances.items() if key not in ids}
        return replace(self, instances=kept, live=self.live - ids)

    def find(self, instance_id: int, now_ms: int) -> Instance | None:
        """The instance of that id, if its row is there at `now_ms`."""
        found = self.instances.get(instance_id)
        return found if found is not None and found.visible_ms <= now_ms else None
