"""Check manifests against the job plans that JOB holds; sends nothing that could change anything, and no secret."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic, in_order
from launcher.engine.desired import desired
from launcher.engine.effects import Done, Refused, Unknown
from launcher.engine.observed import Capability
from launcher.engine.plancheck import check_plan
from launcher.engine.plandoubts import doubts
from launcher.engine.spec import plan_text
from launcher.manifest.locate import locate
from launcher.operations.asking import answered
from launcher.operations.beside import behind_templates
from launcher.operations.opening import is_error
from launcher.operations.plans import PlanReader
from launcher.operations.server import connect_server
from launcher.operations.site import find_site
from launcher.operations.validate import Validated, covers, examine, paths_inside

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from launcher.engine.desired import Launch
    from launcher.engine.effects import Outcome
    from launcher.engine.planname import PlanAnswer
    from launcher.engine.spec import PlanReference, Scope
    from launcher.job.server import JobServer
    from launcher.operations.site import Site
    from launcher.operations.surroundings import Surroundings

__all__ = ["Asked", "validate_online"]

PARALLELISM = 16
"""Questions in flight at most."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What JOB was asked about.

    Attributes:
        environment: whose server.
        launches: how many launches were held against their job plans.
        job_plans: how many job plans were read for them.
        failures: what could not be asked, and why; no fault of the manifests.
    """

    environment: str
    launches: int
    job_plans: int
    failures: tuple[Diagnostic, ...]


def validate_online(
    directory: Path,
    paths: tuple[str, ...],
    environment: str | None,
    surroundings: Surroundings,
) -> tuple[Validated, Asked | None]:
    """Everything that `validate` finds, and what the job plans of one environment say of its launches.

    JOB is asked only once nothing is wrong offline; `None` where it was not. With `paths`, only the launches that
    these files and folders declare are held against their job plans. Nothing is written, and no ledger is needed.

    Raises:
        SurroundingsFailed: there is no workspace; or address, credentials or the sandbox's files cannot be used.
        WrongUsage: a path is not inside the workspace, or there is no such environment.
    """
    found, declared = examine(directory, paths)
    if declared is None or any(map(is_error, found.diagnostics)) or not declared.is_valid:
        return found, None
    site = find_site(directory, environment, surroundings)
    wanted = paths_inside(site.root, directory, paths)
    document = site.workspace.document
    launches = [
        launch
        for launch in desired(document, declared.manifests, site.environment.name).launches.values()
        if not wanted or covers(wanted, launch.path) or document.path in wanted
    ]
    server = connect_server(site, PARALLELISM)
    try:
        with ThreadPoolExecutor(PARALLELISM, "launcher") as pool:
            return _ask(found, launches, site, server, pool)
    finally:
        server.close()


def _ask(
    found: Validated,
    launches: Sequence[Launch],
    site: Site,
    server: JobServer,
    pool: ThreadPoolExecutor,
) -> tuple[Validated, Asked]:
    scopes = sorted({launch.spec.scope for launch in launches})
    proofs = list(pool.map(lambda scope: answered(server.probe, scope), scopes))
    failures: list[Diagnostic] = []
    for scope, proof in zip(scopes, proofs, strict=True):
        # What the server cannot do, it cannot do in any scope.
        failures += [it for it in _no_access(scope, proof, site) if it not in failures]
    # A scope that nothing can be asked in is told once, and not for each of its launches.
    closed = {it for it, proof in zip(scopes, proofs, strict=True) if not isinstance(proof, Done)}
    asked = [launch for launch in launches if launch.spec.scope not in closed]
    reader = PlanReader(server, pool, site.surroundings.monotonic)
    plans = [(launch.spec.scope, launch.spec.plan) for launch in asked]
    answers = reader.answers(plans)
    failures += _unread(dict(zip(plans, answers, strict=True)), site)
    problems = [
        item
        for launch, answer in zip(asked, answers, strict=True)
        for item in _said(launch, answer, site)
    ]
    pins = [
        (launch, answer.value.pin)
        for launch, answer in zip(asked, answers, strict=True)
        if isinstance(answer, Done)
    ]
    problems += behind_templates(pins, reader.entries, site.environment.name)
    read = {pin.id for _, pin in pins}
    together = locate((*found.diagnostics, *problems), site.root)
    return (
        Validated(found.root, found.files, in_order(together)),
        Asked(site.environment.name, len(asked), len(read), in_order(failures)),
    )


def _no_access(scope: Scope, proof: Outcome[Capability], site: Site) -> Iterator[Diagnostic]:
    """What keeps anything from being launched in `scope`, whatever the manifests say."""
    match proof:
        case Done(Capability.TWO_PHASE):
            return
        case Done():
            if not site.environment.guards.allow_single_phase:
                yield Diagnostic("L231")
        case Refused(message, code) | Unknown(message, code):
            facts = {
                "scope": f"{scope.type} {scope.id}",
                "environment": site.environment.name,
                "message": message,
            }
            yield Diagnostic("L295", facts, hint="default" if code is None else "refused")


def _unread(
    answers: Mapping[tuple[Scope, PlanReference], PlanAnswer], site: Site
) -> list[Diagnostic]:
    """The job plans about which JOB gave no word of its own."""
    return [
        Diagnostic(
            "L296",
            {
                "plan": plan_text(plan),
                "environment": site.environment.name,
                "message": answer.message,
            },
        )
        for (_, plan), answer in answers.items()
        if _is_silent(answer) and not isinstance(answer, Done)
    ]


def _said(launch: Launch, answer: PlanAnswer, site: Site) -> tuple[Diagnostic, ...]:
    """What the job plan says of `launch`, errors and warnings."""
    if _is_silent(answer):
        return ()
    marker = site.workspace.document.marker
    found = check_plan(launch, answer, marker)
    return (*found, *doubts(launch, answer.value, marker)) if isinstance(answer, Done) else found


def _is_silent(answer: PlanAnswer) -> bool:
    return isinstance(answer, Unknown) or (isinstance(answer, Refused) and answer.code is None)
