"""`launcher ledger`: acts of people on the record itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from launcher.cli.lazy import Group
from launcher.cli.options import environment_option, general_options, reason_option
from launcher.errors import ExitCode

if TYPE_CHECKING:
    from launcher.cli.face import Face
    from launcher.operations.ledger import Made

__all__ = ["ledger"]


@click.group(cls=Group, short_help="Create a ledger, restore it, or bind it to a moved server.")
@general_options
def ledger() -> None:
    """Create a ledger, restore it, or bind it to a moved server.

    The ledger is the record of everything that launcher did in an environment, and the authority on
    what has run.
    """


@ledger.command()
@environment_option
@general_options
@click.pass_obj
def init(face: Face, /, *, environment: str | None) -> ExitCode:
    """Create a ledger where none ever was.

    `launcher apply` does so by itself outside CI.
    """
    from launcher.cli.surroundings import surroundings_of
    from launcher.operations import ledger as operation

    made = operation.init(face.directory, environment, surroundings=surroundings_of(face))
    return _show(made, face, "created")


@ledger.command()
@environment_option
@click.option(
    "--from-lockfile",
    is_flag=True,
    required=True,
    help="From what the lockfile says; what was on its way becomes unknown.",
)
@reason_option
@general_options
@click.pass_obj
def restore(
    face: Face,
    /,
    *,
    environment: str | None,
    from_lockfile: bool,  # noqa: ARG001 - the only source so far; named, so that it is a decision
    reason: str,
) -> ExitCode:
    """Create a ledger in the place of one that is lost.

    A lockfile tells of each launch the newest attempt, and the one that counts as done. What had failed
    before, with other content, is not known any more, and would be launched if it is declared again: look at
    a diff before the next apply. Where the ledger itself can be restored from a copy, prefer that.
    """
    from launcher.cli.surroundings import surroundings_of
    from launcher.operations import ledger as operation

    made = operation.restore(
        face.directory, environment, reason=reason, surroundings=surroundings_of(face)
    )
    return _show(made, face, "restored")


@ledger.command()
@environment_option
@reason_option
@general_options
@click.pass_obj
def rebind(face: Face, /, *, environment: str | None, reason: str) -> ExitCode:
    """Bind the ledger to the same JOB at another address."""
    from launcher.cli.surroundings import surroundings_of
    from launcher.operations import ledger as operation

    made = operation.rebind(
        face.directory, environment, reason=reason, surroundings=surroundings_of(face)
    )
    return _show(made, face, "bound")


def _show(made: Made, face: Face, what: str) -> ExitCode:
    from launcher.cli.failure import show_diagnostics
    from launcher.render.record import render_ledger

    face.answer.write(
        render_ledger(
            what,
            made.environment,
            location=made.location,
            recorded=made.recorded,
            lockfile=made.lockfile,
            kept=made.kept,
            paint=face.paint(face.answer),
        )
    )
    show_diagnostics(made.diagnostics, face, made.root, below=True)
    return ExitCode.DONE
