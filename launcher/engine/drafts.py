"""The events and diagnostics that several lines of the protocol write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launcher.diagnostics import Diagnostic
from launcher.engine.effects import Done
from launcher.engine.events import Draft, Kind
from launcher.engine.planname import Unresolved

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from launcher.engine.effects import Instance, Refused, Unknown
    from launcher.engine.recorded import Attempt, Operation
    from launcher.engine.run import Run

__all__ = [
    "answer_data",
    "binding",
    "heard_data",
    "observed",
    "of_attempt",
    "prepared",
    "told_data",
    "trouble",
]


def of_attempt(kind: Kind, name: str, attempt: Attempt, data: Mapping[str, Any]) -> Draft:
    """An event about `attempt` of `name`."""
    return Draft(kind, name, attempt.key, attempt.number, data)


def observed(name: str, attempt: Attempt, data: Mapping[str, Any]) -> Draft:
    """A note on `attempt` of `name`."""
    return Draft(Kind.OBSERVED, name, attempt.key, attempt.number, data)


def prepared(
    name: str, attempt: Attempt, nonce: str, instance: Instance, request_id: str | None = None
) -> Draft:
    """The record of the instance that the prepare with `nonce` has created, by the answer with `request_id`."""
    data = {"nonce": nonce, "instance": {"id": instance.id, "name": instance.name}}
    told = {**data, **answer_data(request_id)}
    return Draft(Kind.PREPARED, name, attempt.key, attempt.number, told)


def answer_data(request_id: str | None) -> dict[str, str]:
    """What an event keeps of JOB's id of the answer that it tells of; nothing where there was none."""
    return {} if request_id is None else {"answer": request_id}


def heard_data(answer: Done[None] | Unknown) -> dict[str, str]:
    """What is kept of JOB's answer to an operation, before anything of it shows; nothing of one without an id."""
    if answer.request_id is None:
        return {}
    word = "accepted" if isinstance(answer, Done) else "lost"
    return {"operated": word, **answer_data(answer.request_id)}


def told_data(word: str, operation: Operation) -> dict[str, Any]:
    """What is recorded of how `operation` went, whatever others have asked for since."""
    of = {"operation": operation.kind.value, "at": operation.at.isoformat()}
    return {"operation": word, "of": of}


def binding(run: Run, drafts: Sequence[Draft]) -> list[Draft]:
    """What binds the ledger to its server, before the first instance that it names."""
    is_first = run.recorded.server is None and any(item.kind is Kind.PREPARED for item in drafts)
    return [Draft(Kind.BOUND, data={"server": run.order.fingerprint})] if is_first else []


def trouble(what: str, name: str, outcome: Refused | Unknown | Unresolved) -> Diagnostic:
    """What to say when JOB could not be asked, or did not answer, while something was done for `name`."""
    said = None if isinstance(outcome, Unresolved) else outcome.code
    code = "" if said is None else f" (JOB code {said})"
    return Diagnostic("L238", {"what": what, "name": name, "message": outcome.message + code})
