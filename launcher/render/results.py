"""What came of steps and hosts, in words of ours for JOB's numbers; hosts that fared alike stand together.

Source of the numbers: bk-job, `RunStatusEnum` (steps) and `ExecuteObjectTaskStatusEnum` (hosts).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.engine.observed import Status
from launcher.engine.results import Result
from launcher.model.times import duration_text
from launcher.render.paint import PLAIN
from launcher.render.visible import one_line, visible
from launcher.render.words import count_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from launcher.engine.results import HostKey, HostResult, InstanceResults, StepResults
    from launcher.render.paint import Paint

__all__ = [
    "HostGroup",
    "groups_of",
    "host_facts",
    "host_name",
    "host_words",
    "lasted",
    "render_instance",
    "result_text",
    "run_text",
    "run_words",
    "step_line",
]

_RUN = {
    1: "not started",
    2: "running",
    3: "succeeded",
    4: "failed",
    5: "skipped",
    6: "failed, and ignored",
    7: "waiting for a person",
    8: "ended by force",
    9: "failed: trouble inside JOB",
    10: "being stopped",
    11: "stopped",
    13: "ended by who was to confirm it",
    14: "given up",
    15: "waiting for its turn",
}

_HOST = {
    0: "unknown trouble",
    1: "agent out of order",
    2: "not a target that JOB can use",
    3: "had succeeded before",
    5: "waiting",
    7: "running",
    9: "succeeded",
    11: "failed",
    12: "could not be handed over",
    13: "time limit passed",
    15: "its log could not be read",
    16: "time limit of the script's log passed",
    17: "time limit of the file's log passed",
    18: "no agent installed",
    101: "the script failed",
    102: "time limit of the script passed",
    103: "the script was ended",
    104: "exit code not zero",
    202: "the file could not be copied",
    203: "the source file is missing",
    301: "trouble with the file",
    303: "time limit of the file passed",
    310: "agent out of order",
    311: "trouble with the user",
    312: "trouble with the password",
    320: "the file could not be fetched",
    321: "the file is too large",
    329: "the file could not be sent",
    399: "trouble with the task",
    403: "stopped",
    404: "could not be stopped",
    500: "unknown trouble",
}

_NON_ZERO_EXIT = 104
_PLAIN = frozenset({5, 7, 9, 11, _NON_ZERO_EXIT})
"""Statuses that say no more than how it ended, or than an exit code does."""

_SHOWN_HOSTS = 10
_NAME = 60
_BAD_RUNS = frozenset({4, 8, 9, 11, 13, 14})
_GOOD_RUNS = frozenset({3, 5, 6})


def run_words(status: int) -> str:
    """What the status of an instance or a step means; a number that we do not know is shown as such."""
    return _RUN.get(status, f"status {status}")


def host_words(status: int) -> str:
    """What the status of a host means; a number that we do not know is shown as such."""
    return _HOST.get(status, f"status {status}")


def host_name(host: HostKey) -> str:
    """A host by its address, or by its id where JOB tells no address."""
    return visible(host.ip) or f"host {host.id}"


@dataclass(frozen=True, slots=True)
class HostGroup:
    """Hosts that fared alike.

    Attributes:
        status: JOB's number.
        exit_code: of their script; `None` where it says nothing.
        tag: what their script called the result.
        hosts: in JOB's order.
    """

    status: int
    exit_code: int | None
    tag: str
    hosts: tuple[HostResult, ...]

    @property
    def result(self) -> Result:
        """What it comes to."""
        return self.hosts[0].result


def groups_of(hosts: Iterable[HostResult]) -> tuple[HostGroup, ...]:
    """Hosts that fared alike, together: those that failed first, the largest group first."""
    found: dict[tuple[int, int | None, str], list[HostResult]] = {}
    for host in hosts:
        # Before its end, and without a script, an exit code of 0 says nothing.
        code = host.exit_code if host.exit_code or host.status == _NON_ZERO_EXIT else None
        found.setdefault((host.status, code, host.tag), []).append(host)
    groups = [HostGroup(*key, tuple(items)) for key, items in found.items()]
    order = [Result.FAILED, Result.UNFINISHED, Result.SUCCEEDED]
    return tuple(sorted(groups, key=lambda it: (order.index(it.result), -len(it.hosts), it.status)))


def lasted(started: datetime | None, ended: datetime | None) -> str:
    """How long it took; empty where it has not ended."""
    return (
        "" if started is None or ended is None else duration_text((ended - started).total_seconds())
    )


def render_instance(name: str, attempt: int, found: InstanceResults, paint: Paint = PLAIN) -> str:
    """How far an instance is: its steps, and below each the hosts that fared alike."""
    instance = found.instance
    facts = [run_text(instance.status, paint), lasted(instance.started, instance.ended)]
    title = f"{visible(name)}, attempt {attempt}, instance {instance.id}"
    lines = [f"{paint.bold(title)} as JOB has it now: {', '.join(filter(None, facts))}"]
    for number, step in enumerate(found.steps, 1):
        lines.append(f"  {step_line(number, step, paint)}")
        lines += [f"     {line}" for line in _group_lines(step, paint)]
    return "\n".join(lines) + "\n"


def step_line(number: int, step: StepResults, paint: Paint = PLAIN) -> str:
    """`1. check (script): succeeded, 3s`."""
    facts = [run_text(step.step.status, paint), lasted(step.started, step.ended)]
    again = step.step.executions
    if again:
        facts.append(f"executed again {count_text(again, 'time')}")
    name = paint.bold(one_line(step.step.name, _NAME))
    return f"{number}. {name} ({step.step.kind}): {', '.join(filter(None, facts))}"


def run_text(status: int, paint: Paint) -> str:
    """`run_words`, in the colour of what it comes to."""
    words = run_words(status)
    if status in _GOOD_RUNS:
        return paint.good(words)
    if status in _BAD_RUNS:
        return paint.bad(words)
    return paint.faint(words) if status == Status.BLANK else paint.careful(words)


def host_facts(status: int, exit_code: int | None, tag: str) -> str:
    """What is said of a result besides how it ended; empty for nothing."""
    facts = []
    if status not in _PLAIN or (status == _NON_ZERO_EXIT and not exit_code):
        facts.append(host_words(status))
    if exit_code:
        facts.append(f"exit code {exit_code}")
    if tag:
        facts.append(f'tag "{one_line(tag, _NAME)}"')
    return ", ".join(facts)


def result_text(status: int, result: Result, paint: Paint) -> str:
    """How a host ended in one word, in its colour."""
    match result:
        case Result.FAILED:
            return paint.bad(result.value)
        case Result.SUCCEEDED:
            return paint.good(result.value)
        case Result.UNFINISHED:
            return paint.careful(host_words(status))


def _group_lines(step: StepResults, paint: Paint) -> list[str]:
    lines = []
    for group in groups_of(step.hosts):
        facts = host_facts(group.status, group.exit_code, group.tag)
        shown = f"{len(group.hosts)} {result_text(group.status, group.result, paint)}"
        shown += f" ({facts})" if facts else ""
        # Where all went well, who they are is no news.
        names = "" if group.result is Result.SUCCEEDED else _names(group.hosts)
        lines.append(f"{shown}: {names}" if names else shown)
    return lines


def _names(hosts: Sequence[HostResult]) -> str:
    shown = [host_name(item.host) for item in hosts[:_SHOWN_HOSTS]]
    left = len(hosts) - len(shown)
    return ", ".join(shown) + (f" and {left} more" if left else "")
