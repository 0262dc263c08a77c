"""Follows a journal: what was read so far, what it adds up to, and what has come since."""

from __future__ import annotations

import os
from bisect import bisect_right
from typing import TYPE_CHECKING, BinaryIO

from launcher.engine.events import NO_HEAD, Head
from launcher.ledger.chain import Chain
from launcher.ledger.journal import groups

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from launcher.engine.events import Event
    from launcher.engine.recorded import Recorded

__all__ = ["Tail"]


class Tail(Chain):
    """The accepted part of one journal.

    Attributes:
        end: offset of the byte after it.
        torn: how many bytes of an unfinished write stand behind it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._inode: tuple[int, int] | None = None
        super().__init__()

    def _empty(self) -> None:
        super()._empty()
        self.end = 0
        self.torn = 0
        self._inode = None
        # Where each group ends: the serial of its last event, and the offset behind it.
        self._serials: list[int] = [0]
        self._offsets: list[int] = [0]

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
            if self._inode is not None:
                self._empty()
        else:
            with file:
                self._read(file)
        self.check_floor()

    def created(self, descriptor: int) -> None:
        """Take the open file, which was not there before, for the journal: it need not be read again."""
        if self._inode is None:
            self._inode = _inode_of(os.fstat(descriptor))

    def since(self, head: Head) -> tuple[Event, ...]:
        """The events after `head`, which `holds`; read again, because only their sum is kept."""
        group = bisect_right(self._serials, head.serial) - 1
        serial = self._serials[group]
        start = Head(serial, self._hashes[serial - 1]) if serial else NO_HEAD
        with self._path.open("rb") as file:
            found = tuple(groups(file, start, self._offsets[group]))
        return tuple(event for item in found for event in item.events if event.serial > head.serial)

    def accept(self, events: tuple[Event, ...], recorded: Recorded, size: int) -> None:
        """Take in one group of `events`, just written behind `end` in `size` bytes, and what it adds up to."""
        self._accept(events, recorded)
        self.end += size
        self._serials.append(events[-1].serial)
        self._offsets.append(self.end)

    def _read(self, file: BinaryIO) -> None:
        stat = os.fstat(file.fileno())
        inode = _inode_of(stat)
        if inode != self._inode or stat.st_size < self.end:
            self._empty()
            self._inode = inode
        self._add(self._new_events(file))
        self.end = self._offsets[-1]
        self.torn = stat.st_size - self.end

    def _new_events(self, file: BinaryIO) -> Iterator[Event]:
        for group in groups(file, self.recorded.head, self.end):
            self._serials.append(group.events[-1].serial)
            self._offsets.append(group.end)
            yield from group.events


def _inode_of(stat: os.stat_result) -> tuple[int, int]:
    return stat.st_dev, stat.st_ino
