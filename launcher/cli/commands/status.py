"""`launcher status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from launcher.cli.completion import complete_launch
from launcher.cli.options import environment_option, general_options, output_option
from launcher.errors import ExitCode

if TYPE_CHECKING:
    from launcher.cli.face import Face

__all__ = ["status"]


@click.command(short_help="Show what has run and what came of it.")
@click.argument("name", required=False, shell_complete=complete_launch)
@environment_option
@click.option(
    "--refresh", is_flag=True, help="Ask JOB about what runs and what failed; not recorded."
)
@output_option("text", "json")
@general_options
@click.pass_obj
def status(
    face: Face, /, *, name: str | None, environment: str | None, refresh: bool, output: str
) -> ExitCode:
    """Show what has run and what came of it.

    One line for each launch, as the ledger has it; below, what is worth a word about some of them,
    and instances that were created and that nothing will ever start. With NAME, that launch alone, and
    how far JOB says it is: its steps, and the hosts of each by how they fared.
    """
    from launcher.cli.failure import show_diagnostics
    from launcher.cli.surroundings import surroundings_of
    from launcher.operations.status import status as operation
    from launcher.render import json_text, status_data
    from launcher.render.looking import detail_data
    from launcher.render.status import Line, render_status

    found = operation(
        face.directory,
        environment,
        refresh=refresh,
        surroundings=surroundings_of(face),
        name=name,
    )
    lines = [
        Line(
            name=row.name,
            declared=row.declared,
            record=row.record,
            in_sync=row.in_sync,
            hold=row.hold,
            stuck=row.stuck,
            approval=row.approval,
            decided=row.decided,
            waiting=row.waiting,
            history=row.history,
        )
        for row in found.rows
    ]
    left = [(item.name, item.attempt, item.instance, item.reason) for item in found.orphans]
    if output == "json":
        closely = None
        if found.detail is not None and (record := found.rows[0].record) is not None:
            closely = detail_data(record.name, record.newest.number, found.detail)
        data = status_data.status(
            found.environment, found.recorded, lines, left, found.diagnostics, detail=closely
        )
        face.answer.write(json_text.document(data))
    else:
        paint = face.paint(face.answer)
        face.answer.write(
            render_status(
                found.environment,
                found.recorded,
                lines,
                left,
                paint,
                detail=found.detail,
                is_left=found.is_left,
            )
        )
    show_diagnostics(found.diagnostics, face, found.root, below=output == "text")
    return ExitCode.DONE
