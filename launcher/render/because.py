"""Why a launch has its action, in words: what the catalogue says of its reason, with the facts of this case."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from launcher.catalogue.english.reasons import (
    CANCELLED,
    DECLINED,
    FAILED_FOR_NOW,
    FAILED_WHOLE,
    NOT_RENAMED,
    REASONS,
    TIMED_OUT,
)
from launcher.engine.changeset import Action, Reason
from launcher.engine.fitting import RETRYABLE
from launcher.engine.history import NO_HISTORY
from launcher.engine.observed import Status
from launcher.engine.recorded import OutcomeKind
from launcher.render.values import time_text
from launcher.render.visible import one_line, visible

if TYPE_CHECKING:
    from launcher.catalogue.english.reasons import Because
    from launcher.engine.changeset import Change
    from launcher.engine.history import History
    from launcher.engine.obstacles import Need

    Decided = Change | Need

__all__ = ["because", "meaning", "moment_text", "way_out"]

_REASON_WIDTH = 120


def meaning(item: Decided, environment: str, history: History = NO_HISTORY) -> str:
    """The reason of `item` in a few words."""
    said = because(item, history).meaning.format_map(_facts(item, environment))
    refused = item.newest if item.reason is Reason.REFUSED else None
    if refused is None or not refused.reason:
        return said
    return f"{said}: {one_line(refused.reason, _REASON_WIDTH)}"


def way_out(item: Decided, environment: str, history: History = NO_HISTORY) -> str:
    """What would give the launch another action; commands on lines of their own."""
    return because(item, history).way_out.format_map(_facts(item, environment))


def because(item: Decided, history: History = NO_HISTORY) -> Because:
    """The words for the reason of `item`, with what was done to it as far as that was looked up."""
    if item.reason is Reason.RENAMED and item.action is Action.ERROR:
        return NOT_RENAMED
    if item.reason is Reason.FAILED and item.until is not None:
        return FAILED_FOR_NOW
    if item.reason is Reason.FAILED and _was_cancelled(item):
        if _timed_out(item, history):
            return TIMED_OUT
        return DECLINED if _was_declined(item) else CANCELLED
    if item.reason is Reason.FAILED and not _may_carry_on(item):
        return FAILED_WHOLE
    return REASONS[item.reason]


def _was_cancelled(item: Decided) -> bool:
    return item.newest is not None and item.newest.outcome is OutcomeKind.CANCELLED


def _was_declined(item: Decided) -> bool:
    return item.newest is not None and item.newest.status == Status.CONFIRM_TERMINATED


def _timed_out(item: Decided, history: History) -> bool:
    """Whether it was its own `wait` that had it cancelled."""
    asked = None if item.newest is None else history.ended(len(item.newest.endings))
    return asked is not None and asked.timeout is not None and not asked.in_doubt


def _may_carry_on(item: Decided) -> bool:
    """Whether JOB may be asked to run the failed step again; a status that is not on record may be any."""
    status = None if item.newest is None else item.newest.status
    return status is None or status in RETRYABLE


def _facts(item: Decided, environment: str) -> dict[str, str]:
    newest = item.newest
    return {
        "name": visible(item.name),
        "environment": visible(environment),
        "by": visible(item.by or "-"),
        "until": moment_text(item.until),
        "attempt": str(newest.number) if newest else "-",
        "instance": str(newest.instance_id) if newest and newest.instance_id is not None else "-",
    }


def moment_text(text: str | None) -> str:
    """When a hold ends; a dash where nobody knows."""
    return time_text(None if text is None else datetime.fromisoformat(text))
