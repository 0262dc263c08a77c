"""The JSON shapes of `logs` and `doctor`, and of the detail of `status`; `schema_looking` holds what they promise."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from launcher.render import documents
from launcher.render.doctor import State
from launcher.render.json_text import FORMAT_VERSION
from launcher.render.results import host_words, run_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from launcher.diagnostics import Diagnostic
    from launcher.engine.results import FileLog, HostResult, InstanceResults, StepResults
    from launcher.render.doctor import Check

__all__ = [
    "detail_data",
    "doctor_data",
    "host_data",
    "instance_data",
    "log_data",
    "logs_data",
    "step_data",
]

Data = dict[str, Any]


def instance_data(name: str, attempt: int, found: InstanceResults) -> Data:
    """An instance, without its steps."""
    instance = found.instance
    return {
        "name": name,
        "attempt": attempt,
        "instance": instance.id,
        "status": instance.status,
        "words": run_words(instance.status),
        "started": _time(instance.started),
        "ended": _time(instance.ended),
        "finished": instance.finished,
    }


def step_data(number: int, step: StepResults) -> Data:
    """A step, without its hosts."""
    return {
        "number": number,
        "id": step.step.id,
        "step": step.step.name,
        "kind": step.step.kind,
        "executions": step.step.executions,
        "status": step.step.status,
        "words": run_words(step.step.status),
        "started": _time(step.started),
        "ended": _time(step.ended),
    }


def host_data(item: HostResult) -> Data:
    """What came of one host."""
    return {
        "host": item.host.id,
        "cloud": item.host.cloud,
        "ip": item.host.ip,
        "status": item.status,
        "words": host_words(item.status),
        "started": _time(item.started),
        "ended": _time(item.ended),
        "result": item.result.value,
        "exit_code": item.exit_code,
        "tag": item.tag,
    }


def log_data(item: HostResult, text: str, files: Sequence[FileLog], *, too_long: bool) -> Data:
    """What one host has printed."""
    return {
        **host_data(item),
        "text": text,
        "files": [
            {
                "source": file.source,
                "source_path": file.source_path,
                "target_path": file.target_path,
                "status": file.status,
                "size": file.size,
                "progress": file.progress,
                "text": file.text,
            }
            for file in files
        ],
        "too_long": too_long,
    }


def detail_data(name: str, attempt: int, found: InstanceResults) -> Data:
    """The detail of `status NAME`."""
    steps = [
        {
            **step_data(number, step),
            "hosts": [host_data(host) for host in step.hosts] if found.has_hosts else None,
        }
        for number, step in enumerate(found.steps, 1)
    ]
    return {**instance_data(name, attempt, found), "steps": steps}


def logs_data(
    environment: str, instance: Data, steps: Sequence[Data], found: Iterable[Diagnostic]
) -> Data:
    """The answer of `logs`."""
    return {
        "format_version": FORMAT_VERSION,
        "environment": environment,
        **instance,
        "steps": list(steps),
        "diagnostics": documents.diagnostics(found),
    }


def doctor_data(environment: str | None, checks: Sequence[Check]) -> Data:
    """The answer of `doctor`."""
    counted = Counter(check.state for check in checks)
    return {
        "format_version": FORMAT_VERSION,
        "environment": environment,
        "checks": [
            {
                "name": check.name,
                "state": check.state.value,
                "message": check.message,
                "code": check.code,
                "hint": check.hint,
            }
            for check in checks
        ],
        "summary": {state.value: counted[state] for state in State},
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
