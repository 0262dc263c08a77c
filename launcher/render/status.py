"""What is on record, for people: one line for each launch, what is worth a word, then what was left behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.engine.history import NO_HISTORY
from launcher.render.paint import PLAIN
from launcher.render.remarks import remarks
from launcher.render.results import render_instance
from launcher.render.table import table
from launcher.render.values import time_text
from launcher.render.visible import one_line, visible
from launcher.render.words import count_text, outcome_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from launcher.engine.guards import Hold
    from launcher.engine.history import History
    from launcher.engine.obstacles import Need, Waiting
    from launcher.engine.recorded import Approval, LaunchRecord, Recorded
    from launcher.engine.results import InstanceResults
    from launcher.engine.spec import LaunchKey
    from launcher.render.paint import Paint

__all__ = ["Left", "Line", "render_status"]

_WIDTH = 60

Left = tuple[str, int, int, "str | None"]
"""An instance that nothing will start: name, attempt, instance, reason."""


@dataclass(frozen=True, slots=True)
class Line:
    """One launch.

    Attributes:
        name: the launch.
        declared: its declared key; `None` where nothing is declared.
        record: its history; `None` without one.
        in_sync: whether what is declared counts as done.
        hold: what keeps it from starting for now.
        stuck: what of its instance has not moved for long.
        approval: the newest review of a change that is not done yet.
        decided: what a diff would decide; `None` where it is not declared.
        waiting: the launches that it needs and waits for; `None` where it waits for none.
        history: what was done to it, as far as that was looked up.
    """

    name: str
    declared: LaunchKey | None
    record: LaunchRecord | None
    in_sync: bool
    hold: Hold | None = None
    stuck: str | None = None
    approval: Approval | None = None
    decided: Need | None = None
    waiting: Waiting | None = None
    history: History = NO_HISTORY


def render_status(
    environment: str,
    recorded: Recorded,
    lines: Sequence[Line],
    left: Sequence[Left],
    paint: Paint = PLAIN,
    *,
    detail: InstanceResults | None = None,
    is_left: bool = False,
) -> str:
    """The table of launches, how far the instance of the only one is, and the orphans.

    `is_left` says that whoever opened the session that is on record does not stand in the way any more.
    """
    serial = f"ledger serial {recorded.head.serial}" if recorded.lineage else "no ledger yet"
    title = f"{paint.bold(environment)}  {paint.faint(serial)}\n"
    if recorded.session is not None:
        held = recorded.session
        since = time_text(held.opened_at)
        whose = f"{visible(held.actor)} on {visible(held.host)} since {since}"
        title += (
            f"run lock left by {whose}, which ended without saying so; the next apply takes over\n"
            if is_left
            else f"run lock held by {whose}\n"
        )
    closely = [] if detail is None else [_detail(lines[0], detail, paint)]
    parts = [
        title,
        _launches(lines, paint),
        *_remarks(lines, environment),
        *closely,
        *_orphans(left, paint),
    ]
    return "\n".join(parts)


def _detail(line: Line, detail: InstanceResults, paint: Paint) -> str:
    number = line.record.newest.number if line.record else 0
    return render_instance(line.name, number, detail, paint)


def _launches(lines: Sequence[Line], paint: Paint) -> str:
    if not lines:
        return "No launches.\n"
    header = ("NAME", "SYNC", "OUTCOME", "REVISION", "ATTEMPT", "INSTANCE", "STARTED", "ENDED")
    rows = [header, *(_row(line) for line in lines)]

    def outcome(number: int, text: str) -> str:
        record = lines[number - 1].record if number else None
        return text if record is None else outcome_text(record.newest.outcome, paint)

    return table(rows, paints={2: outcome})


def _row(line: Line) -> tuple[str, ...]:
    name, declared, record = line.name, line.declared, line.record
    if record is None:
        revision = str(declared.revision) if declared else "-"
        return (visible(name), "no", "-", revision, "-", "-", "-", "-")
    newest = record.newest
    sync = "yes" if line.in_sync else "no"
    return (
        visible(name),
        "archived" if record.archived else "deleted" if declared is None else sync,
        newest.outcome.value,
        str(newest.key.revision),
        str(newest.number),
        "-" if newest.instance_id is None else str(newest.instance_id),
        time_text(newest.started_at),
        time_text(newest.finished_at),
    )


def _remarks(lines: Sequence[Line], environment: str) -> list[str]:
    """What is worth a word beside the table."""
    rows = [(visible(line.name), text) for line in lines for text in remarks(line, environment)]
    return [table(rows, indent="  ")] if rows else []


def _orphans(left: Sequence[Left], paint: Paint) -> list[str]:
    if not left:
        return []
    rows = [
        (
            visible(name),
            f"attempt {attempt}",
            f"instance {instance}",
            one_line(reason or "", _WIDTH),
        )
        for name, attempt, instance, reason in left
    ]
    title = f"{count_text(len(left), 'instance')} created and never to be started:"
    return [paint.careful(title) + "\n" + table(rows, indent="  ")]
