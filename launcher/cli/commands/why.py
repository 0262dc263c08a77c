"""`launcher why`."""

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

__all__ = ["why"]


@click.command(short_help="Tell why a launch has its action, and what would change that.")
@launch_argument
@environment_option
@output_option("text", "json")
@general_options
@click.pass_obj
def why(face: Face, /, *, name: str, environment: str | None, output: str) -> ExitCode:
    """Tell why a launch has its action, and what would change that.

    Prints the rows of the decision table that were tried; the last one decided. Of a name that is archived: by
    whom and when, and what can be done.
    """
    from launcher.cli.failure import show_diagnostics
    from launcher.cli.surroundings import surroundings_of
    from launcher.operations.why import Kept
    from launcher.operations.why import why as operation
    from launcher.render import json_text, status_data
    from launcher.render.why import render_archived, render_why

    found = operation(
        face.directory,
        environment,
        name,
        surroundings=surroundings_of(face),
    )
    paint = face.paint(face.answer)
    if isinstance(found, Kept):
        data = status_data.archived(
            found.environment, found.record, found.history, found.diagnostics
        )
        text = render_archived(found.record, found.environment, paint, history=found.history)
    else:
        data = status_data.explained(
            found.environment,
            found.change,
            found.diagnostics,
            waiting=found.waiting,
            history=found.history,
        )
        text = render_why(
            found.change, found.environment, paint, waiting=found.waiting, history=found.history
        )
    face.answer.write(json_text.document(data) if output == "json" else text)
    show_diagnostics(found.diagnostics, face, found.root, below=output == "text")
    return ExitCode.DONE
