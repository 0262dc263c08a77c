"""Prove, without running anything, whether a server can create an instance un-started.

Older servers ignore `start_task` and start at once, so both halves of two phases are proven, each
with a request that can do nothing. Source: bk-job, `TaskOperationEnum` (code 2 since 3.10.3) and
`EsbExecuteJobV3Request.startTask`.

| asked | answer | means |
|---|---|---|
| START of instance 1, while ids begin at 20000000000 | 1244006, 1241015 | code 2 is known |
| | 1241002 | code 2 is not known: a clear no |
| launch of plan 9007199254740991 with `start_task: false` | 1244012 | there is no such plan |
| the same with `start_task: {}` | 1240003 | the field is read |
| | 1244012 | the field is not read: a clear no |
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launcher.engine.effects import Done, Unknown
from launcher.engine.observed import Capability
from launcher.job.bodies import scope_fields, start_body
from launcher.job.calls import EXECUTE_PLAN, OPERATE_INSTANCE
from launcher.job.envelope import Answer, Fault, Unreadable, outcome
from launcher.job.words import say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from launcher.engine.effects import Outcome
    from launcher.engine.spec import Scope
    from launcher.job.calls import Call

__all__ = ["prove"]

_NO_INSTANCE = 1
_NO_PLAN = 9007199254740991

_CODE_KNOWN = frozenset({1244006, 1241015})
_CODE_UNKNOWN = 1241002
_PLAN_MISSING = 1244012
_FIELD_READ = 1240003


def prove(
    ask: Callable[[Call, Mapping[str, Any]], Answer | Fault], scope: Scope
) -> Outcome[Capability]:
    """Ask until there is a clear answer; anything else is refused or unknown, and proves nothing."""
    started = ask(OPERATE_INSTANCE, start_body(scope, _NO_INSTANCE))
    if _code(started) == _CODE_UNKNOWN:
        return Done(Capability.SINGLE_PHASE)
    if _code(started) not in _CODE_KNOWN:
        return _unproven(OPERATE_INSTANCE, started)
    launch = scope_fields(scope) | {"job_plan_id": _NO_PLAN}
    plain = ask(EXECUTE_PLAN, launch | {"start_task": False})
    if _code(plain) != _PLAN_MISSING:
        return _unproven(EXECUTE_PLAN, plain)
    odd = ask(EXECUTE_PLAN, launch | {"start_task": {}})
    if _code(odd) == _FIELD_READ:
        return Done(Capability.TWO_PHASE)
    if _code(odd) == _PLAN_MISSING:
        return Done(Capability.SINGLE_PHASE)
    return _unproven(EXECUTE_PLAN, odd)


def _code(found: Answer | Fault) -> int | None:
    return found.code if isinstance(found, Answer) else None


def _unproven(call: Call, found: Answer | Fault) -> Outcome[Capability]:
    if isinstance(found, Answer) and found.code == 0:
        return Unknown(say("L312", call=call.name), found.code, found.request_id)
    return outcome(call.kind, found, _nothing)


def _nothing(_: Any) -> Capability:  # noqa: ANN401 - any JSON value
    raise Unreadable("a success proves nothing here")
