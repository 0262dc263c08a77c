"""`launcher resolve`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from launcher.cli.options import (
    environment_option,
    general_options,
    launch_argument,
    output_option,
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
@click.option(
    "--forgotten",
    is_flag=True,
    help="With --ran: record it as failed where JOB does not know the instance any more.",
)
@click.option(
    "--stuck",
    is_flag=True,
    help="With --ran: record it as failed where JOB calls it running and it has not moved for long.",
)
@click.option("--reason", metavar="TEXT", help="What you know; kept in the record.")
@output_option("text", "json")
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
    forgotten: bool,
    stuck: bool,
    reason: str | None,
    output: str,
) -> ExitCode:
    """Say what came of a launch whose outcome is unknown.

    Look on JOB's own pages first: what is said here is recorded, with your name and the reason, and
    launcher goes by it. Without --ran and --not-ran, the instances that it may have run as are shown,
    with what speaks for and against each, and nothing is recorded.
    """
    if ran is None and not not_ran:
        if reason is not None or forgotten or stuck:
            raise click.UsageError("Say either --ran INSTANCE or --not-ran.")
        return _show_candidates(face, name, environment, output)
    if ran is not None and not_ran:
        raise click.UsageError("Say either --ran INSTANCE or --not-ran.")
    if not_ran and (forgotten or stuck):
        raise click.UsageError("--forgotten and --stuck go with --ran.")
    if output == "json":
        raise click.UsageError(
            "-o json shows candidates; it goes with neither --ran nor --not-ran."
        )
    from launcher.cli.failure import show_diagnostics
    from launcher.cli.surroundings import surroundings_of
    from launcher.operations.resolve import resolve as operation
    from launcher.render.resolution import render_resolution

    done = operation(
        face.directory,
        environment,
        name,
        ran=ran,
        forgotten=forgotten,
        stuck=stuck,
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


def _show_candidates(face: Face, name: str, environment: str | None, output: str) -> ExitCode:
    from launcher.cli.failure import show_diagnostics
    from launcher.cli.surroundings import surroundings_of
    from launcher.operations.candidates import candidates
    from launcher.render import json_text
    from launcher.render.candidates import candidates_data, render_candidates

    shown = candidates(face.directory, environment, name, surroundings=surroundings_of(face))
    about = (shown.name, shown.environment, shown.attempt, shown.found)
    if output == "json":
        face.answer.write(json_text.document(candidates_data(*about, shown.diagnostics)))
    else:
        face.answer.write(render_candidates(*about, face.paint(face.answer)))
    show_diagnostics(shown.diagnostics, face, shown.root, below=output == "text")
    return ExitCode.UNKNOWN
