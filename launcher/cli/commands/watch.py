"""`launcher watch`."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import click

from launcher import __version__
from launcher.cli.options import (
    environment_option,
    general_options,
    launches_argument,
    output_option,
)
from launcher.cli.parameters import DURATION

if TYPE_CHECKING:
    from launcher.cli.face import Face
    from launcher.cli.tell import Teller
    from launcher.errors import ExitCode

__all__ = ["watch"]


@click.command(short_help="Watch what runs until it has ended.")
@launches_argument
@environment_option
@click.option(
    "--timeout",
    type=DURATION,
    default="30m",
    show_default=True,
    help="How long to watch a job before it is left to itself.",
)
@output_option("text", "jsonl")
@general_options
@click.pass_obj
def watch(
    face: Face,
    /,
    *,
    names: tuple[str, ...],
    environment: str | None,
    timeout: float,
    output: str,
) -> ExitCode:
    """Watch what runs until it has ended.

    Whatever was started is watched, by whomever it was; what comes of it is recorded. Nothing is
    started, so this may run beside an apply. It ends as an apply does: 5 for a job that failed, 6
    for one of which nothing is known, 8 where jobs go on after --timeout. That counts from now: the
    wait of a manifest is for the run that starts its job, and ends nothing here.
    """
    from launcher.cli.failure import show_diagnostics
    from launcher.cli.surroundings import StopRequest, surroundings_of, utc_now
    from launcher.cli.tell import JsonTeller, TextTeller
    from launcher.operations.watch import WatchRequest
    from launcher.operations.watch import watch as operation
    from launcher.render.report import render_nothing_runs

    as_lines = JsonTeller(face, __version__, utc_now) if output == "jsonl" else None
    teller: Teller = as_lines or TextTeller(face)
    stop = StopRequest()
    request = WatchRequest(face.directory, environment, frozenset(names), timeout_s=timeout)
    with as_lines.framed() if as_lines else nullcontext(), stop.watched():
        watched = operation(request, surroundings_of(face, stop), progress=teller)
        if as_lines or watched.report is not None:
            teller.finish(watched)
        else:
            face.answer.write(render_nothing_runs(watched.environment, names))
            show_diagnostics(watched.diagnostics, face, watched.root, below=True)
    return watched.exit_code
