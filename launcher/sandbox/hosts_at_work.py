"""The hosts of one execution of a step: how each begins, ends, or is stopped."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from launcher.sandbox.codes import FINISHED_HOSTS, HostStatus
from launcher.sandbox.plan_definition import FileStep, HostResult
from launcher.sandbox.state import HostTask

if TYPE_CHECKING:
    from launcher.sandbox.plan_definition import Run
    from launcher.sandbox.state import HostSnapshot, StepInstance

__all__ = ["at_their_end", "begin_hosts", "stopped"]

_BY_AGENT = {"missing": HostStatus.AGENT_NOT_INSTALLED, "offline": HostStatus.AGENT_OFFLINE}


def begin_hosts(
    step: StepInstance,
    run: Run,
    speed: float,
    at_ms: int,
    *,
    failed_only: bool,
) -> tuple[HostTask, ...]:
    """The hosts as an execution begins; with `failed_only`, those that had succeeded rest."""
    before = {task.host_id: task for task in (step.executions[-1].hosts if step.executions else ())}
    special = {result.id: result for result in run.hosts}
    tasks = []
    for host in step.hosts:
        last = before.get(host.id)
        if failed_only and last is not None and last.status in FINISHED_HOSTS:
            tasks.append(replace(last, status=HostStatus.SUCCESS_LAST_TIME))
            continue
        result = special.get(host.id) or _usual(step, run, host)
        takes_s = run.takes_s if result.takes_s is None else result.takes_s
        due_ms = at_ms + round(takes_s * 1000 / speed)
        tasks.append(_beginning(host, result, run, at_ms, due_ms))
    return tuple(tasks)


def _usual(step: StepInstance, run: Run, host: HostSnapshot) -> HostResult:
    agent_failure = _BY_AGENT.get(host.agent)
    if agent_failure is not None:
        return HostResult(id=host.id, status=agent_failure, takes_s=0)
    if run.ends != "fail":
        return HostResult(id=host.id, status=HostStatus.SUCCESS, exit_code=run.exit_code or 0)
    is_file = isinstance(step.origin, FileStep)
    status = HostStatus.FILE_COPY_FAILED if is_file else HostStatus.NON_ZERO_EXIT
    exit_code = 1 if run.exit_code is None else run.exit_code
    return HostResult(id=host.id, status=status, exit_code=exit_code)


def _beginning(
    host: HostSnapshot, result: HostResult, run: Run, at_ms: int, due_ms: int
) -> HostTask:
    log = run.log if result.log is None else result.log
    return HostTask(
        host_id=host.id,
        status=HostStatus.RUNNING,
        final=result.status,
        start_ms=at_ms,
        due_ms=due_ms,
        exit_code=result.exit_code,
        error_code=result.error_code,
        log=log.replace("{ip}", host.ip).replace("{host_id}", str(host.id)),
    )


def at_their_end(tasks: tuple[HostTask, ...], now_ms: int) -> tuple[HostTask, ...]:
    """The hosts with everything that was due by `now_ms` done."""
    return tuple(
        replace(task, status=task.final, end_ms=task.due_ms, due_ms=None)
        if task.due_ms is not None and task.due_ms <= now_ms
        else task
        for task in tasks
    )


def stopped(tasks: tuple[HostTask, ...], at_ms: int) -> tuple[HostTask, ...]:
    """The hosts after a terminate: those still running are cut off."""
    return tuple(
        replace(
            task, status=HostStatus.FORCE_TERMINATED, end_ms=at_ms, due_ms=None, exit_code=0, log=""
        )
        if task.due_ms is not None
        else task
        for task in at_their_end(tasks, at_ms)
    )
