"""How many jobs may be alive at once.

An instance counts from its creation, started or not, until it ends or a sweep finds it more than
an hour old; sweeps come every ten minutes. Source: bk-job, `RunningJobResourceQuotaManager`,
`NotAliveJobDetector`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.sandbox.codes import Code
from launcher.sandbox.faults import QuotaReached
from launcher.sandbox.refusal import Refused

if TYPE_CHECKING:
    from launcher.sandbox.call import Call
    from launcher.sandbox.state import Instance

__all__ = ["check_quota"]

_HOUR_MS = 3_600_000
_SWEEP_MS = 600_000
_LEVELS = {"system": Code.SYSTEM_QUOTA, "scope": Code.SCOPE_QUOTA, "app": Code.APP_QUOTA}


def check_quota(call: Call) -> None:
    """Refuse the launch if one of the quotas is used up: the system's, the scope's, the app's.

    Raises:
        Refused: it is.
    """
    fault = call.fault(QuotaReached)
    if fault is not None:
        raise Refused(_LEVELS[fault.level])
    quota = call.places.definition.server.quota
    if quota.system is None and quota.scope is None and quota.app is None:
        return
    alive = [item for item in call.state.instances.values() if _counts(item, call.now_ms)]
    in_scope = sum(item.scope == call.scope.key for item in alive)
    of_app = sum(item.app_code == call.app_code for item in alive)
    for level, used, limit in (
        ("system", len(alive), quota.system),
        ("scope", in_scope, quota.scope),
        ("app", of_app, quota.app),
    ):
        if limit is not None and used >= limit:
            raise Refused(_LEVELS[level])


def _counts(instance: Instance, now_ms: int) -> bool:
    if instance.quota_ms is None:
        return False
    expired = instance.quota_ms + _HOUR_MS
    swept = -(-expired // _SWEEP_MS) * _SWEEP_MS
    return now_ms < swept
