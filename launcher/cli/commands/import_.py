"""`launcher import`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from launcher.cli.options import environment_option, general_options, output_option
from launcher.cli.parameters import PLAN_WORD
from launcher.errors import ExitCode

if TYPE_CHECKING:
    from launcher.cli.face import Face
    from launcher.operations.import_plans import Imported

__all__ = ["import_"]


@click.command("import", short_help="Write manifests for job plans as they stand on JOB.")
@click.argument("plans", nargs=-1, required=True, type=PLAN_WORD, metavar="PLAN...")
@environment_option
@click.option(
    "--out",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="Folder for the manifests; where the workspace has them otherwise.",
)
@click.option("--name", metavar="NAME", help="Name of the launch, for a single job plan.")
@click.option("--force", is_flag=True, help="Write over what is there.")
@click.option("--stdout", is_flag=True, help="Show the manifests and write nothing.")
@output_option("text", "json")
@general_options
@click.pass_obj
def import_(
    face: Face,
    /,
    *,
    plans: tuple[str, ...],
    environment: str | None,
    out: str | None,
    name: str | None,
    force: bool,
    stdout: bool,
    output: str,
) -> ExitCode:
    """Write manifests for job plans as they stand on JOB.

    A PLAN is an id, a name, or a pattern such as 'Deploy*'. Each manifest says what the job plan's
    variables hold now, with kinds and descriptions as comments. Secrets stay with JOB, in a comment
    that is ready to be filled in. A manifest that is there already is kept. Starts nothing.
    """
    from launcher.cli.failure import show_diagnostics
    from launcher.cli.surroundings import surroundings_of
    from launcher.operations.import_plans import ImportRequest, import_plans

    done = import_plans(
        ImportRequest(
            directory=face.directory,
            plans=plans,
            environment=environment,
            out=out,
            name=name,
            force=force,
            dry=stdout,
        ),
        surroundings_of(face),
    )
    face.answer.write(_answer(done, output, stdout=stdout))
    show_diagnostics(done.diagnostics, face, done.root, below=output == "text" and not stdout)
    return ExitCode.DONE


def _answer(done: Imported, output: str, *, stdout: bool) -> str:
    from launcher.render import json_text
    from launcher.render.import_answer import import_answer, render_import

    if output == "json":
        data = import_answer(done.plans, done.environment, done.diagnostics)
        return json_text.document(data)
    if stdout:
        return "---\n".join(item.text for item in done.plans)
    return render_import(done.plans, None if done.is_default else done.environment)
