"""`launcher adopt`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from launcher.cli.options import (
    environment_option,
    general_options,
    launch_argument,
    reason_option,
)

if TYPE_CHECKING:
    from launcher.cli.face import Face
    from launcher.errors import ExitCode

__all__ = ["adopt"]


@click.command(short_help="Let an instance that somebody else started count as a launch.")
@launch_argument
@environment_option
@click.option(
    "--instance",
    type=click.IntRange(min=1),
    required=True,
    metavar="ID",
    help="The job instance; it must have begun and not have failed.",
)
@reason_option
@general_options
@click.pass_obj
def adopt(
    face: Face, /, *, name: str, environment: str | None, instance: int, reason: str
) -> ExitCode:
    """Let an instance that somebody else started count as a launch.

    It must be an instance of the declared job plan. With which variables and on which hosts it ran
    is not compared: that is your word, recorded with your name and the reason. One that still runs
    is watched to its end by the next apply.
    """
    from launcher.cli.byhand import show_by_hand
    from launcher.cli.surroundings import surroundings_of
    from launcher.operations.adopt import adopt as operation

    done = operation(
        face.directory,
        environment,
        name,
        instance=instance,
        reason=reason,
        surroundings=surroundings_of(face),
    )
    return show_by_hand(face, done)
