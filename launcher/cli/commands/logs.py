"""`launcher logs`."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import click

from launcher import __version__
from launcher.cli.options import (
    environment_option,
    general_options,
    launch_argument,
    output_option,
)

if TYPE_CHECKING:
    from launcher.cli.face import Face
    from launcher.cli.log_tell import LogTeller
    from launcher.errors import ExitCode

__all__ = ["logs"]


@click.command(short_help="Show what the job of a launch has printed.")
@launch_argument
@click.option(
    "--host",
    "hosts",
    multiple=True,
    metavar="HOST",
    help="Only this host, by its address or its id on JOB; may be repeated.",
)
@click.option(
    "--step",
    "steps",
    multiple=True,
    metavar="STEP",
    help="Only this step, by its name, its number or its id on JOB; may be repeated.",
)
@click.option("--failed", is_flag=True, help="Only hosts that have failed.")
@click.option("--follow", is_flag=True, help="Go on with what comes until the job has ended.")
@click.option(
    "--attempt",
    type=click.IntRange(min=1),
    metavar="N",
    help="The attempt with this number; the newest otherwise.",
)
@environment_option
@output_option("text", "json", "jsonl")
@general_options
@click.pass_obj
def logs(
    face: Face,
    /,
    *,
    name: str,
    hosts: tuple[str, ...],
    steps: tuple[str, ...],
    failed: bool,
    follow: bool,
    attempt: int | None,
    environment: str | None,
    output: str,
) -> ExitCode:
    """Show what the job of a launch has printed.

    Step by step, what each host has printed in the latest execution, and the files that came to it.
    JOB keeps it for about 30 days. With --follow it ends with 5 if the job did not succeed; otherwise
    a job that failed is no failure of this command.
    """
    from launcher.cli.listening import Listening, NobodyListensError
    from launcher.cli.log_tell import DocumentTeller, LinesTeller, PeopleTeller
    from launcher.cli.surroundings import surroundings_of, utc_now
    from launcher.errors import ExitCode
    from launcher.operations.logs import LogsRequest
    from launcher.operations.logs import logs as operation

    request = LogsRequest(
        face.directory, environment, name, attempt, hosts, steps, failed=failed, follow=follow
    )
    as_lines = LinesTeller(face, __version__, utc_now) if output == "jsonl" else None
    teller: LogTeller = as_lines or (
        DocumentTeller(face, request) if output == "json" else PeopleTeller(face, request)
    )
    with as_lines.framed() if as_lines else nullcontext():
        listening = Listening(face.answer)
        try:
            surroundings = listening.surroundings(surroundings_of(face))
            result = operation(request, surroundings, hear=listening.hear(teller))
        except NobodyListensError:
            return ExitCode.DONE
        teller.finish(result)
    return result.exit_code
