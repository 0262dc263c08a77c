"""`launcher pin`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from launcher.cli.options import (
    environment_option,
    general_options,
    launch_argument,
    output_option,
)
from launcher.cli.parameters import PLAN_DIGEST
from launcher.errors import ExitCode

if TYPE_CHECKING:
    from launcher.cli.face import Face
    from launcher.operations.pin import Pinned

__all__ = ["pin"]


@click.command(short_help="Pin a launch to what its job plan holds now.")
@launch_argument
@environment_option
@click.option(
    "--digest",
    type=PLAN_DIGEST,
    help="Pin this content, whatever the job plan holds now.",
)
@click.option("--remove", is_flag=True, help="Take the pin out.")
@output_option("text", "json")
@general_options
@click.pass_obj
def pin(
    face: Face,
    /,
    *,
    name: str,
    environment: str | None,
    digest: str | None,
    remove: bool,
    output: str,
) -> ExitCode:
    """Pin a launch to what its job plan holds now.

    Writes `pin` into the manifest, beside the job plan that it speaks of: into `spec`, or into the
    environment's own part where that names another job plan, or where the name of the job plan is
    looked up elsewhere for other environments. Nothing else in the file changes. From then on a job
    plan that was changed is refused, until the launch is pinned anew.
    """
    if remove and digest is not None:
        raise click.UsageError("--digest and --remove exclude each other.")
    from launcher.cli.failure import show_diagnostics
    from launcher.cli.surroundings import surroundings_of
    from launcher.operations.pin import PinRequest
    from launcher.operations.pin import pin as operation

    request = PinRequest(face.directory, name, environment, digest, remove)
    done = operation(request, surroundings_of(face))
    face.answer.write(_in_words(done, face, output))
    show_diagnostics(done.diagnostics, face, done.root, below=output == "text")
    return ExitCode.DONE


def _in_words(done: Pinned, face: Face, output: str) -> str:
    from launcher.render import json_text
    from launcher.render.pin import PinAnswer, pin_data, render_pin

    answer = PinAnswer(
        environment=done.environment,
        name=done.name,
        path=done.path,
        field=done.field,
        environments=done.environments,
        before=done.before,
        after=done.after,
        changed=done.changed,
        plan=done.plan,
        drift=done.drift,
    )
    if output == "json":
        return json_text.document(pin_data(answer, done.diagnostics))
    return render_pin(answer, face.paint(face.answer))
