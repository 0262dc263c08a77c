"""Whether instances can be looked at, tried on one that is on record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.engine.effects import Done
from launcher.engine.observed import Missing
from launcher.engine.standing import instance_of
from launcher.operations.health import check_of, not_tested, of_answer, well
from launcher.render.doctor import State

if TYPE_CHECKING:
    from launcher.engine.effects import Refused, Unknown
    from launcher.engine.observed import InstanceRef
    from launcher.engine.recorded import Recorded
    from launcher.job.server import JobServer
    from launcher.operations.site import Site
    from launcher.render.doctor import Check

__all__ = ["look_at_reading"]

_HISTORY, _READ_BACK = "view_history", "read-back"


def look_at_reading(site: Site, recorded: Recorded | None, server: JobServer) -> list[Check]:
    """Whether the history may be viewed, and what an instance will run be read back before its START."""
    instance = None if recorded is None else _newest(recorded)
    if instance is None:
        why = "no instance is on record"
        return [not_tested(_HISTORY, why), not_tested(_READ_BACK, why)]
    answer = server.read_status(instance)
    if not isinstance(answer, Done):
        what = f"a look at instance {instance.id}"
        refused = of_answer(_HISTORY, answer, what, permission="view_history")
        return [refused, not_tested(_READ_BACK, "the instance cannot be looked at")]
    if isinstance(answer.value, Missing):
        why = f"JOB has forgotten instance {instance.id}, the newest on record"
        return [not_tested(_HISTORY, why), not_tested(_READ_BACK, why)]
    own = "those that one has started oneself need no permission"
    return [
        well(_HISTORY, f"instance {instance.id} can be looked at; {own}"),
        _read_back(site, server, instance),
    ]


def _read_back(site: Site, server: JobServer, instance: InstanceRef) -> Check:
    answer = server.read_back(instance)
    if not isinstance(answer, Done):
        return _not_read(site, answer)
    if isinstance(answer.value, Missing):
        return not_tested(_READ_BACK, f"JOB has forgotten instance {instance.id}")
    if answer.value.steps is None:
        # JOB fails on steps whose files come from no server: that is about this instance, not about the door.
        return not_tested(_READ_BACK, f"JOB cannot show the steps of instance {instance.id}")
    return well(_READ_BACK, f"the steps of instance {instance.id} can be read")


def _not_read(site: Site, answer: Refused | Unknown) -> Check:
    """A door without these calls is a problem only where a launch must be verified before it starts."""
    demanded = site.environment.guards.require_verification
    facts = {"message": answer.message, "environment": site.environment.name}
    state = State.PROBLEM if demanded else State.WARNING
    return check_of(_READ_BACK, Diagnostic("L367", facts), state)


def _newest(recorded: Recorded) -> InstanceRef | None:
    """The instance that was created last: the one that JOB forgets last."""
    attempts = [
        attempt
        for record in recorded.launches.values()
        for attempt in record.attempts
        if attempt.instance_id is not None
    ]
    newest = max(attempts, key=lambda attempt: attempt.instance_id or 0, default=None)
    return None if newest is None else instance_of(newest)
