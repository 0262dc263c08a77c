"""Everything that is known about a run before the ledger is opened: who, where, for which commit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.forge.detect import detect
from launcher.forge.git import find_repository
from launcher.ledger.port import Author
from launcher.operations.opening import open_workspace
from launcher.operations.surroundings import slow_git
from launcher.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.forge.detect import Forge
    from launcher.forge.git import Repository
    from launcher.model.documents import Environment
    from launcher.operations.opening import Workspace
    from launcher.operations.surroundings import Surroundings

__all__ = ["Site", "find_site", "settings_outside"]


@dataclass(frozen=True, slots=True)
class Site:
    """Where a use case works.

    Attributes:
        workspace: the workspace.
        environment: the target.
        settings: what the environment and the user configuration say.
        forge: the CI system, if one runs us.
        repository: the git repository; `None` without git.
        commit: what is checked out; `None` without git, or before the first commit.
        surroundings: time, chance and the person.
    """

    workspace: Workspace
    environment: Environment
    settings: Settings
    forge: Forge
    repository: Repository | None
    commit: str | None
    surroundings: Surroundings

    @property
    def root(self) -> Path:
        """The workspace's folder."""
        return self.workspace.root

    @property
    def author(self) -> Author:
        """What every event says about this run."""
        here = self.surroundings
        return Author(
            actor=here.actor,
            ci=self.forge.identity if self.forge.is_ci else None,
            commit=self.commit,
            tool=here.tool,
            host=here.host,
            pid=here.pid,
        )


def settings_outside(
    root: Path | None, repository: Repository | None, surroundings: Surroundings
) -> Settings:
    """The settings, with a user configuration that lies neither in the workspace at `root` nor in its repository.

    Raises:
        SurroundingsFailed: a variable cannot be used.
    """
    folders = (root, repository.root if repository is not None else None)
    outside = tuple(folder for folder in folders if folder is not None)
    return Settings.from_environment(surroundings.environ, outside)


def find_site(directory: Path, environment: str | None, surroundings: Surroundings) -> Site:
    """The site of the workspace at or above `directory`.

    Raises:
        SurroundingsFailed: there is no workspace, a variable cannot be used, or git failed.
        InvalidManifests: the workspace's settings are invalid.
        WrongUsage: it declares no such environment.
    """
    workspace = open_workspace(directory)
    target = workspace.environment(environment)
    repository = find_repository(workspace.root, surroundings.environ, slow_git(surroundings))
    return Site(
        workspace=workspace,
        environment=target,
        settings=settings_outside(workspace.root, repository, surroundings),
        forge=detect(surroundings.environ),
        repository=repository,
        commit=repository.head() if repository is not None else None,
        surroundings=surroundings,
    )
