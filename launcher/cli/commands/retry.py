"""`launcher retry`."""

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
    step_option,
    yes_option,
)

if TYPE_CHECKING:
    from launcher.cli.face import Face
    from launcher.errors import ExitCode

__all__ = ["retry"]


@click.command(short_help="Start another attempt of a launch that failed or was refused.")
@launch_argument
@environment_option
@click.option(
    "--failed-hosts",
    is_flag=True,
    help="Inside the same instance: run the failed step again where it failed.",
)
@step_option
@yes_option
@digest_option
@no_wait_option
@lock_timeout_option
@override_option
@reason_option
@output_option("text", "json", "jsonl")
@general_options
@click.pass_obj
def retry(
    face: Face,
    /,
    *,
    name: str,
    environment: str | None,
    failed_hosts: bool,
    step: str | None,
    yes: bool,
    digest: str | None,
    no_wait: bool,
    lock_timeout: float,
    override: tuple[str, ...],
    reason: str,
    output: str,
) -> ExitCode:
    """Start another attempt of a launch that failed or was refused.

    It is an apply of this one launch: its needs must be in sync, and guards, windows and reviews
    hold as for any other. JOB is asked first: somebody may have carried on with the failed job.

    With --failed-hosts nothing new is launched: JOB runs the failed step again, in the instance that
    is there and as it was frozen there, on the hosts on which it failed.
    """
    if failed_hosts:
        if output == "jsonl" or yes or no_wait or lock_timeout or override or digest is not None:
            raise click.UsageError(
                "--failed-hosts takes no option of an apply; -o is text or json."
            )
        return _retry_hosts(face, name, environment, step, reason, as_json=output == "json")
    if step is not None or output == "json":
        raise click.UsageError("--step and -o json go with --failed-hosts.")
    from launcher.cli.applying import carry_out
    from launcher.operations.applied import ApplyRequest

    request = ApplyRequest(
        directory=face.directory,
        environment=environment,
        only=frozenset({name}),
        retry={name: reason},
        digest=digest,
        wait=not no_wait,
        lock_timeout_s=lock_timeout,
        override=frozenset(override),
        reason=reason,
    )
    return carry_out(request, face, yes=yes, output=output)


def _retry_hosts(
    face: Face,
    name: str,
    environment: str | None,
    step: str | None,
    reason: str,
    *,
    as_json: bool,
) -> ExitCode:
    from launcher.cli.acting import carry_out_act
    from launcher.operations.retry_hosts import retry_hosts as operation

    return carry_out_act(
        face,
        lambda surroundings, progress: operation(
            face.directory,
            environment,
            name,
            step=step,
            reason=reason,
            surroundings=surroundings,
            progress=progress,
        ),
        as_json=as_json,
    )
