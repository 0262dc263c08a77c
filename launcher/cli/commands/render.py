"""`launcher render`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from launcher.cli.options import (
    environment_option,
    general_options,
    launches_argument,
    output_option,
)
from launcher.errors import ExitCode

if TYPE_CHECKING:
    from launcher.cli.face import Face

__all__ = ["render"]


@click.command(short_help="Show what launches, with the origin of every value.")
@launches_argument
@environment_option
@output_option("text", "json")
@general_options
@click.pass_obj
def render(
    face: Face, /, *, names: tuple[str, ...], environment: str | None, output: str
) -> ExitCode:
    """Show what launches, with the origin of every value.

    Prints the effective spec of each launch: workspace defaults, `spec` and the environment's overlay
    merged. Secrets are shown as references; nothing is read from them.
    """
    from launcher.operations.render_spec import render as operation
    from launcher.render import documents, json_text
    from launcher.render.spec import render_spec

    found = operation(face.directory, names, environment)
    if output == "json":
        launches = [
            documents.rendered(
                name=item.name,
                environment=item.environment,
                path=item.path,
                key=item.key,
                data=item.data,
                origins=item.origins,
            )
            for item in found
        ]
        face.answer.write(json_text.document(documents.launches(launches)))
        return ExitCode.DONE
    paint = face.paint(face.answer)
    blocks = [
        render_spec(
            name=item.name,
            environment=item.environment,
            path=item.path,
            key=item.key,
            data=item.data,
            origins=item.origins,
            paint=paint,
        )
        for item in found
    ]
    face.answer.write("\n".join(blocks))
    return ExitCode.DONE
