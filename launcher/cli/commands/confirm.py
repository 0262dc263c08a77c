"""`launcher confirm`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from launcher.cli.options import (
    environment_option,
    general_options,
    launch_argument,
    output_option,
    reason_option,
    step_option,
)

if TYPE_CHECKING:
    from launcher.cli.face import Face
    from launcher.errors import ExitCode

__all__ = ["confirm"]


@click.command(short_help="Answer the confirmation that a launch waits for.")
@launch_argument
@environment_option
@click.option("--continue", "goes_on", is_flag=True, help="Yes: let it go on.")
@click.option("--terminate", is_flag=True, help="No: end it there.")
@click.option("--restart", is_flag=True, help="After a no: ask for the answer again.")
@step_option
@reason_option
@output_option("text", "json")
@general_options
@click.pass_obj
def confirm(
    face: Face,
    /,
    *,
    name: str,
    environment: str | None,
    goes_on: bool,
    terminate: bool,
    restart: bool,
    step: str | None,
    reason: str,
    output: str,
) -> ExitCode:
    """Answer the confirmation that a launch waits for.

    It is given as the account that launcher asks JOB with, and recorded with your name and the
    reason. JOB refuses it where that account may not confirm the step.
    """
    if [goes_on, terminate, restart].count(True) != 1:
        raise click.UsageError("Say one of --continue, --terminate and --restart.")
    from launcher.cli.acting import carry_out_act
    from launcher.operations.confirm import Answer
    from launcher.operations.confirm import confirm as operation

    answer = Answer.CONTINUE if goes_on else Answer.TERMINATE if terminate else Answer.RESTART
    return carry_out_act(
        face,
        lambda surroundings, progress: operation(
            face.directory,
            environment,
            name,
            answer,
            step=step,
            reason=reason,
            surroundings=surroundings,
            progress=progress,
        ),
        as_json=output == "json",
    )
