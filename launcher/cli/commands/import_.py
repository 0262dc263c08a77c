"""`launcher import`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from launcher.cli.options import environment_option, general_options
from launcher.errors import ExitCode

if TYPE_CHECKING:
    from launcher.cli.face import Face
    from launcher.operations.import_plans import Imported, ImportedPlan

__all__ = ["import_"]


@click.command("import", short_help="Write manifests for job plans as they stand on JOB.")
@click.argument("plans", nargs=-1, required=True, metavar="PLAN...")
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
    if stdout:
        face.answer.write("---\n".join(item.text for item in done.plans))
    else:
        _show(done, face)
    show_diagnostics(done.diagnostics, face, done.root, below=not stdout)
    return ExitCode.DONE


def _show(done: Imported, face: Face) -> None:
    for item in done.plans:
        face.answer.write("".join(f"{line}\n" for line in _told(item)))
    names = " ".join(item.name for item in done.plans if item.written)
    where = "" if done.environment is None else f" -e {done.environment}"
    if names:
        face.answer.write(f"\nNext:\n  launcher diff{where} {names}\n")


def _told(item: ImportedPlan) -> list[str]:
    from launcher.render.visible import visible

    path, plan = visible(item.path), f'job plan {item.id} "{visible(item.title)}"'
    if not item.written:
        return [f"kept {path}, which launches {plan} already; --force writes it again"]
    lines = [f"wrote {path}: {plan}"]
    if item.unfilled:
        lines.append(f"  fill in: {_listed(item.unfilled)} (required, without a default)")
    if item.ciphers:
        lines.append(
            f"  left to JOB: {_listed(item.ciphers)} (secret; its comment says how to send one)"
        )
    return lines


def _listed(names: tuple[str, ...]) -> str:
    from launcher.render.visible import visible

    return ", ".join(visible(name) for name in names)
