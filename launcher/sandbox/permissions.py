"""Who may do what, and the answer to those who may not.

Source: bk-job, `ActionId`, `AuthServiceImpl.buildPermissionApplyDTO`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.sandbox.faults import Denied
from launcher.sandbox.refusal import Denial

if TYPE_CHECKING:
    from launcher.sandbox.call import Call
    from launcher.sandbox.definition import Action, Host
    from launcher.sandbox.plan_definition import Plan
    from launcher.sandbox.refusal import Path

__all__ = ["denial", "display_name", "host_paths", "is_denied", "plan_path", "scope_path"]


def is_denied(
    call: Call,
    action: Action,
    *,
    plan: int | None = None,
    host: int | None = None,
    account: int | None = None,
) -> bool:
    """The caller lacks `action` in this call's scope, for what is named."""
    if any(isinstance(fault, Denied) and fault.action is action for fault in call.faults):
        return True
    user = call.places.users.get(call.user)
    if user is None:
        return call.places.definition.strangers == "denied"
    scope = call.found_scope.key if call.found_scope else None
    return any(
        rule.action is action
        and rule.scope in {None, scope}
        and rule.plan in {None, plan}
        and rule.host in {None, host}
        and rule.account in {None, account}
        for rule in user.denied
    )


def denial(call: Call, action: Action, *paths: Path) -> Denial:
    """The refusal for want of `action`; without `paths` it names the scope."""
    return Denial(display_name(call), ((action, paths or scope_path(call)),))


def display_name(call: Call) -> str:
    """The caller as messages name them."""
    user = call.places.users.get(call.user)
    return (user.display_name if user else None) or call.user


def scope_path(call: Call) -> tuple[Path, ...]:
    """The call's scope as a resource; nothing for a call without one."""
    scope = call.found_scope
    return () if scope is None else (((scope.type, scope.id, scope.name),),)


def plan_path(plan: Plan) -> Path:
    """A job plan as a resource."""
    return (("job_plan", str(plan.id), plan.name),)


def host_paths(call: Call, hosts: list[Host]) -> tuple[Path, ...]:
    """Hosts as resources below the call's scope."""
    scope = call.scope
    above = (scope.type, scope.id, scope.name)
    return tuple((above, ("host", str(host.id), host.ip)) for host in hosts)
