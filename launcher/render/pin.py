"""What a manifest pins now, for people and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from launcher.render.documents import diagnostics
from launcher.render.drift import drift_data, drift_lines
from launcher.render.json_text import FORMAT_VERSION
from launcher.render.paint import PLAIN
from launcher.render.values import time_text, value_text
from launcher.render.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from launcher.diagnostics import Diagnostic
    from launcher.engine.drift import Drift
    from launcher.engine.observed import JobPlan
    from launcher.render.paint import Paint

__all__ = ["PinAnswer", "pin_data", "render_pin"]


@dataclass(frozen=True, slots=True)
class PinAnswer:
    """What `pin` has done; the fields are those of `operations.pin.Pinned`."""

    environment: str
    name: str
    path: str
    field: str
    environments: tuple[str, ...]
    before: str | None
    after: str | None
    changed: bool
    plan: JobPlan | None
    drift: Drift | None


def render_pin(answer: PinAnswer, paint: Paint = PLAIN) -> str:
    """What was written and where, and what has changed in the job plan since it was pinned before, or last ran."""
    before, after = answer.before, answer.after
    said = _said(before, after, answer.plan, changed=answer.changed)
    lines = [f"{paint.bold(visible(answer.name))} {said}"]
    if answer.changed:
        old = "" if before is None else f"{value_text(before)} → "
        new = paint.faint("not set") if after is None else value_text(after)
        lines.append(f"    {visible(answer.path)}: {visible(answer.field)}.digest: {old}{new}")
        where = ", ".join(visible(item) for item in answer.environments)
        lines.append(f"    counts in: {where}" if where else "    counts nowhere")
    if answer.drift is not None:
        lines += [f"    {line}" for line in drift_lines(answer.drift, paint)]
    return "\n".join(lines) + "\n"


def pin_data(answer: PinAnswer, found: Iterable[Diagnostic]) -> dict[str, Any]:
    """The answer of `pin` in JSON, and what was `found` on the way."""
    pin = None if answer.plan is None else answer.plan.pin
    return {
        "format_version": FORMAT_VERSION,
        "environment": answer.environment,
        "name": answer.name,
        "manifest": answer.path,
        "field": answer.field,
        "environments": list(answer.environments),
        "before": answer.before,
        "after": answer.after,
        "changed": answer.changed,
        "plan": None if pin is None else {"id": pin.id, "name": pin.name, "digest": pin.digest},
        "drift": drift_data(answer.drift),
        "diagnostics": diagnostics(found),
    }


def _said(before: str | None, after: str | None, plan: JobPlan | None, *, changed: bool) -> str:
    if after is None:
        return "is not pinned any more." if changed else "is not pinned; nothing was written."
    if plan is None or plan.pin.digest != after:
        return f"is pinned to {visible(after)}."
    by = f" by {visible(plan.modified_by)}" if plan.modified_by else ""
    saved = time_text(datetime.fromisoformat(plan.pin.last_modified))
    what = f'job plan {plan.pin.id} "{visible(plan.pin.name)}" as it was saved{by} at {saved}'
    if not changed and before == after:
        return f"is pinned to {what} already; nothing was written."
    return f"is pinned to {what}."
