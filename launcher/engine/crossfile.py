"""Rules that only show when files are seen together, for every environment they launch in."""

from __future__ import annotations

from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic, Place, in_order
from launcher.engine.merging import DEFAULTS, SPEC, environments_of, merge
from launcher.engine.spec import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from launcher.engine.merging import Merged
    from launcher.model.documents import ManifestDocument, WorkspaceDocument

__all__ = ["check"]


def check(
    workspace: WorkspaceDocument, manifests: Sequence[ManifestDocument]
) -> tuple[Diagnostic, ...]:
    """Every broken rule that only shows when files are seen together, for all environments, by place."""
    found: list[Diagnostic] = []
    by_environment: dict[str, dict[str, ManifestDocument]] = {}
    for manifest in manifests:
        for environment in environments_of(workspace, manifest):
            if environment in workspace.environments:
                by_environment.setdefault(environment, {})[manifest.name] = manifest
            else:
                found.append(_unknown_environment(workspace, manifest, environment))
    for environment, members in by_environment.items():
        merged = {name: merge(workspace, item, environment) for name, item in members.items()}
        for name, item in merged.items():
            found.extend(_check_one(workspace, members[name], environment, item, members))
        found.extend(_check_cycles(environment, members, merged))
        found.extend(_check_renames(environment, members))
    # The same fault can show in several environments.
    unique = {(item.code, item.place, tuple(sorted(item.facts.items()))): item for item in found}
    return in_order(unique.values())


def _unknown_environment(
    workspace: WorkspaceDocument, manifest: ManifestDocument, environment: str
) -> Diagnostic:
    known = sorted(workspace.environments)
    near = get_close_matches(environment, known, 1)
    return Diagnostic(
        "L201",
        {"environment": environment, "known": ", ".join(known), "nearest": near[0] if near else ""},
        Place(manifest.path, ("environments", environment), of_key=True),
        hint="nearest" if near else "known",
    )


def _check_one(
    workspace: WorkspaceDocument,
    manifest: ManifestDocument,
    environment: str,
    merged: Merged,
    members: Mapping[str, ManifestDocument],
) -> Iterator[Diagnostic]:
    data = merged.data
    facts = {"name": manifest.name, "environment": environment}
    whole = Place(manifest.path, ("metadata", "name"))
    if "plan" not in data:
        yield Diagnostic("L202", facts, whole)
    yield from _check_scope(workspace, facts, merged, whole)
    if workspace.marker is not None and workspace.marker in data["variables"]:
        where = merged.place(f"variables.{workspace.marker}", whole)
        yield Diagnostic(
            "L204",
            {"marker": workspace.marker},
            Place(where.path, where.pointer, of_key=True),
        )
    yield from _check_pin(facts, merged)
    yield from _check_ids(manifest, merged, whole)
    yield from _check_hosts(manifest, merged, whole)
    for index, need in enumerate(data.get("needs", ())):
        if need not in members:
            yield _unknown_need(merged, need, index, environment, members)


def _check_scope(
    workspace: WorkspaceDocument, facts: Mapping[str, str], merged: Merged, whole: Place
) -> Iterator[Diagnostic]:
    scope, target = merged.data.get("scope"), workspace.environments[facts["environment"]]
    allowed = (target.scope, *target.allowed_scopes)
    if scope and Scope(scope["type"], scope["id"]) not in allowed:
        expected = " or ".join(f"{item.type} {item.id}" for item in dict.fromkeys(allowed))
        given = {**facts, "scope": f"{scope['type']} {scope['id']}", "expected": expected}
        yield Diagnostic("L203", given, merged.place("scope", whole))


def _check_pin(facts: Mapping[str, str], merged: Merged) -> Iterator[Diagnostic]:
    """No pin is merged onto another job plan, and nobody sees by the file that none holds."""
    left = merged.left_pin
    if left is None:
        return
    told = {"name": facts["name"], "layer": left.layer, "below": left.below}
    hint = "default"
    if left.layer not in (DEFAULTS, SPEC):
        told["environment"], hint = facts["environment"], "environment"
    yield Diagnostic("L298", told, Place(*left.plan), hint=hint, related=Place(*left.pin))


def _check_ids(manifest: ManifestDocument, merged: Merged, whole: Place) -> Iterator[Diagnostic]:
    seen: dict[int, str] = {}
    for name, item in merged.data["variables"].items():
        if not isinstance(item, dict) or "id" not in item:
            continue
        first = seen.setdefault(item["id"], name)
        if first != name:
            yield Diagnostic(
                "L205",
                {
                    "name": manifest.name,
                    "variable": name,
                    "first": first,
                    "id": str(item["id"]),
                },
                merged.place(f"variables.{name}", whole),
                related=merged.place(f"variables.{first}", whole),
            )


def _check_hosts(manifest: ManifestDocument, merged: Merged, whole: Place) -> Iterator[Diagnostic]:
    for name, item in merged.data["variables"].items():
        hosts = item.get("hosts", {}) if isinstance(item, dict) else {}
        if "ids" in hosts and "ips" in hosts:
            where = merged.place(f"variables.{name}", whole)
            pointer = (*(where.pointer or ()), "hosts", "ips")
            place = Place(where.path, pointer, of_key=True)
            yield Diagnostic("L208", {"name": manifest.name, "variable": name}, place)


def _unknown_need(
    merged: Merged,
    need: str,
    index: int,
    environment: str,
    members: Mapping[str, ManifestDocument],
) -> Diagnostic:
    path, pointer = merged.pointers["needs"]
    near = get_close_matches(need, sorted(members), 1)
    return Diagnostic(
        "L206",
        {"need": need, "environment": environment, "nearest": near[0] if near else ""},
        Place(path, (*pointer, index)),
        hint="nearest" if near else "default",
    )


def _check_cycles(
    environment: str, members: Mapping[str, ManifestDocument], merged: Mapping[str, Merged]
) -> Iterator[Diagnostic]:
    graph = {
        name: [need for need in item.data.get("needs", ()) if need in members]
        for name, item in sorted(merged.items())
    }
    while any(graph.values()):
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            # graphlib lists each node before the one that needs it; people read it the other way round.
            circle = list(reversed(error.args[1]))
            name, need = circle[0], circle[1]
            index = merged[name].data["needs"].index(need)
            path, pointer = merged[name].pointers["needs"]
            yield Diagnostic(
                "L207",
                {"circle": " → ".join(circle), "environment": environment},
                Place(path, (*pointer, index)),
            )
            graph[name].remove(need)
        else:
            return


def _check_renames(
    environment: str, members: Mapping[str, ManifestDocument]
) -> Iterator[Diagnostic]:
    """A history goes to one launch, and only from a name that nothing has any more."""
    heirs: dict[str, ManifestDocument] = {}
    for name, manifest in sorted(members.items()):
        old = manifest.data["metadata"].get("renamedFrom")
        if old is None:
            continue
        place = Place(manifest.path, ("metadata", "renamedFrom"))
        facts = {"name": name, "old": old, "environment": environment}
        first = heirs.setdefault(old, manifest)
        if old == name:
            yield Diagnostic("L209", {"name": name}, place)
        elif old in members:
            declared = Place(members[old].path, ("metadata", "name"))
            yield Diagnostic("L210", facts, place, related=declared)
        elif first is not manifest:
            other = Place(first.path, ("metadata", "renamedFrom"))
            yield Diagnostic("L213", {**facts, "first": first.name}, place, related=other)
