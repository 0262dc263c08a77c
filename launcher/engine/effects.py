"""What the engine asks the outside to do, and how that can go.

An outcome has three answers: `Done`, `Refused` (nothing happened) and `Unknown` (it was sent, and
the answer was lost). Which of them it is, is decided by what was sent and what came back, never by
how an error is named.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from datetime import datetime

    from launcher.engine.events import Draft, Event, Head
    from launcher.engine.observed import InstanceRef
    from launcher.engine.recorded import OperationKind
    from launcher.engine.spec import EffectiveSpec, PlanReference, Scope

__all__ = [
    "Append",
    "AppendOutcome",
    "Appended",
    "Await",
    "Begin",
    "Call",
    "Done",
    "Effect",
    "Find",
    "HeadMoved",
    "Instance",
    "Mint",
    "Moment",
    "NoAnswer",
    "Operate",
    "OperationRequest",
    "Outcome",
    "Overtaken",
    "Prepare",
    "PrepareRequest",
    "Probe",
    "ReadBack",
    "ReadClock",
    "ReadPlans",
    "ReadSkew",
    "ReadStatus",
    "Refused",
    "Search",
    "Start",
    "StartAnswer",
    "StartRequest",
    "Unknown",
    "Unsent",
    "Wait",
    "Withdraw",
]

T = TypeVar("T")


# --- outcomes of asking JOB -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """It happened, and this is the answer.

    Attributes:
        value: what it says.
        request_id: JOB's id of the answer, for whoever reads its logs; two answers that say the same are equal.
    """

    value: T
    request_id: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing happened, for certain.

    Attributes:
        message: why, in JOB's words or ours; text from outside, to be shown with care.
        code: JOB's error code, if JOB answered.
        full: a quota is full: the same request may go through later.
        request_id: JOB's id of the answer, for whoever reads its logs.
    """

    message: str
    code: int | None = None
    full: bool = False
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """It was sent, and the answer was lost or says nothing: it may have happened."""

    message: str
    code: int | None = None
    request_id: str | None = None


