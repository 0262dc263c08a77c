"""Follows a journal: what was read so far, what it adds up to, and what has come since."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, BinaryIO

from launcher.engine.events import NO_HEAD
from launcher.engine.recorded import Recorded, fold
from launcher.ledger.codec import Damage
from launcher.ledger.journal import DamagedLine, groups

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.engine.events import Event, Head

__all__ = ["Tail", "WentBack"]

_SENSELESS = (AttributeError, KeyError, TypeError, ValueError)
"""What `fold` ends with on a payload that nobody should have written."""


class WentBack(Exception):
    """The journal no longer holds the event that was its newest when it was read before.

    Attributes:
        known: that event.
        found: where the journal ends now.
    """

    def __init__(self, known: Head, found: Head) -> None:
        self.known = known
        self.found = found
        super().__init__(known, found)


class Tail:
    """The accepted part of one journal.

    Attributes:
        recorded: what its events add up to.
        end: offset of the byte after it.
        torn: how many bytes of an unfinished write stand behind it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._floor = NO_HEAD
        self._forget(None)

    def _forget(self, inode: tuple[int, int] | None) -> None:
        self.recorded = Recorded()
        self.end = 0
        self.torn = 0
        self._inode = inode
        self._hashes: list[str] = []

    def holds(self, head: Head) -> bool:
        """Whether `head` is that of the empty ledger, or of one of the events."""
        return head == NO_HEAD or (head.hash == self.hash_at(head.serial))

    def hash_at(self, serial: int) -> str | None:
        """Hash of the event with that serial, if it was read."""
        return self._hashes[serial - 1] if 1 <= serial <= len(self._hashes) else None

    def catch_up(self) -> tuple[Event, ...]:
        """Read what has come since the last time, and give it.

        A file that shrank or is another one is read anew from the start.

        Raises:
            DamagedLine: a line is not what was appended.
            WentBack: what was read before is not there any more.
            OSError: it cannot be read.
        """
        try:
            file = self._path.open("rb")
        except FileNotFoundError:
            self._forget(None)
            events: tuple[Event, ...] = ()
        else:
            with file:
                events = self._read(file)
        known, found = self._floor, self.recorded.head
        if not self.holds(known):
            raise WentBack(known, found)
        self._floor = found
        return tuple(item for item in events if item.serial > known.serial)

    def with_(self, events: tuple[Event, ...]) -> Recorded:
        """What it would add up to with `events`, which are not written yet.

        Raises:
            ValueError: they make no sense after what is there; whoever wants them recorded has an error.
        """
        try:
            return fold(self.recorded, events)
        except _SENSELESS as error:
            raise ValueError(f"these events cannot follow: {error}") from error

    def accept(self, events: tuple[Event, ...], recorded: Recorded, size: int) -> None:
        """Take in `events`, just written behind `end` in `size` bytes, with what they add up to."""
        self.recorded = recorded
        self.end += size
        self._hashes.extend(item.hash for item in events)
        self._floor = recorded.head

    def _read(self, file: BinaryIO) -> tuple[Event, ...]:
        stat = os.fstat(file.fileno())
        inode = (stat.st_dev, stat.st_ino)
        if inode != self._inode or stat.st_size < self.end:
            self._forget(inode)
        events: list[Event] = []
        end = self.end
        for group in groups(file, self.recorded.head, self.end):
            events.extend(group.events)
            end = group.end
        self._follow(tuple(events))
        self.end = end
        self.torn = stat.st_size - end
        return tuple(events)

    def _follow(self, events: tuple[Event, ...]) -> None:
        try:
            self.recorded = fold(self.recorded, events)
        except _SENSELESS:
            raise _not_understood(self.recorded, events) from None
        self._hashes.extend(item.hash for item in events)


def _not_understood(recorded: Recorded, events: tuple[Event, ...]) -> DamagedLine:
    """The first of `events` that makes no sense after those before it."""
    for event in events:
        try:
            recorded = fold(recorded, (event,))
        except _SENSELESS as error:
            problem = str(error) or type(error).__name__
            return DamagedLine(event.serial, Damage("L405", problem=problem))
    raise AssertionError("every event alone made sense")
