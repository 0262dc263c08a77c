"""`launcher schema`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from launcher.cli.options import environment_option, general_options
from launcher.cli.parameters import PLAN_WORD
from launcher.errors import ExitCode
from launcher.render.words import count_text

if TYPE_CHECKING:
    from launcher.cli.face import Face

__all__ = ["schema"]


@click.command(short_help="Write the JSON Schemas for editors and CI, or check them.")
@click.option(
    "--check", is_flag=True, help="Write nothing; fail where a file is missing or differs."
)
@click.option(
    "--plan",
    type=PLAN_WORD,
    metavar="PLAN",
    help="Ask JOB for this job plan, by its id or its name, and write the schema of its manifests.",
)
@environment_option
@click.option(
    "--out",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="With --plan: the file; schemas/plan-ID.json otherwise.",
)
@general_options
@click.pass_obj
def schema(
    face: Face, /, *, check: bool, plan: str | None, environment: str | None, out: str | None
) -> ExitCode:
    """Write the JSON Schemas for editors and CI, or check them.

    They go to schemas/ of the workspace: planlaunch-v1.json and workspace-v1.json for manifests and
    workspace, lockfile-v1.json for what apply writes, the others for what commands print with -o.

    With --plan, one schema is written that knows the variables of a job plan: their names, what they
    hold and which have to be given. A manifest names it in its first line, and an editor completes them.
    """
    if plan is None and (environment is not None or out is not None):
        raise click.UsageError("-e and --out need --plan.")
    if plan is not None and check:
        raise click.UsageError("--plan and --check exclude each other.")
    if plan is not None:
        return _write_for_plan(face, plan, environment, out)
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


def _write_for_plan(face: Face, plan: str, environment: str | None, out: str | None) -> ExitCode:
    import posixpath

    from launcher.cli.surroundings import surroundings_of
    from launcher.operations.plan_schema import write_plan_schema
    from launcher.render.visible import visible

    done = write_plan_schema(
        face.directory, plan, surroundings_of(face), environment=environment, out=out
    )
    seen_from_plans = visible(posixpath.relpath(done.path, "plans"))
    face.answer.write(
        f"wrote {visible(done.path)}: {count_text(done.variables, 'variable')} of job plan {done.plan} "
        f'"{visible(done.name)}"\n'
        "A manifest in plans/ uses it with this first line:\n"
        f"# yaml-language-server: $schema={seen_from_plans}\n"
    )
    return ExitCode.DONE
