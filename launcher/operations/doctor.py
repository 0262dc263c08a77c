"""Find out what of a setup works: one line for each thing that an apply needs, each with its cure. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.errors import ExitCode
from launcher.operations.health_of_place import look_at_place
from launcher.operations.health_of_record import look_at_record
from launcher.operations.health_of_server import look_at_server
from launcher.render.doctor import State

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.operations.surroundings import Surroundings
    from launcher.render.doctor import Check

__all__ = ["Health", "doctor"]


@dataclass(frozen=True, slots=True)
class Health:
    """What was found out.

    Attributes:
        environment: the target; `None` where there is none to look at.
        checks: in the order in which they depend on each other.
    """

    environment: str | None
    checks: tuple[Check, ...]

    @property
    def exit_code(self) -> ExitCode:
        """1 where something does not work; a warning is none."""
        ill = any(check.state is State.PROBLEM for check in self.checks)
        return ExitCode.SURROUNDINGS if ill else ExitCode.DONE


def doctor(directory: Path, environment: str | None, surroundings: Surroundings) -> Health:
    """Look at everything that can be looked at, whatever of it is broken.

    JOB is asked only what changes nothing and can start nothing; the ledger is read. The built-in sandbox, which keeps
    its world below `.launcher/`, begins one if there is none yet.
    """
    place = look_at_place(directory, environment, surroundings)
    checks = list(place.checks)
    recorded = None
    if place.site is not None:
        recorded, found = look_at_record(place.site)
        checks += found
    checks += look_at_server(place, recorded)
    return Health(None if place.site is None else place.site.environment.name, tuple(checks))
