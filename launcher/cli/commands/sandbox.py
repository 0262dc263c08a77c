"""`launcher sandbox`: the built-in JOB server over the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from launcher.cli.lazy import Group
from launcher.cli.options import general_options
from launcher.cli.parameters import FilePath
from launcher.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.cli.face import Face

__all__ = ["sandbox"]

_FILE = FilePath(exists=True)
_LAST_PORT = 65535
_LOOK_S = 3600.0


@click.group(cls=Group, short_help="Serve the built-in JOB server.")
@general_options
def sandbox() -> None:
    """Serve the built-in JOB server.

    An environment with `server: sandbox` needs none of this: it has a sandbox of its own.
    """


@sandbox.command()
@general_options
@click.pass_obj
def openapi(face: Face, /) -> ExitCode:
    """Print the OpenAPI document of the built-in JOB server.

    A served sandbox has it at /_sandbox/openapi.json.
    """
    from launcher.operations.sandbox import sandbox_document

    face.answer.write(sandbox_document())
    return ExitCode.DONE


@sandbox.command()
@click.option(
    "--port",
    type=click.IntRange(0, _LAST_PORT),
    default=0,
    metavar="N",
    help="Port on loopback; 0, the default, takes any free one.",
)
@click.option(
    "--world", type=_FILE, metavar="FILE", help="What the server holds; a demo otherwise."
)
@click.option(
    "--faults",
    type=_FILE,
    metavar="FILE",
    help="Faults to commit, in order; armed once, when the state is new.",
)
@click.option(
    "--speed",
    type=click.FloatRange(0, min_open=True),
    default=1.0,
    metavar="X",
    help="2 makes everything take half as long.",
)
@click.option(
    "--state",
    type=FilePath(),
    metavar="FILE",
    help="Keep the state in FILE; it is forgotten at the end otherwise.",
)
@general_options
@click.pass_obj
def serve(
    face: Face,
    /,
    *,
    port: int,
    world: Path | None,
    faults: Path | None,
    speed: float,
    state: Path | None,
) -> ExitCode:
    """Serve JOB on loopback until interrupted.

    Prints its address once it listens. Both doors are there, and a control side at /_sandbox/.
    """
    from launcher.cli.surroundings import StopRequest, surroundings_of
    from launcher.operations.sandbox import serve_sandbox

    if faults is not None and state is not None and state.exists():
        face.aside.write("The state is not new: no faults are armed but those that it holds.\n")
    stop = StopRequest("Stopping.\n")
    surroundings = surroundings_of(face, stop)
    with (
        stop.watched(),
        serve_sandbox(
            world=world,
            faults=faults,
            port=port,
            speed=speed,
            state=state,
            surroundings=surroundings,
        ) as server,
    ):
        face.answer.write(f"listening on {server.url}\n")
        while stop.asked() is None:
            surroundings.sleep(_LOOK_S)
    return ExitCode.DONE
