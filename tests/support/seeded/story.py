"""A life told effect by effect, short enough to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launcher.engine.effects import (
    Append,
    Appended,
    Begin,
    Done,
    Find,
    HeadMoved,
    Moment,
    NoAnswer,
    Operate,
    Overtaken,
    Prepare,
    ReadBack,
    ReadStatus,
    Refused,
    Start,
    Unknown,
    Wait,
)
from launcher.engine.observed import Candidate, FrozenCopy, InstanceStatus, JobPlan, Missing

if TYPE_CHECKING:
    from launcher.engine.events import Draft, Event

if TYPE_CHECKING:
    from tests.support.seeded.states import State

__all__ = ["answered", "asked", "declared"]

_TOLD = ("instance", "start", "status", "outcome", "reason", "void", "nonce", "message", "session")
_SHORT = 12


def asked(effect: Any) -> str:
    """What a process asks for."""
    match effect:
        case Begin(ticket, call):
            return f"begin {ticket}: {asked(call)}"
        case Append(drafts, expected):
            return f"append on {expected.serial}: {'; '.join(map(_draft, drafts))}"
        case Prepare(requests):
            return "prepare " + ", ".join(
                item.marker[1].split("/", 2)[2][:-20] if item.marker else "?" for item in requests
            )
        case Start(requests, deadline_s):
            return f"start {[it.instance.id for it in requests]} until {deadline_s:.1f}"
        case ReadStatus(instances) | ReadBack(instances):
            return f"{type(effect).__name__} {[item.id for item in instances]}"
        case Find(searches):
            return f"find {[item.marker[1].split('/', 2)[2][:-20] for item in searches]}"
        case Operate(requests, _):
            return f"operate {[(it.kind.value, it.instance.id) for it in requests]}"
        case Wait(seconds):
            return f"wait {seconds:.1f} s"
        case _:
            return type(effect).__name__


def answered(answer: Any) -> str:  # noqa: C901, PLR0912 - one case for each answer
    """What it hears."""
    match answer:
        case tuple():
            return "[" + ", ".join(answered(item) for item in answer) + "]"
        case Done(value):
            return answered(value)
        case Appended(events):
            return f"head {events[-1].serial}"
        case HeadMoved(since) | Overtaken(since):
            return f"{type(answer).__name__} {'; '.join(map(_event, since))}"
        case NoAnswer(message) | Refused(message) | Unknown(message):
            return f"{type(answer).__name__}: {message}"
        case InstanceStatus():
            return f"{answer.id} at {answer.status}"
        case FrozenCopy():
            return f"copy at {answer.status.status} {dict(answer.texts or {}).get('version')}"
        case Missing():
            return f"{answer.id} missing"
        case Candidate():
            return f"{answer.id} at {answer.status} {(answer.marker or '')[-32:-20]}"
        case JobPlan():
            return answer.pin.digest.removeprefix("v1:sha256:")
        case Moment():
            return f"{answer.now:%H:%M:%S} {answer.monotonic_s:.1f}" + " stop" * answer.stop
        case _ if hasattr(answer, "head"):
            return f"head {answer.head.serial}"
        case _:
            text = str(answer)
            return text if len(text) < 60 else f"{text[:_SHORT]}…"


def declared(state: State) -> str:
    """What a commit declares."""
    return ", ".join(
        f"{name}@{launch.key.revision}:{launch.spec.variables[0].value}"
        + (f" needs {'+'.join(launch.policy.needs)}" if launch.policy.needs else "")
        + (" suspended" if launch.policy.suspend else "")
        + (f" not before {launch.policy.not_before}" if launch.policy.not_before else "")
        for name, launch in state.desired.launches.items()
    )


def _event(event: Event) -> str:
    return f"{event.serial} {_draft(event.draft)}"


def _draft(draft: Draft) -> str:
    words = [
        draft.name or "",
        "" if draft.attempt is None else str(draft.attempt),
        draft.kind.value,
    ]
    for key in _TOLD:
        if key in draft.data:
            value = draft.data[key]
            text = str(value["id"]) if isinstance(value, dict) else str(value)
            words.append(f"{key}={text[:_SHORT]}")
    return " ".join(word for word in words if word)
