"""`launcher apply`."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from launcher import __version__
from launcher.cli.completion import complete_launch
from launcher.cli.options import (
    as_new_option,
    environment_option,
    general_options,
    output_option,
)
from launcher.cli.parameters import DURATION
from launcher.diagnostics import Diagnostic
from launcher.errors import ExitCode, WrongUsage

if TYPE_CHECKING:
    from launcher.cli.face import Face
    from launcher.cli.surroundings import StopRequest
    from launcher.engine.changeset import Changeset
    from launcher.operations.apply import ApplyRequest

__all__ = ["apply"]

_MOST_CALLS = 64


@click.command(short_help="Start what is declared and has not run yet.")
@click.argument(
    "file",
    required=False,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="[FILE]",
)
@environment_option
@click.option("--yes", is_flag=True, help="Do not ask; needed where there is no terminal.")
@click.option(
    "--digest",
    metavar="DIGEST",
    help="Act only if the changeset has this digest, which `launcher diff` has shown.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="NAME",
    help="Only this launch; its needs must be in sync. May be repeated.",
    shell_complete=complete_launch,
)
@as_new_option
@click.option("--no-wait", is_flag=True, help="End once everything was started.")
@click.option(
    "--refresh-only", is_flag=True, help="Record what JOB says about what runs; start nothing."
)
@click.option(
    "--parallelism",
    type=click.IntRange(1, _MOST_CALLS),
    default=16,
    show_default=True,
    metavar="N",
    help="Calls in flight at the same time.",
)
@click.option(
    "--lock-timeout",
    type=DURATION,
    default=0,
    help="How long to wait for another run's lock, such as 10m.  [default: not at all]",
)
@click.option(
    "--override",
    multiple=True,
    type=click.Choice(["CAPABILITY"]),
    help="Take the proof of this upon yourself; recorded, needs --reason.",
)
@click.option(
    "--allow-older-commit",
    is_flag=True,
    help="Apply although a newer commit was applied before; recorded, needs --reason.",
)
@click.option("--reason", metavar="TEXT", help="Why; kept in the record.")
@output_option("text", "jsonl")
@general_options
@click.pass_obj
def apply(
    face: Face,
    /,
    *,
    file: Path | None,
    environment: str | None,
    yes: bool,
    digest: str | None,
    only: tuple[str, ...],
    as_new: tuple[str, ...],
    no_wait: bool,
    refresh_only: bool,
    parallelism: int,
    lock_timeout: float,
    override: tuple[str, ...],
    allow_older_commit: bool,
    reason: str | None,
    output: str,
) -> ExitCode:
    """Start what is declared and has not run yet.

    Each launch is started at most once, whatever dies on the way; running the command again
    carries on where it stopped. With FILE, a changeset that `launcher diff --save FILE` wrote, its
    changes and no others are carried out.
    """
    from launcher.operations.apply import ApplyRequest

    request = ApplyRequest(
        directory=face.directory,
        environment=environment,
        only=frozenset(only) or None,
        as_new=frozenset(as_new),
        digest=digest,
        file=file,
        wait=not no_wait,
        lock_timeout_s=lock_timeout,
        parallelism=parallelism,
        override=frozenset(override),
        reason=reason,
        allow_older_commit=allow_older_commit,
        refresh_only=refresh_only,
    )
    return _carry_out(request, face, yes=yes, output=output)


def _carry_out(request: ApplyRequest, face: Face, *, yes: bool, output: str) -> ExitCode:
    from launcher.cli.surroundings import StopRequest, real_surroundings, utc_now
    from launcher.cli.tell import JsonTeller, Teller, TextTeller
    from launcher.operations.apply import apply as operation

    as_lines = JsonTeller(face, __version__, utc_now) if output == "jsonl" else None
    teller: Teller = as_lines or TextTeller(face)
    stop = StopRequest()
    with as_lines.framed() if as_lines else nullcontext(), stop.watched():
        if not yes and not (sys.stdin.isatty() and face.aside.is_terminal()):
            raise WrongUsage(_not_confirmed(request.environment))
        applied = operation(
            request,
            real_surroundings(face.environ, stop),
            confirm=_Confirmation(face, stop, shows=as_lines is not None, asks=not yes),
            progress=teller,
        )
        teller.finish(applied)
    return applied.exit_code


def _not_confirmed(environment: str | None) -> Diagnostic:
    if environment is None:
        return Diagnostic("L583")
    return Diagnostic("L583", {"environment": environment}, hint="environment")


class _Confirmation:
    """Asks whether a changeset is to be carried out."""

    def __init__(self, face: Face, stop: StopRequest, *, shows: bool, asks: bool) -> None:
        self._face = face
        self._stop = stop
        self._shows = shows
        self._asks = asks

    def __call__(self, changeset: Changeset) -> bool:
        """Whether it is: with `--yes` always, otherwise if the word `yes` is typed."""
        if not self._asks:
            return True
        if self._shows:
            from launcher.render.changeset import render_changeset

            self._face.aside.write(render_changeset(changeset) + "\n")
        question = f"Carry this out in {changeset.environment}? Only 'yes' will be accepted: "
        with self._stop.left_alone():
            self._face.aside.write(question)
            typed = sys.stdin.readline()
        if not typed:
            self._face.aside.write("\n")
        return typed.strip() == "yes"
