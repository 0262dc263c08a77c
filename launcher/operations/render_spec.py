"""Show the effective spec of launches, and where each value comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from launcher.operations.opening import check_names, desired_in, open_workspace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from launcher.engine.desired import Launch
    from launcher.engine.spec import LaunchKey

__all__ = ["Rendered", "render"]


@dataclass(frozen=True, slots=True)
class Rendered:
    """One launch after defaults, `spec` and overlay are merged.

    Attributes:
        name: the launch.
        environment: where it launches.
        path: its manifest.
        data: effective spec and policy, as JSON values; secrets are references.
        origins: by path of field (`variables.targets`): `defaults`, `spec` or `environments.NAME`; a field that
            is not here comes from the environment (`scope`) or is a default of launcher's own.
        key: its launch key.
    """

    name: str
    environment: str
    path: str
    data: Mapping[str, Any]
    origins: Mapping[str, str]
    key: LaunchKey


def render(
    directory: Path, names: tuple[str, ...], environment: str | None
) -> tuple[Rendered, ...]:
    """The effective specs of the launches of one environment, sorted by name; of `names` only, if there are any.

    Raises:
        SurroundingsFailed: there is no workspace.
        InvalidManifests: something is wrong with its settings or its manifests.
        WrongUsage: a launch or the environment does not exist.
    """
    workspace = open_workspace(directory)
    target = workspace.environment(environment)
    desired, _ = desired_in(workspace, target)
    check_names(names, desired.launches, target.name)
    return tuple(
        _rendered(launch, target.name)
        for launch in desired.launches.values()
        if not names or launch.name in names
    )


def _rendered(launch: Launch, environment: str) -> Rendered:
    # A null is not allowed in a manifest, and this is shown to be copied.
    policy = {key: value for key, value in launch.policy.to_data().items() if value is not None}
    return Rendered(
        name=launch.name,
        environment=environment,
        path=launch.path,
        data={**launch.spec.to_data(), "revision": launch.revision, **policy},
        origins=launch.origins,
        key=launch.key,
    )
