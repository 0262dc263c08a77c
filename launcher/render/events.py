"""What an apply tells, as JSON values: one object for each line of `apply -o jsonl`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launcher.render import documents
from launcher.render.json_text import FORMAT_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from launcher.diagnostics import Diagnostic
    from launcher.engine.changeset import Changeset
    from launcher.engine.recorded import Attempt, OutcomeKind

__all__ = ["diagnostic", "effect", "observed", "planned", "settled", "summary", "version"]

Data = dict[str, Any]


def _event(kind: str, time: datetime, **rest: Any) -> Data:  # noqa: ANN401 - JSON values
    return {"type": kind, "time": time.isoformat(), **rest}


def version(tool: str, time: datetime) -> Data:
    """The first line of all."""
    return _event("version", time, format_version=FORMAT_VERSION, launcher=tool)


def planned(changeset: Changeset, time: datetime) -> Data:
    """The changeset that is about to be carried out, as `diff -o json` writes it."""
    return _event("planned", time, changeset=documents.changeset(changeset, every=False))


def effect(kind: str, names: Sequence[str], *, refused: int, unknown: int, time: datetime) -> Data:
    """Something was asked of the outside and has been answered."""
    return _event("effect", time, effect=kind, names=list(names), refused=refused, unknown=unknown)


def observed(
    name: str,
    *,
    attempt: int,
    instance: int | None,
    status: int | None,
    outcome: OutcomeKind,
    time: datetime,
) -> Data:
    """An attempt was seen to move on."""
    return _event(
        "observed",
        time,
        name=name,
        attempt=attempt,
        instance=instance,
        status=status,
        outcome=outcome.value,
    )


def settled(
    name: str, *, attempt: int, instance: int | None, outcome: OutcomeKind, time: datetime
) -> Data:
    """An attempt has ended."""
    return _event(
        "settled", time, name=name, attempt=attempt, instance=instance, outcome=outcome.value
    )


def diagnostic(item: Diagnostic, time: datetime) -> Data:
    """Something worth a word."""
    return _event("diagnostic", time, **documents.diagnostic(item))


def summary(
    *,
    exit_code: int,
    time: datetime,
    environment: str | None = None,
    digest: str | None = None,
    stop: str | None = None,
    started: Sequence[str] = (),
    blocked: Mapping[str, str] | None = None,
    newest: Mapping[str, Attempt] | None = None,
    lockfile: str | None = None,
) -> Data:
    """The last line of all, whatever happened; `newest` holds the launches that were carried out, by name."""
    return _event(
        "summary",
        time,
        exit_code=exit_code,
        environment=environment,
        digest=digest,
        stop=stop,
        started=list(started),
        blocked=dict(blocked or {}),
        launches=[
            {"name": name, **documents.attempt_data(item)} for name, item in (newest or {}).items()
        ],
        lockfile=lockfile,
    )
