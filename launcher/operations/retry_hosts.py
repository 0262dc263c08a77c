"""Run a failed step again on the hosts on which it failed, inside the same instance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.engine.recorded import OperationKind
from launcher.operations.operating import ActRequest, act

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from launcher.operations.operating import Acted
    from launcher.operations.progress import EffectDone
    from launcher.operations.surroundings import Surroundings

__all__ = ["retry_hosts"]


def retry_hosts(
    directory: Path,
    environment: str | None,
    name: str,
    *,
    step: str | None,
    reason: str | None,
    surroundings: Surroundings,
    progress: Callable[[EffectDone], None],
) -> Acted:
    """Have JOB retry the failed hosts of the instance of `name`; the attempt runs again, and is watched as before.

    What the instance would run was frozen when it was prepared: a manifest that has changed since plays no part.
    Raises as `act`.
    """
    kind = OperationKind.RETRY_FAILED_HOSTS
    request = ActRequest(directory, environment, name, kind, reason, "retry", step)
    return act(request, surroundings, progress)
