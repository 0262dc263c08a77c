"""The passing of time: queued messages are consumed, steps run and end, jobs finish.

Nothing here reads a clock: `advance` brings a state to a moment, in the order in which things fall
due, so that it does not matter how often one looks. Source: bk-job, `JobListener`,
`StepListener`, `GseStepEventHandler`, `ConfirmStepEventHandler`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from launcher.sandbox.codes import FINISHED_HOSTS, RunStatus
from launcher.sandbox.hosts_at_work import at_their_end, begin_hosts, stopped
from launcher.sandbox.plan_definition import Approval
from launcher.sandbox.state import Callback, Execution, Message, MessageKind

if TYPE_CHECKING:
    from launcher.sandbox.definition import Server
    from launcher.sandbox.plan_definition import Run
    from launcher.sandbox.state import Instance, State, StepInstance

__all__ = ["Pace", "advance", "latest_run"]

_HOUR_4_MS = 4 * 3_600_000
_DAY_MS = 86_400_000
_ENDS = {
    "success": RunStatus.SUCCESS,
    "fail": RunStatus.FAIL,
    "abnormal": RunStatus.ABNORMAL,
    "abandoned": RunStatus.ABANDONED,
}
_RETRYABLE = frozenset({RunStatus.FAIL, RunStatus.ABNORMAL, RunStatus.STOP_SUCCESS})
_AWAITED = {
    MessageKind.RETRY_FAILED: _RETRYABLE,
    MessageKind.RETRY_ALL: _RETRYABLE,
    # An abnormal step is not among them: ignoring its error leaves the job running for ever.
    MessageKind.IGNORE: frozenset({RunStatus.FAIL}),
    MessageKind.CONTINUE: frozenset({RunStatus.WAITING_USER}),
    MessageKind.TERMINATE: frozenset({RunStatus.WAITING_USER}),
    MessageKind.RESTART: frozenset({RunStatus.CONFIRM_TERMINATED}),
    MessageKind.NEXT: frozenset({RunStatus.STOP_SUCCESS}),
    MessageKind.SKIP: frozenset({RunStatus.STOPPING}),
}
"""The step states in which the engine acts on an operation; in any other it drops the message."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things take: the server's lags, all divided by `speed`."""

    server: Server
    speed: float

    def ms(self, seconds: float) -> int:
        """`seconds` at this pace, in milliseconds."""
        return round(seconds * 1000 / self.speed)


def advance(state: State, pace: Pace, now_ms: int) -> State:
    """The state at `now_ms`: whatever was due by then has happened."""
    for instance_id in sorted(state.live):
        instance = state.instances[instance_id]
        moved = _advanced(instance, pace, now_ms)
        if moved is not instance:
            state = state.put(moved)
    return _archived(state, pace, now_ms)


def _archived(state: State, pace: Pace, now_ms: int) -> State:
    """Delete what is too old, whatever its status, as the daily run at 04:00 does."""
    latest = (now_ms - _HOUR_4_MS) // _DAY_MS * _DAY_MS + _HOUR_4_MS
    if latest <= state.archived_ms:
        return state
    limit = latest - pace.server.keep_days * _DAY_MS
    old = frozenset(key for key, item in state.instances.items() if item.create_ms < limit)
    return replace(state.without(old) if old else state, archived_ms=latest)


def _advanced(instance: Instance, pace: Pace, now_ms: int) -> Instance:
    while (due := instance.next_ms()) is not None and due <= now_ms:
        message = next((item for item in instance.queue if item.due_ms == due), None)
        if message is not None:
            instance = _consume(instance, message, pace)
        else:
            step = next(item for item in instance.steps if item.due_ms == due)
            instance = _step_due(instance, step, pace, due)
    return instance


def _consume(instance: Instance, message: Message, pace: Pace) -> Instance:
    queue = list(instance.queue)
    queue.remove(message)
    instance = replace(instance, queue=tuple(queue))
    if message.kind is MessageKind.START:
        return _consume_start(instance, message, pace)
    if message.kind is MessageKind.STOP:
        return _consume_stop(instance, message, pace)
    step = instance.step(message.step_id or 0)
    return instance if step is None else _consume_operation(instance, step, message, pace)


def _consume_start(instance: Instance, message: Message, pace: Pace) -> Instance:
    if instance.status is not RunStatus.BLANK:
        return instance
    at_ms = message.due_ms
    started = replace(
        instance,
        status=RunStatus.RUNNING,
        start_ms=at_ms,
        current=0,
        starts_consumed=instance.starts_consumed + 1,
    )
    if message.breaks:
        return started
    rivals = [item for item in instance.queue if item.kind is MessageKind.START]
    began = _start_step(replace(started, began=started.began + 1), 0, pace, at_ms)
    if not (message.together and rivals):
        return began
    others = tuple(item for item in began.queue if item.kind is not MessageKind.START)
    both = replace(began, queue=others, starts_consumed=began.starts_consumed + len(rivals))
    return _collided(both, at_ms)


def _collided(instance: Instance, at_ms: int) -> Instance:
    """Two START messages consumed at one moment: the second finds the first step's task taken.

    The commands run once, on the hosts, but the step and the job are reported as abnormal. A first
    step that waits for a person only notifies twice.
    """
    first = instance.steps[0]
    if isinstance(first.origin, Approval):
        return instance
    failed = replace(first, status=RunStatus.ABNORMAL, end_ms=at_ms, due_ms=None)
    return _finished(instance.with_step(failed), RunStatus.ABNORMAL, at_ms)


