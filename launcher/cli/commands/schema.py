"""`launcher schema`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from launcher.cli.options import general_options
from launcher.errors import ExitCode
from launcher.render.words import count_text

if TYPE_CHECKING:
    from launcher.cli.face import Face

__all__ = ["schema"]


@click.command(short_help="Write the JSON Schemas for editors and CI, or check them.")
@click.option(
    "--check", is_flag=True, help="Write nothing; fail where a file is missing or differs."
)
@general_options
@click.pass_obj
def schema(face: Face, /, *, check: bool) -> ExitCode:
    """Write the JSON Schemas for editors and CI, or check them.

    They go to schemas/ of the workspace: planlaunch-v1.json and workspace-v1.json for manifests and
    workspace, lockfile-v1.json for what apply writes, the others for what commands print with -o.
    """
    from launcher.operations import schemas

    if check:
        found = schemas.check(face.directory)
        face.answer.write(f"{count_text(len(found.paths), 'schema')} up to date.\n")
        return ExitCode.DONE
    done = schemas.write(face.directory)
    lines = [f"wrote {path}\n" for path in done.changed]
    same = len(done.paths) - len(done.changed)
    face.answer.write("".join(lines) + f"{len(lines)} written, {same} up to date.\n")
    return ExitCode.DONE
