"""When to look next, and when to let the ledger hear that a session lives."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from launcher.engine.events import Draft, Kind

if TYPE_CHECKING:
    from launcher.engine.effects import Moment
    from launcher.engine.report import Limits
    from launcher.engine.run import Flow, Run

__all__ = ["Pulse", "Schedule"]

_GROWTH = 1.5
_JITTER = 0.2


class Schedule:
    """The pause between two looks: from the shortest it grows while nothing moves, and falls back when something does.

    Runs that began together would ask together for ever, so each pause is shortened by up to a fifth; by how much
    follows from `seed` and from how many pauses there were, so that the same run is always the same.
    """

    def __init__(self, seed: str, limits: Limits) -> None:
        self._seed = seed
        self._limits = limits
        self._base_s = limits.poll_s
        self._count = 0
        self.pause_s = self._drawn()

    def looked(self, *, moved: bool) -> None:
        """Draw the next pause; `moved` says whether the last look has found something new."""
        longest_s = max(self._limits.poll_s, self._limits.poll_max_s)
        self._base_s = self._limits.poll_s if moved else min(self._base_s * _GROWTH, longest_s)
        self._count += 1
        self.pause_s = self._drawn()

    def _drawn(self) -> float:
        digest = sha256(f"{self._seed}:{self._count}".encode()).digest()
        share = int.from_bytes(digest[:4]) / 2**32
        return max(self._limits.poll_s, self._base_s * (1 - _JITTER * share))


class Pulse:
    """Lets the ledger hear of our session while nothing else is written."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._written = -1
        self._since_s = 0.0

    @property
    def longest_s(self) -> float | None:
        """How long a run may wait at a time; `None` for as long as it likes."""
        return self._run.order.limits.heartbeat_s if self._run.holds_session else None

    def beat(self, moment: Moment, ahead_s: float = 0) -> Flow[None]:
        """Append a sign of life if too long a silence would pass within the next `ahead_s`."""
        run, limit_s = self._run, self.longest_s
        if run.written != self._written:
            self._written, self._since_s = run.written, moment.monotonic_s
        silent_s = moment.monotonic_s - self._since_s
        if limit_s is None or silent_s <= 0 or silent_s + min(ahead_s, limit_s) <= limit_s:
            return
        yield from run.append([Draft(Kind.OBSERVED, data={"session": run.session})])
        self._written, self._since_s = run.written, moment.monotonic_s
