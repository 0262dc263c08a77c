"""How often a run may ask again in all, so that a server in trouble is not asked ever more."""

from __future__ import annotations

import threading

__all__ = ["Budget"]

REPEATS = 20
"""As many as one batch of reads needs to get over a short trouble."""

_EARNED_WITH = 10
"""Good answers that give one repeat back: a run of hours gets over a trouble each hour, and a server that fails
half of the time is soon asked once only."""


class Budget:
    """Repeats that are left to one run; safe for use from many threads."""

    def __init__(self, repeats: int = REPEATS) -> None:
        self._lock = threading.Lock()
        self._most = repeats * _EARNED_WITH
        self._left = self._most

    def spend(self) -> bool:
        """Take one repeat; `False` if there is none left."""
        with self._lock:
            if self._left < _EARNED_WITH:
                return False
            self._left -= _EARNED_WITH
            return True

    def earn(self) -> None:
        """Note a good answer that came at once."""
        with self._lock:
            self._left = min(self._most, self._left + 1)
