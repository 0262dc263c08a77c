"""`launcher launch`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from launcher.cli.options import (
    digest_option,
    environment_option,
    general_options,
    launch_argument,
    lock_timeout_option,
    no_wait_option,
    output_option,
    override_option,
    reason_option,
    yes_option,
)

if TYPE_CHECKING:
    from launcher.cli.face import Face
    from launcher.errors import ExitCode

__all__ = ["launch"]


@click.command(short_help="Start one launch that is started only when asked for.")
@launch_argument
@environment_option
@yes_option
@digest_option
@no_wait_option
@lock_timeout_option
@override_option
@reason_option
@output_option("text", "jsonl")
@general_options
@click.pass_obj
def launch(
    face: Face,
    /,
    *,
    name: str,
    environment: str | None,
    yes: bool,
    digest: str | None,
    no_wait: bool,
    lock_timeout: float,
    override: tuple[str, ...],
    reason: str,
    output: str,
) -> ExitCode:
    """Start one launch that is started only when asked for.

    It is an apply of this one launch: its needs must be in sync, and guards, windows and reviews
    hold as for any other. What counts as done is not started again: raise its `revision` for that.
    """
    from launcher.cli.applying import carry_out
    from launcher.operations.applied import ApplyRequest

    request = ApplyRequest(
        directory=face.directory,
        environment=environment,
        only=frozenset({name}),
        requested={name: reason},
        digest=digest,
        wait=not no_wait,
        lock_timeout_s=lock_timeout,
        override=frozenset(override),
        reason=reason,
    )
    return carry_out(request, face, yes=yes, output=output)
