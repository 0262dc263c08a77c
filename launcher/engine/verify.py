"""Whether what an un-started instance would run is what was approved.

JOB lets one read the frozen steps, the resolved hosts of un-started steps and the String
variables. Ciphers, namespace and array values and the callback cannot be read back; what was not
compared is said, never assumed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from launcher.engine.observed import FrozenCopy, Missing, Status, VariableKind
from launcher.engine.spec import Hosts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from launcher.engine.observed import InstanceStatus, JobPlan, Step
    from launcher.engine.recorded import Attempt
    from launcher.engine.spec import EffectiveSpec, Variable

__all__ = ["Different", "Gone", "NotBlank", "Same", "is_ours", "unread", "verify"]


@dataclass(frozen=True, slots=True)
class Same:
    """Nothing that was compared differs.

    Attributes:
        compared: of `steps`, `hosts` and `variables`, what was compared.
        not_compared: the others.
    """

    compared: tuple[str, ...]
    not_compared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Different:
    """Something differs: a full sentence, with text from outside in it."""

    message: str


@dataclass(frozen=True, slots=True)
class NotBlank:
    """It has left status 1 without our START."""

    status: int


@dataclass(frozen=True, slots=True)
class Gone:
    """JOB does not know it any more."""


def verify(
    attempt: Attempt,
    spec: EffectiveSpec,
    answer: FrozenCopy | Missing,
    plan: JobPlan,
    *,
    marker: tuple[str, str] | None,
    clock_skew_s: float,
) -> Same | Different | NotBlank | Gone:
    """Compare the frozen copy of a prepared `attempt` with what was approved.

    `marker` is the name and text of the marker variable that its prepare sent; `plan` is the job plan as it
    reads now, whose digest must be the one the attempt was intended for.
    """
    if isinstance(answer, Missing):
        return Gone()
    if answer.status.status != Status.BLANK:
        return NotBlank(answer.status.status)
    if attempt.plan is not None and plan.pin.digest != attempt.plan.digest:
        return Different("The job plan was changed after this launch was decided.")
    problem = is_ours(attempt, answer.status, clock_skew_s)
    if problem is None:
        problem = next(_differences(spec, marker, answer, plan), None)
    return Different(problem) if problem else _same(answer)


def is_ours(attempt: Attempt, status: InstanceStatus, clock_skew_s: float) -> str | None:
    """Why the instance cannot be the one that `attempt` prepared; `None` if it can.

    Its name must be the job plan's and JOB must have created it while the prepare was under way.
    """
    if attempt.plan is not None and status.name != attempt.plan.name:
        return f"The instance is named {status.name}, not {attempt.plan.name} as the job plan."
    skew = timedelta(seconds=clock_skew_s)
    until = attempt.prepared_at or attempt.intended_at
    if not attempt.intended_at - skew <= status.created <= until + skew:
        return f"The instance was created at {status.created.isoformat()}, outside its prepare."
    return None


def unread(copy: FrozenCopy, spec: EffectiveSpec, plan: JobPlan) -> tuple[str, ...]:
    """What of the instance JOB does not show although there is something to compare it with.

    Where a launch sends no String variable that the job plan declares, none has to be read.
    """
    strings = {item.name for item in plan.variables if item.kind is VariableKind.STRING}
    sends = any(_plan_name(item, plan) in strings for item in spec.variables)
    needed = {
        "steps": copy.steps is None,
        "hosts": copy.hosts is None,
        "variables": copy.texts is None and sends,
    }
    return tuple(name for name, is_missing in needed.items() if is_missing)


def _same(copy: FrozenCopy) -> Same:
    read = {
        "steps": copy.steps is not None,
        "hosts": copy.hosts is not None,
        "variables": copy.texts is not None,
    }
    return Same(
        tuple(name for name, was_read in read.items() if was_read),
        tuple(name for name, was_read in read.items() if not was_read),
    )


def _differences(
    spec: EffectiveSpec, marker: tuple[str, str] | None, copy: FrozenCopy, plan: JobPlan
) -> Iterator[str]:
    if copy.steps is not None:
        yield from _different_steps(copy.steps, plan.steps)
    if copy.texts is not None:
        yield from _different_texts(spec, marker, copy, plan)
    if copy.hosts is not None and copy.steps is not None:
        yield from _missing_hosts(spec, copy, plan)


def _different_steps(frozen: Sequence[Step], planned: Sequence[Step]) -> Iterator[str]:
    """JOB does not tell which steps of a plan are enabled, so the frozen ones are an ordered part of them."""
    rest = list(planned)
    for step in frozen:
        if step in rest:
            rest = rest[rest.index(step) + 1 :]
        else:
            like = next((item for item in rest if item.name == step.name), None)
            yield _different_step(step, like)


def _different_step(step: Step, planned: Step | None) -> str:
    if planned is None:
        return f"Step {step.name} of the instance is not in the job plan, or not in this place."
    facts = {**step.facts, "kind": step.kind, "target variable": step.target_variable}
    others = {**planned.facts, "kind": planned.kind, "target variable": planned.target_variable}
    names = sorted(key for key in {*facts, *others} if facts.get(key) != others.get(key))
    # They differ only in what was taken out of them.
    names = names or ["a text that holds a secret of this run"]
    return f"Step {step.name} of the instance is not what the job plan says ({', '.join(names)})."


def _different_texts(
    spec: EffectiveSpec, marker: tuple[str, str] | None, copy: FrozenCopy, plan: JobPlan
) -> Iterator[str]:
    texts = copy.texts or {}
    strings = {item.name for item in plan.variables if item.kind is VariableKind.STRING}
    expected = {_plan_name(item, plan): item.value for item in spec.variables}
    if marker is not None:
        expected[marker[0]] = marker[1]
    for name, value in sorted(expected.items()):
        if name in strings and texts.get(name) != value:
            yield f"Variable {name} of the instance is not what was declared."


def _missing_hosts(spec: EffectiveSpec, copy: FrozenCopy, plan: JobPlan) -> Iterator[str]:
    ids = {host.id for host in copy.hosts or ()}
    addresses = {(host.cloud, host.ip) for host in copy.hosts or ()}
    targets = {step.target_variable for step in copy.steps or ()}
    for variable in spec.variables:
        # A host variable that no step names is resolved by JOB and used by nothing.
        if not isinstance(variable.value, Hosts) or _plan_name(variable, plan) not in targets:
            continue
        for host in sorted(set(variable.value.ids) - ids):
            yield f"Host {host} of {variable.name} is not among the hosts of the instance."
        # JOB ignores addresses beside ids. Source: bk-job, `convertToServersDTO`.
        for cloud, ip in () if variable.value.ids else variable.value.ips:
            if (cloud, ip) not in addresses:
                yield f"Host {cloud}:{ip} of {variable.name} is not among the hosts of the instance."


def _plan_name(variable: Variable, plan: JobPlan) -> str:
    if variable.id is None:
        return variable.name
    return next((item.name for item in plan.variables if item.id == variable.id), variable.name)
