"""`launcher diff`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from launcher.cli.options import (
    as_new_option,
    environment_option,
    general_options,
    launches_argument,
    output_option,
)
from launcher.cli.parameters import FilePath
from launcher.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.cli.face import Face
    from launcher.operations.diff import Diffed

__all__ = ["diff"]


@click.command(short_help="Show what apply would do; changes nothing.")
@launches_argument
@environment_option
@click.option(
    "--offline",
    is_flag=True,
    help="Compare with the lockfile at HEAD; ask no server and read no ledger.",
)
@click.option(
    "--base", metavar="REV", help="With --offline: compare with the lockfile at this revision."
)
@as_new_option
@click.option("--all", "every", is_flag=True, help="Show unchanged launches as well.")
@click.option(
    "--save",
    type=FilePath(),
    metavar="FILE",
    help="Also write the changeset to FILE, for `launcher apply FILE`.",
)
@click.option(
    "--detailed-exitcode", is_flag=True, help="Exit with 2 where there are changes that would act."
)
@output_option("text", "json")
@general_options
@click.pass_obj
def diff(
    face: Face,
    /,
    *,
    names: tuple[str, ...],
    environment: str | None,
    offline: bool,
    base: str | None,
    as_new: tuple[str, ...],
    every: bool,
    save: Path | None,
    detailed_exitcode: bool,
    output: str,
) -> ExitCode:
    """Show what apply would do; changes nothing.

    What manifests declare is compared with the ledger and with what JOB says now. With NAMEs, only
    these launches are shown.
    """
    if base is not None and not offline:
        raise click.UsageError("--base needs --offline.")
    from launcher.cli.failure import show_diagnostics
    from launcher.cli.surroundings import surroundings_of
    from launcher.operations.diff import DiffRequest
    from launcher.operations.diff import diff as operation

    found = operation(
        DiffRequest(
            directory=face.directory,
            environment=environment,
            names=names,
            offline=offline,
            base=base,
            as_new=frozenset(as_new),
        ),
        surroundings_of(face),
    )
    if save is not None:
        _save(save, found)
    _show(found, face, every=every, output=output)
    problems = (*found.changeset.diagnostics, *found.diagnostics)
    show_diagnostics(problems, face, found.root, below=output == "text")
    return _exit_code(found, detailed=detailed_exitcode)


def _show(found: Diffed, face: Face, *, every: bool, output: str) -> None:
    if output == "json":
        from launcher.render import documents, json_text

        problems = (*found.changeset.diagnostics, *found.diagnostics)
        data = documents.changeset(found.changeset, every=every, found=problems)
        face.answer.write(json_text.document(data))
    else:
        from launcher.render.changeset import render_changeset

        paint = face.paint(face.answer)
        face.answer.write(render_changeset(found.changeset, every=every, paint=paint))


def _save(path: Path, found: Diffed) -> None:
    from launcher.diagnostics import Diagnostic
    from launcher.errors import SurroundingsFailed
    from launcher.operations.draft import write_draft
    from launcher.render import documents, json_text

    problems = (*found.changeset.diagnostics, *found.diagnostics)
    text = json_text.document(documents.changeset(found.changeset, every=False, found=problems))
    try:
        draft = write_draft(path, text.encode())
        try:
            draft.replace(path)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
    except OSError as error:
        facts = {"path": str(path), "reason": error.strerror or str(error)}
        raise SurroundingsFailed(Diagnostic("L586", facts)) from error


def _exit_code(found: Diffed, *, detailed: bool) -> ExitCode:
    from launcher.engine.changeset import Action, Reason
    from launcher.errors import combined

    changes = found.changeset.changes
    codes = [ExitCode.INVALID for change in changes if change.action is Action.ERROR]
    codes += [ExitCode.REFUSED for change in changes if change.reason is Reason.GUARD]
    if detailed and found.changeset.acting:
        codes.append(ExitCode.CHANGES)
    return combined(codes)
