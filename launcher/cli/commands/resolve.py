"""`launcher resolve`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from launcher.cli.options import (
    environment_option,
    general_options,
    launch_argument,
    reason_option,
)
from launcher.errors import ExitCode

if TYPE_CHECKING:
    from launcher.cli.face import Face

__all__ = ["resolve"]


@click.command(short_help="Say what came of a launch whose outcome is unknown.")
@launch_argument
@environment_option
@click.option(
    "--ran",
    type=click.IntRange(min=1),
    metavar="INSTANCE",
    help="It ran as this instance; JOB is asked how it ended.",
)
@click.option("--not-ran", is_flag=True, help="It did not run.")
@reason_option
@general_options
@click.pass_obj
def resolve(
    face: Face,
    /,
    *,
    name: str,
    environment: str | None,
    ran: int | None,
    not_ran: bool,
    reason: str,
) -> ExitCode:
    """Say what came of a launch whose outcome is unknown.

    Look on JOB's own pages first: what is said here is recorded, with your name and the reason, and
    launcher goes by it.
    """
    if (ran is None) is not not_ran:
        raise click.UsageError("Say either --ran INSTANCE or --not-ran.")
    from launcher.cli.failure import show_diagnostics
    from launcher.cli.surroundings import surroundings_of
    from launcher.operations.resolve import resolve as operation
    from launcher.render.resolution import render_resolution

    done = operation(
        face.directory,
        environment,
        name,
        ran=ran,
        reason=reason,
        surroundings=surroundings_of(face),
    )
    face.answer.write(
        render_resolution(
            done.name,
            attempt=done.attempt,
            instance=done.instance,
            outcome=done.outcome,
            lockfile=done.lockfile,
            paint=face.paint(face.answer),
        )
    )
    show_diagnostics(done.diagnostics, face, done.root, below=True)
    return ExitCode.DONE
