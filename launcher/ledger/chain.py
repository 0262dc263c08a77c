"""The part of a record that was read and held: what it adds up to, and the hash of each of its events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.engine.events import NO_HEAD
from launcher.engine.fold import fold
from launcher.engine.recorded import Recorded
from launcher.ledger.codec import Damage
from launcher.ledger.journal import DamagedLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from launcher.engine.events import Event, Head

__all__ = ["Chain", "WentBack"]

_SENSELESS = (AttributeError, KeyError, TypeError, ValueError)
"""What `fold` ends with on a payload that nobody should have written."""


class WentBack(Exception):
    """The record does not hold an event that it held before.

    Attributes:
        known: that event.
        found: where the record ends now.
    """

    def __init__(self, known: Head, found: Head) -> None:
        self.known = known
        self.found = found
        super().__init__(known, found)


class Chain:
    """The accepted part of one record.

    Attributes:
        recorded: what its events add up to.
    """

    def __init__(self) -> None:
        self._floor = NO_HEAD
        self._empty()

    def _empty(self) -> None:
        """Forget what was read, but not how far it went: `check_floor` still knows."""
        self.recorded = Recorded()
        self._hashes: list[str] = []

    def holds(self, head: Head) -> bool:
        """Whether `head` is that of the empty ledger, or of one of the events."""
        return head == NO_HEAD or head.hash == self.hash_at(head.serial)

    def hash_at(self, serial: int) -> str | None:
        """Hash of the event with that serial, if it was read."""
        return self._hashes[serial - 1] if 1 <= serial <= len(self._hashes) else None

    def check_floor(self) -> None:
        """Check that what was read before is still there, and remember how far it goes now.

        Raises:
            WentBack: it is not.
        """
        if not self.holds(self._floor):
            raise WentBack(self._floor, self.recorded.head)
        self._floor = self.recorded.head

    def with_(self, events: tuple[Event, ...]) -> Recorded:
        """What it would add up to with `events`, which are not written yet.

        Raises:
            ValueError: they make no sense after what is there; whoever wants them recorded has an error.
        """
        try:
            return fold(self.recorded, events)
        except _SENSELESS as error:
            raise ValueError(f"these events cannot follow: {error}") from error

    def _accept(self, events: tuple[Event, ...], recorded: Recorded) -> None:
        self.recorded = recorded
        self._hashes.extend(item.hash for item in events)
        self._floor = recorded.head

    def _add(self, events: Iterable[Event]) -> None:
        """Take in `events` as they are read; after any damage nothing counts as read.

        Raises:
            DamagedLine: an event makes no sense after those before it, or reading them found damage.
        """
        try:
            self.recorded = fold(self.recorded, self._counted(events))
        except DamagedLine:
            self._empty()
            raise
        except _SENSELESS as error:
            # The last event that was handed out is the one that made no sense.
            damage = Damage("L405", problem=str(error) or type(error).__name__)
            line = len(self._hashes)
            self._empty()
            raise DamagedLine(line, damage) from error

    def _counted(self, events: Iterable[Event]) -> Iterator[Event]:
        for event in events:
            self._hashes.append(event.hash)
            yield event
