"""Pin a launch to the content that its job plan has, or take the pin out: an edit of its manifest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic, Place
from launcher.engine.desired import desired
from launcher.engine.drifted import drift_of
from launcher.engine.effects import Done, ReadPlans, Refused
from launcher.engine.merging import DEFAULTS, SPEC, environments_of, merge
from launcher.engine.plancheck import check_plan
from launcher.engine.planname import Unresolved
from launcher.engine.spec import PlanName, plan_text
from launcher.errors import InvalidManifests, SurroundingsFailed
from launcher.manifest.edit import Put, Take
from launcher.model.documents import WORKSPACE_FILE
from launcher.operations.observe import Line
from launcher.operations.opening import check_names, read_declared
from launcher.operations.record import open_ledger, recall
from launcher.operations.rewrite import edit_manifest
from launcher.operations.site import find_site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from launcher.diagnostics import Pointer
    from launcher.engine.desired import Launch
    from launcher.engine.drift import Drift
    from launcher.engine.observed import JobPlan
    from launcher.engine.recorded import Recorded
    from launcher.model.documents import ManifestDocument
    from launcher.operations.site import Site
    from launcher.operations.surroundings import Surroundings

__all__ = ["PinRequest", "Pinned", "pin"]

_FIELD = "pin"


@dataclass(frozen=True, slots=True)
class PinRequest:
    """What is to be pinned.

    Attributes:
        directory: where to look for the workspace, upwards from here.
        name: the launch.
        environment: whose job plan is meant; `None` for the workspace's default.
        digest: the content to pin; `None` for what the job plan has now.
        remove: take the pin out.
    """

    directory: Path
    name: str
    environment: str | None = None
    digest: str | None = None
    remove: bool = False


@dataclass(frozen=True, slots=True)
class Pinned:
    """What stands in the manifest now.

    Attributes:
        root: the workspace.
        environment: whose job plan was meant.
        name: the launch.
        path: its manifest.
        field: where the pin stands in it, or stood: `spec.pin`, or `environments.NAME.pin`.
        environments: where that counts.
        before: the digest that was pinned before; `None` for none.
        after: the digest that is pinned now; `None` for none.
        changed: the file was rewritten.
        plan: the job plan as it reads now; `None` where it was not asked for.
        drift: what has changed in it since the former pin, or since it last ran; `None` where nothing has, or where
            nobody knows what it was.
        diagnostics: warnings.
    """

    root: Path
    environment: str
    name: str
    path: str
    field: str
    environments: tuple[str, ...]
    before: str | None
    after: str | None
    changed: bool
    plan: JobPlan | None
    drift: Drift | None
    diagnostics: tuple[Diagnostic, ...]


def pin(request: PinRequest, surroundings: Surroundings) -> Pinned:
    """Write the digest of the job plan's content into the manifest, where its job plan stands.

    Starts nothing and records nothing. The file is rewritten in this one place, as a whole or not at all.

    Raises:
        InvalidManifests: a file has errors, JOB refuses to show the job plan, or the pin stands in the workspace file.
        RefusedToAct: a lost ledger, or another server.
        SurroundingsFailed: JOB could not be asked, or the file could not be written.
        WrongUsage: there is no such launch or environment.
    """
    site = find_site(request.directory, request.environment, surroundings)
    manifest, launch = _declared(site, request.name)
    ledger = open_ledger(site)
    recorded = recall(site, ledger)
    plan, found = None, None
    if not request.remove:
        with Line(site, ledger, 1) as line:
            plan = _read(line, recorded, launch)
            found = drift_of(launch, recorded, plan, line.open(recorded).redact)
    layer = _layer(site, manifest, launch, remove=request.remove)
    route = _route(layer)
    edit: Put | Take = Take(route)
    if plan is not None:
        edit = Put(route, {"digest": request.digest or plan.pin.digest})
    elif launch.origins.get(_FIELD) == DEFAULTS:
        facts = {"name": launch.name, "path": WORKSPACE_FILE}
        raise InvalidManifests(Diagnostic("L268", facts, Place(*launch.pointers[_FIELD])))
    document, changed = edit_manifest(site.root, manifest.path, [edit])
    now = desired(site.workspace.document, [document], site.environment.name).launches[launch.name]
    return Pinned(
        root=site.root,
        environment=site.environment.name,
        name=launch.name,
        path=manifest.path,
        field=".".join(map(str, route)),
        environments=_where(site, document, manifest, layer),
        before=launch.spec.pin,
        after=now.spec.pin,
        changed=changed,
        plan=plan,
        drift=found,
        diagnostics=tuple(_warnings(now, launch, plan, recorded)),
    )


def _declared(site: Site, name: str) -> tuple[ManifestDocument, Launch]:
    declared = read_declared(site.workspace)
    if not declared.is_valid:
        raise InvalidManifests(*declared.diagnostics)
    found = desired(site.workspace.document, declared.manifests, site.environment.name)
    check_names([name], found.launches, site.environment.name)
    manifest = next(item for item in declared.manifests if item.name == name)
    return manifest, found.launches[name]


def _read(line: Line, recorded: Recorded, launch: Launch) -> JobPlan:
    wanted = (launch.spec.scope, launch.spec.plan)
    (answer,) = line.ask(recorded, ReadPlans((wanted,)))
    if isinstance(answer, Done):
        found: JobPlan = answer.value
        return found
    if isinstance(answer, Unresolved) or (isinstance(answer, Refused) and answer.code is not None):
        raise InvalidManifests(*check_plan(launch, answer))
    facts = {
        "plan": plan_text(launch.spec.plan),
        "message": answer.message,
        "environment": line.environment,
    }
    raise SurroundingsFailed(Diagnostic("L573", facts))


def _layer(site: Site, manifest: ManifestDocument, launch: Launch, *, remove: bool) -> str:
    """Where the pin belongs: beside the job plan that it speaks of, or where there is one that counts already."""
    own = f"environments.{launch.environment}"
    if own in (launch.origins.get("plan"), launch.origins.get(_FIELD)):
        return own
    if remove and _FIELD in launch.origins:
        return SPEC
    return own if _means_another_elsewhere(site, manifest, launch) else SPEC


def _means_another_elsewhere(site: Site, manifest: ManifestDocument, launch: Launch) -> bool:
    """Whether the name of the job plan is looked up in other places for other environments of the manifest."""
    if not isinstance(launch.spec.plan, PlanName):
        return False
    workspace = site.workspace.document
    places = {
        (workspace.environments[name].server, other.spec.scope)
        for name in environments_of(workspace, manifest)
        if (other := desired(workspace, [manifest], name).launches[launch.name]).spec.plan
        == launch.spec.plan
    }
    return len(places) > 1


def _route(layer: str) -> Pointer:
    above, _, environment = layer.partition(".")
    return (above, environment, _FIELD) if environment else (above, _FIELD)


def _where(
    site: Site, now: ManifestDocument, before: ManifestDocument, layer: str
) -> tuple[str, ...]:
    """Environments in which the pin of `layer` counts, or did before it was taken out."""
    workspace = site.workspace.document
    return tuple(
        name
        for name in environments_of(workspace, now)
        if any(merge(workspace, item, name).origins.get(_FIELD) == layer for item in (now, before))
    )


def _warnings(
    now: Launch, before: Launch, plan: JobPlan | None, recorded: Recorded
) -> Iterator[Diagnostic]:
    facts = {"name": now.name, "environment": now.environment}
    if plan is not None and now.spec.pin != plan.pin.digest:
        other = {"digest": now.spec.pin or "", "found": plan.pin.digest, "plan": plan.pin.name}
        yield Diagnostic("L266", {**facts, **other})
    record = recorded.launches.get(now.name)
    if record is not None and record.is_in_sync(before.key) and not record.is_in_sync(now.key):
        hint = "once" if now.policy.trigger == "once" else "default"
        yield Diagnostic("L267", {**facts, "where": now.environment}, hint=hint)
