"""`launcher cancel`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from launcher.cli.options import (
    environment_option,
    general_options,
    launch_argument,
    output_option,
    reason_option,
)

if TYPE_CHECKING:
    from launcher.cli.face import Face
    from launcher.errors import ExitCode

__all__ = ["cancel"]


@click.command(short_help="End a launch that runs or waits.")
@launch_argument
@environment_option
@reason_option
@output_option("text", "json")
@general_options
@click.pass_obj
def cancel(
    face: Face, /, *, name: str, environment: str | None, reason: str, output: str
) -> ExitCode:
    """End a launch that runs or waits.

    JOB is told to end its instance, or, where that waits at a confirmation, to end it there. It is
    recorded, with your name and the reason, and works while an apply waits for it. What is prepared
    and not started cannot be cancelled: suspend the launch or delete its manifest instead.
    """
    from launcher.cli.acting import carry_out_act
    from launcher.operations.cancel import cancel as operation

    return carry_out_act(
        face,
        lambda surroundings, progress: operation(
            face.directory,
            environment,
            name,
            reason=reason,
            surroundings=surroundings,
            progress=progress,
        ),
        as_json=output == "json",
    )
