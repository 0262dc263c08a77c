"""Ask one server: once for what changes something, a few times for what does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from launcher.job.calls import Kind
from launcher.job.envelope import Answer, outcome, read_reply

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from launcher.engine.effects import Outcome
    from launcher.job.calls import Call
    from launcher.job.envelope import Fault
    from launcher.job.transport import Wire
    from launcher.job.verdicts import Verdict

__all__ = ["Asker"]

T = TypeVar("T")

_BACK_OFF_S = (0.25, 1.0)
"""Pauses before a read is asked again; there are no further ones."""

_TROUBLE_INSIDE = 1240002
"""JOB's own trouble, often gone a moment later."""


class Asker:
    """Sends calls over a wire and reads what comes back; safe for use from many threads."""

    def __init__(self, wire: Wire, host: str, sleep: Callable[[float], object]) -> None:
        self._wire = wire
        self._host = host
        self._sleep = sleep

    def ask(
        self, call: Call, values: Mapping[str, Any], *, deadline_s: float | None = None
    ) -> Answer | Fault:
        """What JOB answers to `call`; one that can change something is sent once, whatever comes.

        Raises:
            Expired: `deadline_s` had passed before a byte of the request left.
        """
        found = self._once(call, values, deadline_s)
        for pause_s in _BACK_OFF_S if call.kind is Kind.READ else ():
            if not _may_pass(found):
                break
            self._sleep(pause_s)
            found = self._once(call, values, deadline_s)
        return found

    def read(
        self,
        call: Call,
        values: Mapping[str, Any],
        read: Callable[[Any], T],
        special: Mapping[Verdict, T] | None = None,
    ) -> Outcome[T]:
        """What JOB answers to a read, as a value; see `envelope.outcome`."""
        return outcome(call.kind, self.ask(call, values), read, special)

    @property
    def skew_s(self) -> float | None:
        """See `Wire.skew_s`."""
        return self._wire.skew_s

    def close(self) -> None:
        """Close all connections."""
        self._wire.close()

    def _once(
        self, call: Call, values: Mapping[str, Any], deadline_s: float | None
    ) -> Answer | Fault:
        return read_reply(self._wire.send(call, values, deadline_s=deadline_s), self._host)


def _may_pass(found: Answer | Fault) -> bool:
    if isinstance(found, Answer):
        return found.code == _TROUBLE_INSIDE
    return found.transient
