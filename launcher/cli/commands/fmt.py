"""`launcher fmt`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from launcher.cli.options import general_options
from launcher.diagnostics import Diagnostic, Place
from launcher.errors import ExitCode

if TYPE_CHECKING:
    from launcher.cli.face import Face
    from launcher.operations.fmt import FmtResult

__all__ = ["fmt"]


@click.command(short_help="Show or fix the layout of manifests, comments kept.")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path())
@click.option("--check", is_flag=True, help="Name the files whose layout differs, and fail.")
@click.option(
    "--fix",
    is_flag=True,
    help="Write the files, and quote numbers and booleans that stand where text belongs.",
)
@general_options
@click.pass_obj
def fmt(face: Face, /, *, paths: tuple[str, ...], check: bool, fix: bool) -> ExitCode:
    """Show or fix the layout of manifests, comments kept.

    Without --check and --fix, shows what would change. A file that cannot be read stays as it is.
    """
    if check and fix:
        raise click.UsageError("--check and --fix exclude each other.")
    from launcher.cli.failure import show_diagnostics
    from launcher.operations.fmt import fmt as operation
    from launcher.render.words import count_text

    found = operation(face.directory, paths, "check" if check else "fix" if fix else "show")
    problems = list(found.diagnostics)
    if check:
        problems += _differing(found)
        if not problems:
            face.answer.write(f"{count_text(len(found.files), 'file')} in the canonical layout.\n")
    elif fix:
        _show_fixed(found, face)
    else:
        _show_changes(found, face)
    show_diagnostics(problems, face, found.root)
    return ExitCode.INVALID if problems else ExitCode.DONE


def _differing(found: FmtResult) -> list[Diagnostic]:
    return [
        Diagnostic("L587", {"path": file.path}, Place(file.path))
        for file in found.files
        if file.changed
    ]


def _show_fixed(found: FmtResult, face: Face) -> None:
    from launcher.render.visible import visible

    changed = [file.path for file in found.files if file.changed]
    lines = "".join(f"rewrote {visible(path)}\n" for path in changed)
    face.answer.write(f"{lines}{len(changed)} rewritten, {len(found.files) - len(changed)} kept.\n")


def _show_changes(found: FmtResult, face: Face) -> None:
    from launcher.render.layout import render_layout

    paint = face.paint(face.answer)
    for file in found.files:
        if file.changed:
            before = (found.root / file.path).read_bytes().decode("utf-8", "replace")
            face.answer.write(render_layout(file.path, before, file.text, paint))
