"""Whether a world makes sense: ids that clash, references that lead nowhere.

What JOB itself checks at a launch (accounts, host variables and groups of a step) may dangle: a
world can be made to show it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.sandbox.plan_definition import Approval, FileStep

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence

    from launcher.diagnostics import Diagnostic, Pointer
    from launcher.sandbox.definition import Definition
    from launcher.sandbox.documents import Document
    from launcher.sandbox.plan_definition import Plan, Targets

__all__ = ["check_references"]


def check_references(document: Document, world: Definition) -> tuple[Diagnostic, ...]:
    """Every L604, L605 and L609 of a world."""
    return (
        *_duplicates(document, world),
        *_dangling(document, world),
        *_split_variables(document, world),
    )


def _duplicates(document: Document, world: Definition) -> Iterator[Diagnostic]:
    tables: Mapping[str, Sequence[Hashable]] = {
        "scopes": [item.key for item in world.scopes],
        "templates": [item.id for item in world.templates],
        "plans": [item.id for item in world.plans],
        "hosts": [item.id for item in world.hosts],
        "groups": [(item.scope, item.id) for item in world.groups],
        "nodes": [(item.scope, item.type, item.id) for item in world.nodes],
        "accounts": [item.id for item in world.accounts],
        "users": [item.name for item in world.users],
    }
    for table, keys in tables.items():
        yield from _repeated(document, (table,), keys)
    for index, plan in enumerate(world.plans):
        here: Pointer = ("plans", index)
        yield from _repeated(document, (*here, "variables"), [item.id for item in plan.variables])
        yield from _repeated(document, (*here, "variables"), [item.name for item in plan.variables])
        yield from _repeated(document, (*here, "steps"), [item.id for item in plan.steps])


def _repeated(document: Document, route: Pointer, keys: Sequence[Hashable]) -> Iterator[Diagnostic]:
    seen: set[Hashable] = set()
    for index, key in enumerate(keys):
        if key in seen:
            spoken = "/".join(map(str, key)) if isinstance(key, tuple) else str(key)
            yield document.problem("L605", (*route, index), value=spoken)
        seen.add(key)


def _dangling(document: Document, world: Definition) -> Iterator[Diagnostic]:
    scopes = {item.key for item in world.scopes}
    templates = {item.id for item in world.templates}
    hosts = {item.id for item in world.hosts}
    for route, scope in _scopes(world):
        if scope not in scopes:
            yield document.problem("L604", route, value=f"scope {scope}")
    for index, plan in enumerate(world.plans):
        if plan.template not in templates:
            route = ("plans", index, "template")
            yield document.problem("L604", route, value=f"template {plan.template}")
    for route, host_id in _hosts(world):
        if host_id not in hosts:
            yield document.problem("L604", route, value=f"host {host_id}")


def _scopes(world: Definition) -> Iterator[tuple[Pointer, str]]:
    for index, template in enumerate(world.templates):
        yield ("templates", index, "scope"), template.scope
    for index, group in enumerate(world.groups):
        yield ("groups", index, "scope"), group.scope
    for index, node in enumerate(world.nodes):
        yield ("nodes", index, "scope"), node.scope
    for index, host in enumerate(world.hosts):
        for inner, scope in enumerate(host.scopes):
            yield ("hosts", index, "scopes", inner), scope


def _hosts(world: Definition) -> Iterator[tuple[Pointer, int]]:
    for index, group in enumerate(world.groups):
        yield from ((("groups", index, "hosts", at), host) for at, host in enumerate(group.hosts))
    for index, node in enumerate(world.nodes):
        yield from ((("nodes", index, "hosts", at), host) for at, host in enumerate(node.hosts))
    for index, plan in enumerate(world.plans):
        for route, targets in _selections(plan, index):
            yield from (((*route, "hosts", at), host) for at, host in enumerate(targets.hosts))


def _selections(plan: Plan, index: int) -> Iterator[tuple[Pointer, Targets]]:
    for inner, variable in enumerate(plan.variables):
        if variable.targets is not None:
            yield ("plans", index, "variables", inner, "targets"), variable.targets
    for inner, step in enumerate(plan.steps):
        if isinstance(step, Approval):
            continue
        here: Pointer = ("plans", index, "steps", inner)
        if step.targets is not None:
            yield (*here, "targets"), step.targets
        sources = step.sources if isinstance(step, FileStep) else ()
        for at, source in enumerate(sources):
            if source.targets is not None:
                yield (*here, "sources", at, "targets"), source.targets


def _split_variables(document: Document, world: Definition) -> Iterator[Diagnostic]:
    """A variable's id is its template's: the same name has the same id in all its plans."""
    known: dict[tuple[int, str], int] = {}
    for index, plan in enumerate(world.plans):
        for inner, item in enumerate(plan.variables):
            first = known.setdefault((plan.template, item.name), item.id)
            if first != item.id:
                route = ("plans", index, "variables", inner, "id")
                yield document.problem("L609", route, name=item.name, first=str(first))
