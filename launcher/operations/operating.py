"""What `cancel`, `confirm` and `retry --failed-hosts` share: one operation on the instance of a launch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from launcher.engine.act import Act, End
from launcher.engine.byhand import owner_of
from launcher.engine.effects import Operate, Refused, Unknown, Unsent
from launcher.engine.operating import operate
from launcher.errors import (
    ExitCode,
    LauncherError,
    OutcomeUnknown,
    RefusedToAct,
    SurroundingsFailed,
)
from launcher.operations.acts import check_reason
from launcher.operations.beginning import limits_of
from launcher.operations.drive import drive
from launcher.operations.observe import Line
from launcher.operations.opening import check_names
from launcher.operations.permission import check_permitted
from launcher.operations.progress import EffectDone
from launcher.operations.record import lockfile_name, open_ledger, recall, write_lockfile
from launcher.operations.site import find_site
from launcher.operations.verdict import interruption

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from launcher.diagnostics import Diagnostic
    from launcher.engine.act import Operated
    from launcher.engine.effects import Effect
    from launcher.engine.recorded import Attempt, OperationKind, Recorded
    from launcher.ledger.port import Ledger
    from launcher.operations.site import Site
    from launcher.operations.surroundings import Surroundings

__all__ = ["ActRequest", "Acted", "act"]


@dataclass(frozen=True, slots=True)
class ActRequest:
    """What a person asks for.

    Attributes:
        directory: where to look for the workspace, upwards from here.
        environment: the target; `None` for the workspace's default.
        name: the launch.
        kind: what to do to its instance.
        reason: why.
        command: how the person called it, for what is said where the reason is missing.
        step: name or id of the step that is meant; `None` where there is only one.
    """

    directory: Path
    environment: str | None
    name: str
    kind: OperationKind
    reason: str | None
    command: str
    step: str | None = None


@dataclass(frozen=True, slots=True)
class Acted:
    """What came of it.

    Attributes:
        root: the workspace.
        environment: the target.
        name: the launch.
        kind: what was asked for.
        sent: it was asked for now; false where an earlier process had asked, and it has shown since.
        step: name of the step it was about; `None` for the whole instance.
        attempt: the attempt as it is on record now.
        lockfile: where the lockfile stands, relative to the workspace.
        exit_code: what the process ends with.
        diagnostics: everything worth saying.
    """

    root: Path
    environment: str
    name: str
    kind: OperationKind
    sent: bool
    step: str | None
    attempt: Attempt
    lockfile: str
    exit_code: ExitCode
    diagnostics: tuple[Diagnostic, ...]


def act(
    request: ActRequest, surroundings: Surroundings, progress: Callable[[EffectDone], None]
) -> Acted:
    """Operate on the instance of one launch, once, and record what came of it.

    Needs no session: it may come from any process while an apply waits.

    Args:
        request: what is asked for.
        surroundings: time, chance and the person.
        progress: hears that JOB was asked, before what comes of it is waited for.

    Raises:
        RefusedToAct: it does not fit what is there, JOB refused it, a pull request, a lost ledger, another server.
        OutcomeUnknown: it was asked for, and nobody can say whether JOB took it.
        SurroundingsFailed: JOB or the ledger could not be asked.
        WrongUsage: there is no such launch, or no reason.
    """
    why = check_reason(request.command, request.reason)
    site = find_site(request.directory, request.environment, surroundings)
    check_permitted(site)
    ledger = open_ledger(site)
    recorded = recall(site, ledger)
    check_names((request.name,), recorded.launches, site.environment.name)
    wanted = Act(request.name, site.environment.name, request.kind, why, request.step)
    try:
        operated = _carry_out(site, ledger, recorded, wanted, progress)
    finally:
        # Whatever ended it, the lockfile tells how far it got.
        write_lockfile(site, ledger.read())
    _check(operated)
    left = operated.end is End.LEFT
    return Acted(
        root=site.root,
        environment=site.environment.name,
        name=request.name,
        kind=request.kind,
        sent=operated.sent,
        step=operated.step,
        attempt=_attempt(operated.recorded, recorded, request.name),
        lockfile=lockfile_name(site),
        exit_code=interruption(surroundings.stop()) if left else ExitCode.DONE,
        diagnostics=(*operated.diagnostics, *ledger.notes),
    )


def _carry_out(
    site: Site,
    ledger: Ledger,
    recorded: Recorded,
    wanted: Act,
    progress: Callable[[EffectDone], None],
) -> Operated:
    def tell(effect: Effect, answer: Any) -> None:  # noqa: ANN401 - as the engine receives it
        if isinstance(effect, Operate) and Unsent() not in answer:
            progress(
                EffectDone(
                    kind="operate",
                    names=(wanted.name,),
                    refused=sum(isinstance(item, Refused) for item in answer),
                    unknown=sum(isinstance(item, Unknown) for item in answer),
                    time=site.surroundings.now(),
                )
            )

    with Line(site, ledger, 1) as line:
        flow = operate(recorded, wanted, limits_of(site.settings, ledger, 1))
        return drive(flow, lambda effect: line.ask(recorded, effect), tell)


def _attempt(present: Recorded, before: Recorded, name: str) -> Attempt:
    """The newest attempt of `name`, whatever others have called it since."""
    known = present.launches.get(name)
    if known is None:
        instance = before.launches[name].newest.instance_id
        now = None if instance is None else owner_of(present, instance)
        known = before.launches[name] if now is None else present.launches[now]
    return known.newest


def _check(operated: Operated) -> None:
    errors: dict[End, type[LauncherError]] = {
        End.REFUSED: RefusedToAct,
        End.UNKNOWN: OutcomeUnknown,
        End.UNREAD: SurroundingsFailed,
        End.LEDGER: SurroundingsFailed,
    }
    if operated.end in errors:
        raise errors[operated.end](*operated.diagnostics)
