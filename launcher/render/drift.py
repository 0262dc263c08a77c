"""What has changed in a job plan, for people and as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from launcher.engine.drift import UNDER_MASK, Found, Kind, Since, Subject
from launcher.engine.observed import MASK
from launcher.render.values import time_text, value_text
from launcher.render.visible import cells, one_line, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from launcher.engine.drift import Difference, Drift
    from launcher.engine.linediff import Line
    from launcher.render.paint import Paint

__all__ = ["drift_data", "drift_lines"]

MOST_LINES = 40
"""Lines of one text that are shown to people."""

MOST_DIFFERENCES = 60

_WIDTH = 160

_SINCE = {
    Since.RAN: "since it last ran here",
    Since.PREPARED: "since it was prepared here",
    Since.PINNED: "since it was pinned",
}
_UNKNOWN = "changed or not: unknown"


def drift_lines(drift: Drift, paint: Paint) -> Iterator[str]:
    """Who changed it, since when, and what; without indentation."""
    plan = drift.plan
    by = f" by {visible(drift.by)}" if drift.by else ""
    when = time_text(datetime.fromisoformat(plan.last_modified))
    attempt = "" if drift.attempt is None else f" (attempt {drift.attempt})"
    what = f'job plan {plan.id} "{visible(plan.name)}" was changed{by} at {when}'
    end = ":" if drift.differences else "."
    yield paint.careful(f"{what}, {_SINCE[drift.since]}{attempt}{_verdict(drift.found)}{end}")
    for item in drift.differences[:MOST_DIFFERENCES]:
        for line in _difference(item, paint):
            yield f"  {line}"
    if len(drift.differences) > MOST_DIFFERENCES:
        yield paint.faint(f"  … {len(drift.differences) - MOST_DIFFERENCES} further differences")


def _verdict(found: Found) -> str:
    match found:
        case Found.COMPARED:
            return ""
        case Found.NOTHING_SHOWN:
            return "; nothing that JOB shows has changed"
        case Found.NOT_COMPARED:
            return "; it differs in something that launcher does not take apart"
        case Found.NOT_KEPT:
            return "; what changed is not known: the ledger does not hold the content of then"


def _difference(item: Difference, paint: Paint) -> Iterator[str]:
    match item.kind:
        case Kind.ADDED:
            place = f" as step {item.after}" if item.subject is Subject.STEP else ""
            yield f"{_title(item)}: {paint.good('added')}{place}"
        case Kind.REMOVED:
            place = f" (was step {item.before})" if item.subject is Subject.STEP else ""
            yield f"{_title(item)}: {paint.bad('removed')}{place}"
        case Kind.RENAMED:
            yield f"{_title(item)}: renamed, was {value_text(item.before)}"
        case Kind.MOVED:
            yield f"{_title(item)}: moved from step {item.before} to step {item.after}"
        case Kind.HIDDEN:
            yield f"{_title(item)}: {_hidden(item)}"
        case Kind.CHANGED:
            yield from _changed(item, paint)


def _title(item: Difference) -> str:
    if item.subject is Subject.PLAN:
        return "job plan"
    name = f'"{visible(item.name)}"' if item.subject is Subject.STEP else visible(item.name)
    return f"{item.subject.value} {name}"


def _hidden(item: Difference) -> str:
    field = visible(item.field or "")
    if item.before is None:
        return f"{field} not shown"
    if item.before == UNDER_MASK:
        return f"{field}: what stands in the place of {MASK} is not shown; {_UNKNOWN}"
    turned = "" if item.before == item.after else f"{item.after} now, {item.before} before; "
    return f"{field} not shown; {turned}{_UNKNOWN}"


def _changed(item: Difference, paint: Paint) -> Iterator[str]:
    field = visible(item.field or "")
    if item.lines:
        yield f"{_title(item)}: {field}"
        yield from _text(item.lines, item.further, paint)
    elif item.before is None:
        yield f"{_title(item)}: {field} {paint.good(_value(item.after))}"
    elif item.after is None:
        yield f"{_title(item)}: {field} {_value(item.before)} → {paint.faint('not set')}"
    else:
        yield f"{_title(item)}: {field} {_value(item.before)} → {_value(item.after)}"


def _text(lines: Sequence[Line], further: int, paint: Paint) -> Iterator[str]:
    colours = {"+": paint.good, "-": paint.bad}
    for line in lines[:MOST_LINES]:
        text = one_line("".join(cells(line.text)), _WIDTH)
        shown = f"{line.number:>5} {line.sign} {text}".rstrip()
        yield colours[line.sign](shown) if line.sign in colours else shown
    left_out = max(0, len(lines) - MOST_LINES) + further
    if left_out:
        yield paint.faint(f"      … {left_out} further lines")


def _value(value: Any) -> str:  # noqa: ANN401 - a fact
    if isinstance(value, dict) and set(value) == {"digest", "bytes", "lines"}:
        return f"(too long to keep: {value['lines']} lines, {value['digest'][10:22]}…)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return one_line(value_text(value), _WIDTH)


def drift_data(drift: Drift | None) -> dict[str, Any] | None:
    """The same as JSON values."""
    if drift is None:
        return None
    return {
        "since": drift.since.value,
        "attempt": drift.attempt,
        "by": drift.by or None,
        "at": drift.plan.last_modified,
        "before": drift.before,
        "after": drift.plan.digest,
        "found": drift.found.value,
        "differences": [_difference_data(item) for item in drift.differences],
    }


def _difference_data(item: Difference) -> dict[str, Any]:
    return {
        "subject": item.subject.value,
        "name": item.name,
        "kind": item.kind.value,
        "field": item.field,
        "before": item.before,
        "after": item.after,
        "lines": [
            {"sign": line.sign, "line": line.number, "text": line.text} for line in item.lines
        ],
        "further": item.further,
    }
