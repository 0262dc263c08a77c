"""`launcher apply`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from launcher.cli.completion import complete_launch
from launcher.cli.options import (
    as_new_option,
    digest_option,
    environment_option,
    general_options,
    lock_timeout_option,
    no_wait_option,
    output_option,
    override_option,
    yes_option,
)
from launcher.cli.parameters import FilePath

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.cli.face import Face
    from launcher.errors import ExitCode

__all__ = ["apply"]

_MOST_CALLS = 64


def _there(_context: click.Context, _parameter: click.Parameter, value: Path | None) -> Path | None:
    """The file. Other commands take names of launches here, so the message says how `apply` does."""
    if value is not None and not value.exists():
        text = f"there is no file `{value}`. A launch is named with an option: --only NAME"
        raise click.BadParameter(text)
    return value


@click.command(short_help="Start what is declared and has not run yet.")
@click.argument(
    "file",
    required=False,
    type=FilePath(),
    callback=_there,
    metavar="[FILE]",
)
@environment_option
@yes_option
@digest_option
@click.option(
    "--only",
    multiple=True,
    metavar="NAME",
    help="Only this launch; its needs must be in sync. May be repeated.",
    shell_complete=complete_launch,
)
@as_new_option
@no_wait_option
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
@lock_timeout_option
@override_option
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
    from launcher.cli.applying import carry_out
    from launcher.operations.applied import ApplyRequest

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
    return carry_out(request, face, yes=yes, output=output)
