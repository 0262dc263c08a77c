"""The `file` back end: one journal in one folder that lives as long as the environment does."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.engine.effects import Appended, HeadMoved, NoAnswer
from launcher.engine.events import NO_HEAD
from launcher.errors import RefusedToAct, SurroundingsFailed
from launcher.ledger import flocks
from launcher.ledger.chain import WentBack
from launcher.ledger.codec import MAX_LINE, encode_group
from launcher.ledger.disk import Disk
from launcher.ledger.journal import DamagedLine, groups
from launcher.ledger.tail import Tail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from launcher.engine.effects import Overtaken
    from launcher.engine.events import Draft, Event, Head
    from launcher.engine.recorded import Recorded, Session
    from launcher.ledger.port import Author

__all__ = ["FileLedger"]

_UNREAD = object()


class FileLedger:
    """A ledger in `<environment>.jsonl` of a folder; `launcher.ledger.port.Ledger` says what it promises.

    Beside the journal stand `<environment>.lock`, held for the moment of an append, and one
    `<environment>.session-<id>` for each living session. All writers must see one and the same
    folder, on a file system whose flock(2) works between them.
    """

    heartbeat_s: float | None = None
    notes_s: float = 0

    def __init__(
        self,
        directory: Path,
        environment: str,
        author: Author,
        clock: Callable[[], datetime],
        entropy: Callable[[int], str],
        *,
        inside: Path | None = None,
        patience_s: float = 10.0,
        disk: Disk | None = None,
    ) -> None:
        """Touch nothing yet.

        Args:
            directory: the folder; created when the first event is appended.
            environment: whose ledger it is.
            author: who writes.
            clock: the time, aware.
            entropy: that many random bytes, in hexadecimal.
            inside: the workspace that no file of the ledger may leave through a symbolic link; `None` for a
                folder that the operator named.
            patience_s: how long to wait for the append of another process.
            disk: what makes files durable.
        """
        self._directory = directory
        self._environment = environment
        self._journal = directory / f"{environment}.jsonl"
        self._lock = directory / f"{environment}.lock"
        self._author = author
        self._clock = clock
        self._entropy = entropy
        self._inside = inside
        self._patience_s = patience_s
        self._disk = disk or Disk()
        self._tail = Tail(self._journal)
        self._notes: list[Diagnostic] = []
        self._looked_at: object = _UNREAD
        self._doubt: str | None = None

    @property
    def notes(self) -> tuple[Diagnostic, ...]:
        """Warnings about an unfinished write: that one was found, that it was removed."""
        return tuple(self._notes)

    def location(self) -> str:
        """Path of the journal."""
        return str(self._journal)

    def read(self) -> Recorded:
        """The present; reads only the bytes that have come since the last read."""
        with self._reading(), flocks.shared(self._lock, self._patience_s):
            self._looked_at = self._state()
            self._tail.catch_up()
        self._note_torn("L406")
        return self._tail.recorded

    def events(self) -> Iterator[Event]:
        """All events from the first, each checked against the chain as it is reached."""
        with self._reading():
            try:
                file = self._journal.open("rb")
            except FileNotFoundError:
                return
            with file:
                for group in groups(file, NO_HEAD, 0):
                    yield from group.events

    def hash_at(self, serial: int) -> str | None:
        """Hash of the event with that serial, as of the last `read` or `append`."""
        return self._tail.hash_at(serial)

    def append(
        self, drafts: tuple[Draft, ...], expected: Head
    ) -> Appended | Overtaken | HeadMoved | NoAnswer:
        """Record `drafts` with one write and one flush, if the journal still ends at `expected`."""
        if not drafts:
            raise ValueError("nothing to append")
        if self._doubt is not None:
            return NoAnswer(self._doubt)
        with self._writing(), flocks.exclusive(self._lock, self._patience_s):
            self._tail.catch_up()
            if self._tail.recorded.head == expected:
                return self._append(drafts)
            if not self._tail.holds(expected):
                raise WentBack(expected, self._tail.recorded.head)
            return HeadMoved(self._tail.since(expected))

    def liveness(self, session: Session) -> bool | None:
        """Whether the process that opened `session` lives; never known of another machine."""
        if session.host != self._author.host:
            return None
        return flocks.held_by_someone(self._session_file(session.id))

    @contextmanager
    def hold(self, session_id: str) -> Iterator[None]:
        """Prove that our own session lives, for as long as the context lasts or until we die."""
        with ExitStack() as stack:
            with self._writing():
                flocks.sweep(self._directory.glob(f"{self._environment}.session-*"))
                stack.enter_context(flocks.proof_of_life(self._session_file(session_id)))
            yield

    def set_aside(self) -> str | None:
        """Rename the journal, so that the ledger is empty; its new path, if there was one."""
        stamp = self._clock().strftime("%Y%m%dT%H%M%SZ")
        kept = self._directory / f"{self._environment}.lost-{stamp}-{self._entropy(4)}.jsonl"
        with self._writing(), flocks.exclusive(self._lock, self._patience_s):
            if self._looked_at not in (_UNREAD, self._state()):
                raise RefusedToAct(Diagnostic("L456", {"path": self.location()}))
            try:
                self._journal.rename(kept)
            except FileNotFoundError:
                return None
            self._disk.sync_folder(self._directory)
            self._tail = Tail(self._journal)
            self._looked_at = _UNREAD
        return str(kept)

    # --- writing, under the lock ----------------------------------------------------------------

    def _append(self, drafts: tuple[Draft, ...]) -> Appended | NoAnswer:
        head = self._tail.recorded.head
        lines, events = encode_group(drafts, head, self._clock(), self._author, self._entropy)
        longest = max(len(line) for line in lines)
        if longest > MAX_LINE:
            facts = {"size": str(longest), "limit": str(MAX_LINE)}
            raise RefusedToAct(Diagnostic("L414", facts))
        content = b"".join(lines)
        # An event that cannot be read back must not get in.
        recorded = self._tail.with_(events)
        descriptor = self._open()
        try:
            self._cut_torn(descriptor)
            failed = self._write(descriptor, content)
            self._tail.created(descriptor)
        finally:
            # What was flushed stays flushed, whatever closing the file says.
            with suppress(OSError):
                os.close(descriptor)
        if failed is not None:
            return failed
        self._tail.accept(events, recorded, len(content))
        self._looked_at = self._state()
        return Appended(events)

    def _open(self) -> int:
        """The journal for writing. Its name is durable before the first byte is written."""
        try:
            return os.open(self._journal, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            descriptor = os.open(self._journal, flags, 0o666)
        try:
            self._disk.sync_folder(self._directory)
        except OSError:
            os.close(descriptor)
            raise
        return descriptor

    def _cut_torn(self, descriptor: int) -> None:
        if not self._tail.torn:
            return
        self._disk.cut(descriptor, self._tail.end)
        self._disk.sync(descriptor)
        self._note_torn("L407")

    def _write(self, descriptor: int, content: bytes) -> NoAnswer | None:
        try:
            self._disk.write_at(descriptor, content, self._tail.end)
            self._disk.sync(descriptor)
        except OSError as error:
            return self._undo(descriptor, error)
        return None

    def _undo(self, descriptor: int, cause: OSError) -> NoAnswer:
        """Take a failed write back; where even that fails, nobody can know what the file holds."""
        try:
            self._disk.cut(descriptor, self._tail.end)
            self._disk.sync(descriptor)
        except OSError as error:
            # The system may forget that a flush failed, so a later one must not be believed.
            self._doubt = f"{self._journal}: {cause.strerror}, then {error.strerror}"
            return NoAnswer(self._doubt)
        raise cause

    # --- the place ------------------------------------------------------------------------------

    def _state(self) -> tuple[int, int, int] | None:
        """What tells whether anybody has written the journal or put another in its place; `None` without one."""
        try:
            stat = self._journal.stat()
        except FileNotFoundError:
            return None
        return stat.st_dev, stat.st_ino, stat.st_size

    def _session_file(self, session_id: str) -> Path:
        return self._directory / f"{self._environment}.session-{session_id}"

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with self._said("L410"):
            self._check_place()
            yield

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._said("L411"):
            self._check_place()
            self._disk.make_folder(self._directory)
            yield

    @contextmanager
    def _said(self, code: str) -> Iterator[None]:
        """Say in our own words what goes wrong inside; `code` tells what the system refuses."""
        try:
            yield
        except OSError as error:
            facts = {"path": self.location(), "problem": error.strerror or str(error)}
            raise SurroundingsFailed(Diagnostic(code, facts)) from error
        except DamagedLine as found:
            facts = {"path": self.location(), "line": str(found.line), **found.damage.facts}
            raise RefusedToAct(Diagnostic(found.damage.code, facts)) from found
        except WentBack as found:
            facts = {
                "path": self.location(),
                "known": str(found.known.serial),
                "found": str(found.found.serial),
            }
            raise RefusedToAct(Diagnostic("L408", facts)) from found

    def _check_place(self) -> None:
        if self._inside is None:
            return
        # Looked at for each read and append; as text, because paths take three times as long.
        workspace = os.path.realpath(self._inside).rstrip(os.sep) + os.sep
        for path in (self._directory, self._journal, self._lock):
            target = os.path.realpath(path)
            if not target.startswith(workspace):
                raise RefusedToAct(Diagnostic("L413", {"path": str(path), "target": target}))

    def _note_torn(self, code: str) -> None:
        if not self._tail.torn:
            return
        facts = {
            "path": self.location(),
            "bytes": str(self._tail.torn),
            "serial": str(self._tail.recorded.head.serial),
        }
        note = Diagnostic(code, facts)
        if note not in self._notes:
            self._notes.append(note)
