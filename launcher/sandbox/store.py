"""A world's state in one SQLite file, shared by every process that opens it.

Each exchange is one transaction that takes the write lock first: read what others changed, answer,
write what changed. Instances are rows, so that an exchange writes what it touched and reads what is
new, however many there are. Nothing is fsynced: a killed process loses nothing, a power cut may.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, TypeVar

from pydantic import TypeAdapter, ValidationError

from launcher.diagnostics import Diagnostic
from launcher.errors import SurroundingsFailed
from launcher.sandbox.state import Instance, State

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from launcher.sandbox.faults import Fault
    from launcher.sandbox.wire import Json, Record, Reply, Request
    from launcher.sandbox.world import World

__all__ = ["StateStore"]

_Shape = TypeVar("_Shape")

_INSTANCE: TypeAdapter[Instance] = TypeAdapter(Instance)
_STATE: TypeAdapter[State] = TypeAdapter(State)
_FORMAT = 1
_BUSY_S = 30.0
_KEPT_RECORDS = 20_000
_SCHEMA = """
CREATE TABLE world (id INTEGER PRIMARY KEY CHECK (id = 0), version INTEGER, body TEXT);
CREATE TABLE instances (id INTEGER PRIMARY KEY, version INTEGER, body TEXT);
CREATE INDEX by_version ON instances (version);
CREATE TABLE records (serial INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT);
"""


@dataclass(slots=True)
class _Cache:
    version: int
    state: State


class StateStore:
    """The state of one world, in a file or in memory, safe for threads and processes.

    Args:
        world: what the state belongs to.
        path: the file; `None` keeps the state in memory. Its folder is made if it is missing.
        faults: armed when the state is new.

    Raises:
        SurroundingsFailed: L606, the file belongs to a world of another id; L607, it cannot be
            opened or is not a state of this format.
    """

    def __init__(
        self, world: World, path: Path | None = None, faults: tuple[Fault, ...] = ()
    ) -> None:
        self.world = world
        self._path = path
        self._lock = threading.Lock()
        with self._explained():
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch(mode=0o600)
            self._db = sqlite3.connect(
                ":memory:" if path is None else path,
                timeout=_BUSY_S,
                isolation_level=None,
                check_same_thread=False,
            )
            try:
                self._db.execute("PRAGMA synchronous=OFF")
                self._cache = self._open(faults)
            except BaseException:
                self._db.close()
                raise
        self._check_identity()

    @property
    def world_id(self) -> str:
        """Tells this world from every other, for as long as its state is kept."""
        return self._cache.state.world_id

    def close(self) -> None:
        """Close the file; the store cannot be used afterwards."""
        with self._lock:
            self._db.close()

    def exchange(self, request: Request, now_ms: int) -> Reply:
        """Answer one request at `now_ms` and keep what follows from it.

        Raises:
            SurroundingsFailed: L607, the file cannot be read or written.
        """
        with self._transaction() as state:
            after, reply = self.world.answer(state, request, now_ms)
            self._save(after)
            self._record(reply.record)
        return reply

    def state(self, now_ms: int) -> State:
        """The state at `now_ms`, with everything done that was due.

        Raises:
            SurroundingsFailed: L607, the file cannot be read or written.
        """
        with self._transaction() as state:
            after = self.world.advance(state, now_ms)
            self._save(after)
        return after

    def add_faults(self, faults: tuple[Fault, ...]) -> None:
        """Arm more faults, behind those already there."""
        with self._transaction() as state:
            fresh = self.world.initial(*faults).faults
            self._save(replace(state, faults=state.faults + fresh))

    def shift(self, seconds: float) -> None:
        """Put the world's clock forward by `seconds`."""
        with self._transaction() as state:
            self._save(replace(state, shift_ms=state.shift_ms + round(seconds * 1000)))

    def records(self) -> list[dict[str, Json]]:
        """The last 20 000 requests, oldest first."""
        with self._lock, self._explained():
            rows = self._db.execute("SELECT body FROM records ORDER BY serial").fetchall()
        return [json.loads(body) for (body,) in rows]

    @contextmanager
    def _transaction(self) -> Iterator[State]:
        with self._lock, self._explained():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._catch_up()
                yield self._cache.state
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                # What is in memory may be ahead of the file.
                self._cache = _Cache(-1, State(self._cache.state.world_id))
                raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            facts = {"path": str(self._path), "reason": str(error)}
            raise SurroundingsFailed(Diagnostic("L607", facts)) from error

    def _open(self, faults: tuple[Fault, ...]) -> _Cache:
        self._db.execute("BEGIN IMMEDIATE")
        (found,) = self._db.execute("PRAGMA user_version").fetchone()
        if found == 0:
            for statement in _SCHEMA.strip().split(";\n"):
                self._db.execute(statement)
            self._db.execute(f"PRAGMA user_version={_FORMAT}")
            fresh = self.world.initial(*faults)
            self._db.execute("INSERT INTO world VALUES (0, 0, ?)", (_meta(fresh),))
        elif found != _FORMAT:
            self._db.execute("ROLLBACK")
            raise sqlite3.DataError(f"the state is of format {found}, this build reads {_FORMAT}")
        self._cache = _Cache(-1, State(""))
        self._catch_up()
        self._db.execute("COMMIT")
        return self._cache

    def _check_identity(self) -> None:
        wanted = self.world.definition.id
        if wanted is not None and wanted != self.world_id:
            self.close()
            facts = {"path": str(self._path), "stored": self.world_id, "wanted": wanted}
            raise SurroundingsFailed(Diagnostic("L606", facts))

    def _catch_up(self) -> None:
        """Read what other processes changed since the last look."""
        version, body = self._db.execute("SELECT version, body FROM world").fetchone()
        if version == self._cache.version:
            return
        rows = self._db.execute(
            "SELECT id, body FROM instances WHERE version > ?", (self._cache.version,)
        ).fetchall()
        instances = dict(self._cache.state.instances)
        for key, text in rows:
            if text is None:
                instances.pop(key, None)
            else:
                instances[key] = _read(_INSTANCE, text)
        live = frozenset(key for key, item in instances.items() if item.next_ms() is not None)
        state = replace(_read(_STATE, body), instances=instances, live=live)
        self._cache = _Cache(version, state)

    def _save(self, after: State) -> None:
        before = self._cache.state
        version = self._cache.version + 1
        old, new = before.instances, after.instances
        if new is not old:
            changed = [
                (k, version, _dump(item)) for k, item in new.items() if old.get(k) is not item
            ]
            gone = [(k, version, None) for k in old if k not in new]
            self._db.executemany(
                "INSERT OR REPLACE INTO instances VALUES (?, ?, ?)", [*changed, *gone]
            )
        self._db.execute("UPDATE world SET version = ?, body = ?", (version, _meta(after)))
        self._cache = _Cache(version, after)

    def _record(self, record: Record) -> None:
        cursor = self._db.execute(
            "INSERT INTO records (body) VALUES (?)", (json.dumps(_told(record)),)
        )
        oldest = (cursor.lastrowid or 0) - _KEPT_RECORDS
        if oldest > 0:
            self._db.execute("DELETE FROM records WHERE serial <= ?", (oldest,))


def _told(record: Record) -> Json:
    # Not `asdict`, which walks into the parameters, however deep they are.
    return {item.name: getattr(record, item.name) for item in fields(record)}


def _read(shape: TypeAdapter[_Shape], text: str) -> _Shape:
    try:
        return shape.validate_json(text)
    except ValidationError as error:
        raise sqlite3.DataError("a row is not of this build's shape") from error


def _meta(state: State) -> str:
    return _STATE.dump_json(replace(state, instances={}, live=frozenset())).decode()


def _dump(instance: Instance) -> str:
    return _INSTANCE.dump_json(instance).decode()
