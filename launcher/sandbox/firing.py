"""Which scripted faults fire on a call, and how often each has."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from launcher.sandbox.faults import Fault  # noqa: TC001 - pydantic reads the annotations

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ArmedFault", "Occasion", "arm", "fire"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What is known of a call before it is answered; `starts` if it asks for a START."""

    operation: str
    door: str
    plan: int | None
    instance: int | None
    code: int | None
    starts: bool


@dataclass(frozen=True, slots=True)
class ArmedFault:
    """A fault in a world: how many fitting calls it saw, and how often it fired."""

    fault: Fault
    seen: int = 0
    fired: int = 0


def arm(faults: Iterable[Fault]) -> tuple[ArmedFault, ...]:
    """`faults` as they stand before the first call."""
    return tuple(ArmedFault(fault) for fault in faults)


def fire(
    armed: tuple[ArmedFault, ...],
    occasion: Occasion,
) -> tuple[tuple[ArmedFault, ...], tuple[Fault, ...]]:
    """The faults after this call, and those that fire on it in the order they were scripted."""
    after: list[ArmedFault] = []
    firing: list[Fault] = []
    for item in armed:
        if not _fits(item.fault, occasion):
            after.append(item)
            continue
        seen = replace(item, seen=item.seen + 1)
        if _is_due(seen):
            seen = replace(seen, fired=seen.fired + 1)
            firing.append(seen.fault)
        after.append(seen)
    return tuple(after), tuple(firing)


def _fits(fault: Fault, occasion: Occasion) -> bool:
    if fault.operations and occasion.operation not in fault.operations:
        return False
    if fault.needs_start and not occasion.starts:
        return False
    when = fault.when
    wanted = (when.operation, when.door, when.plan, when.instance, when.code)
    found = (occasion.operation, occasion.door, occasion.plan, occasion.instance, occasion.code)
    return all(want is None or want == have for want, have in zip(wanted, found, strict=True))


def _is_due(item: ArmedFault) -> bool:
    if item.seen < item.fault.when.call:
        return False
    return item.fault.times == "always" or item.fired < item.fault.times
