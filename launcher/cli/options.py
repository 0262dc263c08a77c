"""Options that several commands share, each written once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from launcher.cli.completion import complete_environment, complete_launch
from launcher.cli.face import Face
from launcher.cli.parameters import DURATION

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "as_new_option",
    "digest_option",
    "environment_option",
    "general_options",
    "launch_argument",
    "launches_argument",
    "lock_timeout_option",
    "no_wait_option",
    "output_option",
    "override_option",
    "reason_option",
    "step_option",
    "yes_option",
]

# As in `launcher.engine.guards`, which help texts do not wait for.
OVERRIDABLE = (
    "CAPABILITY",
    "maxLaunches",
    "maxHosts",
    "allowedPlans",
    "windows",
    "freezes",
    "requireReviewedDigest",
    "requireVerification",
    "clock",
)

Command = TypeVar("Command", bound="Callable[..., Any]")


def general_options(command: Command) -> Command:
    """`-C`, `--color` and `--lang`, which every command takes, before its name or after it."""
    for option in (_language, _color, _directory):
        command = option(command)
    return command


def _keep(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    """A callback that writes the option to the `Face`, so that failures are shown as asked, too."""

    def keep(context: click.Context, _parameter: click.Parameter, value: Any) -> None:  # noqa: ANN401 - of any type
        face = context.find_object(Face)
        if value is not None and face is not None:
            setattr(face, name, value)

    return keep


_directory = click.option(
    "-C",
    "--directory",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Work as if started in DIR.",
    expose_value=False,
    is_eager=True,
    callback=_keep("directory"),
)
_color = click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    help="Colour the output; auto (the default) colours terminals unless NO_COLOR is set.",
    expose_value=False,
    is_eager=True,
    callback=_keep("color"),
)
_language = click.option(
    "--lang",
    type=click.Choice(["en", "zh-cn"]),
    help="Language of JOB's own messages; en by default. launcher itself speaks English.",
    expose_value=False,
    is_eager=True,
    callback=_keep("language"),
)


def output_option(*forms: str) -> Callable[[Command], Command]:
    """`-o`: the form of the answer, one of `forms`; the first is the default."""
    return click.option(
        "-o",
        "--output",
        type=click.Choice(forms),
        default=forms[0],
        show_default=True,
        help="Form of the answer.",
        is_eager=True,
        callback=_keep_and_pass,
    )


def _keep_and_pass(context: click.Context, _parameter: click.Parameter, value: str) -> str:
    face = context.find_object(Face)
    if face is not None:
        face.output = value
    return value


environment_option = click.option(
    "-e",
    "--environment",
    metavar="ENV",
    help="Environment to work on; the workspace's default otherwise.",
    shell_complete=complete_environment,
)

reason_option = click.option(
    "--reason", required=True, metavar="TEXT", help="Why; kept in the record."
)

yes_option = click.option(
    "--yes", is_flag=True, help="Do not ask; needed where there is no terminal."
)

digest_option = click.option(
    "--digest",
    metavar="DIGEST",
    help="Act only if the changeset has this digest, which `launcher diff` has shown.",
)

no_wait_option = click.option("--no-wait", is_flag=True, help="End once everything was started.")

lock_timeout_option = click.option(
    "--lock-timeout",
    type=DURATION,
    default=0,
    help="How long to wait for another run's lock, such as 10m.  [default: not at all]",
)

override_option = click.option(
    "--override",
    multiple=True,
    type=click.Choice(OVERRIDABLE),
    help="Set this guard aside, or take its proof upon yourself; recorded, needs --reason.",
)

as_new_option = click.option(
    "--as-new",
    multiple=True,
    metavar="NAME",
    help="Take NAME for a new launch, though it equals one that is no longer declared; may be repeated.",
    shell_complete=complete_launch,
)

step_option = click.option(
    "--step",
    metavar="STEP",
    help="Which step, by its name or its id on JOB, where there are several.",
)

launch_argument = click.argument("name", shell_complete=complete_launch)

launches_argument = click.argument(
    "names", nargs=-1, metavar="[NAME]...", shell_complete=complete_launch
)
