"""Ask JOB about one instance that a person has named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.engine.effects import Done, ReadStatus
from launcher.engine.observed import FIRST_INSTANCE, InstanceRef
from launcher.errors import RefusedToAct, SurroundingsFailed, WrongUsage
from launcher.operations.asking import answered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.engine.observed import InstanceStatus, Missing, PlanPin
    from launcher.engine.recorded import Recorded
    from launcher.engine.spec import Scope
    from launcher.operations.observe import Line

__all__ = ["check_instance_id", "check_made_from", "read_instance"]


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


def check_made_from(
    line: Line,
    recorded: Recorded,
    scope: Scope,
    answer: InstanceStatus,
    *,
    expected: PlanPin,
    facts: Mapping[str, str],
    hint: str = "default",
) -> None:
    """Check that an instance was made from the job plan `expected`: those of two templates may have one name.

    Nothing is checked where JOB does not tell what it was made from.

    Args:
        line: the line to the server.
        recorded: the record, which says what server it may be.
        scope: where the instance is.
        answer: the instance.
        expected: what it is to be an instance of.
        facts: `name`, `instance` and `environment`, for what is said.
        hint: which of the hints is given where JOB gives no answer.

    Raises:
        SurroundingsFailed: JOB could not be asked.
        RefusedToAct: it is another job plan's, or the ledger is bound to another server.
    """
    server = line.open(recorded)
    found = answered(
        lambda item: server.plan_of(item, answer.created), InstanceRef(scope, answer.id)
    )
    if not isinstance(found, Done):
        told = {**facts, "message": found.message}
        raise SurroundingsFailed(Diagnostic("L562", told, hint=hint))
    if found.value not in (None, expected.id):
        names = {
            "found": f"{answer.name} (job plan {found.value})",
            "expected": f"{expected.name} (job plan {expected.id})",
        }
        raise RefusedToAct(Diagnostic("L561", {**facts, **names}))