def _consume_stop(instance: Instance, message: Message, pace: Pace) -> Instance:
    if instance.status not in {RunStatus.RUNNING, RunStatus.WAITING_USER}:
        return instance
    stopping = replace(instance, status=RunStatus.STOPPING)
    current = instance.steps[instance.current or 0]
    # A confirmation has no stop branch, and a step that never began has nothing to stop: the job
    # stays at STOPPING.
    if current.status is not RunStatus.RUNNING:
        return stopping
    until_ms = message.due_ms + pace.ms(pace.server.stop_lag_s)
    return stopping.with_step(replace(current, status=RunStatus.STOPPING, due_ms=until_ms))


def _consume_operation(
    instance: Instance,
    step: StepInstance,
    message: Message,
    pace: Pace,
) -> Instance:
    at_ms = message.due_ms
    index = instance.steps.index(step)
    if step.status not in _AWAITED.get(message.kind, frozenset()):
        return instance
    match message.kind:
        case MessageKind.RETRY_FAILED | MessageKind.RETRY_ALL:
            failed_only = message.kind is MessageKind.RETRY_FAILED
            return _start_step(instance, index, pace, at_ms, failed_only=failed_only)
        case MessageKind.IGNORE:
            return _passed(instance, step, RunStatus.IGNORE_ERROR, pace, at_ms)
        case MessageKind.CONTINUE:
            return _passed(instance, step, RunStatus.SUCCESS, pace, at_ms)
        case MessageKind.TERMINATE:
            ended = _ended(step, RunStatus.CONFIRM_TERMINATED, at_ms)
            # No callback, and the quota is not released.
            return replace(
                instance.with_step(ended), status=RunStatus.CONFIRM_TERMINATED, end_ms=at_ms
            )
        case MessageKind.RESTART:
            return _start_step(instance, index, pace, at_ms)
        case MessageKind.NEXT | MessageKind.SKIP:
            return _passed(instance, step, RunStatus.SKIPPED, pace, at_ms)
        case MessageKind.START | MessageKind.STOP:
            return instance


def _start_step(
    instance: Instance, index: int, pace: Pace, at_ms: int, *, failed_only: bool = False
) -> Instance:
    step = instance.steps[index]
    instance = replace(instance, current=index, end_ms=None)
    fresh = replace(step, start_ms=at_ms, end_ms=None, due_ms=None)
    if isinstance(step.origin, Approval):
        after_s = step.origin.confirmed_after_s
        due_ms = None if after_s is None else at_ms + pace.ms(after_s)
        waiting = replace(fresh, status=RunStatus.WAITING_USER, due_ms=due_ms)
        return replace(instance.with_step(waiting), status=RunStatus.WAITING_USER)
    run = latest_run(step)
    hosts = begin_hosts(step, run, pace.speed, at_ms, failed_only=failed_only)
    ends = [task.due_ms for task in hosts if task.due_ms is not None]
    due_ms = None if run.ends == "never" else max(ends, default=at_ms)
    running = replace(
        fresh,
        status=RunStatus.RUNNING,
        due_ms=due_ms,
        executions=(*step.executions, Execution(step.execute_count, hosts)),
    )
    return replace(instance.with_step(running), status=RunStatus.RUNNING)


def latest_run(step: StepInstance) -> Run:
    """How the present execution of a script or file step goes.

    Raises:
        TypeError: the step is an approval, which runs nothing.
    """
    if isinstance(step.origin, Approval):
        raise TypeError("an approval has no runs")
    runs = step.origin.runs
    return runs[min(step.execute_count, len(runs) - 1)]


def _step_due(instance: Instance, step: StepInstance, pace: Pace, at_ms: int) -> Instance:
    if isinstance(step.origin, Approval):
        return _passed(instance, step, RunStatus.SUCCESS, pace, at_ms)
    if step.status is RunStatus.STOPPING:
        halted = _ended(
            step.with_hosts(stopped(step.executions[-1].hosts, at_ms)),
            RunStatus.STOP_SUCCESS,
            at_ms,
        )
        return _finished(instance.with_step(halted), RunStatus.STOP_SUCCESS, at_ms)
    hosts = at_their_end(step.executions[-1].hosts, at_ms)
    done = step.with_hosts(hosts)
    status = _ENDS[latest_run(step).ends]
    if status is RunStatus.SUCCESS and any(task.status not in FINISHED_HOSTS for task in hosts):
        status = RunStatus.FAIL
    if status is RunStatus.FAIL and step.origin.ignore_error:
        status = RunStatus.IGNORE_ERROR
    if status in {RunStatus.SUCCESS, RunStatus.IGNORE_ERROR}:
        return _passed(instance, done, status, pace, at_ms)
    return _finished(instance.with_step(_ended(done, status, at_ms)), status, at_ms)


def _passed(
    instance: Instance, step: StepInstance, status: RunStatus, pace: Pace, at_ms: int
) -> Instance:
    """End `step` with `status` and go on: the next step, or the end of the job."""
    ended = instance.with_step(_ended(step, status, at_ms))
    following = [item.id for item in ended.steps].index(step.id) + 1
    if following < len(ended.steps):
        return _start_step(ended, following, pace, at_ms)
    return _finished(ended, RunStatus.SUCCESS, at_ms)


def _ended(step: StepInstance, status: RunStatus, at_ms: int) -> StepInstance:
    return replace(step, status=status, end_ms=at_ms, due_ms=None)


def _finished(instance: Instance, status: RunStatus, at_ms: int) -> Instance:
    callbacks = instance.callbacks
    if instance.callback_url:
        callbacks = (*callbacks, Callback(at_ms, status))
    return replace(instance, status=status, end_ms=at_ms, quota_ms=None, callbacks=callbacks)
