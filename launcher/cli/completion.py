"""What the shell offers for names: environments and launches of the workspace at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.cli.face import Face
from launcher.errors import LauncherError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import click

__all__ = ["complete_environment", "complete_launch"]


def complete_environment(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[str]:
    """Names of environments that begin with `incomplete`; none where the workspace cannot be read."""
    from launcher.manifest.discovery import find_root
    from launcher.manifest.load import load_workspace

    try:
        workspace = load_workspace(find_root(_directory(context)))
    except LauncherError:
        return []
    return _beginning(workspace.environments, incomplete)


def complete_launch(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[str]:
    """Names of launches that begin with `incomplete`; of the manifests that can be read."""
    from launcher.manifest.discovery import discover, find_root
    from launcher.manifest.load import load, load_workspace

    try:
        root = find_root(_directory(context))
        manifests, _ = load(root, discover(root, load_workspace(root)))
    except LauncherError:
        return []
    return _beginning((item.name for item in manifests), incomplete)


def _directory(context: click.Context) -> Path:
    face = context.find_object(Face)
    if face is None:
        raise LookupError("the context has no face")
    return face.directory


def _beginning(names: Iterable[str], incomplete: str) -> list[str]:
    return sorted(name for name in names if name.startswith(incomplete))
