"""What a job plan holds, in the form that the ledger keeps: to tell later what has changed in it.

One copy is recorded for each digest, with the first `intended` or `adopted` that names it. It holds what JOB shows and a reader can
compare: steps with their facts, variables with their defaults. A sensitive parameter is not in it, not even as a
digest, and of a cipher only that there is one. Text that is too long is kept as its digest and its number of lines.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from launcher.engine.events import Kind
from launcher.engine.observed import VariableKind
from launcher.engine.spec import canonical, digest_of, hosts_data

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from launcher.engine.events import Draft
    from launcher.engine.observed import JobPlan, PlanVariable, Step

__all__ = [
    "FORMAT",
    "LIMITS",
    "MOST_BYTES",
    "content_of",
    "shortened",
    "whole_content_of",
    "with_contents",
]

FORMAT = 1
"""Version of the form, written as `format`; what has another one is not compared."""

LIMITS = (64 * 1024, 16 * 1024, 4 * 1024, 1024, 256)
"""Bytes of one text that is kept whole: the first of these with which the whole content is not too large."""

MOST_BYTES = 256 * 1024
"""How large a content may be. More than a segment of a ledger on a branch holds would be slow to fetch."""

_ATTEMPTS = frozenset({Kind.INTENDED, Kind.ADOPTED})


def content_of(plan: JobPlan) -> dict[str, Any] | None:
    """The content of `plan` as JSON values; `None` where it is too large however short its texts are kept."""
    for limit in LIMITS:
        kept = whole_content_of(plan, limit)
        if len(canonical(kept)) <= MOST_BYTES:
            return kept
    return None


def whole_content_of(plan: JobPlan, limit: int = sys.maxsize) -> dict[str, Any]:
    """The same however large it is, with what has more than `limit` bytes kept short."""
    return {
        "format": FORMAT,
        "name": plan.pin.name,
        "modifiedBy": plan.modified_by,
        "substance": plan.substance,
        "steps": [_step(item, limit) for item in plan.steps],
        "variables": [_variable(item, limit) for item in plan.variables],
    }


def with_contents(
    drafts: Iterable[Draft], plans: Iterable[JobPlan], known: Mapping[str, Any]
) -> list[Draft]:
    """`drafts`, the first attempt at a digest which is not `known` with the content of its job plan."""
    missing = {plan.pin.digest: plan for plan in plans if plan.pin.digest not in known}
    found = []
    for draft in drafts:
        pin = draft.data.get("plan") if draft.kind in _ATTEMPTS else None
        plan = missing.pop(pin["digest"], None) if pin else None
        content = None if plan is None else content_of(plan)
        found.append(draft if content is None else _with(draft, content))
    return found


def shortened(value: Any, limit: int) -> Any:  # noqa: ANN401 - any JSON value
    """`value`, or its digest with its size in bytes and lines where it has more than `limit` bytes."""
    text = value if isinstance(value, str) else canonical(value).decode("utf-8", "surrogatepass")
    if len(text) * 4 <= limit or (size := len(text.encode("utf-8", "surrogatepass"))) <= limit:
        return value
    return {"digest": digest_of(value), "bytes": size, "lines": text.count("\n") + 1}


def _with(draft: Draft, content: dict[str, Any]) -> Draft:
    return replace(draft, data={**draft.data, "content": content})


def _step(step: Step, limit: int) -> dict[str, Any]:
    facts = {key: shortened(text, limit) for key, text in {**step.facts, **step.more}.items()}
    data: dict[str, Any] = {"name": step.name, "kind": step.kind, "facts": facts}
    if step.hides_parameters:
        facts.pop("parameters", None)
        data["sensitive"] = True
    return data


def _variable(variable: PlanVariable, limit: int) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": variable.id,
        "name": variable.name,
        "kind": variable.kind.value,
        "required": variable.required,
        "description": shortened(variable.description, limit),
        "used": variable.used,
    }
    if variable.kind is VariableKind.HOSTS:
        hosts = None if variable.hosts is None else hosts_data(variable.hosts)
        data["hosts"] = shortened(hosts, limit)
    elif variable.kind is not VariableKind.CIPHER:
        data["value"] = shortened(variable.value, limit)
    return data
