"""Answer the confirmation that an instance waits for."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from launcher.engine.recorded import OperationKind
from launcher.operations.operating import ActRequest, act

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from launcher.operations.operating import Acted
    from launcher.operations.progress import EffectDone
    from launcher.operations.surroundings import Surroundings

__all__ = ["Answer", "confirm"]


class Answer(Enum):
    """What the person who is to confirm says."""

    CONTINUE = OperationKind.CONTINUE
    """Yes: the next step runs."""
    TERMINATE = OperationKind.END
    """No: the instance ends there."""
    RESTART = OperationKind.RESTART
    """After a no: the step waits for an answer again."""


def confirm(
    directory: Path,
    environment: str | None,
    name: str,
    answer: Answer,
    *,
    step: str | None,
    reason: str | None,
    surroundings: Surroundings,
    progress: Callable[[EffectDone], None],
) -> Acted:
    """Give `answer` to the confirmation that the instance of `name` waits for.

    `step` is its name or id, where there are several. Raises as `act`.
    """
    request = ActRequest(directory, environment, name, answer.value, reason, "confirm", step)
    return act(request, surroundings, progress)
