"""Show what settings a run would go by, and where each comes from; nothing is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.diagnostics import in_order
from launcher.errors import ExitCode, SurroundingsFailed
from launcher.forge.git import find_repository
from launcher.manifest.discovery import find_root
from launcher.model.documents import SANDBOX
from launcher.operations.opening import open_workspace
from launcher.operations.site import settings_outside
from launcher.settings.shown import ServerRows, general_rows, server_rows

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from launcher.diagnostics import Diagnostic
    from launcher.model.documents import Environment
    from launcher.operations.surroundings import Surroundings
    from launcher.settings import Settings
    from launcher.settings.shown import Row

__all__ = ["Shown", "ShownServer", "show"]


@dataclass(frozen=True, slots=True)
class ShownServer:
    """A server and who works on it.

    Attributes:
        said: what is said of it.
        environments: those of the workspace that name it, sorted, among those that are shown.
        usable: a run could use it as it is described.
    """

    said: ServerRows
    environments: tuple[str, ...]
    usable: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """The settings that hold here.

    Attributes:
        root: the workspace; `None` without one.
        config: where the user configuration is looked for; `None` for nowhere.
        is_named: LAUNCHER_CONFIG names it.
        exists: whether it is there.
        described: the names of servers that it describes, sorted.
        environment: the environment that is meant: the one that was asked for, or the default; `None` without one.
        general: settings that are about no server.
        servers: each once, that of `environment` first.
        diagnostics: why a run in `environment`, or with the server that was asked for, could not use them as they are.
    """

    root: Path | None
    config: str | None
    is_named: bool
    exists: bool
    described: tuple[str, ...]
    environment: str | None
    general: tuple[Row, ...]
    servers: tuple[ShownServer, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def exit_code(self) -> ExitCode:
        """What the command ends with."""
        return ExitCode.SURROUNDINGS if self.diagnostics else ExitCode.DONE


def show(
    directory: Path,
    environment: str | None,
    server: str | None,
    *,
    surroundings: Surroundings,
) -> Shown:
    """The settings for `server`, or for that of `environment`, or of every environment if there is a workspace.

    Raises:
        SurroundingsFailed: a variable cannot be used; or an environment is named and there is no workspace.
        InvalidManifests: the workspace's settings are invalid.
        WrongUsage: it declares no such environment.
    """
    root = _root(directory)
    meant: dict[str, list[str]] = {} if server is None else {server: []}
    if server is None and (environment is not None or root is not None):
        workspace = open_workspace(directory)
        target = workspace.environment(environment)
        is_one, environment = environment is not None, target.name
        meant = _by_server([target] if is_one else workspace.document.environments.values(), target)
    repository = None if root is None else find_repository(root, surroundings.environ)
    settings = settings_outside(root, repository, surroundings)
    problems: list[Diagnostic] = []
    general = general_rows(settings, surroundings.language, problems)
    servers: list[ShownServer] = []
    for name, environments in meant.items():
        # What stands in the way of others than the one that is meant is told where they are asked for.
        found: list[Diagnostic] = problems if not servers else []
        before = len(found)
        said = _server(settings, name, found)
        servers.append(ShownServer(said, tuple(sorted(environments)), len(found) == before))
    return Shown(
        root=root,
        config=None if settings.user.path is None else str(settings.user.path),
        is_named=settings.user.is_named,
        exists=settings.user.exists,
        described=_names(settings),
        environment=environment,
        general=general,
        servers=tuple(servers),
        # What is wrong with the file is told by whoever asks for it.
        diagnostics=in_order({_identity(item): item for item in problems}.values()),
    )


def _by_server(environments: Iterable[Environment], first: Environment) -> dict[str, list[str]]:
    """The names of `environments` by the server that they are about, that of `first` first, then by name."""
    found: dict[str, list[str]] = {first.server: []}
    for item in sorted(environments, key=lambda environment: environment.server):
        found.setdefault(item.server, []).append(item.name)
    return found


def _root(directory: Path) -> Path | None:
    try:
        return find_root(directory)
    except SurroundingsFailed:
        return None


def _server(settings: Settings, name: str, problems: list[Diagnostic]) -> ServerRows:
    if name == SANDBOX:
        return ServerRows(name, None, ())
    return server_rows(settings, name, problems)


def _names(settings: Settings) -> tuple[str, ...]:
    try:
        return tuple(sorted(settings.user.content.servers))
    except SurroundingsFailed:
        # It is among the diagnostics already.
        return ()


def _identity(item: Diagnostic) -> tuple[object, ...]:
    return item.code, tuple(sorted(item.facts.items())), item.place
