"""Ask one server: again after a pause where the table of verdicts says so, and the run's budget lasts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from launcher.job.bounds import Person
from launcher.job.budget import Budget
from launcher.job.calls import Kind
from launcher.job.envelope import Answer, Fault, outcome, read_reply, signal_of
from launcher.job.redaction import Redactor
from launcher.job.verdicts import Again, again

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from launcher.engine.effects import Outcome
    from launcher.job.calls import Call
    from launcher.job.transport import Wire
    from launcher.job.verdicts import Verdict

__all__ = ["Asker"]

T = TypeVar("T")

_BACK_OFF_S: Mapping[Kind, tuple[float, ...]] = {Kind.READ: (0.5, 2.0), Kind.PREPARE: (0.5, 1.0)}
"""Pauses before each further try, by what the call can change; there are no others."""

_LONGEST_S = 30.0
"""How long `Retry-After` may make a run wait at once.

Two of these get over a limit that counts calls per minute. What asks for longer than all pauses of a call could last is
not waited for at all: the answer would be the same.
"""


@dataclass(frozen=True, slots=True)
class Asker:
    """Sends calls over a wire and reads what comes back; safe for use from many threads.

    Attributes:
        wire: the server's HTTP side.
        host: what the server is called in messages.
        sleep: waits that many seconds; returns early once somebody wants to stop.
        chance: a random number from 0 to 1, by which pauses differ from each other.
        secrets: values that every request carries; what an answer says in words never holds one of them.
        budget: the repeats that are left.
        person: whoever waits; nothing is sent again once they want to stop.
    """

    wire: Wire
    host: str
    sleep: Callable[[float], object]
    chance: Callable[[], float]
    secrets: tuple[str, ...] = field(default=(), repr=False)
    budget: Budget = field(default_factory=Budget)
    person: Person = field(default_factory=Person)
    _redact: Redactor = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Prepare once what nearly every call needs."""
        object.__setattr__(self, "_redact", Redactor(self.secrets))

    def ask(
        self,
        call: Call,
        values: Mapping[str, Any],
        *,
        deadline_s: float | None = None,
        withdrawn: Callable[[], bool] | None = None,
        once: bool = False,
        secrets: Iterable[str] = (),
    ) -> Answer | Fault:
        """What JOB answers to `call`, which is sent again only as the table of verdicts says; never with `once`.

        `secrets` are those that this call carries beside the usual ones.

        Raises:
            Expired: `deadline_s` had passed, or it was `withdrawn`, before a byte of the request left.
        """
        own = tuple(secrets)
        redact = Redactor((*self.secrets, *own)) if own else self._redact
        found = self._once(call, values, deadline_s, withdrawn, redact)
        if isinstance(found, Answer) and found.code == 0:
            self.budget.earn()
        pauses_s = () if once else _BACK_OFF_S.get(call.kind, ())
        for number, pause_s in enumerate(pauses_s):
            if again(call.kind, signal_of(found)) is not Again.SOON:
                break
            left_s = _LONGEST_S * (len(pauses_s) - number)
            if (
                _asked_s(found) > left_s
                or not self.budget.spend()
                or not self.pause(pause_s, found)
            ):
                break
            found = self._once(call, values, deadline_s, withdrawn, redact)
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

    def pause(self, seconds: float, found: Answer | Fault) -> bool:
        """Wait half of `seconds` to all of it, by chance, after what `found` asks for, if it asks for any.

        Gives whether to go on; not if somebody wants to stop.
        """
        asked_s = min(_asked_s(found), _LONGEST_S)
        if asked_s and not self.person.to_stop():
            self.person.hear_pause(asked_s)
        # Many threads are turned away at once, and must not all come back at once.
        self.sleep(asked_s + seconds * (1 + self.chance()) / 2)
        return not self.person.to_stop()

    def has(self, call: Call) -> bool:
        """Whether the door that is asked through has `call`."""
        return call.is_at(self.wire.door)

    @property
    def skew_s(self) -> float | None:
        """See `Wire.skew_s`."""
        return self.wire.skew_s

    def close(self) -> None:
        """Close all connections."""
        self.wire.close()

    def _once(
        self,
        call: Call,
        values: Mapping[str, Any],
        deadline_s: float | None,
        withdrawn: Callable[[], bool] | None,
        redact: Redactor,
    ) -> Answer | Fault:
        sent = self.wire.send(call, values, deadline_s=deadline_s, withdrawn=withdrawn)
        found = read_reply(sent, self.host, redact)
        if found.request_id is None:
            return found
        return replace(found, request_id=redact(found.request_id))


def _asked_s(found: Answer | Fault) -> float:
    """For how long the other side asks to be left alone."""
    return found.retry_after_s or 0.0 if isinstance(found, Fault) else 0.0
