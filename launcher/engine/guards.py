"""Rules of an environment, and of a launch itself, that hold a launch back or refuse it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.engine.changeset import Reason

if TYPE_CHECKING:
    from datetime import datetime

    from launcher.engine.desired import Launch
    from launcher.model.documents import Environment

__all__ = ["Hold", "hold_on"]


@dataclass(frozen=True, slots=True)
class Hold:
    """What keeps a launch from starting for now.

    Attributes:
        reason: `SUSPENDED`, `FREEZE`, `WINDOW` or `NOT_BEFORE`.
        until: when it ends by itself; `None` where nobody knows.
        by: which rule, in words for people; `None` where the reason says it all.
    """

    reason: Reason
    until: datetime | None = None
    by: str | None = None


def hold_on(
    launch: Launch,
    environment: Environment,  # noqa: ARG001 - windows and freezes
    now: datetime,
    *,
    overridden: frozenset[str] = frozenset(),  # noqa: ARG001 - windows and freezes
) -> Hold | None:
    """The first rule that holds `launch` back at `now`; asked when it is decided, and right before its START."""
    policy = launch.policy
    if policy.suspend:
        return Hold(Reason.SUSPENDED)
    if policy.not_before is not None and now < policy.not_before:
        return Hold(Reason.NOT_BEFORE, policy.not_before)
    return None
