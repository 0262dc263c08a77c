"""The health of the job plans that manifests name: whether they can be read, and carry the marker."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.engine.effects import Done
from launcher.engine.observed import VariableKind
from launcher.engine.planname import Unresolved
from launcher.engine.spec import PlanName
from launcher.operations.health import check_of, not_tested, of_answer, well
from launcher.operations.plans import PlanReader
from launcher.render.doctor import State
from launcher.render.words import count_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.engine.desired import Desired, Launch
    from launcher.engine.observed import JobPlan
    from launcher.engine.planname import PlanAnswer
    from launcher.engine.spec import PlanReference, Scope
    from launcher.job.server import JobServer
    from launcher.operations.site import Site
    from launcher.render.doctor import Check

__all__ = ["look_at_plans"]

_AT_ONCE = 8
_NOT_THERE = frozenset({1243009, 1243026})
"""Source: bk-job, `TASK_PLAN_NOT_EXIST`, `TEMPLATE_NOT_EXIST`."""

_SCRIPT = "script"

Plan = tuple["Scope", "PlanReference"]


def look_at_plans(site: Site, wanted: Desired | None, server: JobServer) -> list[Check]:
    """Every job plan that is declared here, read once."""
    if wanted is None:
        why = "the manifests cannot be read"
        return [not_tested("view_job_plan", why), not_tested("marker", why)]
    names: dict[Plan, list[str]] = {}
    for launch in wanted.launches.values():
        names.setdefault(_plan_of(launch), []).append(launch.name)
    if not names:
        why = f"no launch is declared for {site.environment.name}"
        return [not_tested("view_job_plan", why), _marker_alone(site)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        reader = PlanReader(server, pool, site.surroundings.monotonic)
        answers = dict(zip(names, reader.answers(names), strict=True))
    return [*_read(names, answers), *_marked(site, answers)]


def _plan_of(launch: Launch) -> Plan:
    return launch.spec.scope, launch.spec.plan


def _read(names: Mapping[Plan, list[str]], answers: Mapping[Plan, PlanAnswer]) -> list[Check]:
    good = sum(isinstance(answer, Done) for answer in answers.values())
    checks = [well("view_job_plan", f"{count_text(good, 'job plan')} can be read")] if good else []
    for (scope, plan), answer in answers.items():
        if isinstance(answer, Done):
            continue
        launches = ", ".join(sorted(names[scope, plan]))
        if isinstance(answer, Unresolved):
            facts = {**answer.facts, "name": launches}
            found = Diagnostic(answer.problem, facts, hint=answer.hint)
            checks.append(check_of("view_job_plan", found))
            continue
        if answer.code in _NOT_THERE:
            facts = {"plan": _word(plan), "scope": f"{scope.type} {scope.id}", "names": launches}
            checks.append(check_of("view_job_plan", Diagnostic("L364", facts)))
            continue
        what = f"a look at job plan {_word(plan)} of {launches}"
        checks.append(of_answer("view_job_plan", answer, what, permission="view_job_plan"))
    return checks


def _word(plan: PlanReference) -> str:
    return plan.name if isinstance(plan, PlanName) else str(plan)


def _marked(site: Site, answers: Mapping[Plan, PlanAnswer]) -> list[Check]:
    """Whether an instance whose id was lost can be found again: by the marker that its job plan carries."""
    marker = site.workspace.document.marker
    if marker is None:
        return [_marker_alone(site)]
    plans = [answer.value for answer in answers.values() if isinstance(answer, Done)]
    if not plans:
        return [not_tested("marker", "no job plan could be read")]
    lacking = [(plan, why) for plan in plans if (why := _lacks(plan, marker)) is not None]
    checks = [
        check_of("marker", Diagnostic("L366", _facts(plan, marker, why)), State.WARNING)
        for plan, why in lacking
    ]
    good = len(plans) - len(lacking)
    said = f"{marker} is a String variable of {count_text(good, 'job plan')}"
    return [*([well("marker", said)] if good else []), *checks]


def _marker_alone(site: Site) -> Check:
    marker = site.workspace.document.marker
    if marker is None:
        return check_of("marker", Diagnostic("L365", {}), State.WARNING)
    return not_tested("marker", "no job plan is declared")


def _lacks(plan: JobPlan, marker: str) -> str | None:
    """Why the marker of an instance of `plan` could not be read; `None` where it can."""
    found = next((item for item in plan.variables if item.name == marker), None)
    if found is None:
        return "declares no variable of this name, and JOB ignores what it does not know"
    if found.kind is not VariableKind.STRING:
        return f"declares it as {found.kind}"
    if not any(step.kind == _SCRIPT for step in plan.steps):
        return "has no script step, and JOB shows variables by script steps only"
    return None


def _facts(plan: JobPlan, marker: str, why: str) -> dict[str, str]:
    return {"plan": str(plan.pin.id), "name": plan.pin.name, "marker": marker, "why": why}
