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
    from pathlib import Path

    from launcher.diagnostics import Diagnostic
    from launcher.operations.surroundings import Surroundings
    from launcher.settings import Settings
    from launcher.settings.shown import Row

__all__ = ["Shown", "show"]


@dataclass(frozen=True, slots=True)
class Shown:
    """The settings that hold here.

    Attributes:
        root: the workspace; `None` without one.
        config: where the user configuration is looked for; `None` for nowhere.
        is_named: LAUNCHER_CONFIG names it.
        exists: whether it is there.
        servers: the names that it describes, sorted.
        environment: the environment whose server is shown; `None` without one.
        general: settings that are about no server.
        server: what is said of the server; `None` where none is meant.
        diagnostics: why a run could not use them as they are.
    """

    root: Path | None
    config: str | None
    is_named: bool
    exists: bool
    servers: tuple[str, ...]
    environment: str | None
    general: tuple[Row, ...]
    server: ServerRows | None
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
    """The settings for `server`, or for that of `environment`, or of the workspace's default if there is a workspace.

    Raises:
        SurroundingsFailed: a variable cannot be used; or an environment is named and there is no workspace.
        InvalidManifests: the workspace's settings are invalid.
        WrongUsage: it declares no such environment.
    """
    root = _root(directory)
    if server is None and (environment is not None or root is not None):
        target = open_workspace(directory).environment(environment)
        environment, server = target.name, target.server
    repository = None if root is None else find_repository(root, surroundings.environ)
    settings = settings_outside(root, repository, surroundings)
    problems: list[Diagnostic] = []
    general = general_rows(settings, surroundings.language, problems)
    described = None if server is None else _server(settings, server, problems)
    return Shown(
        root=root,
        config=None if settings.user.path is None else str(settings.user.path),
        is_named=settings.user.is_named,
        exists=settings.user.exists,
        servers=_names(settings),
        environment=environment,
        general=general,
        server=described,
        # What is wrong with the file is told by whoever asks for it.
        diagnostics=in_order({_identity(item): item for item in problems}.values()),
    )


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
