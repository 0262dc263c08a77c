"""`launcher waive`."""

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

__all__ = ["waive"]


@click.command(short_help="Let a launch count as done without running.")
@launch_argument
@environment_option
@reason_option
@general_options
@click.pass_obj
def waive(face: Face, /, *, name: str, environment: str | None, reason: str) -> ExitCode:
    """Let a launch count as done without running.

    What is declared now is meant: a later change of it launches as usual. It is recorded, with your
    name and the reason; nothing is sent.
    """
    from launcher.cli.byhand import show_by_hand
    from launcher.cli.surroundings import surroundings_of
    from launcher.operations.waive import waive as operation

    done = operation(
        face.directory, environment, name, reason=reason, surroundings=surroundings_of(face)
    )
    return show_by_hand(face, done)
