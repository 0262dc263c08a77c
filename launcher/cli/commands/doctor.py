"""`launcher doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from launcher.cli.options import environment_option, general_options, output_option

if TYPE_CHECKING:
    from launcher.cli.face import Face
    from launcher.errors import ExitCode

__all__ = ["doctor"]


@click.command(short_help="Check what a launch needs, and tell how to cure what is ill.")
@environment_option
@output_option("text", "json")
@general_options
@click.pass_obj
def doctor(face: Face, /, *, environment: str | None, output: str) -> ExitCode:
    """Check what a launch needs, and tell how to cure what is ill.

    Workspace, settings, git, ledger and run lock; then, on JOB, address, credentials, permissions, clock
    and what the server can do. Nothing is created, started or recorded. It ends with 1 if something
    that is needed does not work.
    """
    from launcher.cli.surroundings import surroundings_of
    from launcher.operations.doctor import doctor as operation
    from launcher.render import json_text
    from launcher.render.doctor import render_doctor
    from launcher.render.looking import doctor_data

    found = operation(face.directory, environment, surroundings_of(face))
    if output == "json":
        face.answer.write(json_text.document(doctor_data(found.environment, found.checks)))
    else:
        paint = face.paint(face.answer)
        face.answer.write(render_doctor(found.environment, found.checks, paint))
    return found.exit_code
