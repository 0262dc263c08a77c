"""The lockfile: the ledger's present as one sorted JSON file, for people and diffs.

It holds no secret: specs name secrets by reference, and a callback URL stands in them without what
could be a token.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from launcher.diagnostics import Diagnostic, Place, Span
from launcher.engine.recorded import pin_data
from launcher.engine.spec import recordable_spec
from launcher.errors import RefusedToAct
from launcher.ledger.codec import json_text, laid_out, rfc3339

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from launcher.engine.recorded import Attempt, LaunchRecord, Recorded
    from launcher.engine.spec import LaunchKey

__all__ = ["VERSION", "Lockfile", "Printer", "environment_of", "lockfile_of", "parse", "render"]

VERSION = 1
"""The only version of the format so far, written as `lockfileVersion`."""


@dataclass(frozen=True, slots=True)
class Lockfile:
    """What a lockfile says.

    Attributes:
        environment: whose ledger it mirrors.
        lineage: that ledger's random id.
        server: fingerprint of the server it is bound to; `None` before the first binding.
        serial: number of the newest event it mirrors.
        head: hash of that event.
        commit: what the newest session worked for; `None` without git.
        launches: by name, each as in the file; the shape is `launcher.ledger.lockfile_model.Entry`.
    """

    environment: str
    lineage: str
    server: str | None
    serial: int
    head: str
    commit: str | None
    launches: Mapping[str, Mapping[str, Any]]

    def to_data(self) -> dict[str, Any]:
        """The document as JSON values."""
        return {
            "lockfileVersion": VERSION,
            "environment": self.environment,
            "lineage": self.lineage,
            "server": self.server,
            "serial": self.serial,
            "head": self.head,
            "commit": self.commit,
            "launches": dict(self.launches),
        }


def lockfile_of(recorded: Recorded, environment: str) -> Lockfile:
    """The lockfile of a ledger that holds at least its first event.

    Raises:
        ValueError: the ledger is empty; there is nothing to say about it.
    """
    if recorded.lineage is None:
        raise ValueError("an empty ledger has no lockfile")
    return Lockfile(
        environment=environment,
        lineage=recorded.lineage,
        server=recorded.server,
        serial=recorded.head.serial,
        head=recorded.head.hash,
        commit=recorded.commit,
        launches={name: _entry(item) for name, item in sorted(recorded.launches.items())},
    )


def render(lockfile: Lockfile) -> str:
    """The file's text: sorted keys, one value a line, final newline; the same for the same lockfile."""
    return json_text(lockfile.to_data(), indent=2) + "\n"


class Printer:
    """Renders one environment's lockfile again and again: only what has changed since the last time."""

    def __init__(self) -> None:
        self._entries: dict[str, tuple[LaunchRecord, str, list[tuple[Any, str]]]] = {}
        # What each field was laid out as last: launches of one batch have most of them in common.
        self._newest: dict[str, tuple[Any, str]] = {}

    def __call__(self, recorded: Recorded, environment: str) -> str:
        """What `render` gives for the lockfile of `recorded`; `environment` is the same each time.

        Raises:
            ValueError: the ledger is empty.
        """
        text = render(lockfile_of(replace(recorded, launches={}), environment))
        entries = [
            known[1]
            if (known := self._entries.get(name)) is not None and known[0] is record
            else self._entry(name, record)
            for name, record in sorted(recorded.launches.items())
        ]
        if not entries:
            return text
        before, _, after = text.partition(_NO_LAUNCHES)
        return "".join((before, _LAUNCHES, "{\n", ",\n".join(entries), "\n  }", after))

    def _entry(self, name: str, record: LaunchRecord) -> str:
        """One launch; of a launch that has moved, its spec and most other fields stay the same."""
        values = sorted(_entry(record).items())
        known = self._entries.get(name)
        # One field may be left out, `archived`: as many fields are the same ones.
        if known is None or len(known[2]) != len(values):
            fields = [self._laid_out(field, value) for field, value in values]
        else:
            fields = [
                kept if kept[0] == value else self._laid_out(field, value)
                for (field, value), kept in zip(values, known[2], strict=True)
            ]
        lines = ",\n".join([text for _, text in fields])
        text = f"    {json_text(name)}: {{\n{lines}\n    }}"
        self._entries[name] = record, text, fields
        return text

    def _laid_out(self, field: str, value: Any) -> tuple[Any, str]:  # noqa: ANN401 - any JSON value
        """A field's value, and the field with it as the file has it."""
        newest = self._newest.get(field)
        if newest is None or newest[0] != value:
            newest = value, f'      "{field}": {laid_out(value, _IN_FIELD, "  ")}'
            self._newest[field] = newest
        return newest


