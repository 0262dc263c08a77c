"""Look at the instance of one launch closely: its steps and their hosts, where JOB tells of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.engine.effects import Done, Unknown
from launcher.engine.observed import Missing
from launcher.engine.results import InstanceResults, StepResults
from launcher.engine.standing import instance_of
from launcher.errors import LauncherError
from launcher.operations.asking import in_words
from launcher.operations.observe import Line

if TYPE_CHECKING:
    from launcher.engine.effects import Outcome
    from launcher.engine.observed import InstanceRef
    from launcher.engine.recorded import Recorded
    from launcher.job.server import JobServer
    from launcher.ledger.port import Ledger
    from launcher.operations.site import Site

__all__ = ["look_closely", "read_closely"]

_TROUBLE_INSIDE = 1240002


def look_closely(
    site: Site, ledger: Ledger, recorded: Recorded, name: str
) -> tuple[InstanceResults | None, tuple[Diagnostic, ...]]:
    """How far the instance of the newest attempt of `name` is, and a warning where JOB could not tell.

    Nothing, and no warning, where there is no instance.
    """
    record = recorded.launches.get(name)
    if record is None or record.newest.instance_id is None:
        return None, ()
    facts = {"name": name, "environment": site.environment.name}
    try:
        with Line(site, ledger, 1) as line:
            answer = read_closely(line.open(recorded), instance_of(record.newest))
    except LauncherError as error:
        return None, (Diagnostic("L359", {**facts, "message": in_words(error)}),)
    if not isinstance(answer, Done):
        return None, (Diagnostic("L359", {**facts, "message": answer.message}),)
    if isinstance(answer.value, Missing):
        message = f"it does not know instance {answer.value.id} (any more)."
        return None, (Diagnostic("L359", {**facts, "message": message}),)
    if answer.value.has_hosts:
        return answer.value, ()
    message = "it cannot tell which hosts the steps ran on."
    return answer.value, (Diagnostic("L359", {**facts, "message": message}),)


def read_closely(server: JobServer, instance: InstanceRef) -> Outcome[InstanceResults | Missing]:
    """With hosts; without them where JOB fails on its way to them.

    Source: bk-job, `EsbGetJobInstanceStatusV3ResourceImpl`: a step that ran on containers has no host to show.
    """
    found = server.read_results(instance)
    if not (isinstance(found, Unknown) and found.code == _TROUBLE_INSIDE):
        return found
    status = server.read_status(instance)
    if not isinstance(status, Done) or isinstance(status.value, Missing):
        return found
    steps = tuple(StepResults(step) for step in status.value.steps)
    return Done(InstanceResults(status.value, steps, has_hosts=False))
