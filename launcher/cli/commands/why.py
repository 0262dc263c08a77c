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

    Prints the rows of the decision table that were tried; the last one decided.
    """
    from launcher.cli.failure import show_diagnostics
    from launcher.cli.surroundings import surroundings_of
    from launcher.operations.why import why as operation
    from launcher.render import documents, json_text
    from launcher.render.why import render_why

    found = operation(
        face.directory,
        environment,
        name,
        surroundings=surroundings_of(face),
    )
    if output == "json":
        data = documents.explained(found.environment, found.change, found.diagnostics)
        face.answer.write(json_text.document(data))
    else:
        paint = face.paint(face.answer)
        face.answer.write(render_why(found.change, found.environment, paint))
    show_diagnostics(found.diagnostics, face, found.root, below=output == "text")
    return ExitCode.DONE
