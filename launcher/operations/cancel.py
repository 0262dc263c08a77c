"""End the instance of a launch."""

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

__all__ = ["cancel"]


def cancel(
    directory: Path,
    environment: str | None,
    name: str,
    *,
    reason: str | None,
    surroundings: Surroundings,
    progress: Callable[[EffectDone], None],
) -> Acted:
    """Have JOB end the instance of `name`, and watch until it has, at most as long as the grace.

    Where it waits at a confirmation, that is ended instead: JOB would leave a terminated one at status 10 for ever.
    An un-started instance cannot be cancelled; JOB has no way to. Raises as `act`.
    """
    request = ActRequest(directory, environment, name, OperationKind.TERMINATE, reason, "cancel")
    return act(request, surroundings, progress)
