"""Follows a journal: what was read so far, what it adds up to, and what has come since."""

from __future__ import annotations

import os
from bisect import bisect_right
from typing import TYPE_CHECKING, BinaryIO

from launcher.engine.events import NO_HEAD, Head
from launcher.engine.fold import fold
from launcher.engine.recorded import Recorded
from launcher.ledger.codec import Damage
from launcher.ledger.journal import DamagedLine, groups

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from launcher.engine.events import Event

__all__ = ["Tail", "WentBack"]

_SENSELESS = (AttributeError, KeyError, TypeError, ValueError)
"""What `fold` ends with on a payload that nobody should have written."""


class WentBack(Exception):
    """The journal does not hold an event that it held before.

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
        # Where each group ends: the serial of its last event, and the offset behind it.
        self._serials: list[int] = [0]
        self._offsets: list[int] = [0]

    def holds(self, head: Head) -> bool:
        """Whether `head` is that of the empty ledger, or of one of the events."""
        return head == NO_HEAD or head.hash == self.hash_at(head.serial)

    def hash_at(self, serial: int) -> str | None:
        """Hash of the event with that serial, if it was read."""
        return self._hashes[serial - 1] if 1 <= serial <= len(self._hashes) else None

    def catch_up(self) -> None:
        """Read what has come since the last time; a file that shrank or is another one is read anew.

        Raises:
            DamagedLine: a line is not what was appended.
            WentBack: what was read before is not there any more.
            OSError: it cannot be read.
        """
        try:
            file = self._path.open("rb")
        except FileNotFoundError:
            self._forget(None)
        else:
            with file:
                self._read(file)
        if not self.holds(self._floor):
            raise WentBack(self._floor, self.recorded.head)
        self._floor = self.recorded.head

    def since(self, head: Head) -> tuple[Event, ...]:
        """The events after `head`, which `holds`; read again, because only their sum is kept."""
        group = bisect_right(self._serials, head.serial) - 1
        serial = self._serials[group]
        start = Head(serial, self._hashes[serial - 1]) if serial else NO_HEAD
        with self._path.open("rb") as file:
            found = tuple(groups(file, start, self._offsets[group]))
        return tuple(event for item in found for event in item.events if event.serial > head.serial)

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
        """Take in one group of `events`, just written behind `end` in `size` bytes, and what it adds up to."""
        self.recorded = recorded
        self.end += size
        self._hashes.extend(item.hash for item in events)
        self._serials.append(events[-1].serial)
        self._offsets.append(self.end)
        self._floor = recorded.head

    def _read(self, file: BinaryIO) -> None:
        stat = os.fstat(file.fileno())
        inode = (stat.st_dev, stat.st_ino)
        if inode != self._inode or stat.st_size < self.end:
            self._forget(inode)
        try:
            self.recorded = fold(self.recorded, self._new_events(file))
        except DamagedLine:
            self._forget(None)
            raise
        except _SENSELESS as error:
            # The last event that was handed out is the one that made no sense.
            damage = Damage("L405", problem=str(error) or type(error).__name__)
            line = len(self._hashes)
            self._forget(None)
            raise DamagedLine(line, damage) from error
        self.end = self._offsets[-1]
        self.torn = stat.st_size - self.end

    def _new_events(self, file: BinaryIO) -> Iterator[Event]:
        for group in groups(file, self.recorded.head, self.end):
            self._serials.append(group.events[-1].serial)
            self._offsets.append(group.end)
            for event in group.events:
                self._hashes.append(event.hash)
                yield event
