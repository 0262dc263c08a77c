"""What no schema can say of a workspace: rules that compare two fields, or look something up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic, Place, Pointer
from launcher.manifest.suggest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from launcher.model.documents import Environment, WorkspaceDocument

__all__ = ["broken_rules", "nearest_time_zone"]


def broken_rules(workspace: WorkspaceDocument) -> Iterator[Diagnostic]:
    """What is wrong with a workspace that fits its schema; places are without lines."""
    if workspace.default_environment not in workspace.environments:
        yield _no_default(workspace)
    for name, environment in workspace.environments.items():
        route = ("spec", "environments", name, "guards")
        yield from _windows(workspace.path, environment, route)
        yield from _freezes(workspace.path, environment, route)


def _no_default(workspace: WorkspaceDocument) -> Diagnostic:
    name, known = workspace.default_environment, sorted(workspace.environments)
    close = nearest(name, known)
    facts = {"name": name, "known": ", ".join(f"`{item}`" for item in known), "close": close or ""}
    place = Place(workspace.path, ("spec", "defaultEnvironment"))
    return Diagnostic("L151", facts, place, hint="near" if close else "default")


def _windows(path: str, environment: Environment, route: Pointer) -> Iterator[Diagnostic]:
    for index, window in enumerate(environment.guards.windows):
        where = (*route, "windows", index)
        if window.start == window.end:
            yield Diagnostic("L158", {"time": window.start}, Place(path, (*where, "to")))
        yield from _time_zone(path, window.timezone, where)


def _freezes(path: str, environment: Environment, route: Pointer) -> Iterator[Diagnostic]:
    for index, freeze in enumerate(environment.guards.freezes):
        where = (*route, "freezes", index)
        # Written with the same number of digits, days sort as text.
        if freeze.first > freeze.last:
            facts = {"first": freeze.first, "last": freeze.last}
            yield Diagnostic("L157", facts, Place(path, (*where, "to")))
        yield from _time_zone(path, freeze.timezone, where)


def _time_zone(path: str, name: str, route: Pointer) -> Iterator[Diagnostic]:
    import zoneinfo  # noqa: PLC0415 - only a workspace with windows or freezes needs it

    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, OSError, ValueError):
        # The name of a whole area is a directory, which some versions say by an OSError.
        close = nearest_time_zone(name)
        facts = {"text": name, "close": close or ""}
        hint = "near" if close else "default"
        yield Diagnostic("L156", facts, Place(path, (*route, "timezone")), hint)


def nearest_time_zone(name: str) -> str | None:
    """The time zone that `name` was probably meant to be, or `None` if none is near."""
    import zoneinfo  # noqa: PLC0415 - only what is wrong needs it

    known = (item for item in zoneinfo.available_timezones() if item[0].isupper())
    return nearest(name, known)