_IN_FIELD = "\n" + 6 * " "
"""How a line of an entry's field begins."""

_LAUNCHES = '\n  "launches": '
_NO_LAUNCHES = _LAUNCHES + "{}"
"""With its line break it is found nowhere else."""


def environment_of(path: str) -> str:
    """Whose lockfile it is, by its name: `production` for `locks/production.lock.json`."""
    return PurePath(path).name.removesuffix(".lock.json")


def parse(text: str, path: str) -> Lockfile:
    """The lockfile with this text, read from `path`.

    Raises:
        RefusedToAct: it is damaged, or of a version that this launcher does not know. What has run can
            then not be compared with the ledger.
    """
    data = _json(text, path)
    version = data.get("lockfileVersion") if isinstance(data, dict) else None
    if type(version) is int and version != VERSION:
        facts = {"version": str(version), "known": str(VERSION)}
        raise RefusedToAct(Diagnostic("L442", facts, Place(path, ("lockfileVersion",))))
    # Only reading a lockfile needs pydantic.
    from launcher.ledger.lockfile_model import problems  # noqa: PLC0415

    found = problems(data)
    if found:
        raise RefusedToAct(
            *(
                Diagnostic("L441", {"problem": problem, **_whose(path)}, Place(path, pointer))
                for pointer, problem in found
            )
        )
    return Lockfile(
        environment=data["environment"],
        lineage=data["lineage"],
        server=data["server"],
        serial=data["serial"],
        head=data["head"],
        commit=data["commit"],
        launches=data["launches"],
    )


def _json(text: str, path: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        span = Span(error.lineno, error.colno, error.lineno, error.colno + 1)
        facts = {"problem": error.msg, **_whose(path)}
        raise RefusedToAct(Diagnostic("L440", facts, Place(path, span=span))) from error
    except (ValueError, RecursionError) as error:
        facts = {"problem": str(error), **_whose(path)}
        raise RefusedToAct(Diagnostic("L440", facts, Place(path))) from error


def _whose(path: str) -> dict[str, str]:
    """The environment by the name of the file: what a damaged one says of it cannot be relied on."""
    return {"environment": environment_of(path)}


def _entry(record: LaunchRecord) -> dict[str, Any]:
    newest = record.newest
    entry: dict[str, Any] = {
        "key": _key(newest.key),
        "attempt": newest.number,
        "outcome": newest.outcome.value,
        "instance": _instance(newest),
        "plan": pin_data(newest.plan),
        "spec": recordable_spec(newest.spec),
        "accepted": _accepted(record),
        "started": _time(newest.started_at),
        "finished": _time(newest.finished_at),
        "commit": newest.commit,
        "manifest": newest.manifest,
    }
    if record.archived:
        entry["archived"] = True
    return entry


def _accepted(record: LaunchRecord) -> dict[str, Any] | None:
    """The last accepted attempt, where it is not the newest and still is the one that counts.

    What was started after it, and is not the newest, would be forgotten by a restore: the launch would then look
    in sync with content that was overwritten since.
    """
    newest, started = record.newest, record.accepted
    if started is None or started is newest:
        return None
    between = record.attempts[record.attempts.index(started) + 1 : -1]
    if any(item.was_started for item in between):
        return None
    return {
        "attempt": started.number,
        "key": _key(started.key),
        "outcome": started.outcome.value,
        "spec": recordable_spec(started.spec),
    }


def _instance(attempt: Attempt) -> dict[str, Any] | None:
    if attempt.instance_id is None:
        return None
    # JOB's answers name no page; the key is part of the format for servers where one is known.
    return {"id": attempt.instance_id, "name": attempt.instance_name, "url": None}


def _key(key: LaunchKey) -> dict[str, Any]:
    return {"revision": key.revision, "digest": key.digest}


@lru_cache(maxsize=1024)
def _time(time: datetime | None) -> str | None:
    # Launches of one batch have the same times.
    return None if time is None else rfc3339(time, timespec="seconds")
