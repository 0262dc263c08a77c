"""A changeset for people: one block for each change, then what it adds up to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from launcher.engine.changeset import Action, Reason
from launcher.engine.fielddiff import MASKED
from launcher.engine.observed import VariableKind
from launcher.engine.obstacles import waiting_among
from launcher.engine.spec import PlanName, hosts_data, plan_text
from launcher.model.times import seconds_of, writable_duration
from launcher.render.because import because, meaning, moment_text, way_out
from launcher.render.drift import drift_lines
from launcher.render.obstacles import chain_texts, way_on
from launcher.render.paint import PLAIN
from launcher.render.values import value_text
from launcher.render.visible import visible
from launcher.render.words import count_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from launcher.engine.changeset import Change, Changeset, FieldDiff
    from launcher.engine.observed import PlanVariable
    from launcher.engine.obstacles import Waiting
    from launcher.engine.spec import Hosts
    from launcher.render.paint import Paint

__all__ = [
    "SYMBOLS",
    "added_up",
    "nothing_to_do",
    "render_changeset",
    "symbol",
]

SYMBOLS = {
    Action.LAUNCH: "+",
    Action.RESUME: ">",
    Action.SUPERSEDE: "/",
    Action.ARCHIVE: "-",
    Action.RENAME: "~",
    Action.HOLD: "=",
    Action.BLOCK: "!",
    Action.ERROR: "x",
    Action.NONE: " ",
}
"""One character for each action, at the start of its line."""

_TO_DO = {
    Action.LAUNCH: "to launch",
    Action.RESUME: "to resume",
    Action.SUPERSEDE: "to supersede",
    Action.ARCHIVE: "to archive",
    Action.RENAME: "to rename",
    Action.HOLD: "held",
    Action.BLOCK: "blocked",
    Action.ERROR: "in error",
    Action.NONE: "in sync",
}

_ASKS = frozenset({Action.BLOCK, Action.HOLD, Action.ERROR})
_BY_HAND = "by hand, not asked for"


def render_changeset(changeset: Changeset, *, every: bool = False, paint: Paint = PLAIN) -> str:
    """The changes with reasons and fields, a summary line and the digest; unchanged ones with `every`."""
    shown = [item for item in changeset.changes if every or item.action is not Action.NONE]
    waiting = waiting_among(changeset.changes)
    blocks = [
        "\n".join(_block(item, changeset.environment, waiting.get(item.name), paint))
        for item in shown
    ]
    return "\n\n".join([_heading(changeset, paint), *blocks, _closing(changeset, paint)]) + "\n"


def symbol(action: Action, paint: Paint) -> str:
    """The character of `action`, in its colour."""
    return _colour(action, paint)(SYMBOLS[action])


def _heading(changeset: Changeset, paint: Paint) -> str:
    commit = f" at commit {changeset.commit[:12]}" if changeset.commit else ""
    against = f"ledger serial {changeset.head.serial}" if changeset.lineage else "no ledger yet"
    if changeset.offline:
        lockfile = f"the lockfile, serial {changeset.head.serial}"
        against = f"offline: {lockfile if changeset.lineage else 'no lockfile yet'}"
    return f"Environment {paint.bold(visible(changeset.environment))}{commit}, {against}"


def _block(
    change: Change, environment: str, waiting: Waiting | None, paint: Paint
) -> Iterator[str]:
    title = paint.bold(visible(change.name))
    kind = f"{change.action.value}, {change.reason.value}"
    yield f"{symbol(change.action, paint)} {title}  {kind}: {meaning(change, environment)}"
    if change.action is Action.NONE:
        return
    if change.launch is not None:
        yield from _what(change, paint)
    for field in change.fields:
        if not _is_in_title(field):
            yield "    " + _field_line(field, paint)
    for field in change.policy:
        yield "    " + _field_line(_as_written(field), paint) + paint.faint("  policy")
    if change.omitted:
        own = "; ".join(_omitted(item) for item in change.omitted)
        yield f"    job plan's own: {own}"
    if change.drift is not None:
        yield from (f"    {line}" for line in drift_lines(change.drift, paint))
    if change.needs:
        needs = ", ".join(visible(need) for need in change.needs)
        yield f"    needs {needs}; wave {change.wave}"
    if change.until and "{until}" not in because(change).meaning:
        yield f"    until {moment_text(change.until)}"
    yield from _remarks(change, environment, waiting, paint)


def _what(change: Change, paint: Paint) -> Iterator[str]:
    if change.launch is None:
        return
    spec = change.launch.spec
    where = f"{visible(spec.scope.type)} {visible(spec.scope.id)}"
    place = f"{visible(change.launch.path)}:{change.launch.line}"
    yield (
        f"    job plan {_plan(change)} in {where}, revision {change.launch.revision}"
        f"  {paint.faint(place)}"
    )


def _plan(change: Change) -> str:
    """The job plan as it is declared, and as it was read, now or when it ran last."""
    declared = change.launch.spec.plan if change.launch else None
    known = change.known_plan
    if isinstance(declared, PlanName):
        found = "" if known is None else f"{known.id} "
        return found + visible(plan_text(declared))
    named = f' "{visible(known.name)}"' if known else ""
    return f"{declared}{named}"


def _is_in_title(field: FieldDiff) -> bool:
    """Whether the title says it already: job plan and scope of a launch that has not run before."""
    return field.before is None and field.path.partition(".")[0] in ("plan", "scope")


def _field_line(field: FieldDiff, paint: Paint) -> str:
    path = visible(field.path)
    origin = "" if field.origin is None else paint.faint(f"  ({visible(field.origin)})")
    after = paint.faint("not set") if field.after is None else value_text(field.after)
    if field.before is None:
        return f"{path}: {paint.good(after) if field.after is not None else after}{origin}"
    return f"{path}: {value_text(field.before)} → {after}{origin}"


def _as_written(field: FieldDiff) -> FieldDiff:
    """A field of the policy with its durations as one writes them in a manifest: `30m`, not the `1800s` on record."""
    if field.path not in _DURATIONS:
        return field
    before, after = (
        None if value is None else writable_duration(seconds_of(value) or 0)
        for value in (field.before, field.after)
    )
    return replace(field, before=before, after=after)


_DURATIONS = frozenset({"wait.timeout", "retry.backoff"})


def _omitted(item: PlanVariable) -> str:
    """A variable that is left to the job plan, with what it will be launched with."""
    name = visible(item.name)
    match item.kind:
        case VariableKind.CIPHER:
            return f"{name} {MASKED} (never shown)"
        case VariableKind.HOSTS:
            hosts = "no hosts" if item.hosts is None else f"hosts {_hosts(item.hosts)}"
            return f"{name} = {hosts}"
        case _:
            return f"{name} = {value_text(item.value)}"


def _hosts(hosts: Hosts) -> str:
    lists = hosts_data(hosts)
    ids = lists.get("ids")
    return value_text(ids if list(lists) == ["ids"] else lists)


def _remarks(
    change: Change, environment: str, waiting: Waiting | None, paint: Paint
) -> Iterator[str]:
    if change.plan_before is not None and change.plan is not None:
        yield "    " + paint.careful(
            f"the name now means job plan {change.plan.id}; it ran as {change.plan_before}"
        )
    if change.action is Action.LAUNCH and change.ran_before is not None:
        yield "    " + paint.careful(
            f"attempt {change.ran_before} ran this content: it runs once more, and nothing is undone"
        )
    if waiting is not None and change.reason is Reason.NEEDS:
        yield f"    waits for {'; '.join(chain_texts(waiting, environment))}"
        yield from (f"    {line}" for line in way_on(waiting, environment))
    elif change.action in _ASKS or change.reason in (Reason.WAITING, Reason.STUCK):
        for line in way_out(change, environment).splitlines():
            yield "    " + line


def added_up(changeset: Changeset) -> str:
    """How many changes of each kind there are: `3 to launch, 1 blocked`."""
    words = [_word(item) for item in changeset.changes]
    order = [*_TO_DO.values(), _BY_HAND]
    return ", ".join(f"{words.count(word)} {word}" for word in order if word in words)


def _word(change: Change) -> str:
    """What it comes to; a launch that nobody asks for has no action, and is in sync with nothing."""
    return _BY_HAND if change.reason is Reason.MANUAL else _TO_DO[change.action]


def nothing_to_do(changeset: Changeset) -> str:
    """What is said of launches none of which has an action: `3 launches in sync`, `2 in sync, 1 by hand`."""
    if any(item.reason is Reason.MANUAL for item in changeset.changes):
        return added_up(changeset)
    return f"{count_text(len(changeset.changes), 'launch')} in sync"


def _closing(changeset: Changeset, paint: Paint) -> str:
    if any(item.reason is Reason.UNREVIEWED for item in changeset.changes):
        # Its digest covers only what a review covers already, and is not the one to ask a review for.
        return f"{added_up(changeset)}."
    if any(item.action is not Action.NONE for item in changeset.changes):
        return f"{added_up(changeset)}.\nDigest: {changeset.digest}"
    return f"{paint.good('No changes.')} {nothing_to_do(changeset)}.\nDigest: {changeset.digest}"


def _colour(action: Action, paint: Paint) -> Callable[[str], str]:
    match action:
        case Action.LAUNCH:
            return paint.good
        case Action.BLOCK | Action.ERROR:
            return paint.bad
        case Action.NONE:
            return paint.faint
        case _:
            return paint.careful
