"""A decision for people: the rows that were tried, what decided, and what would change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.catalogue.english.reasons import ARCHIVED
from launcher.engine.changeset import Reason
from launcher.engine.history import NO_HISTORY
from launcher.render.because import meaning, way_out
from launcher.render.changeset import symbol
from launcher.render.drift import drift_lines
from launcher.render.obstacles import chain_texts, way_on
from launcher.render.paint import PLAIN
from launcher.render.past import archived_text, past_lines
from launcher.render.remarks import operation_lines
from launcher.render.visible import visible
from launcher.render.words import outcome_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from launcher.engine.changeset import Change
    from launcher.engine.history import History
    from launcher.engine.obstacles import Waiting
    from launcher.engine.recorded import Attempt, LaunchRecord
    from launcher.render.paint import Paint

__all__ = ["render_archived", "render_why"]


def render_why(
    change: Change,
    environment: str,
    paint: Paint = PLAIN,
    *,
    waiting: Waiting | None = None,
    history: History = NO_HISTORY,
) -> str:
    """The whole explanation."""
    title = paint.bold(visible(change.name))
    said = meaning(change, environment, history)
    kind = f"{change.action.value}, {change.reason.value}: {said}"
    lines = [
        f"{symbol(change.action, paint)} {title} in {visible(environment)}  {kind}".lstrip(),
        "",
        "Rows that were tried:",
    ]
    for row in change.rows:
        mark = paint.good("fits") if row.fits else paint.faint("no  ")
        lines.append(f"  {row.number:>2}  {mark}  {row.title}")
    if change.newest is not None and (kept := list(_of_newest(change.newest, history))):
        lines += ["", f"On record of attempt {change.newest.number}:"]
        lines += [f"  {line}" for line in kept]
    if change.drift is not None:
        lines += ["", *drift_lines(change.drift, paint)]
    if waiting is not None:
        lines += ["", *_waits(waiting, environment)]
    if waiting is None or change.reason is not Reason.NEEDS:
        text = way_out(change, environment, history)
        lines += ["", *text.splitlines()] if text else []
    return "\n".join(lines) + "\n"


def _of_newest(attempt: Attempt, history: History) -> Iterator[str]:
    yield from operation_lines(attempt)
    yield from past_lines(attempt, history)


def _waits(waiting: Waiting, environment: str) -> Iterator[str]:
    """The needs with the ends of their chains, and where to ask on; what acts by itself asks for nothing."""
    yield "It needs:" if waiting.is_blocked else "It starts after:"
    for text in chain_texts(waiting, environment):
        yield f"  {text}"
    if waiting.is_blocked:
        yield ""
        yield from way_on(waiting, environment)


def render_archived(
    record: LaunchRecord, environment: str, paint: Paint = PLAIN, *, history: History = NO_HISTORY
) -> str:
    """What is said of a name that is archived: by what and when, what is on record, and what can be done."""
    name, newest = visible(record.name), record.newest
    where = "" if newest.instance_id is None else f", instance {newest.instance_id}"
    facts = {"name": name, "environment": visible(environment)}
    lines = [
        f"{paint.bold(name)} in {visible(environment)}  {ARCHIVED.meaning}",
        "",
        f"On record of attempt {newest.number}{where}: {outcome_text(newest.outcome, paint)}",
        *(f"  {line}" for line in past_lines(newest, history)),
        f"  {archived_text(history.archived)}",
        "",
        *ARCHIVED.way_out.format_map(facts).splitlines(),
    ]
    return "\n".join(lines) + "\n"