Outcome = Done[T] | Refused | Unknown


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance that JOB has just created."""

    id: int
    name: str


class StartAnswer(StrEnum):
    """How JOB answered a START, other than by refusing it."""

    ACCEPTED = "accepted"
    ALREADY = "already"
    """It had started before. Source: bk-job answers 1241015 once an instance has left status 1."""
    NOT_KNOWN = "not-known"
    """The server knows no START, so it may have begun the instance when it was asked to create it un-started.

    Source: bk-job before 3.10.3 answers 1241002 to the operation code of a START, and ignores `start_task`.
    """


@dataclass(frozen=True, slots=True)
class Unsent:
    """Nothing was sent: when the request was about to be, the window had passed, or the run had ended."""


# --- effects on JOB --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Probe:
    """Prove, without running anything, what the server can do → `Outcome[Capability]`."""

    scope: Scope


@dataclass(frozen=True, slots=True)
class ReadPlans:
    """Read job plans, names looked up in their scopes first → a tuple of `PlanAnswer`, in the same order.

    The id that a name stands for is in the pin of what was read.
    """

    plans: tuple[tuple[Scope, PlanReference], ...]


@dataclass(frozen=True, slots=True)
class PrepareRequest:
    """One instance to create.

    Attributes:
        spec: what to launch; secrets are put in where it is sent.
        plan_id: the job plan, which `spec` may only name.
        marker: name and text of the marker variable; `None` where the workspace names none.
        start: start it at once (single phase); `False` creates it un-started.
    """

    spec: EffectiveSpec
    plan_id: int
    marker: tuple[str, str] | None
    start: bool = False


@dataclass(frozen=True, slots=True)
class Prepare:
    """Create instances → a tuple of `Outcome[Instance] | Unsent`, in the same order.

    Attributes:
        requests: what to create.
        deadline_s: as that of `Start`: a server that does not hold instances back starts what it is to prepare.
    """

    requests: tuple[PrepareRequest, ...]
    deadline_s: float


@dataclass(frozen=True, slots=True)
class ReadBack:
    """Read what is frozen in un-started instances → a tuple of `Outcome[FrozenCopy | Missing]`."""

    instances: tuple[InstanceRef, ...]


@dataclass(frozen=True, slots=True)
class StartRequest:
    """One instance to start."""

    instance: InstanceRef


@dataclass(frozen=True, slots=True)
class Start:
    """Start instances → a tuple of `Outcome[StartAnswer] | Unsent`, in the same order.

    Attributes:
        requests: what to start.
        deadline_s: on the monotonic clock of `Moment`; a request that is not handed to the socket by then is
            not sent at all.
    """

    requests: tuple[StartRequest, ...]
    deadline_s: float


@dataclass(frozen=True, slots=True)
class ReadStatus:
    """Read how far instances are → a tuple of `Outcome[InstanceStatus | Missing]`, in the same order."""

    instances: tuple[InstanceRef, ...]


@dataclass(frozen=True, slots=True)
class OperationRequest:
    """One operation on an instance that was started.

    Attributes:
        instance: where it is.
        kind: what to do.
        step: id of the step it is about; `None` for the whole instance.
    """

    instance: InstanceRef
    kind: OperationKind
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Operate:
    """Operate on instances → a tuple of `Outcome[None] | Unsent`, in the same order.

    `Done` says that JOB took the request, not that anything has come of it: what came of it is read afterwards.
    None of the operations is idempotent. Source: bk-job, `TaskExecuteServiceImpl.doStepOperation`.

    Attributes:
        requests: what to do.
        deadline_s: as that of `Start`.
    """

    requests: tuple[OperationRequest, ...]
    deadline_s: float


@dataclass(frozen=True, slots=True)
class Search:
    """What an instance of ours, whose id we never learnt, would look like.

    Attributes:
        scope: where it was asked for.
        plan_id: the job plan it was asked for.
        plan_name: the job plan's name, which is the instance's.
        since: earliest time of creation by JOB's clock, skew allowed for.
        until: latest time of creation.
        marker: name and text of the marker variable.
    """

    scope: Scope
    plan_id: int
    plan_name: str
    since: datetime
    until: datetime
    marker: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Find:
    """Look for instances → a tuple of `Outcome[tuple[Candidate, ...]]`, in the same order."""

    searches: tuple[Search, ...]


# --- calls under way -------------------------------------------------------------------------

Call = Find | Prepare | Probe | ReadBack | ReadPlans | ReadStatus | Start
"""What JOB can be asked while something else is done."""


@dataclass(frozen=True, slots=True)
class Begin:
    """Ask JOB, and go on without the answers → `None`.

    Whatever is begun is awaited, unless the process dies. From here on each of its requests may take hold at any time;
    what has to be durable before one is sent is durable before it is begun.

    Attributes:
        ticket: what it is told apart by; never used twice in a run.
        call: what to ask.
    """

    ticket: int
    call: Call


@dataclass(frozen=True, slots=True)
class Await:
    """Wait for all answers of one thing that was begun, whichever has them first → its ticket, and what its `call` promises."""


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Send nothing more of what was begun and changes something → `None`.

    From the moment it is performed, a request of a `Prepare`, a `Start` or an `Operate` that has not been handed to the socket yet
    is answered `Unsent`, wherever it waits. The others are answered as they would have been, and all of them are
    still to be awaited.
    """


# --- effects on the ledger --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Append:
    """Record events, all or none, if the ledger still ends at `expected`.

    → `Appended`, `Overtaken`, `HeadMoved` or `NoAnswer`. When it returns `Appended`, they are durable.
    """

    drafts: tuple[Draft, ...]
    expected: Head


@dataclass(frozen=True, slots=True)
class Appended:
    """Recorded, durable, and the ledger ends with them."""

    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Recorded and durable, but others have come after: `since` starts with ours and ends at the head."""

    since: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class HeadMoved:
    """Not recorded: the ledger had moved on from `expected` by these events."""

    since: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """It cannot be known whether they are recorded; nothing may be started on the strength of it."""

    message: str


AppendOutcome = Appended | Overtaken | HeadMoved | NoAnswer


# --- time and chance --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReadClock:
    """Ask for the time → `Moment`."""


@dataclass(frozen=True, slots=True)
class ReadSkew:
    """Ask how far the server's clock is ahead of ours, as its newest answer told → seconds, or `None`.

    Nothing is sent for it. `None`: no answer has told the time yet.
    """


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time.

    Attributes:
        now: wall clock, aware, UTC.
        monotonic_s: a clock that never jumps; means nothing outside this process.
        stop: the user asked to stop at the next safe point.
    """

    now: datetime
    monotonic_s: float
    stop: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Let time pass; shorter if the user asks to stop → `None`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Mint:
    """Draw nonces → a tuple of that many random texts of 32 hexadecimal digits."""

    count: int


Effect = (
    Append
    | Await
    | Begin
    | Find
    | Mint
    | Operate
    | Prepare
    | Probe
    | ReadBack
    | ReadClock
    | ReadPlans
    | ReadSkew
    | ReadStatus
    | Start
    | Wait
    | Withdraw
)
