"""Ask JOB about one instance that a person has named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.engine.effects import Done, ReadStatus
from launcher.engine.observed import FIRST_INSTANCE, InstanceRef
from launcher.errors import SurroundingsFailed, WrongUsage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.engine.observed import InstanceStatus, Missing
    from launcher.engine.recorded import Recorded
    from launcher.engine.spec import Scope
    from launcher.operations.observe import Line

__all__ = ["check_instance_id", "read_instance"]


def check_instance_id(instance: int) -> None:
    """Check that JOB can have given this id.

    Raises:
        WrongUsage: no instance has it.
    """
    if instance < FIRST_INSTANCE:
        facts = {"instance": str(instance), "first": str(FIRST_INSTANCE)}
        raise WrongUsage(Diagnostic("L572", facts))


def read_instance(
    line: Line,
    recorded: Recorded,
    scope: Scope,
    instance: int,
    facts: Mapping[str, str],
    *,
    hint: str = "default",
) -> InstanceStatus | Missing:
    """How far `instance` of `scope` is.

    Args:
        line: the line to the server.
        recorded: the record, which says what server it may be.
        scope: where to look.
        instance: its id.
        facts: `name`, `instance` and `environment`, for what is said where JOB gives no answer.
        hint: which of the hints that is said with.

    Raises:
        SurroundingsFailed: JOB could not be asked.
        RefusedToAct: the ledger is bound to another server.
    """
    (answer,) = line.ask(recorded, ReadStatus((InstanceRef(scope, instance),)))
    if not isinstance(answer, Done):
        told = {**facts, "message": answer.message}
        raise SurroundingsFailed(Diagnostic("L562", told, hint=hint))
    found: InstanceStatus | Missing = answer.value
    return found
