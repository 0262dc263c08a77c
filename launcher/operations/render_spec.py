"""Show the effective spec of launches, and where each value comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.engine.spec import LaunchKey

__all__ = ["Rendered"]


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
