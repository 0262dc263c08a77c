"""Logs of jobs, for people: a heading for each step and each host, then what it has printed.

What a host has printed stands behind a bar, so that no line of it can begin with what a terminal or a CI system obeys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.engine.observed import Status
from launcher.render.paint import PLAIN
from launcher.render.results import host_facts, lasted, result_text, run_text, step_line
from launcher.render.visible import log_line, one_line, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from launcher.engine.results import FileLog, HostResult, InstanceResults, StepResults
    from launcher.render.paint import Paint

__all__ = [
    "log_lines",
    "render_log",
    "render_logs_title",
    "render_quiet",
    "render_waits",
    "step_line",
]

_APPROVAL = "approval"
_PATH = 200
_WORD = 30


def render_logs_title(name: str, attempt: int, found: InstanceResults, paint: Paint = PLAIN) -> str:
    """Whose logs these are, and how far it is."""
    instance = found.instance
    facts = [run_text(instance.status, paint), lasted(instance.started, instance.ended)]
    title = paint.bold(f"{visible(name)}, attempt {attempt}, instance {instance.id}")
    return f"{title}: {', '.join(filter(None, facts))}\n"


def render_log(
    item: HostResult,
    text: str,
    files: Sequence[FileLog],
    *,
    anew: bool = False,
    too_long: bool = False,
    paint: Paint = PLAIN,
) -> str:
    """What one host has printed, or what is new of it."""
    lines = [_heading(item, anew=anew, paint=paint)]
    if too_long:
        lines.append("  (longer than can be read)")
    lines += log_lines(text)
    for file in files:
        lines.append(f"  {_file(file)}")
        lines += log_lines(file.text)
    return "\n".join(lines) + "\n"


def log_lines(text: str) -> Iterator[str]:
    """The lines of a log behind a bar; one that ends as Windows ends them is no different."""
    whole = text.removesuffix("\n")
    if text:
        for line in whole.split("\n"):
            shown = log_line(line.removesuffix("\r"))
            yield f"| {shown}" if shown else "|"


def render_quiet(step: StepResults, *, failed: bool) -> str:
    """Why there is nothing to read in a step; empty where its own line says so."""
    if step.step.status == Status.BLANK or step.step.kind == _APPROVAL:
        return ""
    if not step.hosts:
        return "  (JOB tells of no host)\n"
    return "  (no host has failed)\n" if failed else "  (none of the hosts that were named)\n"


def render_waits(name: str, environment: str, paint: Paint = PLAIN) -> str:
    """That nothing will come before a person has answered, and how to."""
    command = f"launcher confirm {visible(name)} -e {visible(environment)} --continue --reason TEXT"
    return paint.careful(f"{visible(name)} waits for a person: {command}") + "\n"


def _heading(item: HostResult, *, anew: bool, paint: Paint) -> str:
    known = f" (host {item.host.id})" if item.host.id is not None and item.host.ip else ""
    name = visible(item.host.ip) or f"host {item.host.id}"
    facts = host_facts(item.status, item.exit_code, item.tag)
    ended = result_text(item.status, item.result, paint) + (f" ({facts})" if facts else "")
    again = ", from the beginning" if anew else ""
    return f"{paint.quiet('==>')} {paint.bold(name)}{known}: {ended}{again}"


def _file(file: FileLog) -> str:
    facts = [
        f"from {one_line(file.source, _PATH)}" if file.source else "",
        one_line(file.size, _WORD),
        one_line(file.progress, _WORD),
        "" if file.status is None else f"status {file.status}",
    ]
    way = f"{one_line(file.source_path, _PATH)} -> {one_line(file.target_path, _PATH)}"
    return f"{way} ({', '.join(filter(None, facts))})"
